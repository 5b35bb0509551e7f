"""Every page by its own address in a real browser: on a desk, dark, and on a phone."""

import pytest
from playwright.sync_api import Browser, Page, expect

from depotlib.ui.ahead import charts_script
from depotlib.ui.entry import PAGES
from tests.app.browser import chromium, desk
from tests.app.pages.walks.conftest import CLOCK, Workbench
from tests.app.tour import VIEWS, stand_still, visit

pytestmark = [
    pytest.mark.browser,
    pytest.mark.full,
    pytest.mark.timeout(1500),
    pytest.mark.skipif(chromium() is None, reason="no browser; make test installs one"),
]
PHONE_PX = 390
# .streamlit/config.toml, theme.dark and theme.light: their backgrounds.
BACKGROUND = {"dark": "rgb(14, 17, 23)", "light": "rgb(255, 255, 255)"}
BACKGROUND_OF = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
# What cannot be reached by scrolling down stands out to the right; a table scrolls in itself.
OUT_OF_SIGHT_PX = """() => {
  const main = document.querySelector('[data-testid=stMain]');
  return Math.max(main.scrollWidth - main.clientWidth,
    document.documentElement.scrollWidth - window.innerWidth);
}"""
# The light of each chart's letters, 0 black to 1 white.
LETTERS = """() => [...document.querySelectorAll('.js-plotly-plot .main-svg text')].map(text =>
  getComputedStyle(text).fill.match(/[0-9.]+/g).slice(0, 3)
    .reduce((sum, part) => sum + Number(part) / 765, 0))"""

# Where a chart's labels and titles need more than its margins, Plotly lays it out twice.
WIDENED = """() => [...document.querySelectorAll('.js-plotly-plot')]
  .map(chart => chart._fullLayout)
  .filter(({_size, margin}) => ['l', 'r', 't', 'b'].some(side => _size[side] > margin[side]))
  .map(({_size, margin}) => [_size, margin])"""

CHARTED = {
    *("tariffs-what-1", "demand-charges-the-1", "demand-charges-who-2", "demand-charges-all-4"),
    "live-vans-1",
    *("plan-yard-2", "plan-cost-3", "plan-what-4", "plan-slack-6"),
}
NIGHT = {"at": CLOCK, "limit": "", "nights": "22", "peak": "0", "occupancy": "assigned"}


def arrive(page: Page, title: str) -> None:
    """Go to a page by its address, and return once it stands still."""
    entry = next(one for one in PAGES if one.title == title)
    page.goto(f"/{entry.address}")
    expect(page.get_by_role("heading", level=1, name=title, exact=True)).to_be_visible()
    stand_still(page)


def test_a_link_to_any_page_opens_that_page_for_somebody_who_was_never_here(
    browser: Browser, workbench: Workbench
):
    boxes: dict[str, int] = {}

    for entry in PAGES:
        with desk(browser, workbench.address) as context:
            page = context.new_page()
            arrive(page, entry.title)
            boxes[entry.title] = page.get_by_test_id("stException").count()
            links = page.get_by_test_id("stSidebarNav").get_by_role("link")
            expect(links).to_have_count(len(PAGES))

    assert boxes == dict.fromkeys([entry.title for entry in PAGES], 0)


def test_what_draws_charts_is_fetched_while_home_is_looked_at(
    browser: Browser, workbench: Workbench
):
    name = charts_script()
    assert name is not None

    with desk(browser, workbench.address) as context:
        page = context.new_page()
        with page.expect_response(lambda answer: answer.url.endswith(name)) as fetched:
            arrive(page, "Home")

        assert fetched.value.ok
        assert page.locator(".js-plotly-plot").count() == 0


def test_charts_have_the_margins_that_their_labels_need(browser: Browser, workbench: Workbench):
    charted = [view for view in VIEWS if view.name in CHARTED]
    assert {view.name for view in charted} == CHARTED

    with desk(browser, workbench.address) as context:
        page = context.new_page()
        for view in charted:
            visit(page, view, night=NIGHT)
            page.locator(".js-plotly-plot").first.wait_for()

            assert page.evaluate(WIDENED) == [], view.name


def test_every_page_is_dark_for_who_reads_in_the_dark_and_so_are_its_charts(
    browser: Browser, workbench: Workbench
):
    seen: dict[str, str] = {}
    letters: list[float] = []

    with desk(browser, workbench.address, theme="dark") as context:
        page = context.new_page()
        for entry in PAGES:
            arrive(page, entry.title)
            seen[entry.title] = page.evaluate(BACKGROUND_OF)
            letters += page.evaluate(LETTERS)
        page.emulate_media(color_scheme="light")
        page.reload()
        stand_still(page)
        light = page.evaluate(BACKGROUND_OF)

    assert set(seen.values()) == {BACKGROUND["dark"]}, seen
    assert light == BACKGROUND["light"]
    assert letters
    # Halfway to white at least, on a background that is nearly black.
    assert min(letters) > 0.5


def test_on_a_phone_every_page_is_as_wide_as_the_phone(browser: Browser, workbench: Workbench):
    hidden_px: dict[str, int] = {}

    with desk(browser, workbench.address, width_px=PHONE_PX) as context:
        page = context.new_page()
        for entry in PAGES:
            arrive(page, entry.title)
            heading = page.get_by_role("heading", level=1, name=entry.title, exact=True)
            box = heading.bounding_box()
            assert box is not None
            assert 0 <= box["x"] < PHONE_PX / 2, entry.title  # not beneath the navigation
            hidden_px[entry.title] = page.evaluate(OUT_OF_SIGHT_PX)

    assert {title: over_px for title, over_px in hidden_px.items() if over_px > 1} == {}
