"""Hold every page against its budget, on a month of 60 vehicles and on a year of 500.

    python -m benchmarks.pages [--depot month] [--depot year] [--runs 5] [NAME ...]

The month is the demo depot in the middle of its night with 1,860 sessions behind it; the year has
182,500 sessions of 500 vehicles and is held against on the pages that look back. Each view is
opened by its script alone (Streamlit's own test runner: wall and processor time of a run whose
answers are kept), then in Chromium, once so that the server knows the answer. `cold s` is the first
chart, from the beginning of the navigation, in a browser that was never there; all other figures are
of a browser that keeps its profile and has been there, as a person's has: bytes over the web socket
until the page stands still, the first chart (`chart s` from the beginning of the navigation, `click s`
of a page from a click on its name while Home stands open, where nothing was drawn yet), another choice
until its answer is on screen, an unchanged run, and the marks of its largest chart. `chart s` and the
times of choices and runs are medians. The budgets are script 150 ms, payload 1 MB, change 0.5 s, rerun 0.3 s, first
chart 3 s, 10,000 marks a chart. The row `bare` is a page of one choice and one line, measured
in the same way: what Streamlit, the browser and the machine take before anything of ours is done.
Ends with 1 where a count (payload, marks) is over; times say much about the machine.
"""

import argparse
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Final

from playwright.sync_api import (
    Browser,
    BrowserContext,
    Page,
    ViewportSize,
    WebSocket,
    expect,
)
from playwright.sync_api import Error as BrowserError

from benchmarks.inputs.daily_sessions import daily_sessions
from depotlib.settings import Settings
from depotlib.store.batch import ImportBatch
from depotlib.store.imports import write_import
from depotlib.workflows.import_files import import_files
from depotlib.workflows.load_demo import load_demo
from tests.app.browser import FLAGS, PATIENCE_MS, chromium, launched
from tests.app.pages.opened import opened
from tests.app.pages.running_night import begin_night
from tests.app.tour import VIEWS, View, stand_still, visit
from tests.app.whole_night import free_port
from tests.app.workbench import listening, served
from tests.places import DATA, ROOT

CLOCK: Final = "2026-11-02T16:45:00-05:00"
NIGHT: Final = {"at": CLOCK, "limit": "", "nights": "22", "peak": "0", "occupancy": "assigned"}
BARE: Final = ROOT / "benchmarks" / "peers" / "bare_page.py"
SECOND_TARIFF: Final = DATA / "tariffs" / "pge_a10_tou_secondary_2020.json"
LOOK_BACK: Final = (
    *("Home", "Import", "Data quality", "Tariffs", "Sessions", "Demand charges", "Bill audit"),
    "Audit",
)
ANSWER_MS: Final = 20_000
BUDGET: Final = {
    "script ms": 150.0, "payload kB": 1000.0, "chart s": 3.0, "change s": 0.5, "rerun s": 0.3,
    "marks": 10_000.0,
}  # fmt: skip
COLUMNS: Final = (
    *("script ms", "payload kB", "cold s", "chart s", "click s", "change s", "rerun s", "marks"),
)
"""The budget's, and beside the first chart those of a stranger's browser and of a click."""
VIEWPORT: Final[ViewportSize] = {"width": 1400, "height": 1000}
WARM_OPENS: Final = 2
"""Chromium keeps a script compiled from its second run on."""
COUNTS: Final = ("payload kB", "marks")
DECIMALS: Final = dict.fromkeys(("cold s", "chart s", "click s", "change s", "rerun s"), 2)
CHOICES: Final = {"Demand charges": "Billing month", "Bill audit": "Tariff"}
"""What is chosen anew where it is not the first choice of the page."""
ANSWERS: Final = ":not([data-testid=stForm] *)"
"""A field that the page answers at once: one in a form waits for its button."""
WATCH: Final = Path(__file__).with_name("answered.js").read_text()
MARKS: Final = """() => Math.max(0, ...[...document.querySelectorAll('.js-plotly-plot')].map(
  chart => (chart._fullData ?? []).reduce((sum, {x, y, z}) => sum + (z
    ? [...z].reduce((cells, row) => cells + (row.length ?? 1), 0)
    : Math.max(x?.length ?? 0, y?.length ?? 0)), 0)))"""


@dataclass(frozen=True, slots=True)
class History:
    """How much lies behind a depot.

    Parameters
    ----------
    vehicles, days : int
    titles : tuple of str
        Of the pages that are held against their budget; empty: all.
    """

    vehicles: int
    days: int
    titles: tuple[str, ...] = ()


Opener = Callable[[Page, View], None]
"""Opens a view on a page, and waits until it stands still."""
DEPOTS: Final = {"month": History(60, 31), "year": History(500, 365, LOOK_BACK)}


@dataclass(slots=True)
class Measured:
    """What a view took, by the names of the budget.

    Parameters
    ----------
    view : View
    figures : dict of str to float
        Without those that the view has not, such as a chart.
    processor_ms : float
        Of a run of the script.
    """

    view: View
    figures: dict[str, float] = field(default_factory=dict[str, float])
    processor_ms: float = 0.0

    def over(self, names: Sequence[str] = tuple(BUDGET)) -> list[str]:
        """Return which figures are above their budget."""
        return [name for name in names if self.figures.get(name, 0.0) > BUDGET[name]]


def furnish(settings: Settings, history: History) -> None:
    """Put a depot in the middle of its night into a folder, with sessions behind it."""
    now = settings.depot_clock().now()
    load_demo(settings, now=now)
    import_files([SECOND_TARIFF], settings=settings, now=now)
    given = daily_sessions(
        vehicles=history.vehicles, days=history.days, before=datetime.fromisoformat(CLOCK)
    )
    batch = ImportBatch("log.csv", "benchmark", "0" * 64, rows_in=given.height, sessions=given)
    write_import(settings.warehouse_path, batch, imported_at=now)
    begin_night(settings)


def views_of(history: History, names: Sequence[str]) -> list[View]:
    """Return a view of every page, and of every part that has an address of its own."""
    found = {one.title: View(one.title.lower().replace(" ", "-"), one.title) for one in VIEWS}
    whole = [*found.values(), *(one for one in VIEWS if one.query and one.act is None)]
    return [
        one
        for one in whole
        if (not names or one.name in names) and (not history.titles or one.title in history.titles)
    ]


def run_script(measured: Measured, *, runs: int) -> None:
    """Measure the runs of a view's script whose answers are kept."""
    view = measured.view
    app = opened(view.title, dict(view.query) | (NIGHT if view.has_night else {}))
    wall_ms: list[float] = []
    processor_ms: list[float] = []
    for _ in range(runs):
        begin_s, processor_s = time.perf_counter(), time.process_time()
        app.run()
        wall_ms.append((time.perf_counter() - begin_s) * 1e3)
        processor_ms.append((time.process_time() - processor_s) * 1e3)
    measured.figures["script ms"] = median(wall_ms)
    measured.processor_ms = median(processor_ms)


def look(
    measured: Measured, browser: Browser, *, address: str, runs: int, profile: Path, open_it: Opener
) -> None:
    """Measure a view in a browser that was never there, and in one that keeps its profile.

    Both once the server knows the answer. What a person has is the second: only a kept profile
    keeps the scripts of Streamlit and Plotly compiled.
    """
    for _ in ("the server learns the answer", "it knows the answer"):
        stranger = browser.new_context(base_url=address, viewport=VIEWPORT)
        chart_s = _opened(measured, stranger, open_it=open_it)[1]
        stranger.close()
    note(measured, "cold s", taken_s=[chart_s] if chart_s else [])
    guest = browser.browser_type.launch_persistent_context(
        str(profile),
        executable_path=chromium(),
        args=list(FLAGS),
        base_url=address,
        viewport=VIEWPORT,
    )
    charts_s: list[float] = []
    for left in reversed(range(WARM_OPENS + runs)):
        page, chart_s = _opened(measured, guest, open_it=open_it)
        charts_s.append(chart_s)
        if left:
            page.close()
    if all(charts_s):
        note(measured, "chart s", taken_s=charts_s[WARM_OPENS:])
        measured.figures["marks"] = page.evaluate(MARKS)
    act(measured, page, runs=runs)
    if all(charts_s) and not measured.view.query and open_it is _open_view:
        page.close()
        note(measured, "click s", taken_s=[_clicked_s(guest, measured.view)])
    guest.close()


def _opened(measured: Measured, context: BrowserContext, *, open_it: Opener) -> tuple[Page, float]:
    """Return a view in a new tab, and when its first chart was drawn there [s]; 0: it has none."""
    context.set_default_timeout(2 * PATIENCE_MS)
    page = context.new_page()
    page.add_init_script(WATCH)
    received: list[int] = []
    page.on("websocket", lambda socket: _listen(socket, into=received))
    open_it(page, measured.view)
    measured.figures["payload kB"] = sum(received) / 1e3
    return page, page.evaluate("depotTimes.chart") / 1e3


def _clicked_s(context: BrowserContext, view: View) -> float:
    """Return how long the first chart takes from a click in the workbench that stands open [s]."""
    page = context.new_page()
    page.add_init_script(WATCH)
    visit(page, View("home", "Home"), night={})
    link = page.get_by_test_id("stSidebarNav").get_by_role("link", name=view.title, exact=True)
    link.click()
    page.wait_for_function("depotTimes.chart > 0")
    return page.evaluate("depotTimes.chart - depotTimes.asked") / 1e3


def look_at_bare(browser: Browser, *, runs: int, profile: Path) -> Measured:
    """Measure the least that a page can be, as a view is."""
    measured = Measured(View("bare", "Bare"))
    port = free_port()
    options = ["--server.port", str(port), "--server.headless", "true"]
    with listening(["streamlit", "run", str(BARE), *options], port=port) as address:
        look(measured, browser, address=address, runs=runs, profile=profile, open_it=_open_bare)
    return measured


def _open_view(page: Page, view: View) -> None:
    visit(page, view, night=NIGHT)


def _open_bare(page: Page, view: View) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name=view.title)).to_be_visible()
    page.wait_for_function("depotTimes.chart > 0")
    stand_still(page)


def act(measured: Measured, page: Page, *, runs: int) -> None:
    """Measure another choice and an unchanged run on a page that is open."""
    rerun = took_s(page, lambda: _rerun(page), runs=runs)
    note(measured, "rerun s", taken_s=rerun)
    main = page.get_by_test_id("stMain")
    fields = main.get_by_role("combobox", name=CHOICES.get(measured.view.title))
    fields = fields.and_(page.locator(ANSWERS))
    if not fields.count():
        return

    # To the next choice and back again: what has only two choices does not run out of them.
    ways = cycle(("ArrowDown", "ArrowUp"))

    def choose() -> bool:
        before = fields.first.input_value()
        fields.first.press("ArrowDown", timeout=PATIENCE_MS)
        page.keyboard.press(next(ways))
        page.keyboard.press("Enter")
        return fields.first.input_value() != before

    note(measured, "change s", taken_s=took_s(page, choose, runs=runs))


def note(measured: Measured, name: str, *, taken_s: Sequence[float]) -> None:
    """Keep the median of some times, if there are any."""
    if taken_s:
        measured.figures[name] = median(taken_s)


def _rerun(page: Page) -> bool:
    page.keyboard.press("r")
    return True


def took_s(page: Page, press: Callable[[], bool], *, runs: int) -> list[float]:
    """Return how long it takes from a press until its answer is on screen [s], for each run.

    A press tells whether it asks for anything: what has one choice only would else be held to be as
    slow as the next tick of the page's clock, which is drawn anew by itself.
    """
    taken: list[float] = []
    for _ in range(runs):
        stand_still(page)
        try:
            if not press():
                continue
            page.wait_for_function("depotTimes.done > 0", timeout=ANSWER_MS)
        except BrowserError:  # the last of the choices: nothing was run
            continue
        taken.append(page.evaluate("depotTimes.done - depotTimes.asked") / 1e3)
    return taken


def _listen(socket: WebSocket, *, into: list[int]) -> None:
    socket.on("framereceived", lambda frame: into.append(len(frame)))


def table_of(found: Sequence[Measured]) -> str:
    """Return what was measured, a row a view; what is over its budget has a mark."""
    names = list(COLUMNS)
    rows = [["view", "cpu ms", *names], ["---"] * (len(names) + 2)]
    for one in found:
        over = one.over()
        cells = [
            f"{one.figures[name]:,.{DECIMALS.get(name, 0)}f}{'!' if name in over else ''}"
            if name in one.figures
            else ""
            for name in names
        ]
        rows.append([one.view.name, f"{one.processor_ms:.0f}", *cells])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def measure(name: str, *, names: Sequence[str], runs: int) -> list[Measured]:
    """Return what each view of a depot took."""
    history = DEPOTS[name]
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(home=Path(folder) / "home", clock=CLOCK)
        os.environ.update(DEPOT_HOME=str(settings.home), DEPOT_CLOCK=CLOCK)
        furnish(settings, history)
        found = [Measured(view) for view in views_of(history, names)]
        for one in found:
            run_script(one, runs=runs)
        with served(settings.home, clock=CLOCK) as address, launched() as browser:
            profile = Path(folder) / "browser"
            bare = look_at_bare(browser, runs=runs, profile=profile)
            tell(f"bare: {bare.figures}")
            for one in found:
                try:
                    look(
                        one, browser, address=address, runs=runs, profile=profile,
                        open_it=_open_view,
                    )  # fmt: skip
                except (BrowserError, AssertionError) as error:
                    tell(f"{one.view.name}: {str(error).splitlines()[0]}")
                tell(f"{one.view.name}: {one.figures}, {one.processor_ms:.0f} ms of the processor")
    return [bare, *found]


def tell(words: str) -> None:
    """Say how far the run is: it is a long one, and a table comes at its end only."""
    print(words, file=sys.stderr, flush=True)


def main() -> None:
    """Print a table a depot."""
    # Stopped from outside it still ends the workbench that it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("stopped"))
    parser = argparse.ArgumentParser()
    parser.add_argument("--depot", action="append", choices=list(DEPOTS))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("names", nargs="*")
    asked = parser.parse_args()
    print(f"{datetime.now(UTC):%Y-%m-%d} {platform.machine()} Python {platform.python_version()}")
    is_over = False
    for name in asked.depot or list(DEPOTS):
        history = DEPOTS[name]
        found = measure(name, names=asked.names, runs=asked.runs)
        print(f"\n{name}: {history.vehicles} vehicles, {history.days} days\n")
        print(table_of(found), flush=True)
        is_over = is_over or any(one.over(COUNTS) for one in found)
    sys.exit(int(is_over))


if __name__ == "__main__":
    main()
