"""Pictures of every page with demo data, light and dark, on a desk and on a phone.

    python -m tests.app.screenshots [NAME ...]

starts a demo depot of its own, imports the Leeds history, plans and pushes a night, and writes
``build/screenshots/THEME-WIDTH/NAME.png`` while that night runs; the report is taken once the last
van has left. With names, only those views. It ends all that it started.
"""

import signal
import sys
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from playwright.sync_api import Browser, Page, expect, sync_playwright

from depotlib.workflows.import_files import import_files
from tests.app.browser import FLAGS, PATIENCE_MS, chromium
from tests.app.tour import HEIGHT, LEEDS, TALLEST_PX, VIEWS, View, stand_still, visit
from tests.app.whole_night import WholeNight, wait_for
from tests.places import ROOT

FOLDER: Final = ROOT / "build" / "screenshots"
WIDTHS_PX: Final = {"desk": 1200, "phone": 390}
HEIGHT_PX: Final = 900
THEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")
BEGIN: Final = "2026-11-02T16:30:00-05:00"
EVENING: Final = datetime.fromisoformat("2026-11-02T20:00:00-05:00")
MORNING: Final = datetime.fromisoformat("2026-11-03T08:30:00-05:00")
NIGHTLY: Final = ("Home", "Push", "Live")
"""Pages of the night as it runs: taken first, before it is over."""
LATE: Final = ("Reports",)
"""Pages that are empty until the night is over."""
TO_SETTLE_MS: Final = 1500


def main(names: Sequence[str]) -> None:
    """Take the pictures of the views named, or of all."""
    views = [one for one in VIEWS if not names or one.name in names]
    # Stopped from outside it still ends the depot that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    with tempfile.TemporaryDirectory() as home:
        depot = WholeNight(home=Path(home), begin=BEGIN)
        depot.start()
        try:
            take_all(depot, views)
        finally:
            depot.stop()


def take_all(depot: WholeNight, views: Sequence[View]) -> None:
    import_files([LEEDS], settings=depot.settings, now=depot.clock.now())
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
        expect.set_options(timeout=PATIENCE_MS)
        night = plan_and_push(browser, depot)
        wait_for(lambda: depot.clock.now() > EVENING, within_s=600, what="the evening")
        soon = [one for one in views if one.title in NIGHTLY]
        late = [one for one in views if one.title in LATE]
        between = [one for one in views if one not in soon and one not in late]
        take(soon, browser, depot=depot, night=night)
        take(between, browser, depot=depot, night=night)
        if late:
            wait_for(lambda: depot.clock.now() > MORNING, within_s=1500, what="the morning")
            take(late, browser, depot=depot, night=night)
        browser.close()


def plan_and_push(browser: Browser, depot: WholeNight) -> dict[str, str]:
    """Plan and push the night as a person does; return what names it in an address."""
    page = browser.new_page(base_url=depot.address)
    page.set_default_timeout(PATIENCE_MS)
    page.goto("/Plan")
    page.get_by_role("button", name="Plan the night", exact=True).click()
    expect(page.get_by_text("Audit passed", exact=False).first).to_be_visible()
    page.get_by_role("link", name="Push this plan").click()
    page.get_by_role("button", name="Preview the push").click()
    ending = page.get_by_label("Type the last 4 characters", exact=False)
    ending.fill((ending.get_attribute("aria-label") or "")[-4:])
    page.get_by_label("Your name").first.fill("Dana")
    page.locator("input[type=password]").first.fill(depot.token)
    page.get_by_role("button", name="Push to 48 stations").click()
    expect(page.get_by_text("Receipt:", exact=False).first).to_be_visible()
    query = page.evaluate("Object.fromEntries(new URLSearchParams(location.search))")
    page.close()
    return {name: query[name] for name in ("at", "limit", "nights", "peak", "occupancy")}


def take(
    views: Sequence[View], browser: Browser, *, depot: WholeNight, night: dict[str, str]
) -> None:
    """Take each view in both themes and widths."""
    for width, width_px in WIDTHS_PX.items():
        for theme in THEMES:
            context = browser.new_context(
                base_url=depot.address,
                color_scheme=theme,
                viewport={"width": width_px, "height": HEIGHT_PX},
            )
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            for view in views:
                visit(page, view, night=night)
                picture(page, FOLDER / f"{theme}-{width}" / f"{view.name}.png", width_px=width_px)
            context.close()


def picture(page: Page, path: Path, *, width_px: int) -> None:
    """Take a whole page: Streamlit scrolls inside, so the window is made as tall as what it holds."""
    page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
    for _ in range(2):  # a taller window lets more be drawn, which is taller again
        height_px = min(page.evaluate(HEIGHT), TALLEST_PX)
        page.set_viewport_size({"width": width_px, "height": max(height_px, HEIGHT_PX)})
        page.wait_for_timeout(TO_SETTLE_MS)
        stand_still(page)
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path)
    page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
    print(path.relative_to(ROOT), flush=True)  # noqa: T201 - a script for people at a terminal


if __name__ == "__main__":
    main(sys.argv[1:])
