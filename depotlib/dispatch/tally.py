"""What the night has delivered so far, gathered from journal and station states."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from depotlib.model.live import JournalRecord
from depotlib.model.timegrid import TimeGrid


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over, as the journal tells of it."""

    vehicle_id: str
    ended_at: datetime
    energy_kwh: float


class Tally:
    """Energies of sessions that are over, by vehicle; reading a record twice changes nothing."""

    def __init__(self) -> None:
        self._sessions: dict[str, EndedSession] = {}

    def take(self, records: Iterable[JournalRecord]) -> None:
        """Take in journal records of the kind ``session_ended``; others are passed over."""
        for record in records:
            facts = record.entry.payload
            vehicle_id, energy_kwh = facts.get("vehicle_id"), facts.get("energy_kwh")
            if record.entry.kind != "session_ended" or not isinstance(vehicle_id, str):
                continue
            if isinstance(energy_kwh, float | int) and energy_kwh > 0:
                self._sessions[str(facts.get("session_id"))] = EndedSession(
                    vehicle_id=vehicle_id, ended_at=record.entry.at, energy_kwh=float(energy_kwh)
                )

    @property
    def sessions(self) -> Mapping[str, EndedSession]:
        """Return every session that is over, by its id."""
        return dict(self._sessions)

    def energy_kwh(self, vehicle_id: str, *, since: datetime) -> float:
        """Return what a vehicle's sessions delivered that ended after an instant [kWh]."""
        return sum(
            session.energy_kwh
            for session in self._sessions.values()
            if session.vehicle_id == vehicle_id and session.ended_at > since
        )


class SiteMeter:
    """Mean site power of the intervals that are over, from the stations' own measurements.

    Between two looks the power is taken as it was at the earlier one. An interval that was not
    watched from its first tenth on has no mean: half a picture would hide a peak.
    """

    def __init__(self) -> None:
        self._last: tuple[datetime, float] | None = None
        self._watched: dict[datetime, tuple[timedelta, float]] = {}

    def look(self, now: datetime, *, power_kw: float, grid: TimeGrid) -> None:
        """Take in what the site draws now."""
        if self._last is not None:
            self._spread(self._last[0], now, power_kw=self._last[1], grid=grid)
        self._last = (now, power_kw)

    def restore(self, energy_kwh: Mapping[int, float], *, now: datetime, grid: TimeGrid) -> None:
        """Take in what is known of the intervals up to now from elsewhere; what was seen stands.

        Parameters
        ----------
        energy_kwh : mapping of int to float
            By index in the grid; nothing flowed in an interval that is missing.
        now : datetime
        grid : TimeGrid
        """
        for interval in range(min(grid.interval_of(now) + 1, grid.count)):
            start = grid.start + interval * grid.step
            known = (min(grid.step, now - start), energy_kwh.get(interval, 0.0) / grid.interval_h)
            if known[0] > self._watched.get(start, (timedelta(0), 0.0))[0]:
                self._watched[start] = known

    def means_kw(self, grid: TimeGrid) -> Mapping[int, float]:
        """Return the mean of every interval that was watched nearly whole, by its index [kW]."""
        nearly = grid.step * 0.9
        return {
            grid.interval_of(start): kw_steps / (watched / grid.step)
            for start, (watched, kw_steps) in self._watched.items()
            if watched >= nearly
        }

    def _spread(self, since: datetime, until: datetime, *, power_kw: float, grid: TimeGrid) -> None:
        at = since
        while at < until:
            start = grid.start + grid.interval_of(at) * grid.step
            end = min(until, start + grid.step)
            watched, kw_steps = self._watched.get(start, (timedelta(0), 0.0))
            self._watched[start] = (
                watched + (end - at),
                kw_steps + power_kw * ((end - at) / grid.step),
            )
            at = end
