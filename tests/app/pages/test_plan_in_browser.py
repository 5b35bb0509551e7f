"""A large night planned beside the page in a real browser: found again in another tab, cancelled there."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from depotlib.settings import Settings
from depotlib.workflows.background_job import cancel_job, latest_jobs, seen_job
from depotlib.workflows.plan_job import KIND
from depotlib.workflows.plan_tonight import stored_plan
from tests.app.browser import chromium, desk, launched, metric, picture
from tests.app.workbench import served
from tests.large_depot import CLOCK, furnish

VANS = 160
STATIONS = 80

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]
WORK_WITHIN_MS = 600_000


@dataclass
class Workbench:
    settings: Settings
    address: str


@pytest.fixture
def workbench(tmp_path: Path) -> Iterator[Workbench]:
    settings = Settings(home=tmp_path / "home", clock=CLOCK)
    furnish(settings, vans=VANS, stations=STATIONS)
    with served(settings.home, clock=CLOCK) as address:
        yield Workbench(settings, address)
        for seen in latest_jobs(settings, kind=KIND):
            if seen.is_open:
                cancel_job(settings, seen.job.job_id)


@pytest.fixture
def browser() -> Iterator[Browser]:
    with launched() as browser:
        yield browser


def test_a_plan_is_cancelled_in_another_tab_and_the_best_so_far_is_shown_as_stopped_early(
    workbench: Workbench, browser: Browser
):
    with desk(browser, workbench.address) as context:
        page = context.new_page()
        page.goto("/Plan")
        page.get_by_role("button", name="Plan the night", exact=True).click()
        cancel = page.get_by_role("button", name="Cancel", exact=True)
        expect(cancel).to_be_visible(timeout=WORK_WITHIN_MS)
        bound = page.get_by_text("othing can be below", exact=False)
        expect(bound).to_be_visible(timeout=WORK_WITHIN_MS)
        page.wait_for_url("**job=**")
        picture(page, "plan-1-progress")
        page.reload()
        expect(cancel).to_be_visible()

        other = context.new_page()
        other.goto(page.url)
        other.get_by_role("button", name="Cancel", exact=True).click()

        kept = "Stopped early, and the best plan so far is kept"
        for tab in (other, page):
            expect(tab.get_by_text(kept, exact=False)).to_be_visible(timeout=WORK_WITHIN_MS)
            expect(tab.get_by_text("Audit passed", exact=False)).to_be_visible(
                timeout=WORK_WITHIN_MS
            )
        picture(page, "plan-2-stopped")
        result, ready = metric(page, "Result"), metric(page, "Vans ready")
        job_id = page.evaluate("new URLSearchParams(location.search).get('job')")

    job = seen_job(workbench.settings, job_id).job
    header = stored_plan(workbench.settings, str(job.result_id)).header
    assert (job.state, header.is_stopped_early, header.vehicles) == ("cancelled", True, VANS)
    assert header.bound_amount == pytest.approx(job.bound_amount)
    assert result in {"Stopped early", "Falls short"}
    assert ready == f"{header.ready} of {VANS}"
