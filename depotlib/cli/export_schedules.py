"""``depot export-schedules``: writes a plan's schedules for a system that takes no live limits."""

from pathlib import Path
from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.export_schedules import Form, export_schedules


def command(
    plan: Annotated[str, typer.Argument(help="id of a plan in the store")],
    *,
    form: Annotated[Form, typer.Option("--format", help="a table, or requests of an OCPP version")],
    out: Annotated[Path, typer.Option(help="the folder to write into")],
) -> None:
    """Write the schedules of a plan as files, none of which asks for more than the plan."""
    settings = read_settings()
    done = export_schedules(settings, plan, form=form, out=out, now=settings.depot_clock().now())
    print_json(
        {
            "plan": done.plan_id,
            "format": done.form,
            "files": [str(out / file.name) for file in done.files],
            "lost_kwh": done.lost_kwh,
        }
    )
