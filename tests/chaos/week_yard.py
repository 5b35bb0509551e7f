"""What really happens in the yard of the simulated week, second by second, and what it is judged by."""

import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from depotlib.model.depot import Depot
from depotlib.virtual.script import ScriptedVehicle
from depotlib.virtual.station import VirtualStation
from depotlib.virtual.vehicle import VirtualVehicle
from tests.chaos.week_world import Night, VanNight, World

INTERVAL_S: Final = 900
TOLERANCE_KW: Final = 1e-6
SETTLE_S: Final = 8.0
"""Vehicles follow within 5 s (`FOLLOW_S` of the virtual vehicle): then all is steady."""
BASE_STEP_S: Final = 10.0


@dataclass
class Session:
    """A session as it truly was."""

    connector_id: str
    vehicle_id: str
    started_at: datetime
    start_wh: int
    ended_at: datetime | None = None
    end_wh: int = 0

    @property
    def energy_kwh(self) -> float:
        return (self.end_wh - self.start_wh) / 1000.0


@dataclass(frozen=True)
class Gone:
    """A van that has left, and with what."""

    van: VanNight
    soc: float


@dataclass
class Truth:
    """Powers of every node by the second: what was above a hard limit, and means for the bill."""

    names: list[str]
    limits_kw: np.ndarray
    below: np.ndarray
    start: datetime
    over_kws: dict[str, float] = field(default_factory=dict)
    over: list[tuple[datetime, str, float]] = field(default_factory=list)
    most_kw: np.ndarray = field(default_factory=lambda: np.zeros(0))
    energy_kws: dict[int, float] = field(default_factory=dict)
    base_kws: dict[int, float] = field(default_factory=dict)

    def take(self, at: datetime, plugs_kw: np.ndarray, *, base_kw: float, span_s: float) -> float:
        """Return what the whole site draws [kW]."""
        node_kw = self.below @ plugs_kw
        node_kw[0] += base_kw
        np.maximum(self.most_kw, node_kw, out=self.most_kw)
        above = node_kw - self.limits_kw
        if not (above <= TOLERANCE_KW).all():
            for place in np.flatnonzero(~(above <= TOLERANCE_KW)):
                name = self.names[place]
                self.over_kws[name] = self.over_kws.get(name, 0.0) + float(above[place]) * span_s
                self.over.append((at, name, float(node_kw[place])))
        slot = int((at - self.start).total_seconds() // INTERVAL_S)
        total_kw = float(node_kw[0])
        self.energy_kws[slot] = self.energy_kws.get(slot, 0.0) + total_kw * span_s
        self.base_kws[slot] = self.base_kws.get(slot, 0.0) + base_kw * span_s
        return total_kw


def truth_of(depot: Depot, *, start: datetime) -> Truth:
    """Return an empty truth of a depot's nodes, the site first."""
    connectors = [one for station in depot.stations for one in station.connectors()]
    stations = [station for station in depot.stations for _ in station.connectors()]
    paths = [
        {"site", *(one.circuit_id for one in depot.path_to_site(station.circuit_id))}
        for station in stations
    ]
    names = ["site", *(one.circuit_id for one in depot.circuits)]
    limits = [depot.grid.service_kw, *(one.limit_kw for one in depot.circuits)]
    below = np.array([[float(name in path) for path in paths] for name in names])
    assert below.shape == (len(names), len(connectors))
    return Truth(names, np.array(limits), below, start, most_kw=np.zeros(len(names)))


class WeekYard:
    """Stations and vans.

    Parameters
    ----------
    world : World
    draw : random.Random
    start : datetime
    """

    def __init__(self, world: World, draw: random.Random, *, start: datetime) -> None:
        self.world, self.draw = world, draw
        self.truth = truth_of(world.depot, start=start)
        self._start = start
        self._seen_s = self._base_s = 0.0
        self.stations = {
            traits.station_id: VirtualStation(traits, meter_offset_s=place * 7 % 60)
            for place, traits in enumerate(world.depot.stations)
        }
        self._runs = {name: Run(station) for name, station in self.stations.items()}
        self.place = {
            connector.connector_id: (station.station_id, connector.number)
            for station in world.depot.stations
            for connector in station.connectors()
        }
        self._column = {name: column for column, name in enumerate(self.place)}
        self._plugs_kw = np.zeros(len(self.place))
        self.vans: dict[str, VirtualVehicle] = {}
        self.standing: dict[str, str] = {}
        """Connector by the van that is plugged in."""
        self.sessions: list[Session] = []
        self._open: dict[str, Session] = {}
        self._base_max_kw = world.depot.grid.base_load_max_kw
        self.base_kw = 0.5 * self._base_max_kw
        self._base_aim_kw = self.base_kw

    def begin_night(self, night: Night) -> None:
        """Let tonight's faults come, and tonight's vans."""
        for name, station in self.stations.items():
            station.misbehaviours = tuple(
                one for one in night.misbehaviours if one.station_id == name
            )
        tags = {one.vehicle_id: one.token for one in self.world.brief.identities.tokens}
        for van in night.vans:
            name = van.vehicle_id
            kind = self.world.fleet.class_of(name)
            traits = ScriptedVehicle(
                vehicle_id=name,
                id_tag="" if van.is_anonymous else tags[name],
                usable_kwh=self.world.usable_kwh[name],
                wall_efficiency_share=self.world.efficiency[name],
                max_kw=van.dwell.max_kw,
                arrival_soc=van.arrival_soc,
                wakes_from_pause=kind.wakes_from_pause and name not in self.world.sleepers,
            )
            self.vans[name] = VirtualVehicle(traits, random.Random(f"{night.evening} {name}"))

    def plug_in(self, vehicle_id: str, connector_id: str, *, at: datetime) -> None:
        station_id, number = self.place[connector_id]
        station = self.stations[station_id]
        self.touch(station_id, (at - self._start).total_seconds())
        station.plug_in(number, self.vans[vehicle_id], at=at)
        self.standing[vehicle_id] = connector_id
        session = Session(
            connector_id,
            vehicle_id,
            station.own_time(at),
            round(station.connectors[number].register_wh),
        )
        self.sessions.append(session)
        self._open[vehicle_id] = session

    def unplug(self, vehicle_id: str, *, at: datetime) -> None:
        connector_id = self.standing.pop(vehicle_id)
        station_id, number = self.place[connector_id]
        station = self.stations[station_id]
        self.touch(station_id, (at - self._start).total_seconds())
        station.unplug(number, at=at)
        session = self._open.pop(vehicle_id)
        session.ended_at = station.own_time(at)
        session.end_wh = round(station.connectors[number].register_wh)
        self._plugs_kw[self._column[connector_id]] = 0.0

    def touch(self, station_id: str, at_s: float) -> None:
        """Let a station come to an instant at which something about it changes."""
        run = self._runs[station_id]
        self._advance(run, at_s)
        run.settles_s, run.due_s = at_s + SETTLE_S, at_s + 1.0

    def due_s(self) -> float:
        """Return when a station has to be looked at again [s]."""
        return min(run.due_s for run in self._runs.values())

    def pass_until(self, at_s: float) -> float:
        """Return what the site has drawn since the last look [kW]; nothing changed meanwhile."""
        for run in self._runs.values():
            if run.due_s <= at_s:
                self._advance(run, at_s)
                run.due_s = self._next_s(run, at_s)
        begun_s, self._seen_s = self._seen_s, at_s
        begun = self._start + timedelta(seconds=begun_s)
        total_kw = self.truth.take(
            begun, self._plugs_kw, base_kw=self.base_kw, span_s=at_s - begun_s
        )
        self._move_base(at_s)
        return total_kw

    def _advance(self, run: "Run", at_s: float) -> None:
        if at_s <= run.at_s:
            return
        if run.is_busy():
            begun = self._start + timedelta(seconds=run.at_s)
            run.station.step(begun, duration_s=at_s - run.at_s)
            for plug in run.station.connectors.values():
                self._plugs_kw[self._column[plug.traits.connector_id]] = plug.power_kw
        run.at_s = at_s

    def _next_s(self, run: "Run", at_s: float) -> float:
        """Return when a station changes what it does by itself, or measures [s]."""
        if not run.is_busy():
            return float("inf")
        if at_s < run.settles_s or run.is_measuring(self._start, at_s):
            return at_s + 1.0
        edge_s = min((edge for edge in run.edges_s(self._start) if edge > at_s), default=1e12)
        if edge_s - at_s <= 1.0:
            run.settles_s = at_s + 1.0 + SETTLE_S
        return max(at_s + 1.0, min(math.floor(edge_s), run.measures_s(self._start, at_s)))

    def _move_base(self, at_s: float) -> None:
        """Lights, heating and compressors: every two minutes or so something is switched."""
        while self._base_s + BASE_STEP_S <= at_s:
            self._base_s += BASE_STEP_S
            if self.draw.random() < BASE_STEP_S / 120.0:
                aim_kw = self._base_max_kw * min(0.98, max(0.2, self.draw.gauss(0.5, 0.15)))
                self._base_aim_kw = aim_kw
            self.base_kw = min(
                self._base_aim_kw, self.base_kw + self._base_max_kw * BASE_STEP_S / 600.0
            )


@dataclass
class Run:
    """A station between two looks at it: what it does then does not change."""

    station: VirtualStation
    at_s: float = 0.0
    due_s: float = float("inf")
    settles_s: float = 0.0

    def is_busy(self) -> bool:
        return any(plug.vehicle is not None for plug in self.station.connectors.values())

    def is_measuring(self, start: datetime, at_s: float) -> bool:
        second = int((start + timedelta(seconds=at_s)).timestamp())
        return (second - self.station.meter_offset_s) % self.station.meter_interval_s == 0

    def measures_s(self, start: datetime, at_s: float) -> float:
        second = int((start + timedelta(seconds=at_s)).timestamp())
        every_s = self.station.meter_interval_s
        return at_s + every_s - (second - self.station.meter_offset_s) % every_s

    def edges_s(self, start: datetime) -> list[float]:
        """Return when its profiles say something else, and when it behaves otherwise [s]."""
        own: list[datetime] = []
        for profile in self.station.profiles.profiles:
            own += [one for one in (profile.valid_from, profile.valid_to) if one is not None]
            if profile.start is not None:
                own += [profile.start + timedelta(seconds=p.start_s) for p in profile.periods]
        found: list[float] = []
        faults = self.station.misbehaviours
        skews_s = {0.0, *(one.skew_s for one in faults if one.kind == "skewed")}
        for skew_s in skews_s:
            found += [(one - start).total_seconds() - skew_s for one in own]
        for fault in faults:
            ends = (one for one in (fault.start, fault.end) if one is not None)
            found += [(one - start).total_seconds() for one in ends]
        return found


@dataclass
class People:
    """Drivers and shunters: they come, plug in where the release in force says, and make room.

    Parameters
    ----------
    yard : WeekYard
    draw : random.Random
    changeover : timedelta
    closed : callable
        Gives the connectors at which their paper has nobody plugged in at an instant.
    """

    yard: WeekYard
    draw: random.Random
    changeover: timedelta
    closed: Callable[[datetime], frozenset[str]]
    expected: dict[str, VanNight] = field(default_factory=dict)
    home: dict[str, datetime] = field(default_factory=dict)
    """Since when who is home and not plugged in has stood there."""
    charged: set[str] = field(default_factory=set)
    free_at: dict[str, datetime] = field(default_factory=dict)
    gone: list[Gone] = field(default_factory=list)
    astray: set[str] = field(default_factory=set)

    def begin_night(self, night: Night) -> None:
        self.expected = {van.vehicle_id: van for van in night.vans}
        self.astray = {van.vehicle_id for van in night.vans if van.is_astray}
        self.home, self.charged, self.free_at = {}, set(), {}

    def look(self, schedules: list, *, now: datetime) -> None:
        """Do what is to be done by now, by the schedules of a release: the shift's paper."""
        for name, van in list(self.expected.items()):
            if van.leaves_at <= now:
                self._leave(van, now=now)
            elif van.home_at <= now and not self._is_seen(name):
                self.home[name] = now
        self._make_room(schedules, now=now)
        # A new paper may have somebody again who was done by an older one.
        again = self.charged & {one.vehicle_id for one in schedules if one.valid_to > now}
        self.charged -= again
        self.home |= dict.fromkeys(again, now)
        for name in sorted(self.home):
            place = self._place_for(name, schedules, now=now)
            if place is not None:
                self.yard.plug_in(name, place, at=now)
                del self.home[name]

    def _is_seen(self, name: str) -> bool:
        return name in self.home or name in self.charged or name in self.yard.standing

    def _leave(self, van: VanNight, *, now: datetime) -> None:
        name = van.vehicle_id
        if name in self.yard.standing:
            self.free_at[self.yard.standing[name]] = now + timedelta(minutes=2)
            self.yard.unplug(name, at=now)
        self.gone.append(Gone(van, self.yard.vans[name].soc))
        del self.expected[name]
        self.home.pop(name, None)

    def _make_room(self, schedules: list, *, now: datetime) -> None:
        """Unplug whose time on a connector is over: where somebody else is due, or it is elsewhere."""
        for name, place in list(self.yard.standing.items()):
            own = [s for s in schedules if (s.vehicle_id, s.connector_id) == (name, place)]
            if any(one.valid_to > now for one in own):
                continue
            due = [
                s
                for s in schedules
                if s.connector_id == place and s.steps[0].start <= now < s.valid_to
                and s.vehicle_id in self.home
            ]  # fmt: skip
            goes_on = any(
                s.vehicle_id == name and s.steps[0].start <= now < s.valid_to for s in schedules
            )
            if not due and not goes_on:
                continue
            self.yard.unplug(name, at=now)
            self.free_at[place] = now + self.changeover * self.draw.uniform(0.3, 0.8)
            further = any(s.vehicle_id == name and s.valid_to > now for s in schedules)
            if further:
                self.home[name] = now
            else:
                self.charged.add(name)

    def _place_for(self, name: str, schedules: list, *, now: datetime) -> str | None:
        taken = set(self.yard.standing.values())

        def is_free(place: str) -> bool:
            return place not in taken and self.free_at.get(place, now) <= now

        if name in self.astray:
            free = [place for place in self._pool_of(name) if is_free(place)]
            self.astray.discard(name)
            if free:
                return self.draw.choice(free)
        windows = sorted(
            (s for s in schedules if s.vehicle_id == name and s.valid_to > now),
            key=lambda s: s.steps[0].start,
        )
        for window in windows[:1]:
            if window.steps[0].start <= now and is_free(window.connector_id):
                return window.connector_id
        if now < self.home[name] + timedelta(minutes=45):
            return None
        # Nobody lets a van stand for long where a plug is free for the next hour.
        soon = now + timedelta(hours=1)
        due = {
            s.connector_id
            for s in schedules
            if s.steps[0].start < soon and s.valid_to > now and s.vehicle_id in self.expected
            and s.vehicle_id not in self.yard.standing and s.vehicle_id != name
        }  # fmt: skip
        if windows and windows[0].steps[0].start > now:
            return None
        shut = due | self.closed(now)
        return next((p for p in self._pool_of(name) if is_free(p) and p not in shut), None)

    def _pool_of(self, name: str) -> list[str]:
        pool = self.yard.world.fleet.vehicle(name).pool
        return [
            connector.connector_id
            for station in self.yard.world.depot.stations
            if station.pool == pool
            for connector in station.connectors()
        ]
