"""``depot duties``: the duties as rows in local time, and edited rows in their place."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, cast

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.errors import RecordMissingError, UnreadableFileError
from depotlib.model.calendar import zone
from depotlib.settings import read_settings
from depotlib.workflows.edit_duties import duty_rows, edited_duties, save_edited_duties
from depotlib.workflows.set_up_depot import read_set_up


def command(
    rows: Annotated[
        Path | None, typer.Argument(help="JSON as this command prints it, in place of all")
    ] = None,
) -> int:
    """Print the duties of the depot, or save edited rows as their next version."""
    settings = read_settings()
    known = read_set_up(settings)
    if known is None:
        raise RecordMissingError(
            "there is no depot yet",
            where=str(settings.warehouse_path),
            hint="give a site file: depot set-up SITE.toml",
        )
    duties = known.duties
    if rows is not None:
        duties = edited_duties(_rows(rows), known.depot)
        now = settings.depot_clock().now()
        save_edited_duties(settings, duties, depot_id=known.depot.depot_id, now=now)
    shown = duty_rows(duties, time_zone=zone(known.depot.time_zone))
    print_json([asdict(one) for one in shown])
    return EXIT_DONE


def _rows(path: Path) -> list[dict[str, object]]:
    try:
        found: object = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableFileError(
            f"cannot read {path.name}: {error}", where=str(path), hint="give a JSON list of rows"
        ) from error
    rows = cast("list[object]", found) if isinstance(found, list) else [found]
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in rows):
        raise UnreadableFileError(
            f"{path.name} holds no list of rows", where=str(path), hint="see depot duties"
        )
    return cast("list[dict[str, object]]", rows)
