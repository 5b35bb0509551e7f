"""A sheet of Depot and fleet that is left for another part of the page, in a real browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from depotlib.settings import Settings
from depotlib.ui.entry import page_of
from depotlib.workflows.load_demo import load_demo
from depotlib.workflows.set_up_depot import read_set_up, read_versions
from tests.app.browser import browser_page, chromium, metric
from tests.app.pages.conftest import CLOCK
from tests.app.tour import stand_still
from tests.app.workbench import served

SAVE = "Save as a new version"
CHANGED = "Changed and sound; not saved yet."

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    settings = Settings(home=tmp_path / "home", clock=CLOCK)
    load_demo(settings, now=settings.depot_clock().now())
    return settings


@pytest.fixture
def page(settings: Settings, tmp_path: Path) -> Iterator[Page]:
    with (
        served(settings.home, clock=CLOCK) as address,
        browser_page(address, profile=tmp_path / "profile") as page,
    ):
        page.goto(page_of("Depot and fleet").address)
        stand_still(page)
        yield page


def open_part(page: Page, name: str) -> None:
    tab = page.get_by_role("tab", name=name, exact=True)
    tab.click()
    expect(tab).to_have_attribute("aria-selected", "true")
    stand_still(page)


def write_service(page: Page, power_kw: str) -> None:
    """Write into the first cell of the sheet of the service, which is drawn on a canvas, not as cells."""
    sheet = page.get_by_test_id("stDataFrame").first
    # Below the heading, which is as high as the row.
    sheet.locator(".dvn-scroller").click(position={"x": 60, "y": 50})
    expect(sheet.locator("[role=gridcell]").first).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    field = page.locator("#portal input")
    field.fill(power_kw)
    field.press("Enter")


def service(page: Page) -> str | None:
    cell = page.get_by_test_id("stDataFrame").first.locator("[role=gridcell]").first
    cell.wait_for(state="attached")
    return cell.text_content()


def test_what_was_written_stands_there_again_and_is_saved_from_another_part(
    page: Page, settings: Settings
):
    # data/demo/site.toml: 350 kW.
    assert service(page) == "350"
    write_service(page, "360")
    expect(page.get_by_text(CHANGED)).to_be_visible()
    for name in ("Fleet", "Duties", "Tariff", "Power"):
        open_part(page, name)

    assert service(page) == "360"
    # At once: what was written is still on its way to the server when the next part is opened.
    write_service(page, "370")
    open_part(page, "Tokens")
    tokens = page.get_by_role("tabpanel", name="Tokens")
    expect(tokens.get_by_text(CHANGED)).to_be_visible()
    tokens.get_by_role("button", name=SAVE).click()
    expect(page.get_by_text("Saved as a new version.")).to_be_visible()

    assert metric(page, "Service (kW)") == "370"
    known = read_set_up(settings)
    assert known is not None
    assert known.depot.grid.service_kw == 370
    assert len(read_versions(settings, "site", depot_id="demo")) == 2


def test_a_page_that_was_left_forgets_what_was_written(page: Page):
    write_service(page, "360")
    expect(page.get_by_text(CHANGED)).to_be_visible()

    page.get_by_role("link", name="Audit", exact=True).click()
    expect(page.get_by_role("heading", level=1, name="Audit", exact=True)).to_be_visible()
    page.get_by_role("link", name="Depot and fleet", exact=True).click()
    expect(page.get_by_role("tab", name="Power", exact=True)).to_be_visible()
    stand_still(page)

    assert service(page) == "350"
    expect(page.get_by_text(CHANGED)).to_have_count(0)
