"""``depot quality``: scores what each source told, with its five worst findings."""

from typing import Annotated, Final

import typer

from depotlib.cli.printing import print_json, print_message
from depotlib.cli.report_option import ReportOption
from depotlib.settings import read_settings
from depotlib.workflows.data_quality import SourceQuality, data_quality
from depotlib.workflows.notebook_now import quality_recipe
from depotlib.workflows.report_now import quality_report
from depotlib.workflows.write_report import write_report

UTC: Final = "UTC"
"""Sources may be of several depots."""


def command(
    *,
    report: ReportOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="JSON, as always")] = False,
) -> None:
    """Print a score from 0 to 100 for each source, its arithmetic, and its worst findings."""
    del as_json  # the output is always JSON
    settings = read_settings()
    now = settings.depot_clock().now()
    known = data_quality(settings, now=now)
    if report is not None:
        recipe = quality_recipe(settings, now=now, time_zone=UTC)
        write_report(report, quality_report(known, time_zone=UTC), recipe=recipe, settings=settings)
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
