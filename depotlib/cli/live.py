"""``depot live``: stations, sessions, vehicles and limits as they are now."""

from depotlib.cli.printing import print_json
from depotlib.cli.report_option import ReportOption
from depotlib.errors import MailboxMissingError
from depotlib.settings import read_settings
from depotlib.workflows.notebook_now import live_recipe
from depotlib.workflows.report_now import live_report
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import watch_night
from depotlib.workflows.write_report import write_report


def command(*, report: ReportOption = None) -> None:
    """Print the night as it is."""
    settings = read_settings()
    night = watch_night(settings, now=settings.depot_clock().now())
    if night is None:
        raise MailboxMissingError(
            "no process of this depot has run yet",
            where=str(settings.mailbox_path),
            hint="start it with depot up",
        )
    trace = trace_night(settings, before=NightTrace(since=night.begins_at))
    if report is not None:
        recipe = live_recipe(settings, now=night.at, since=night.begins_at)
        write_report(report, live_report(night, trace), recipe=recipe, settings=settings)
    print_json(
        {
            "at": night.at,
            "site_kw": night.site_kw,
            "release": night.release.release_id if night.release else None,
            "vehicles": night.vehicles,
            "stations": night.stations,
            "nodes": night.nodes,
            "processes": night.beats,
            "exceptions": night.exceptions,
            "peak_kw": trace.peak_kw,
        }
    )
