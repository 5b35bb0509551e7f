"""Relief: what is done when the site's own meter reads above its hard limit.

By the ledger's sums that cannot be, so something is not as it was told: one wave of decreases to
the safe limits at once, and from a minute later, while it lasts, the session that can best do
without is stopped, one after the other. Breakers protect the wiring; this only spares them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.messages import StopRemotely
from depotlib.gateway.station import Station

STOP_AFTER_S: Final = 60.0
"""Decreases are answered and followed within this time, or were not heard."""
HOLD_S: Final = 300.0
"""So long after the last reading above the limit nobody is raised again."""
REFERENCE: Final = "relief"


@dataclass(slots=True)
class Relief:
    """Whether the site is above its limit, and what was done about it.

    Parameters
    ----------
    limit_kw : float
        Hard limit of the site.
    over_since, over_at : datetime or None
        First and last reading above the limit; the first is None once the site is back under it.
    stopped_at : datetime or None
        When a session was last stopped.
    stopped : set of str
        Sessions that were told to stop.
    """

    limit_kw: float
    over_since: datetime | None = None
    over_at: datetime | None = None
    stopped_at: datetime | None = None
    stopped: set[str] = field(default_factory=set[str])

    def take(self, site_kw: float, *, at: datetime) -> None:
        """Take a reading of the whole site's power; one that is no number counts as above."""
        if site_kw <= self.limit_kw:
            self.over_since = self.stopped_at = None
            return
        self.over_since = self.over_since or at
        self.over_at = at

    def is_on(self, now: datetime) -> bool:
        """Return whether nobody may have more than the safe limit."""
        return self.over_at is not None and now < self.over_at + timedelta(seconds=HOLD_S)

    def stops(
        self, stations: Mapping[str, Station], *, slack_s: Mapping[str, float], now: datetime
    ) -> list[tuple[str, StopRemotely]]:
        """Return whom to stop now: at most one, a minute after the wave or after the last one.

        Parameters
        ----------
        stations : mapping of str to Station
        slack_s : mapping of str to float
            By connector: whoever has the most can best do without.
        now : datetime
        """
        begun_at = self.stopped_at or self.over_since
        if self.over_since is None or begun_at is None or self.over_at is None:
            return []
        is_due = self.over_at >= begun_at + timedelta(seconds=STOP_AFTER_S)
        chosen = self._chosen(stations, slack_s=slack_s) if is_due else None
        if chosen is None:
            return []
        self.stopped_at = now
        self.stopped.add(chosen[1].name or str(chosen[1].transaction_id))
        return [chosen]

    def _chosen(
        self, stations: Mapping[str, Station], *, slack_s: Mapping[str, float]
    ) -> tuple[str, StopRemotely] | None:
        best: tuple[float, str, StopRemotely] | None = None
        for station_id, station in stations.items():
            for plug in station.plugs.values():
                session = station.session(plug)
                if session is None or not station.is_connected:
                    continue
                name = session.name or str(session.transaction_id)
                slack = slack_s.get(plug.connector_id, 0.0)
                if name in self.stopped or (best is not None and slack <= best[0]):
                    continue
                call = StopRemotely(
                    f"{REFERENCE} {plug.connector_id}", session.transaction_id, name=session.name
                )
                best = (slack, station_id, call)
        return None if best is None else best[1:]
