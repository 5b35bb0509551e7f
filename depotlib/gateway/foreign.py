"""Profiles that others left in a station: they outrank ours, so they are cleared when they show.

They show in the composite schedule, which then tells another limit than was sent. Cleared is what
lies above our own levels, and defaults on a connector that would outrank the safe limit; never
everything, since a station without any profile knows no limit. As some clear more than they are
asked to, the safe limit is said again afterwards, and until it is accepted the station is not
taken for armed.
"""

from datetime import datetime
from typing import Final

from depotlib.gateway import proof
from depotlib.gateway.arming import REFERENCE_VERIFY_ARM
from depotlib.gateway.calls import ClearProfiles
from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import Call, Replied
from depotlib.gateway.profiles import kw_of_tenths
from depotlib.gateway.quirks import KEY_LEVELS
from depotlib.gateway.station import Station
from depotlib.gateway.steps import line_of_steps

CLEARED: Final = "foreign"
CLEARED_LAST: Final = "foreign last"
LEVELS_UNTOLD: Final = 2
"""So many levels above ours are cleared where a station does not say how many it has."""
MOST_LEVELS: Final = 8
LOW_SHARE: Final = 0.9
LOW_KW: Final = 0.2
"""A composite schedule so far below what was sent is somebody else's limit."""


class Foreign:
    """Looks for profiles that are not ours.

    Parameters
    ----------
    ledger : Ledger
    limits : Limits
    """

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger = ledger
        self._limits = limits
        self._cleared: dict[str, int] = {}
        """By station, the connection on which this was last done: once on each."""

    def replied(self, station: Station, event: Replied, *, now: datetime) -> Effects:
        """Return what follows from how a station answered one of our calls."""
        station_id = station.station.station_id
        if event.reference == CLEARED_LAST:
            station.arming.booted(now)
            self._limits.force(plug.connector_id for plug in station.plugs.values())
            return Effects()
        epoch = self._ledger.trust[station_id].epoch
        is_done = self._cleared.get(station_id) == epoch
        if is_done or not self._is_foreign(station, event, now=now):
            return Effects()
        self._cleared[station_id] = epoch
        return Effects(commands=[(station_id, call) for call in _clearing(station)])

    def _is_foreign(self, station: Station, event: Replied, *, now: datetime) -> bool:
        """Return whether a composite schedule tells another limit than ours now."""
        kind, _, rest = event.reference.partition(" ")
        connector_id = rest.rpartition(" ")[2]
        if kind not in {proof.VERIFY, REFERENCE_VERIFY_ARM} or not event.periods:
            return False
        told_kw = kw_of_tenths(event.periods[0].limit_tenths, station.arming.dialect)
        safe_kw = self._ledger.outlets[connector_id].safe_kw
        lease = proof.held(self._ledger, connector_id, now=now)
        if event.unit != station.arming.dialect.unit or self._ledger.in_flight(
            station.station.station_id
        ):
            return False  # what is on its way may show already
        if lease is None:
            return proof.is_over_limit(told_kw, safe_kw)
        line = line_of_steps(lease.steps, valid_to=lease.valid_to, after_kw=safe_kw)
        sent_kw = line.at(now.timestamp())
        is_low = told_kw < LOW_SHARE * sent_kw - LOW_KW
        return proof.is_over_limit(told_kw, sent_kw) or is_low


def _clearing(station: Station) -> list[Call]:
    """Return the calls that clear what outranks our profiles."""
    arming = station.arming
    own = arming.dialect.lease_level
    told = arming.reported.get(KEY_LEVELS, "")
    top = int(told) if told.isdecimal() else own + LEVELS_UNTOLD
    calls = [
        ClearProfiles(CLEARED, stack_level=level)
        for level in range(own + 1, min(top, own + MOST_LEVELS) + 1)
    ]
    if arming.dialect.can_expire:
        # Where leases lie at level 0 such a default is our own.
        calls += [
            ClearProfiles(CLEARED, connector=plug.number, purpose="default", stack_level=0)
            for plug in station.plugs.values()
        ]
    last = ClearProfiles(CLEARED_LAST, stack_level=max(top, own + 1))
    return [*calls, last]
