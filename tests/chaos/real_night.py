"""A night of the simulated week in real processes: gateway, dispatch and virtual stations.

The same world, office, people and judge; only that the processes are real, the clock runs up to 60
times as fast as the world, and signal 9 ends gateway and dispatch whenever it comes.
"""

import random
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import numpy as np

from depotlib.drills.drill import Program, Stage
from depotlib.drills.meters import MeteredSecond, read_meters
from depotlib.drills.processes import DrillDepot
from depotlib.model.depot import Depot
from depotlib.model.site_meter import MeterPoint
from depotlib.virtual.script import BaseLoad, NightScript, ScriptedVehicle, Stay
from tests.chaos.week_judge import Played
from tests.chaos.week_office import Office
from tests.chaos.week_world import VanNight, World, bay_m
from tests.chaos.week_yard import People, Session, Truth, truth_of

LOOK_REAL_S: Final = 0.5
SECOND: Final = timedelta(seconds=1)
LATE: Final = timedelta(minutes=2)
"""So long after the sheet says so a cable is out, at the most."""
POINTS: Final = (
    MeterPoint("power", "meter.power_kw", "kW"),
    MeterPoint("time", "meter.at", "iso"),
)


def site_text(depot: Depot) -> str:
    """Return a depot as the site file that virtual stations are built from."""
    grid = depot.grid
    lines = [
        f'[depot]\ndepot_id = "{depot.depot_id}"\nname = "{depot.name}"',
        f'time_zone = "{depot.time_zone}"',
        f"[grid]\nservice_kw = {grid.service_kw}\noperating_limit_kw = {grid.operating_limit_kw}",
    ]
    for one in depot.stations:
        table = (
            f'[[station]]\nstation_id = "{one.station_id}"\ncurrent_type = "{one.current_type}"\n'
            f"max_kw = {one.max_kw}\nsafe_limit_kw = {one.safe_limit_kw}\nphases = {one.phases}\n"
            f"voltage_v = {one.voltage_v}"
        )
        lines += [table]
    return "\n".join(lines) + "\n"


@dataclass
class Soc:
    """A vehicle as far as people and telematics see it."""

    soc: float


class SheetYard:
    """The yard as a sheet that the virtual stations follow, and what their meters tell of it."""

    def __init__(self, world: World, depot: DrillDepot) -> None:
        self.world, self.depot = world, depot
        self.standing: dict[str, str] = {}
        self.vans: dict[str, Soc] = {}
        self.sessions: list[Session] = []
        self._open: dict[str, tuple[Session, Stay]] = {}
        self._stays: list[Stay] = []
        self._is_new = False
        self._read = 0
        self.seconds: list[MeteredSecond] = []
        night = world.nights[0]
        tags = {one.vehicle_id: one.token for one in world.brief.identities.tokens}
        draw = random.Random("base load")
        at, steps = night.opens_at - timedelta(hours=1), []
        while at < night.closes_at:
            aim_kw = world.depot.grid.base_load_max_kw * min(0.95, max(0.2, draw.gauss(0.5, 0.15)))
            steps.append(BaseLoad(start=at, power_kw=round(aim_kw, 2)))
            at += timedelta(minutes=draw.uniform(1.0, 4.0))
        self.script = NightScript(
            vehicle=tuple(
                ScriptedVehicle(
                    vehicle_id=van.vehicle_id,
                    id_tag="" if van.is_anonymous else tags[van.vehicle_id],
                    usable_kwh=world.usable_kwh[van.vehicle_id],
                    wall_efficiency_share=world.efficiency[van.vehicle_id],
                    max_kw=van.dwell.max_kw,
                    arrival_soc=van.arrival_soc,
                    wakes_from_pause=world.fleet.class_of(van.vehicle_id).wakes_from_pause
                    and van.vehicle_id not in world.sleepers,
                )
                for van in night.vans
            ),
            misbehaviour=night.misbehaviours,
            base_load=tuple(steps),
        )
        self.vans = {van.vehicle_id: Soc(van.arrival_soc) for van in night.vans}

    def plug_in(self, vehicle_id: str, connector_id: str, *, at: datetime) -> None:
        """Write a van on the sheet: the yard takes it over within 30 s of its clock."""
        at = at.replace(microsecond=0)
        until = self.world.nights[0].closes_at
        stay = Stay(vehicle_id=vehicle_id, connector_id=connector_id, plug_in=at, unplug=until)
        self.standing[vehicle_id] = connector_id
        session = Session(connector_id, vehicle_id, at, 0)
        self.sessions.append(session)
        self._open[vehicle_id] = (session, stay)
        self._stays.append(stay)
        self._is_new = True

    def unplug(self, vehicle_id: str, *, at: datetime) -> None:
        """Take a van off the sheet."""
        at = at.replace(microsecond=0)
        session, stay = self._open.pop(vehicle_id)
        self._stays.remove(stay)
        self._stays.append(stay.model_copy(update={"unplug": max(at, stay.plug_in + SECOND)}))
        session.ended_at = at
        del self.standing[vehicle_id]
        self._is_new = True

    def write(self) -> None:
        """Give the people's sheet to the virtual stations, if there is anything new on it."""
        if self._is_new:
            self._is_new = False
            self.script = self.script.model_copy(update={"stay": tuple(self._stays)})
            self.depot.play(self.script)

    def read(self) -> None:
        """Take in what the meters have told since: who is charged how far."""
        seconds = read_meters(self.depot.meters_path)
        by_place = {place: name for name, place in self.standing.items()}
        for one in seconds[self._read :]:
            for place, power_kw in one.plug_kw.items():
                name = by_place.get(place)
                if name is not None:
                    gained_kwh = power_kw / 3600.0 * self.world.efficiency[name]
                    self.vans[name].soc += gained_kwh / self.world.usable_kwh[name]
        self._read, self.seconds = len(seconds), seconds


def truth_by_meters(world: World, seconds: Sequence[MeteredSecond]) -> Truth:
    """Return what flowed by the second, as the stations' own meters and the site's told."""
    start = world.nights[0].opens_at
    truth = truth_of(world.depot, start=start)
    places = [one.connector_id for each in world.depot.stations for one in each.connectors()]
    for one in seconds:
        if one.at >= start:
            plugs_kw = np.array([one.plug_kw.get(place, 0.0) for place in places])
            base_kw = 0.0 if one.meter_kw is None else one.meter_kw - one.site_kw
            truth.take(one.at, plugs_kw, base_kw=base_kw, span_s=1.0)
    return truth


def with_energies(sessions: Sequence[Session], seconds: Sequence[MeteredSecond]) -> list[Session]:
    """Return sessions with what the stations' own meters counted between sheet and sheet."""
    found: list[Session] = []
    for session in sessions:
        end = (session.ended_at or seconds[-1].at) + LATE
        kwh = sum(
            one.plug_kw.get(session.connector_id, 0.0) / 3600.0
            for one in seconds
            if session.started_at <= one.at < end
        )
        found.append(replace(session, end_wh=round(kwh * 1000.0)))
    return found


class NightInProcesses:
    """Plays one night.

    Parameters
    ----------
    world : World
    folder : Path
    seed : int
    speed_factor : float
    kills : int
        Of gateway and dispatch each.
    """

    def __init__(
        self, world: World, folder: Path, *, seed: int, speed_factor: float, kills: int
    ) -> None:
        night = world.nights[0]
        begin = night.opens_at - timedelta(minutes=10)
        self.depot = DrillDepot(
            Stage(folder), site_text(world.depot), speed_factor=speed_factor, begin=begin
        )
        told = world.depot.site_meter
        assert told is not None
        meter = replace(told, address=str(self.depot.meters_path), points=POINTS)
        plant = replace(world.depot, site_meter=meter)
        self.world = replace(world, depot=plant, brief=replace(world.brief, depot=plant))
        self.draw = random.Random(f"{seed} real")
        self.yard = SheetYard(self.world, self.depot)
        self.office = Office(
            self.world,
            self.depot.settings.mailbox_path,
            token_path=self.depot.settings.operator_token_path,
            draw=random.Random(f"{seed} office"),
        )
        self.people = People(
            self.yard,  # type: ignore[arg-type] # a yard on paper: the same words
            random.Random(f"{seed} people"),
            timedelta(seconds=world.depot.changeover_s),
            self.office.closed,
        )
        self.kills: dict[str, int] = {}
        self._due: list[tuple[datetime, str, VanNight | None]] = []
        span = night.closes_at - night.opens_at
        for name in ("gateway", "dispatch"):
            for _ in range(kills):
                at = night.opens_at + span * self.draw.uniform(0.3, 0.9)
                self._due.append((at, name, None))
        self._due += [(van.told_at, "told", van) for van in night.vans if van.told_at is not None]
        self._read_at: dict[str, datetime] = {}

    def run(self) -> Played:
        """Return what the night left, once it is over, for the judge."""
        night = self.world.nights[0]
        try:
            self._open()
            self.people.begin_night(night)
            planned = False
            while (now := self.depot.clock.now()) < night.closes_at:
                if not planned and now >= night.opens_at:
                    self.office.plan(night, now=now, quarters_kws={}, since=night.opens_at)
                    planned = True
                self._look(now)
                time.sleep(LOOK_REAL_S)
            self.yard.read()
        finally:
            self.depot.end()
            self.office.mailbox.close()
        return Played(
            world=self.world,
            gone=self.people.gone,
            sessions=with_energies(self.yard.sessions, self.yard.seconds),
            truth=truth_by_meters(self.world, self.yard.seconds),
            mailbox_path=self.office.path,
            same=timedelta(minutes=3),
        )

    def _open(self) -> None:
        self.office.open_site(now=self.depot.clock.now())
        self.depot.start_gateway()
        self.depot.start_virtual(self.yard.script)
        self.depot.start_dispatch()
        count = len(self.world.depot.stations)
        self.depot.wait_for(lambda: self.depot.armed_count() >= count, "every station armed")

    def _look(self, now: datetime) -> None:
        self.yard.read()
        self.people.look(list(self.office.schedules()), now=now)
        self.yard.write()
        for van in self.world.nights[0].vans:
            self._tell_reading(van, now)
        for event in sorted(self._due, key=lambda one: one[0]):
            if event[0] <= now:
                self._due.remove(event)
                self._happen(event[1], event[2], now=now)

    def _happen(self, what: str, van: VanNight | None, *, now: datetime) -> None:
        if van is not None:
            self.office.tell_departure(van, now=now)
            return
        program: Program = "gateway" if what == "gateway" else "dispatch"
        self.depot.kill(program)
        self.kills[program] = self.kills.get(program, 0) + 1
        if program == "gateway":
            self.depot.start_gateway()
        else:
            self.depot.start_dispatch()

    def _tell_reading(self, van: VanNight, now: datetime) -> None:
        name = van.vehicle_id
        if name not in self.people.expected:
            return
        if now < self._read_at.get(name, now) + timedelta(minutes=5) and name in self._read_at:
            return
        self._read_at[name] = now
        places = [
            one.connector_id
            for station in self.world.depot.stations
            for one in station.connectors()
        ]
        place = self.yard.standing.get(name)
        spot = bay_m(places.index(place)) if place is not None else (35.0, 60.0)
        soc = self.yard.vans[name].soc
        if place is None and now < van.home_at:
            away_h = (van.home_at - now) / timedelta(hours=1)
            self.office.tell_reading(van, soc=min(1.0, soc + 0.1 * away_h), bay_m=None, now=now)
            return
        self.office.tell_reading(van, soc=soc, bay_m=spot, now=now)
