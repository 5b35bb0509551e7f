"""What the night has delivered so far, gathered from journal and station states."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.dwell import STAY_REACH, Dwell, reach_of
from depotlib.model.live import JournalEntry, JournalRecord, StationState
from depotlib.model.timegrid import TimeGrid

LATELY: Final = timedelta(minutes=2)
"""Meters speak once a minute: one that has been silent for longer may have stopped."""


@dataclass(frozen=True, slots=True)
class EndedSession:
    """A session that is over, as the journal tells of it.

    Parameters
    ----------
    vehicle_id : str
    ended_at : datetime
    energy_kwh : float
    started_at : datetime or None
        None: nobody told.
    departs_at : datetime or None
        Of the stay that it was joined with; None: of none.
    """

    vehicle_id: str
    ended_at: datetime
    energy_kwh: float
    started_at: datetime | None = None
    departs_at: datetime | None = None

    def is_of(self, stay: Dwell, *, since: datetime) -> bool:
        """Return whether it may have been a part of a stay, all that counts for it being later.

        Who stood here until this morning is another stay: of that night the brief says nothing
        any more.
        """
        if self.vehicle_id != stay.vehicle_id or self.ended_at <= since:
            return False
        if self.departs_at is not None:
            return self.departs_at > stay.arrival
        return self.started_at is None or self.started_at >= stay.arrival - STAY_REACH


class Tally:
    """Energies of sessions that are over, by vehicle; reading a record twice changes nothing."""

    def __init__(self) -> None:
        self._sessions: dict[str, EndedSession] = {}
        # The journal never ends: a look at one vehicle must not go through all sessions there were.
        self._ids_of: dict[str, set[str]] = {}
        self._started_at: dict[str, datetime] = {}
        self._departs_at: dict[str, datetime] = {}
        self._slept: set[str] = set()

    def take(self, records: Iterable[JournalRecord]) -> None:
        """Take in what the journal tells of sessions; other records are passed over."""
        for record in records:
            entry, facts = record.entry, record.entry.payload
            session_id = str(facts.get("session_id"))
            if entry.kind == "session_started":
                self._started_at[session_id] = entry.at
            elif entry.kind == "stay_joined":
                self._departs_at[session_id] = datetime.fromisoformat(str(facts["departure"]))
            elif entry.kind == "session_ended":
                self._end(session_id, entry)
            elif entry.kind == "vehicle_asleep":
                self._slept.add(session_id)

    def _end(self, session_id: str, entry: JournalEntry) -> None:
        vehicle_id, energy_kwh = entry.payload.get("vehicle_id"), entry.payload.get("energy_kwh")
        if not isinstance(vehicle_id, str):
            return
        if isinstance(energy_kwh, float | int) and energy_kwh > 0:
            self._ids_of.setdefault(vehicle_id, set()).add(session_id)
            self._sessions[session_id] = EndedSession(
                vehicle_id=vehicle_id,
                ended_at=entry.at,
                energy_kwh=float(energy_kwh),
                started_at=self._started_at.get(session_id),
                departs_at=self._departs_at.get(session_id),
            )

    @property
    def sessions(self) -> Mapping[str, EndedSession]:
        """Return every session that is over, by its id."""
        return dict(self._sessions)

    @property
    def slept(self) -> frozenset[str]:
        """Return the sessions, by id, in which a vehicle did not wake from a pause."""
        return frozenset(self._slept)

    def energy_kwh(self, stay: Dwell, *, others: Sequence[Dwell]) -> float:
        """Return what sessions that are over delivered in a stay [kWh].

        Parameters
        ----------
        stay : Dwell
        others : sequence of Dwell
            All that are known: an earlier stay of the same vehicle keeps its sessions.
        """
        since = reach_of(stay, others=others)
        own = (self._sessions[name] for name in self._ids_of.get(stay.vehicle_id, ()))
        return math.fsum(one.energy_kwh for one in own if one.is_of(stay, since=since))


def told_kw(stations: Iterable[StationState], *, now: datetime) -> float:
    """Return what stations draw, as far as they have told lately [kW].

    A station that has fallen silent may have stopped: a peak that was none would be used again as
    if it were paid for.
    """
    return sum(
        one.power_kw
        for station in stations
        for one in station.connectors
        if one.measured_at is not None and now - one.measured_at <= LATELY
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
