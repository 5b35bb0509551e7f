"""What was found out of how stations take limits: kept, so that it is found out once.

A make's known quirks come from `quirks`; what a station itself refused, or told of its
configuration, comes on top and stays until its firmware changes.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from depotlib.gateway.effects import Effects
from depotlib.gateway.station import Station
from depotlib.model.live import DialectFound, JournalEntry


class Dialects:
    """The dialects of a site's stations, as they are kept.

    Parameters
    ----------
    stations : mapping of str to Station
    """

    def __init__(self, stations: Mapping[str, Station]) -> None:
        self._stations = stations
        self._kept: dict[str, DialectFound] = {}

    def restore(self, found: Iterable[DialectFound]) -> None:
        """Take over what an earlier process found out."""
        for one in found:
            if one.station_id in self._stations:
                self._kept[one.station_id] = one
                self._stations[one.station_id].arming.restore(one)

    def follow(self, station: Station, *, now: datetime) -> Effects:
        """Return what is to be kept, if something was found out since the last look."""
        arming, station_id = station.arming, station.station.station_id
        kept = self._kept.get(station_id)
        if kept is None and not (arming.found or arming.reported):
            return Effects()
        is_kept = kept is not None and (kept.changes, kept.reported, kept.firmware) == (
            arming.found,
            arming.reported,
            arming.firmware,
        )
        if is_kept:
            return Effects()
        found = DialectFound(
            station_id=station_id,
            vendor=station.vendor,
            model=station.model,
            firmware=arming.firmware,
            found_at=now,
            changes=dict(arming.found),
            reported=dict(arming.reported),
        )
        self._kept[station_id] = found
        facts = {"firmware": found.firmware, **found.changes, **found.reported}
        entry = JournalEntry(now, "dialect_found", station_id, None, facts)
        return Effects(dialects=[found], journal=[entry])
