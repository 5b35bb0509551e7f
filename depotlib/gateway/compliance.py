"""How limits from outside are kept: what was measured in each minute in which one holds. Pure.

The site's own meter is believed while it is fresh. Without it the stations' meters count, with the
most that the base load can be: no minute looks better than it was.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.ledger import Ledger
from depotlib.gateway.meters.site_meter import LOOK_BACK_S
from depotlib.gateway.meters.site_watch import SiteWatch
from depotlib.gateway.outlet import Outlet
from depotlib.gateway.safety import SITE, Site
from depotlib.gateway.station import Station
from depotlib.model.grid_limit import GridLimit, MeasuredBy
from depotlib.model.live import JournalEntry, Scalar

MINUTE: Final = timedelta(minutes=1)
GAP: Final = MINUTE
"""Who has not looked for longer does not know what was drawn meanwhile."""
DECIMALS: Final = 3


@dataclass(frozen=True, slots=True)
class Look:
    """What was seen on a node at an instant."""

    at: datetime
    power_kw: float
    by: MeasuredBy


@dataclass(slots=True)
class Minute:
    """A minute of a limit in the making."""

    limit: GridLimit
    start: datetime
    watched: timedelta = timedelta()
    weighted_kw: float = 0.0
    most_kw: float = 0.0
    by: MeasuredBy = "site_meter"

    def add(self, look: Look, span: timedelta) -> None:
        """Count what was seen as lasting for a span."""
        self.watched += span
        self.weighted_kw += look.power_kw * (span / MINUTE)
        self.most_kw = max(self.most_kw, look.power_kw)
        if look.by == "stations":
            self.by = "stations"

    def entry(self, now: datetime) -> JournalEntry:
        """Return the minute as the journal keeps it."""
        facts: dict[str, Scalar] = {
            "limit_id": self.limit.limit_id,
            "node_id": self.limit.node_id,
            "start": self.start.isoformat(),
            "limit_kw": self.limit.limit_kw,
            "mean_kw": round(self.weighted_kw / (self.watched / MINUTE), DECIMALS),
            "most_kw": round(self.most_kw, DECIMALS),
            "measured_by": self.by,
            "watched_s": round(self.watched.total_seconds(), DECIMALS),
        }
        return JournalEntry(at=now, kind="grid_limit_minute", payload=facts)


@dataclass(slots=True)
class Compliance:
    """The record of all limits that hold.

    Parameters
    ----------
    watch : SiteWatch
    ledger : Ledger
    stations : mapping of str to Station
    """

    watch: SiteWatch
    ledger: Ledger
    stations: Mapping[str, Station]
    _looks: dict[str, Look] = field(default_factory=dict[str, Look], init=False)
    _minutes: dict[str, Minute] = field(default_factory=dict[str, Minute], init=False)

    def tick(self, limits: Iterable[GridLimit], site: Site, *, now: datetime) -> list[JournalEntry]:
        """Return the minutes that are over; to be called every second or so.

        Parameters
        ----------
        limits : iterable of GridLimit
            That stand, or ended since the last call.
        site : Site
        now : datetime
        """
        entries: list[JournalEntry] = []
        known = {one.limit_id: one for one in limits}
        for limit_id, look in list(self._looks.items()):
            # One that was withdrawn or is over is gone from the list: its last minute counts too.
            limit = known.get(limit_id) or self._minutes[limit_id].limit
            entries += self._counted(limit, look, now=now)
            if not limit.holds_at(now) or limit_id not in known:
                entries += self._closed(limit_id, now=now)
                del self._looks[limit_id]
        for limit_id, limit in known.items():
            if limit.holds_at(now):
                self._looks[limit_id] = self._look(limit, site, now=now)
                self._minutes.setdefault(limit_id, Minute(limit, _minute_of(now)))
        return entries

    def _counted(self, limit: GridLimit, look: Look, *, now: datetime) -> list[JournalEntry]:
        """Return the minutes that ended between a look and now, and count what was seen in them."""
        entries: list[JournalEntry] = []
        at, end = look.at, min(now, limit.until)
        is_watched = end - at <= GAP
        while at < end:
            minute = self._minutes.setdefault(limit.limit_id, Minute(limit, _minute_of(at)))
            until = min(end, minute.start + MINUTE)
            if is_watched:
                minute.add(look, until - at)
            at = until
            if at >= minute.start + MINUTE:
                entries += self._closed(limit.limit_id, now=now)
        return entries

    def _closed(self, limit_id: str, *, now: datetime) -> list[JournalEntry]:
        minute = self._minutes.pop(limit_id, None)
        return [minute.entry(now)] if minute is not None and minute.watched else []

    def _look(self, limit: GridLimit, site: Site, *, now: datetime) -> Look:
        below = (one for one in site.outlets if limit.node_id in one.node_ids)
        if limit.node_id != SITE:
            return Look(now, sum(self._drawn_kw(one, now=now) for one in below), "stations")
        meter = self.watch.state(now)
        if meter is not None and meter.is_fresh and meter.power_kw is not None:
            return Look(now, meter.power_kw, "site_meter")
        drawn_kw = sum(self._drawn_kw(one, now=now) for one in below)
        return Look(now, drawn_kw + self.watch.base_kw(now), "stations")

    def _drawn_kw(self, outlet: Outlet, *, now: datetime) -> float:
        """Return what a connector draws by its meter; by its reserve, where that says nothing."""
        station = self.stations[outlet.station_id]
        plug = station.plugs[station.number_of(outlet.connector_id)]
        if station.session(plug) is None:
            return 0.0
        measured_at = plug.measured_at
        if measured_at is not None and (now - measured_at).total_seconds() <= LOOK_BACK_S:
            return max(0.0, plug.power_kw)
        return self.ledger.reserved(outlet.connector_id, "power").at(now.timestamp())


def _minute_of(at: datetime) -> datetime:
    return at.replace(second=0, microsecond=0)
