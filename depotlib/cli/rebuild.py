"""``depot rebuild``: makes the warehouse again from the kept raw files."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json
from depotlib.settings import read_settings
from depotlib.workflows.rebuild_store import rebuild_store


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> None:
    """Import every kept raw file again; the new warehouse takes the old one's place when whole."""
    del as_json  # the output is always JSON
    rebuilt = rebuild_store(read_settings())
    print_json(
        {
            "imports": len(rebuilt.reports),
            "rows_in": sum(report.rows_in for report in rebuilt.reports),
            "stored": sum(report.stored for report in rebuilt.reports),
            "duplicates": sum(report.duplicates for report in rebuilt.reports),
            "rejected": sum(len(report.rejections) for report in rebuilt.reports),
            "changed": rebuilt.changed,
            "has_decisions": rebuilt.has_decisions,
        }
    )
