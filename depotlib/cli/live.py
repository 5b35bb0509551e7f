"""``depot live``: stations, sessions, vehicles and limits as they are now."""

from depotlib.cli.printing import print_json
from depotlib.errors import MailboxMissingError
from depotlib.settings import read_settings
from depotlib.workflows.watch_night import watch_night


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
        }
    )
