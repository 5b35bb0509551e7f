"""Pages can be read and used by everybody: axe-core finds nothing against WCAG 2.1 A and AA."""

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, Literal

import pytest
from playwright.sync_api import Page

from depotlib.settings import Settings
from tests.app.browser import browser_page, chromium
from tests.app.pages.conftest import CLOCK
from tests.app.pages.running_night import begin_night
from tests.app.tour import VIEWS, View, stand_still, visit
from tests.app.workbench import served
from tests.places import TEST_DATA

AXE: Final = TEST_DATA / "axe" / "axe.min.js"
NIGHT: Final = {
    "at": CLOCK, "limit": "", "nights": "22", "peak": "0", "occupancy": "assigned",
}  # fmt: skip
NOT_OURS: Final = {
    # Streamlit 1.67 lays each group of the navigation as a `div` between its `ul` and its `li`;
    # the whole of it is drawn by Streamlit, and no setting and no text of ours reaches it.
    "list": "[data-testid=stSidebarNav]",
    "listitem": "[data-testid=stSidebarNav]",
}
"""By rule, the part of a page in which it is broken by Streamlit itself. Nowhere else may it be."""
# A drawing is a picture with its words beside it (`test_charts.py` asks for them): axe would look
# at each of its thousands of strokes for text that a reader is given otherwise.
EXAMINE: Final = """async notOurs => {
  const told = await axe.run(
    {include: [['body']], exclude: [['svg.main-svg']]},
    {runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa'], resultTypes: ['violations'],
     elementRef: true});
  return told.violations.flatMap(({id, nodes}) => nodes
    .filter(({element}) => !(id in notOurs && element.closest(notOurs[id])))
    .map(({html, failureSummary}) => `${id}: ${html.slice(0, 200)}: ${failureSummary}`));
}"""
UNTOLD: Final = """() => [...document.querySelectorAll('[data-testid=stPlotlyChart]')]
  .filter(chart => !chart.closest('[aria-label]') && !chart.querySelector('[aria-label]'))
  .map(chart => `a chart without words: ${chart.outerHTML.slice(0, 200)}`)"""
LOOKS: Final = 3
QUICK: Final = ("home", "import", "plan-empty", "drills")
"""One of each kind, for `make test`; every page is looked at with the full counts."""
BROKEN: Final = """() => {
  const image = document.createElement('img');
  image.src = 'data:,';
  document.querySelector('[data-testid=stMain]').append(image);
}"""

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]


@pytest.fixture
def workbench(kept_leeds: Path, tmp_path: Path) -> Iterator[str]:
    """Serve a depot with a log behind it, in the middle of its night."""
    settings = Settings(home=tmp_path / "home", clock=CLOCK)
    shutil.copytree(kept_leeds, settings.home)
    begin_night(settings)
    with served(settings.home, clock=CLOCK) as address:
        yield address


def found_on(page: Page) -> list[str]:
    """Return what axe finds on a page, and finds again.

    A part that renews itself is pale for the moment in which it is late: what is found is looked at
    anew once the page stands still.
    """
    found: list[str] = []
    for _ in range(LOOKS):
        stand_still(page)
        found = page.evaluate(EXAMINE, NOT_OURS) + page.evaluate(UNTOLD)
        if not found:
            return []
    return found


def found_on_all(
    page: Page, views: Sequence[View], *, themes: Sequence[Literal["light", "dark"]]
) -> dict[str, list[str]]:
    page.add_init_script(path=AXE)
    found: dict[str, list[str]] = {}
    for view in views:
        page.emulate_media(color_scheme=themes[0])
        visit(page, view, night=NIGHT)
        for theme in themes:
            page.emulate_media(color_scheme=theme)
            if told := found_on(page):
                found[f"{view.name}, {theme}"] = told
    return found


@pytest.mark.full
@pytest.mark.timeout(900)
def test_a_page_of_each_kind_is_open_to_everybody(workbench: str, tmp_path: Path):
    views = [view for view in VIEWS if view.name in QUICK]

    with browser_page(workbench, profile=tmp_path / "profile") as page:
        found = found_on_all(page, views, themes=("light",))
        page.evaluate(BROKEN)
        broken = found_on(page)

    assert len(views) == len(QUICK)
    assert found == {}
    # An image without words, put there on purpose, is found: axe did look.
    assert [one.split(":")[0] for one in broken] == ["image-alt"]


@pytest.mark.full
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("width_px", [1200, 390])
def test_every_part_of_every_page_is_open_to_everybody_light_and_dark(
    workbench: str, tmp_path: Path, width_px: int
):
    with browser_page(workbench, profile=tmp_path / "profile") as page:
        page.set_viewport_size({"width": width_px, "height": 900})

        found = found_on_all(page, VIEWS, themes=("light", "dark"))

    assert found == {}
