"""``depot drill``: plays go-live drills against virtual stations and writes a dated report."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, EXIT_FALLS_SHORT, print_json, print_message
from depotlib.drills.campaign import play_drills
from depotlib.drills.registry import ALL, DRILLS, drills_named
from depotlib.drills.report import write_report
from depotlib.settings import read_settings

FOLDER = "drills"


def command(
    name: Annotated[str, typer.Argument(help="a drill, or all")] = ALL,
    *,
    list_only: Annotated[bool, typer.Option("--list", help="say which drills there are")] = False,
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
    verdicts = play_drills(chosen, keep=keep, tell=print_message)
    written = write_report(
        report or read_settings().home / FOLDER, verdicts, made_at=datetime.now(UTC)
    )
    print_json(
        {
            "passed": [one.name for one in verdicts if one.is_passed],
            "failed": {
                one.name: one.trouble or list(one.failed()) for one in verdicts if not one.is_passed
            },
            "report": written.page_path,
            "json": written.json_path,
        }
    )
    return EXIT_DONE if all(one.is_passed for one in verdicts) else EXIT_FALLS_SHORT


def _told(name: str) -> dict[str, str | int]:
    drill = next(one for one in DRILLS if one.name == name)
    return {
        "name": drill.name,
        "title": drill.title,
        "passes_when": drill.passes_when,
        "minutes": drill.minutes,
    }
