"""A process of the depot with one of its defences taken out: what a drill must fail with.

``python undefended.py DEFENCE PROGRAM WORDS…`` patches one thing and then runs the shipped
``depot PROGRAM WORDS…``. Only tests start it: nothing that is shipped can do this.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from depotlib.cli.main import run
from depotlib.gateway import arming, control, daemon, limits, proof, station, wishes
from depotlib.gateway.control import Heritage
from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.meters.site_meter import SiteMeter
from depotlib.gateway.safety import site_of
from depotlib.gateway.sleepers import Sleepers

POINT_KW = 7.2
"""Of the drills' stations. Their rooms are not imported: a gateway has none of these."""


def no_meter_proof() -> None:
    """Nobody is caught, whatever the meter says."""
    proof._caught = lambda *_, **__: Effects()


def no_lease_end() -> None:
    """A lease is told without its end (ten hours later)."""
    shipped = station.lease_profile
    later = timedelta(hours=10)
    station.lease_profile = lambda steps, dialect, *, valid_to, **facts: shipped(
        steps, dialect, valid_to=valid_to + later, **facts
    )


def no_whole_leases() -> None:
    """A lease lasts for five minutes, and is to be said again and again."""
    shipped = limits.wishes_of
    short = timedelta(minutes=5)

    def wishes_of(depot, windows, *, now, **facts):
        wishes = shipped(depot, windows, now=now, **facts)
        return {
            name: replace(wish, valid_to=min(wish.valid_to, now + short))
            for name, wish in wishes.items()
        }

    limits.wishes_of = wishes_of


def no_memory() -> None:
    """A gateway begins with nothing of what the one before it knew."""
    daemon.heritage_of = lambda *_: Heritage()


def no_waiting_for_answers() -> None:
    """What a decrease frees is given to others when it is sent, not when it is answered."""
    shipped = Ledger.record

    def record(self, lease) -> None:
        self._entries[lease.connector_id] = []
        shipped(self, lease)

    Ledger.record = record


def no_wake_ritual() -> None:
    """Nobody looks after a vehicle that sleeps on."""
    Sleepers.tick = lambda *_: Effects()


def no_safe_limit() -> None:
    """What lies in a station for when nobody tells it anything is all that it can give."""
    shipped = arming.fallback_profile
    arming.fallback_profile = lambda _, dialect, *, now: shipped(POINT_KW, dialect, now=now)


def no_policy() -> None:
    """Whom nobody planned for gets all that the connector can give."""
    shipped = wishes._unplanned
    wishes._unplanned = lambda guest, *, now, **_: shipped(guest, least_kw=POINT_KW, now=now)


def no_window() -> None:
    """What charging may have is what the first reading with it left, whatever comes later."""
    shipped, first = SiteMeter.operating_line, []

    def operating_line(self, expected, *, now):
        first.append(shipped(self, expected, now=now))
        return first[0]

    SiteMeter.operating_line = operating_line


def no_changed_departures() -> None:
    """Dispatch hears of no departure that the fleet changes."""
    from depotlib.dispatch import night

    night.with_priorities = lambda *_, **__: ()


def no_meter_stand_in() -> None:
    """What is believed of a charge stays where telematics left it."""
    from depotlib.dispatch import charges

    charges.as_metered = lambda belief, **_: belief


def no_grid_limits() -> None:
    """The ledger knows nothing of what is limited from outside."""
    control.site_under = lambda brief, _: site_of(brief)


WITHOUT: dict[str, Callable[[], None]] = {
    "changed_departures": no_changed_departures,
    "grid_limits": no_grid_limits,
    "lease_end": no_lease_end,
    "memory": no_memory,
    "meter_proof": no_meter_proof,
    "meter_stand_in": no_meter_stand_in,
    "policy": no_policy,
    "safe_limit": no_safe_limit,
    "waiting_for_answers": no_waiting_for_answers,
    "wake_ritual": no_wake_ritual,
    "whole_leases": no_whole_leases,
    "window": no_window,
}


if __name__ == "__main__":
    WITHOUT[sys.argv[1]]()
    run(sys.argv[2:])
