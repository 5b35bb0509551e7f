"""``depot quality``: scores what each source told, with its five worst findings."""

from typing import Annotated

import typer

from depotlib.cli.printing import print_json, print_message
from depotlib.settings import read_settings
from depotlib.workflows.data_quality import SourceQuality, data_quality


def command(
    *,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> None:
    """Print a score from 0 to 100 for each source, its arithmetic, and its worst findings."""
    del as_json  # the output is always JSON
    settings = read_settings()
    known = data_quality(settings, now=settings.depot_clock().now())
    print_json({"sources": [_told(one) for one in known]})
    for one in known:
        print_message(f"{one.score:3d}  {one.source}: {'; '.join(one.worst) or 'nothing found'}")


def _told(one: SourceQuality) -> dict[str, object]:
    return {
        "source": one.source,
        "score": one.score,
        "arithmetic": [deduction.sentence for deduction in one.deductions],
        "files": one.files,
        "rows_in": one.rows_in,
        "stored": one.stored,
        "duplicates": one.duplicates,
        "rejected": one.rejected,
        "gaps": one.gaps,
        "last_reading": one.last_at,
        "last_import": one.last_import_at,
        "worst": one.worst,
    }
