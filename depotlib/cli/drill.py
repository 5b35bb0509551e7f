"""``depot drill``: plays go-live drills, or judges connected stations, and writes a dated report."""

import signal
import sys
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import FrameType
from typing import Annotated, NoReturn

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.drills.campaign import judge_drills, play_drills
from depotlib.drills.drill import Drill, Mode, Verdict
from depotlib.drills.progress import drills_folder, playing
from depotlib.drills.registry import ALL, DRILLS, drills_named
from depotlib.drills.report import write_report
from depotlib.drills.shadow_judges import SHADOWS
from depotlib.settings import read_settings

EXIT_ENDED = 143
"""128 and the number of SIGTERM, as shells say it."""


def command(
    name: Annotated[str, typer.Argument(help="a drill, or all")] = ALL,
    *,
    list_only: Annotated[bool, typer.Option("--list", help="say which drills there are")] = False,
    shadow: Annotated[
        bool,
        typer.Option("--shadow", help="judge what the connected stations did; nothing is sent"),
    ] = False,
    hours: Annotated[
        float, typer.Option(help="with --shadow: how far to look back", min=0.1, max=744.0)
    ] = 24.0,
    report: Annotated[
        Path | None, typer.Option(help="folder of the report; default: drills in the depot's own")
    ] = None,
    keep: Annotated[
        Path | None, typer.Option(help="keep each drill's logs, meters and mailbox in this folder")
    ] = None,
) -> int:
    """Play drills in real processes of their own; exits with 3 where one fails."""
    chosen = drills_named(name)
    if list_only:
        print_json({"drills": [_told(one.name) for one in chosen]})
        return EXIT_DONE
    settings = read_settings()
    folder, mode = report or drills_folder(settings), _mode(is_shadow=shadow)
    with _ended_by_signal(), playing(folder, chosen) as progress:
        if shadow:
            verdicts = judge_drills(chosen, settings, span=timedelta(hours=hours))
        else:
            verdicts = play_drills(chosen, keep=keep, tell=print_message, watch=progress.watch)
        written = write_report(folder, verdicts, made_at=datetime.now(UTC), mode=mode)
        progress.end()
    print_json({**_sums(verdicts), "report": written.page_path, "json": written.json_path})
    failed = any(one.outcome == "failed" for one in verdicts)
    return EXIT_FALLS_SHORT if failed else EXIT_DONE


def _mode(*, is_shadow: bool) -> Mode:
    return "shadow" if is_shadow else "virtual"


def _sums(verdicts: tuple[Verdict, ...]) -> dict[str, object]:
    return {
        "passed": [one.name for one in verdicts if one.is_passed],
        "failed": {
            one.name: one.trouble or list(one.failed())
            for one in verdicts
            if one.outcome == "failed"
        },
        "not_judged": {one.name: one.not_judged for one in verdicts if one.not_judged},
    }


@contextmanager
def _ended_by_signal() -> Generator[None]:
    """Let SIGTERM end the block by the way on which everything that was started is ended."""
    before = signal.signal(signal.SIGTERM, _end)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _end(_signal: int, _frame: FrameType | None) -> NoReturn:
    sys.exit(EXIT_ENDED)


def _told(name: str) -> dict[str, str | int | bool]:
    drill: Drill = next(one for one in DRILLS if one.name == name)
    shadow = SHADOWS[drill.name]
    return {
        "name": drill.name,
        "title": drill.title,
        "passes_when": drill.passes_when,
        "minutes": drill.minutes,
        "can_be_judged_in_shadow": shadow.judge is not None,
        "why_not_in_shadow": "" if shadow.judge is not None else shadow.why_not,
    }
