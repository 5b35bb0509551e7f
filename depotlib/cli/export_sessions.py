"""``depot export-sessions``: writes the sessions in the store for grant reports and other programs."""

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.cli.sessions import INSTANTS
from depotlib.settings import read_settings
from depotlib.workflows.export_sessions import ExportChoices, export_sessions


def command(
    *,
    out: Annotated[Path, typer.Option(help="the CSV to write")],
    site: Annotated[str | None, typer.Option(help="only this site")] = None,
    start: Annotated[datetime | None, typer.Option(formats=INSTANTS, help="from")] = None,
    end: Annotated[datetime | None, typer.Option(formats=INSTANTS, help="to, exclusive")] = None,
    time_zone: Annotated[str, typer.Option(help="zone that times are written in")] = "UTC",
    identities: Annotated[bool, typer.Option(help="write vehicles and cards, too")] = False,
) -> None:
    """Write sessions as the EV Charging Use Data Specification has them, and say how many."""
    choices = ExportChoices(
        site=site, start=start, end=end, time_zone=time_zone, has_identities=identities
    )
    print_json(export_sessions(read_settings(), out, choices=choices))
