"""What the ledger believes of each station, as it follows from how the station stands now.

Whether its safe limit is in place, whether its leases lapse, and in which unit it is spoken to.
Where it is spoken to otherwise than before, what was permitted is said again.
"""

from datetime import datetime, timedelta

from depotlib.gateway.ledger import Ledger, StationTrust
from depotlib.gateway.limits import GIVE_WAY_AFTER_S, Limits
from depotlib.gateway.station import Station


class Standings:
    """How the stations of a site stand with its ledger.

    Parameters
    ----------
    ledger : Ledger
    limits : Limits
    """

    def __init__(self, ledger: Ledger, limits: Limits) -> None:
        self._ledger = ledger
        self._limits = limits
        self._spoken: dict[str, tuple[object, ...]] = {}
        """By station, the words of its leases when this was last looked at."""

    def follow(self, station: Station, *, now: datetime) -> None:
        """Make the ledger believe of a station what is so now."""
        arming, station_id = station.arming, station.station.station_id
        trust = self._ledger.trust[station_id]
        was = (trust.is_armed, trust.can_expire, trust.unit)
        is_kept = trust.is_connected or arming.dialect.keeps_limits_offline
        trust.is_armed = arming.is_armed and is_kept
        trust.can_expire = arming.dialect.can_expire
        trust.unit = arming.dialect.unit
        if trust.is_armed != was[0]:
            trust.safe_unit = trust.unit
        if was != (trust.is_armed, trust.can_expire, trust.unit):
            self._ledger.trust_changed(station_id, now=now)
            self._limits.mark_stale()
        is_overwritten = trust.is_armed and arming.is_by_evse and not was[0]
        if self._is_spoken_to_otherwise(station) or is_overwritten:
            # Other words or another level: an old limit may be none in them. Or the safe limit
            # took the place of what was permitted.
            self._limits.force(plug.connector_id for plug in station.plugs.values())
        self._follow_distrust(station_id, trust, now=now)

    def _is_spoken_to_otherwise(self, station: Station) -> bool:
        station_id, words = station.station.station_id, station.arming.dialect.of_leases
        before = self._spoken.get(station_id, words)
        self._spoken[station_id] = words
        return before != words

    def _follow_distrust(self, station_id: str, trust: StationTrust, *, now: datetime) -> None:
        """Note since when others have to give way to a station that is not to be trusted."""
        since = self._limits.untrusted_since
        if trust.station_class != "C":
            since.pop(station_id, None)
        elif trust.is_distrusted:
            # Caught by two samples already: the others give way without waiting any longer.
            if station_id not in since or since[station_id] > long_ago(now):
                since[station_id] = long_ago(now)
                self._limits.mark_stale()
        elif station_id not in since:
            since[station_id] = now
            self._limits.mark_stale()


def long_ago(now: datetime) -> datetime:
    """Return an instant since which nobody waits any longer before giving way."""
    return now - timedelta(seconds=GIVE_WAY_AFTER_S)
