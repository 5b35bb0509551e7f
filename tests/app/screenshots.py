"""Pictures of every page with demo data, light and dark, on a desk and on a phone.

    python -m tests.app.screenshots [--anew] [--desk] [NAME ...]

starts a demo depot of its own, imports the Leeds history and a second tariff, plans and pushes a
night, plays a study and judges the drills, and takes the pictures while that night runs, slowly
enough for stations and pages to keep up; Portfolio is taken with a second depot beside it. The
report is of a second night, which runs fast, once its last van has left. A run that was cut off
goes on where it was, unless it is to begin ``--anew``. With names only those views are taken,
whether they are there or not, with ``--desk`` none on a phone.
``docs/images/THEME/NAME.webp`` holds every part of every page in light and every
page in dark, ``build/screenshots`` the parts in dark and all of it on a phone;
``docs/images/NAME.webp`` the head of what the README shows. A view that never
stands still is named at the end and ends the script with 1; the others are taken all the same. It
ends all that it started.
"""

import argparse
import io
import os
import signal
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright
from playwright.sync_api import Error as BrowserError

from depotlib.drills.progress import drills_folder, is_playing, start_drills
from depotlib.workflows.declare_study import StudyDraft, declare_study, results_folder
from depotlib.workflows.import_files import import_files
from depotlib.workflows.load_demo import DEMO_SITE, load_demo
from depotlib.workflows.plan_tonight import plan_tonight
from depotlib.workflows.run_study import StudyOrder, run_study
from depotlib.workflows.set_up_depot import save_site_text
from tests.app.browser import FLAGS, PATIENCE_MS, chromium
from tests.app.tour import HEIGHT, LEEDS, TALLEST_PX, VIEWS, View, stand_still, visit
from tests.app.whole_night import WholeNight, wait_for
from tests.app.workbench import served
from tests.places import DATA, ROOT

Theme = Literal["light", "dark"]
SHOWN: Final = ROOT / "docs" / "images"
BUILT: Final = ROOT / "build" / "screenshots"
BEGUN: Final = BUILT / "begun"
"""As old as the run that goes on; gone once one has been ended."""
HEADS: Final = {"plan-site-1": "plan", "live-vans-1": "live"}
"""Of these the README shows the head, under another name."""
HEAD_PX: Final = 1000
MOST_SHOWN_MB: Final = 6.0
BYTES_PER_MB: Final = 1e6
QUALITY: Final = 72
SECOND_TARIFF: Final = DATA / "tariffs" / "pge_a10_tou_secondary_2020.json"
DESK_PX: Final = 1280
PHONE_PX: Final = 390
HEIGHT_PX: Final = 900
BEGIN: Final = "2026-11-02T16:30:00-05:00"
EVENING: Final = datetime.fromisoformat("2026-11-02T18:45:00-05:00")
MORNING: Final = datetime.fromisoformat("2026-11-03T08:30:00-05:00")
SPEED: Final = 12
FAST: Final = 60
NIGHTLY: Final = ("Home", "Push", "Live", "Drills", "Audit")
"""Pages of the night as it runs: taken in the evening, when all vans are home."""
LATE: Final = ("Reports",)
"""Pages that are empty until the night is over."""
SEVERAL: Final = ("Portfolio",)
"""Pages of several depots."""
FRAMES: Final = 15
WORN: Final = """theme => {
  const [red] = getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor
    .match(/[0-9]+/g);
  return (red < 128) === (theme === 'dark');
}"""
"""The page has put the theme on that the browser asks for."""
CHARTS_WORN: Final = """theme => [
  ...document.querySelectorAll('.js-plotly-plot .xtick text, .js-plotly-plot .ytick text')
].every(text => {
  const [red] = getComputedStyle(text).fill.match(/[0-9]+/g).map(Number);
  return (red < 128) === (theme === 'light');
})"""
"""... and so have its charts: what stands at their axes is dark on light, and light on dark."""


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks at the pages.

    Parameters
    ----------
    theme : {'light', 'dark'}
    width_px : int
    """

    theme: Theme
    width_px: int

    def path(self, view: View) -> Path:
        """Return where a picture of a view is kept."""
        if self.width_px == PHONE_PX:
            return BUILT / f"{self.theme}-phone" / f"{view.name}.webp"
        firsts = {one.title: one.name for one in reversed(VIEWS)}
        if self.theme == "dark" and firsts[view.title] != view.name:
            return BUILT / self.theme / f"{view.name}.webp"
        return SHOWN / self.theme / f"{view.name}.webp"


LOOKS: Final = (
    Look("light", DESK_PX),
    Look("dark", DESK_PX),
    Look("light", PHONE_PX),
    Look("dark", PHONE_PX),
)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be taken.

    Parameters
    ----------
    looks : sequence of Look
    begun_s : float or None
        When this run was begun, as files are dated: what has been taken since is not taken again.
    """

    looks: Sequence[Look]
    begun_s: float | None

    def wanted(self, view: View, *, width_px: int) -> list[Look]:
        """Return the looks of a width in which a view is still to be taken."""
        return [
            look
            for look in self.looks
            if look.width_px == width_px and not self._has_taken(look.path(view))
        ]

    def has_any(self, views: Sequence[View]) -> bool:
        """Return whether anything of some views is still to be taken."""
        return any(self.wanted(one, width_px=look.width_px) for one in views for look in self.looks)

    def _has_taken(self, path: Path) -> bool:
        return self.begun_s is not None and path.exists() and path.stat().st_mtime >= self.begun_s


@dataclass
class Tour:
    """One demo depot, the browser that looks at it, and what could not be taken.

    Parameters
    ----------
    address : str
        Of the workbench.
    browser : Browser
    night : dict of str
        What names the planned night in an address.
    order : Order
    failed : list of str
    """

    address: str
    browser: Browser
    night: dict[str, str]
    order: Order
    failed: list[str]

    def take(self, views: Sequence[View]) -> None:
        """Take each view as everybody looks at it."""
        for width_px in dict.fromkeys(look.width_px for look in self.order.looks):
            wanted = [one for one in views if self.order.wanted(one, width_px=width_px)]
            if not wanted:
                continue
            context = self.browser.new_context(
                base_url=self.address, viewport={"width": width_px, "height": HEIGHT_PX}
            )
            context.set_default_timeout(PATIENCE_MS)
            page = context.new_page()
            for view in wanted:
                self.take_one(page, view, looks=self.order.wanted(view, width_px=width_px))
            context.close()

    def take_one(self, page: Page, view: View, *, looks: Sequence[Look]) -> None:
        """Open a view once and take it in each theme, or note what could not be taken."""
        path = looks[0].path(view)
        try:
            page.emulate_media(color_scheme=looks[0].theme)
            visit(page, view, night=self.night)
            for look in looks:
                path = look.path(view)
                if look is not looks[0]:
                    put_on(page, look.theme)
                picture(page, path, width_px=look.width_px)
                if look is LOOKS[0] and view.name in HEADS:
                    keep_head(path, SHOWN / f"{HEADS[view.name]}.webp")
        except (BrowserError, AssertionError) as error:
            first = str(error).splitlines()[0]
            self.failed.append(f"{path.relative_to(ROOT)}: {first}")


def main(words: Sequence[str]) -> None:
    """Take the pictures of the views named, or of all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--anew", action="store_true")
    parser.add_argument("--desk", action="store_true")
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args(words)
    views = [one for one in VIEWS if not asked.names or one.name in asked.names]
    looks = [one for one in LOOKS if not asked.desk or one.width_px == DESK_PX]
    order = Order(looks, begun_s=None if asked.names else begun_s(is_anew=asked.anew))
    # Stopped from outside it still ends the depot that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    night = [one for one in views if one.title not in LATE]
    failed: list[str] = []
    for some, speed in ((night, SPEED), ([one for one in views if one not in night], FAST)):
        if order.has_any(some):
            failed += live_through(some, order=order, speed=speed)
    shown_mb = sum(one.stat().st_size for one in SHOWN.rglob("*.*")) / BYTES_PER_MB
    tell(f"{SHOWN.relative_to(ROOT)}: {shown_mb:.1f} MB of {MOST_SHOWN_MB:g}")
    if failed or shown_mb > MOST_SHOWN_MB:
        sys.exit("\n".join(["not taken:", *failed] if failed else ["too large"]))
    if not asked.names:
        BEGUN.unlink()


def begun_s(*, is_anew: bool) -> float:
    """Return when the run was begun that this one goes on with: this one, if all were ended."""
    if is_anew or not BEGUN.exists():
        BEGUN.parent.mkdir(parents=True, exist_ok=True)
        BEGUN.touch()
    return BEGUN.stat().st_mtime


def live_through(views: Sequence[View], *, order: Order, speed: int) -> list[str]:
    """Take views while a night is lived through; return those that could not be taken."""
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright:
        depot = WholeNight(home=Path(home) / "demo", begin=BEGIN, speed=speed)
        depot.start()
        try:
            import_files([LEEDS, SECOND_TARIFF], settings=depot.settings, now=depot.clock.now())
            browser = playwright.chromium.launch(executable_path=chromium(), args=list(FLAGS))
            expect.set_options(timeout=PATIENCE_MS)
            night = plan_and_push(browser, depot)
            tour = Tour(depot.address, browser, night, order, failed=[])
            take_all(tour, depot, views)
            browser.close()
        finally:
            depot.stop()
    return tour.failed


def take_all(tour: Tour, depot: WholeNight, views: Sequence[View]) -> None:
    """Take each view at the time of the night at which there is most on it."""
    by_title = {one.title for one in views}
    if by_title <= set(LATE):
        wait_for(lambda: depot.clock.now() > MORNING, within_s=1500, what="the morning")
        tour.take(views)
        return
    if tour.order.has_any([one for one in views if one.title == "Study grid"]):
        play_a_study(depot)
    several = [one for one in views if one.title in SEVERAL]
    soon = [one for one in views if one.title in NIGHTLY]
    tour.take([one for one in views if one not in (*several, *soon)])
    if not tour.order.has_any([*several, *soon]):
        return
    wait_for(lambda: depot.clock.now() > EVENING, within_s=1500, what="the evening")
    judge_the_drills(depot)
    tour.take(soon)
    if tour.order.has_any(several):
        with two_depots(depot) as address:
            replace(tour, address=address).take(several)


def play_a_study(depot: WholeNight) -> None:
    """Play a small study of the depot, so that there is something to look at."""
    draft = StudyDraft(
        name="fewer-points",
        axes={"ac_stations": (32, 36, 40), "operating_limit_kw": (200.0, 250.0, 300.0)},
        base={"policy": "replanned"},
        seeds=2,
        days=2,
    )
    path = declare_study(depot.settings, draft, now=depot.clock.now())
    run_study(StudyOrder(path=path, folder=results_folder(depot.settings), jobs=0))


@contextmanager
def two_depots(depot: WholeNight) -> Iterator[str]:
    """Serve the depot beside another one, which is planned and not heard of; give the address."""
    now = depot.clock.now()
    north = depot.settings.model_copy(update={"home": depot.home.with_name("north")})
    load_demo(north, now=now)
    site = DEMO_SITE.read_text(encoding="utf-8").replace("Demo depot", "North yard")
    save_site_text(north, site, where=DEMO_SITE.name, now=now)
    plan_tonight(north, now=now)
    homes = os.pathsep.join(str(one) for one in (depot.home, north.home))
    with served(depot.home, clock=depot.clock.text(), homes=homes) as address:
        yield address


def judge_the_drills(depot: WholeNight) -> None:
    """Let every drill that can be be judged by what the stations did of themselves."""
    start_drills(depot.settings, "all", mode="shadow")
    folder = drills_folder(depot.settings)
    wait_for(lambda: not is_playing(folder), within_s=300, what="the end of the drills")


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


def put_on(page: Page, theme: Theme) -> None:
    """Look at an open page in a theme.

    The page takes it on at once, its charts when the page is run again: Streamlit does not do that
    of itself, its key for it does.
    """
    page.emulate_media(color_scheme=theme)
    page.wait_for_function(WORN, arg=theme)
    page.evaluate("document.activeElement?.blur()")
    page.keyboard.press("r")
    # A busy machine may begin the run only when the page has stood still for a while.
    page.wait_for_function(CHARTS_WORN, arg=theme)
    stand_still(page)


def picture(page: Page, path: Path, *, width_px: int) -> None:
    """Take a whole page: Streamlit scrolls inside, so the window is made as tall as what it holds."""
    page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
    for _ in range(2):  # a taller window lets more be drawn, which is taller again
        height_px = min(page.evaluate(HEIGHT), TALLEST_PX)
        page.set_viewport_size({"width": width_px, "height": max(height_px, HEIGHT_PX)})
        stand_still(page, frames=FRAMES)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(
        path, "WEBP", quality=QUALITY, method=6
    )
    page.set_viewport_size({"width": width_px, "height": HEIGHT_PX})
    tell(f"{path.relative_to(ROOT)}")


def keep_head(path: Path, head: Path) -> None:
    """Keep the head of a picture as another one."""
    whole = Image.open(path).convert("RGB")
    whole.crop((0, 0, whole.width, min(whole.height, HEAD_PX))).save(
        head, "WEBP", quality=QUALITY, method=6
    )


def tell(words: str) -> None:
    """Print a line for a person at a terminal."""
    print(words, flush=True)  # noqa: T201 - a script for people at a terminal


if __name__ == "__main__":
    main(sys.argv[1:])
