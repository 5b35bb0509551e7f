"""Every page of the workbench with something on it: where it is, and what a person clicks there."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from playwright.sync_api import Page, expect

from depotlib.ui.entry import PAGES, page_of
from tests.places import DATA, TEST_DATA

LEEDS: Final = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
OF_LEEDS: Final = (("site", "Knowsthorpe HQ"),)
"""Months of bills; the demo's own sessions are of one night."""
GIVEN: Final = TEST_DATA / "real" / "barnet_2021Q2_blank_rows.csv"
STILL: Final = """frames => {
  const all = testid => [...document.querySelectorAll(`[data-testid=${testid}]`)];
  const [app] = all('stApp'), [main] = all('stMain');
  const before = window.stillSince ?? {size: '', frames: 0, hasRested: false};
  const hasRested = before.hasRested || app?.dataset.testScriptState === 'notRunning';
  const waits = !hasRested || !main || all('stSkeleton').length || all('stSpinner').length
    || all('stPlotlyChart').some(one => one.checkVisibility() && !one.querySelector('.main-svg'));
  const size = main ? `${main.scrollWidth} x ${main.scrollHeight}` : '';
  const isStill = !waits && size === before.size;
  window.stillSince = {size, frames: isStill ? before.frames + 1 : 0, hasRested};
  const isPale = document.querySelector('[data-stale=true]') !== null;
  return window.stillSince.frames >= (isPale ? 10 * frames : frames);
}"""
"""The page has been run to its end, every chart is there, and for so many pictures of the browser
one after the other nothing on it has waited or grown. A part that renews itself every second may be
at it again, on a slow machine always: then it is pale, and is looked at for longer."""
FRAMES: Final = 5
HEIGHT: Final = "document.querySelector('[data-testid=stMain]').scrollHeight"
TALLEST_PX: Final = 6000


@dataclass(frozen=True, slots=True)
class View:
    """A page, or a part of one, as a person comes to see it.

    Parameters
    ----------
    name : str
        Of its picture.
    title : str
        Of the page.
    query : tuple of tuple of str
        In the address, where it is always the same.
    has_night : bool
        Whether the address also names the planned night.
    act : callable or None
        What a person does there first.
    """

    name: str
    title: str
    query: tuple[tuple[str, str], ...] = ()
    has_night: bool = False
    act: Callable[[Page], None] | None = None


def address(view: View, *, night: dict[str, str]) -> str:
    """Return where a view is, from the root of the workbench."""
    query = [*view.query, *(night.items() if view.has_night else ())]
    return f"/{page_of(view.title).address}" + (f"?{urlencode(query)}" if query else "")


def visit(page: Page, view: View, *, night: dict[str, str]) -> None:
    """Go to a view and return once it stands still."""
    page.goto(address(view, night=night))
    expect(page.get_by_role("heading", level=1, name=view.title, exact=True)).to_be_visible()
    stand_still(page)
    if view.act is not None:
        view.act(page)
        stand_still(page)


def stand_still(page: Page, *, frames: int = FRAMES) -> None:
    """Return once nothing on a page waits for anything, and for some frames nothing has changed."""
    page.evaluate("window.stillSince = undefined")
    page.wait_for_function(STILL, arg=frames)


def drop_a_file(page: Page) -> None:
    page.locator("input[type=file]").set_input_files(GIVEN)
    expect(page.get_by_role("button", name="Import 1 file")).to_be_visible()


def preview_the_push(page: Page) -> None:
    page.get_by_role("button", name="Preview the push").click()
    expect(page.get_by_role("heading", name="3. Confirm")).to_be_visible()


def _tabs(
    title: str,
    key: str,
    *,
    names: tuple[str, ...],
    has_night: bool = False,
    beside: tuple[tuple[str, str], ...] = (),
) -> list[View]:
    prefix = title.lower().replace(" ", "-")
    return [
        View(
            f"{prefix}-{name.split()[0].lower().strip(',')}-{index}",
            title,
            query=((key, name), *beside),
            has_night=has_night,
        )
        for index, name in enumerate(names, start=1)
    ]


def _clicked(title: str, *names: str) -> list[View]:
    """Return a page once for each of its tabs whose name does not stand in the address."""

    def click(name: str) -> Callable[[Page], None]:
        return lambda page: page.get_by_role("tab", name=name, exact=True).click()

    prefix = title.lower().replace(" ", "-")
    return [
        View(f"{prefix}-{index}", title, query=OF_LEEDS, act=click(name))
        for index, name in enumerate(names, 1)
    ]


_WITH_DATA: Final = (
    View("home", "Home"),
    View("portfolio", "Portfolio"),
    View("import", "Import"),
    View("import-trial", "Import", act=drop_a_file),
    View("data-quality", "Data quality"),
    View("depot-and-fleet", "Depot and fleet"),
    *_tabs(
        "Depot and fleet",
        "set_up_part",
        names=("Stations", "Bays", "Tokens", "Fleet", "Duties", "Policies", "Tariff", "Versions"),
    ),
    *_tabs(
        "Tariffs", "tariff_part", names=("What it charges", "Which is cheapest"), beside=OF_LEEDS
    ),
    View("sessions", "Sessions"),
    *_tabs(
        "Demand charges",
        "charges",
        names=(
            *("The month", "Who caused the peak", "Who pays", "All months"),
            "The tariff's own words",
        ),
        beside=OF_LEEDS,
    ),
    *_clicked("Bill audit", "The bill as a file", "Enter it"),
    View("plan-empty", "Plan"),
    *_tabs(
        "Plan",
        "part",
        names=(
            *("Site load", "Yard", "Cost against others", "What each van needs", "Explanation"),
            *("Slack and battery care", "What binds, and the audit"),
        ),
        has_night=True,
    ),
    View(
        "scenarios",
        "Scenarios",
        query=(
            ("relaxed", "true"),
            ("scenario", "20 more vans: vehicles=80"),
            ("scenario", "Half the power: operating_limit_kw=150"),
        ),
    ),
    View("push-preview", "Push", has_night=True, act=preview_the_push),
    View("push", "Push"),
    *_tabs(
        "Live",
        "view",
        names=(
            *("Vans", "Stations", "Reliability", "Safety ledger", "Journal and exceptions"),
            *("Limits from outside", "Alerts", "Shift papers"),
        ),
    ),
    View("reports", "Reports"),
)

VIEWS: Final = (
    *_WITH_DATA,
    *(
        View(one.title.lower().replace(" ", "-"), one.title)
        for one in PAGES
        if one.title not in {view.title for view in _WITH_DATA}
    ),
)
"""Those above, and any other page as it opens."""
