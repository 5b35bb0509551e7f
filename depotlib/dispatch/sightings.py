"""What telematics and meters have said tonight: the history behind the latest of each."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.model.live import ConnectorState, StationState
from depotlib.model.news import VehicleReading

READINGS_KEPT: Final = 300
"""Of one vehicle: a day at a cadence of 5 minutes."""
METERS_KEPT: Final = 1500
"""Of one session: a day at one a minute."""


@dataclass(frozen=True, slots=True)
class MeterNote:
    """What a session's meter said, and the state of charge that its station told."""

    at: datetime
    energy_kwh: float
    soc: float | None


@dataclass(frozen=True, slots=True)
class Visit:
    """A running session as its station sees it.

    Parameters
    ----------
    session_id, connector_id : str
    started_at : datetime
    vehicle_id : str or None
        Whom it is taken for.
    source : str
        By what.
    notes : tuple of MeterNote
    """

    session_id: str
    connector_id: str
    started_at: datetime
    vehicle_id: str | None
    source: str
    notes: tuple[MeterNote, ...]

    def register(self) -> tuple[list[float], list[float]]:
        """Return when the meter spoke [s], and what it said [kWh], from the plug-in on."""
        return (
            [self.started_at.timestamp(), *(one.at.timestamp() for one in self.notes)],
            [0.0, *(one.energy_kwh for one in self.notes)],
        )


class Sightings:
    """Readings by vehicle and meter notes by session, as they came."""

    def __init__(self) -> None:
        self._readings: dict[str, deque[VehicleReading]] = {}
        self._notes: dict[str, deque[MeterNote]] = {}

    def take(self, readings: Iterable[VehicleReading], *, stations: Sequence[StationState]) -> None:
        """Take in the latest of everybody; what was taken before changes nothing."""
        for reading in readings:
            held = self._readings.setdefault(reading.vehicle_id, deque(maxlen=READINGS_KEPT))
            if not held or reading.at > held[-1].at:
                held.append(reading)
        running: set[str] = set()
        for state in _plugged(stations):
            running.add(state.session_id or "")
            notes = self._notes.setdefault(state.session_id or "", deque(maxlen=METERS_KEPT))
            if state.measured_at is not None and (not notes or state.measured_at > notes[-1].at):
                notes.append(MeterNote(state.measured_at, state.energy_kwh, state.soc))
        self._notes = {name: notes for name, notes in self._notes.items() if name in running}

    def tracks(self) -> Mapping[str, tuple[VehicleReading, ...]]:
        """Return what telematics told of each vehicle, oldest first."""
        return {name: tuple(held) for name, held in self._readings.items()}

    def visits(self, stations: Sequence[StationState]) -> tuple[Visit, ...]:
        """Return every running session with what its meter has said."""
        return tuple(
            Visit(
                session_id=state.session_id or "",
                connector_id=state.connector_id,
                started_at=state.session_started_at,
                vehicle_id=state.vehicle_id,
                source=state.identity_source,
                notes=tuple(self._notes.get(state.session_id or "", ())),
            )
            for state in _plugged(stations)
            if state.session_started_at is not None
        )


def _plugged(stations: Sequence[StationState]) -> Iterable[ConnectorState]:
    return (
        state
        for station in stations
        for state in station.connectors
        if state.session_id is not None
    )
