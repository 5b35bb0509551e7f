"""A planned night played forward with batteries that are not quite what their class says.

Stands beside the code under test: the only thing it shares with it is `model.battery`, which is
the simulation's truth.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from depotlib.model.battery import accepted_kw, soc_after, tapered_max_kw
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.news import VehicleReading
from depotlib.model.release import ConnectorSchedule

MINUTE = timedelta(minutes=1)
CADENCE = timedelta(minutes=5)


@dataclass(slots=True)
class PlayedVan:
    """A battery as it really is, and what telematics says of it."""

    vehicle_id: str
    soc: float
    usable_kwh: float
    efficiency_share: float
    taper_share: float
    max_kw: float
    phase: timedelta
    told: VehicleReading | None = None


@dataclass(slots=True)
class PlayedSession:
    """A vehicle on a connector; the meter is a little off and counts in steps of 10 Wh."""

    schedule: ConnectorSchedule
    started_at: datetime
    meter_factor: float
    energy_kwh: float = 0.0
    power_kw: float = 0.0

    @property
    def session_id(self) -> str:
        return f"{self.schedule.connector_id}@{self.started_at:%d %H:%M}"

    @property
    def metered_kwh(self) -> float:
        return round(self.energy_kwh * self.meter_factor, 2)


@dataclass(slots=True)
class PlayedNight:
    """Who charges where, minute by minute, after its schedules.

    Parameters
    ----------
    vans : mapping of str to PlayedVan
    schedules : sequence of ConnectorSchedule
    draw : random.Random
    """

    vans: dict[str, PlayedVan]
    schedules: Sequence[ConnectorSchedule]
    draw: random.Random
    sessions: dict[str, PlayedSession] = field(default_factory=dict)
    silent: bool = False

    def play(self, start: datetime, end: datetime) -> Iterator[datetime]:
        """Yield each minute, after what happens in it."""
        now = start
        while now < end:
            self._change_places(now)
            for session in self.sessions.values():
                self._charge(session, now)
            now += MINUTE
            if not self.silent:
                self._tell(now)
            yield now

    def readings(self) -> list[VehicleReading]:
        return [van.told for van in self.vans.values() if van.told is not None]

    def states(self, now: datetime) -> tuple[StationState, ...]:
        return tuple(
            StationState(
                station_id=place.partition("/")[0],
                is_connected=True,
                station_class="A",
                is_fallback_armed=True,
                last_seen=now,
                vendor="",
                model="",
                connectors=(self._state(place, session, now),),
            )
            for place, session in self.sessions.items()
        )

    def _state(self, place: str, session: PlayedSession, now: datetime) -> ConnectorState:
        van = self.vans[session.schedule.vehicle_id]
        return ConnectorState(
            connector_id=place,
            status="Charging",
            session_id=session.session_id,
            vehicle_id=van.vehicle_id,
            identity_source="tag",
            power_kw=session.power_kw,
            energy_kwh=session.metered_kwh,
            soc=None,
            limit_kw=session.schedule.limit_at(now) or 0.0,
            reserved_kw=0.0,
            session_started_at=session.started_at,
            measured_at=now,
        )

    def _change_places(self, now: datetime) -> None:
        for place, session in list(self.sessions.items()):
            if session.schedule.valid_to <= now:
                del self.sessions[place]
        for one in self.schedules:
            is_due = one.steps[0].start <= now < one.valid_to
            if is_due and one.connector_id not in self.sessions:
                factor = self.draw.gauss(1.0, 0.005)
                self.sessions[one.connector_id] = PlayedSession(one, now, factor)

    def _charge(self, session: PlayedSession, now: datetime) -> None:
        van = self.vans[session.schedule.vehicle_id]
        most_kw = tapered_max_kw(van.soc, max_kw=van.max_kw, taper_share=van.taper_share)
        offered_kw = session.schedule.limit_at(now) or 0.0
        drawn_kw = accepted_kw(offered_kw, max_kw=most_kw, min_kw=1.4) if van.soc < 1.0 else 0.0
        van.soc = soc_after(
            van.soc,
            power_kw=drawn_kw,
            duration_s=60.0,
            usable_kwh=van.usable_kwh,
            efficiency_share=van.efficiency_share,
        )
        session.power_kw = drawn_kw
        session.energy_kwh += drawn_kw / 60

    def _tell(self, now: datetime) -> None:
        for van in self.vans.values():
            if (now - datetime(2026, 1, 1, tzinfo=now.tzinfo) + van.phase) % CADENCE:
                continue
            if self.draw.random() < 0.1:
                continue
            soc = round(min(1.0, max(0.0, van.soc + self.draw.gauss(0.0, 0.004))), 2)
            van.told = VehicleReading(van.vehicle_id, now, soc=soc, odometer_km=None, source="feed")
