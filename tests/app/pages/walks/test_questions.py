"""The five questions of docs/guide.md, each answered from Home by at most four clicks."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from depotlib.model.calendar import zone
from depotlib.settings import Settings
from depotlib.store.plans import plan_headers
from depotlib.ui.bill_tables import days_of
from depotlib.ui.loaders import BillQuestion
from depotlib.workflows.attribute_peak import attribute_peak
from depotlib.workflows.compare_tariffs import History, compare_stored
from depotlib.workflows.morning_report import summary, why_missing
from depotlib.workflows.reconcile_night import reconcile_night
from depotlib.workflows.review_demand import list_tariffs, review_demand
from depotlib.workflows.review_sessions import list_sites
from tests.app.browser import chromium, desk, metric, shown_rows
from tests.app.pages.walks.clicks import counting, presses
from tests.app.pages.walks.conftest import Workbench
from tests.app.tour import stand_still
from tests.app.workbench import served
from tests.unit.workflows.test_reconcile_night import MORNING, play_night

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.timeout(900),
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]
MOST_CLICKS = 4
PLANNED_WITHIN_MS = 300_000
NEW_YORK = "America/New_York"  # data/demo/site.toml
FULL_KW = 7.2  # as the pages assume it of Leeds, whose log names no power


@pytest.fixture
def page(browser: Browser, workbench: Workbench) -> Iterator[Page]:
    """Return Home, with every click on it and after it counted."""
    with desk(browser, workbench.address) as context:
        page = counting(context)
        page.goto("/")
        yield page


def ask(page: Page, question: str, *, title: str) -> None:
    page.get_by_role("link", name=question).click()
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()


def test_is_tonight_feasible(page: Page, workbench: Workbench):
    ask(page, "Is tonight feasible?", title="Plan")
    page.get_by_role("button", name="Plan the night", exact=True).click()
    ready = page.get_by_test_id("stMetric").filter(has_text="Vans ready").first
    expect(ready).to_contain_text("60 of 60", timeout=PLANNED_WITHIN_MS)
    expect(page.get_by_text("Audit passed", exact=False).first).to_be_visible()

    header = plan_headers(workbench.settings.warehouse_path)[0]
    assert metric(page, "Bill") == f"{header.bill_amount:,.2f} {header.currency}"
    assert metric(page, "Peak") == f"{header.peak_kw:,.1f} kW"
    assert presses(page) == 2 <= MOST_CLICKS


def test_who_caused_the_peak(page: Page, workbench: Workbench):
    site, tariff_id = (
        list_sites(workbench.settings)[0],
        next(iter(list_tariffs(workbench.settings))),
    )
    review = review_demand(
        workbench.settings, site=site, tariff_id=tariff_id, time_zone=NEW_YORK, max_kw=FULL_KW
    )
    dearest = max(review.bills, key=lambda bill: bill.family_total("demand"))
    first_day, end_day = days_of(dearest, zone(NEW_YORK))
    question = BillQuestion(
        site, tariff_id, NEW_YORK, FULL_KW, first_day=first_day, end_day=end_day
    )
    shared = attribute_peak(question.case(workbench.settings)).by_vehicle
    peak = max(shared, key=lambda one: one.amount)

    ask(page, "Who caused the peak?", title="Demand charges")
    page.get_by_role("tab", name="Who caused the peak", exact=True).click()
    page.get_by_test_id("stRadio").get_by_text("by van", exact=True).first.click()

    expect(page.get_by_text(f"Shared {peak.sentence}.")).to_be_visible()
    first = f"{peak.shares[0].party} {float(peak.shares[0].quantity):.1f} {peak.unit}"
    told = page.locator(f'[aria-label*="{first}"]').filter(has=page.locator(".main-svg"))
    expect(told.first).to_be_visible()
    assert presses(page) == 3 <= MOST_CLICKS

    # What was chosen is kept while another part is open.
    page.get_by_role("tab", name="The month", exact=True).click()
    expect(page.get_by_text(f"Shared {peak.sentence}.")).to_have_count(0)
    page.get_by_role("tab", name="Who caused the peak", exact=True).click()
    expect(page.get_by_text(f"Shared {peak.sentence}.")).to_be_visible()


def test_tariff_a_or_b(page: Page, workbench: Workbench):
    history = History(site=list_sites(workbench.settings)[0], time_zone=NEW_YORK, max_kw=FULL_KW)
    known = compare_stored(
        workbench.settings, history, tariff_ids=list(list_tariffs(workbench.settings))
    )

    ask(page, "Which tariff is the cheapest?", title="Tariffs")
    page.get_by_role("tab", name="Which is cheapest", exact=True).click()
    rows = shown_rows(page, "Tariffs, the cheapest first")

    assert len(rows) == 2
    assert [(row["Tariff"], row["As it was"], row["Planned"]) for row in rows] == [
        (
            one.name,
            f"{one.past.total_amount:,.2f}" if one.past else "",
            f"{one.planned.total_amount:,.2f}" if one.planned else "",
        )
        for one in known.tariffs
    ]
    assert presses(page) == 2 <= MOST_CLICKS


def test_twenty_more_vans(page: Page):
    ask(page, "What if there were 20 more vans?", title="Scenarios")
    vans = page.get_by_label("Vans", exact=True)
    expect(vans).to_be_visible(timeout=PLANNED_WITHIN_MS)
    vans.click()
    page.keyboard.type("80")
    page.get_by_role("button", name="Add and plan").click()
    heading = page.get_by_role("heading", name="What differs")
    expect(heading).to_be_visible(timeout=PLANNED_WITHIN_MS)
    stand_still(page)

    rows = {row["Figure"]: row for row in shown_rows(page, "Every figure of each scenario")}
    # data/reference_night/README.md: 60 vans.
    assert list(rows["Vans"].values()) == ["Vans", "60", "80 (+20)"]
    assert rows["Vans ready"]["As it is"] == "60"
    assert presses(page) == 3 <= MOST_CLICKS


def test_who_was_not_ready_and_why(browser: Browser, kept_demo: Path, tmp_path: Path):
    settings = Settings(home=tmp_path / "home", clock=MORNING.isoformat())
    shutil.copytree(kept_demo, settings.home)
    play_night(settings)
    night = reconcile_night(settings, now=MORNING)

    with (
        served(settings.home, clock=settings.clock) as address,
        desk(browser, address) as context,
    ):
        page = counting(context)
        page.goto("/")
        ask(page, "Who was not ready, and why?", title="Reports")
        expect(page.get_by_text(summary(night))).to_be_visible()
        rows = {row["Van"]: row for row in shown_rows(page, "Plan against actual by van")}

        assert {(van, row["Ready"], row["Because of"]) for van, row in rows.items()} == {
            (one.vehicle_id, "yes" if one.is_ready else "no", why_missing(one))
            for one in night.vehicles
        }
        assert presses(page) == 1 <= MOST_CLICKS
