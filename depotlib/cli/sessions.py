"""``depot sessions``: lists the sessions in the store and what they add up to."""

from datetime import datetime
from typing import Annotated, Final

import typer

from depotlib.cli.printing import print_json
from depotlib.cli.report_option import ReportOption
from depotlib.settings import read_settings
from depotlib.workflows.report_nights import sessions_report
from depotlib.workflows.review_sessions import list_sites, review_sessions
from depotlib.workflows.write_report import write_report

INSTANTS: Final = ["%Y-%m-%dT%H:%M%z", "%Y-%m-%dT%H:%M:%S%z"]
"""With an offset, as 2026-11-02T17:00-05:00 or 2026-11-02T22:00Z: a store has many zones."""


def command(
    *,
    site: Annotated[str | None, typer.Option(help="only this site")] = None,
    start: Annotated[datetime | None, typer.Option(formats=INSTANTS, help="from")] = None,
    end: Annotated[datetime | None, typer.Option(formats=INSTANTS, help="to, exclusive")] = None,
    time_zone: Annotated[str, typer.Option(help="zone of the report's times")] = "UTC",
    report: ReportOption = None,
) -> None:
    """Print the sessions of a site in a span, and their totals."""
    settings = read_settings()
    review = review_sessions(settings, site=site, start=start, end=end)
    if report is not None:
        write_report(report, sessions_report(review, time_zone=time_zone), settings=settings)
    print_json(
        {
            "sites": list_sites(settings),
            "count": review.count,
            "energy_kwh": review.energy_kwh,
            "plugged_h": review.plugged_h,
            "without_end": review.without_end,
            "without_energy": review.without_energy,
            "first": review.first,
            "last": review.last,
            "sessions": review.sessions.to_dicts(),
        }
    )
