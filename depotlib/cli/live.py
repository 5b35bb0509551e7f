"""``depot live``: stations, sessions, vehicles and limits as they are now."""

from depotlib.cli.printing import print_json
from depotlib.errors import MailboxMissingError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import NightNow, watch_night


def command() -> None:
    """Print the night as it is."""
    settings = read_settings()
    night = watch_night(settings, now=settings.depot_clock().now())
    if night is None:
        raise MailboxMissingError(
            "no process of this depot has run yet",
            where=str(settings.mailbox_path),
            hint="start it with depot up",
        )
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
            "peak_kw": _peak_kw(settings, night),
        }
    )


def _peak_kw(settings: Settings, night: NightNow) -> float:
    """Return the highest 15-minute mean since the first van of tonight was due."""
    arrivals = [dwell.arrival for dwell in night.brief.dwells] if night.brief else []
    since = min(arrivals, default=night.at)
    return trace_night(settings, before=NightTrace(since=since)).peak_kw
