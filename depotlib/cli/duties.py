"""``depot duties``: the duties as rows in local time, and edited rows in their place."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.cli.rows_file import rows_of_file
from depotlib.errors import RecordMissingError
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
        duties = edited_duties(rows_of_file(rows, key="duties", see="depot duties"), known.depot)
        now = settings.depot_clock().now()
        save_edited_duties(settings, duties, depot_id=known.depot.depot_id, now=now)
    shown = duty_rows(duties, time_zone=zone(known.depot.time_zone))
    print_json([asdict(one) for one in shown])
    return EXIT_DONE
