"""``depot stations``: each station as it is now, who was caught, and how reliable and fast it was."""

from datetime import datetime, timedelta
from typing import Annotated

import typer

from depotlib.cli.printing import EXIT_DONE, print_json
from depotlib.errors import MailboxMissingError
from depotlib.settings import Settings, read_settings
from depotlib.workflows.drop_effects import read_drop_effects
from depotlib.workflows.operate import open_orders
from depotlib.workflows.station_history import StationHistory, read_station_histories
from depotlib.workflows.station_latency import read_latencies
from depotlib.workflows.trust_station import distrusted, trust_station
from depotlib.workflows.watch_night import watch_night


def command(
    *,
    days: Annotated[int, typer.Option(help="how far back uptime, faults and the like reach")] = 30,
    history: Annotated[
        bool, typer.Option("--history", help="uptime, faults and spans alone")
    ] = False,
    latency: Annotated[
        bool, typer.Option("--latency", help="how fast limits are answered, by make")
    ] = False,
    effects: Annotated[
        bool, typer.Option("--effects", help="how long meters took to show that a limit fell")
    ] = False,
    trust: Annotated[str | None, typer.Option(help="trust a station that was caught")] = None,
    reason: Annotated[str, typer.Option(help="why it may be trusted again")] = "",
) -> int:
    """Print stations, distrust and history; with --trust end the distrust of one.

    The operator's token is read from DEPOT_OPERATOR_TOKEN.
    """
    settings = read_settings()
    now = settings.depot_clock().now()
    if trust is not None:
        entry = trust_station(
            settings, trust, reason=reason, token=settings.operator_token, now=now
        )
        print_json({"trusted": entry})
        return EXIT_DONE
    if latency:
        makes = read_latencies(settings, start=now - timedelta(days=days), end=now)
        print_json({"at": now, "latency": makes})
        return EXIT_DONE
    if effects:
        found = read_drop_effects(settings, start=now - timedelta(days=days), end=now)
        print_json({"at": now, "effects": found})
        return EXIT_DONE
    if history:
        print_json({"at": now, "history": _histories(settings, days=days, now=now)})
        return EXIT_DONE
    night = watch_night(settings, now=now)
    if night is None:
        raise MailboxMissingError(
            "no process of this depot has run yet",
            where=str(settings.mailbox_path),
            hint="start it with depot up",
        )
    print_json(
        {
            "at": night.at,
            "site_meter": night.meter,
            "stations": night.stations,
            "distrusted": distrusted(settings),
            "orders": open_orders(settings),
            "history": _histories(settings, days=days, now=now),
        }
    )
    return EXIT_DONE


def _histories(settings: Settings, *, days: int, now: datetime) -> tuple[StationHistory, ...]:
    return read_station_histories(settings, start=now - timedelta(days=days), end=now)
