"""A week of the depot, event by event, from a seed: shipped gateway and dispatch on one mailbox.

Nothing sleeps: the clock is simulated, every process does in turn what is due at a second. Gateway
and dispatch are killed at random; a real SQLite file is all that they leave to each other.
"""

import itertools
import math
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from heapq import heappop, heappush
from pathlib import Path
from typing import TYPE_CHECKING, cast

from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.loop import Dispatcher
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.gateway.messages import Answer, Call, Connected, Disconnected, Event
from tests.chaos.week_gateway import KilledError, WeekGateway
from tests.chaos.week_judge import Played
from tests.chaos.week_office import Office
from tests.chaos.week_wire import Wires
from tests.chaos.week_world import Night, VanNight, World, bay_m
from tests.chaos.week_yard import People, WeekYard

if TYPE_CHECKING:
    from depotlib.clock import Clock

PEOPLE_S, DAY_LOOK_S = 30.0, 60.0
CADENCE = timedelta(minutes=5)


class SimulatedClock:
    """Time as it is told; real and depot seconds are the same."""

    speed_factor = 1.0

    def __init__(self, start: datetime) -> None:
        self.start, self.at_s = start, 0.0

    def now(self) -> datetime:
        return self.start + timedelta(seconds=self.at_s)

    def monotonic_s(self) -> float:
        return self.at_s

    def real_s(self, duration_s: float) -> float:
        return duration_s


@dataclass(frozen=True)
class Pace:
    """How often the gateway ticks and dispatch looks [s]; stations are heard whenever they speak.

    The daemon ticks every second and dispatch looks every 50 ms; the simulation of the site limit
    ticks every 10 s.
    """

    tick_s: float = 10.0
    look_s: float = 5.0


PACE = Pace()


@dataclass
class Tally:
    """What happened to the processes."""

    gateway_kills: int = 0
    dispatch_kills: int = 0
    replans: dict[str, int] = field(default_factory=dict)
    known_after: list[tuple[int, int]] = field(default_factory=list)
    """Running sessions that a gateway knew when it began, and whose starts had been answered."""


class SimulatedWeek:
    """The week.

    Parameters
    ----------
    world : World
    folder : Path
        For the mailbox.
    seed : int
    kills : int
        Of each process, spread over all nights.
    pace : Pace, optional
    """

    def __init__(
        self, world: World, folder: Path, *, seed: int, kills: int = 5, pace: Pace = PACE
    ) -> None:
        self.world, self.pace = world, pace
        self.start = world.nights[0].opens_at - timedelta(minutes=15)
        self.clock = SimulatedClock(self.start)
        self.draw = random.Random(f"{seed} week")
        self.yard = WeekYard(world, random.Random(f"{seed} yard"), start=self.start)
        self.office = Office(
            world,
            folder / "mailbox.sqlite",
            token_path=folder / "operator-token",
            draw=random.Random(f"{seed} office"),
        )
        self.people = People(
            self.yard,
            random.Random(f"{seed} people"),
            timedelta(seconds=world.depot.changeover_s),
            self.office.closed,
        )
        self.tally = Tally()
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._order = itertools.count()
        self._inbox: list[tuple[str, Event]] = []
        self.wires = Wires(
            cast("Clock", self.clock),
            random.Random(f"{seed} wire"),
            later=self._later,
            deliver=lambda name, event: self._inbox.append((name, event)),
            lose=self._lose,
            touch=lambda name: self.yard.touch(name, self.clock.at_s),
        )
        self.gateway: WeekGateway | None = None
        self.dispatcher: Dispatcher | None = None
        self._dispatch_box: Mailbox | None = None
        self._has_booted: set[str] = set()
        self._people_s = self._look_s = self._tick_s = 0.0
        self.meter_kw = 0.0
        self._expect(kills)

    @property
    def now(self) -> datetime:
        return self.clock.now()

    def run(self) -> "SimulatedWeek":
        """Return the week when it is over."""
        self.office.open_site(now=self.now)
        self._start_gateway()
        self._start_dispatch()
        for name in self.yard.stations:
            self._later(self.draw.uniform(1.0, 20.0), lambda name=name: self._connect(name))
        end_s = (self.world.nights[-1].closes_at - self.start).total_seconds()
        while self.clock.at_s < end_s:
            # By day, with nobody there or expected, a look a minute is enough.
            look_s = self.pace.look_s if self.people.expected else DAY_LOOK_S
            due_s = [self._look_s + look_s, self.yard.due_s()]
            due_s += [self._heap[0][0]] if self._heap else []
            self.clock.at_s = max(self.clock.at_s + 1.0, math.ceil(min(due_s)))
            self._second()
        self.office.mailbox.close()
        if self.gateway is not None:
            self.gateway.end()
        if self._dispatch_box is not None:
            self._dispatch_box.close()
        return self

    # --- what is to come ------------------------------------------------------------------

    def _expect(self, kills: int) -> None:
        for night in self.world.nights:
            self._at(night.opens_at, lambda night=night: self._open_night(night))
            mended_at = night.closes_at + timedelta(hours=1)
            self._at(mended_at, lambda: self.office.trust_again(now=self.now))
            for van in night.vans:
                if van.told_at is not None:
                    self._at(
                        max(van.told_at, night.opens_at + timedelta(minutes=5)),
                        lambda van=van: self.office.tell_departure(van, now=self.now),
                    )
                first = night.opens_at + CADENCE * self.draw.random()
                self._at(first, lambda van=van: self._tell_reading(van))
        for strike in (self._doom_gateway, self._kill_dispatch):
            for _ in range(kills):
                night = self.draw.choice(self.world.nights)
                span_s = (night.closes_at - night.opens_at).total_seconds() - 4200.0
                at = night.opens_at + timedelta(seconds=2400.0 + self.draw.random() * span_s)
                self._at(at, strike)

    def _at(self, at: datetime, action: Callable[[], None]) -> None:
        self._push((at - self.start).total_seconds(), action)

    def _later(self, delay_s: float, action: Callable[[], None]) -> None:
        self._push(self.clock.at_s + delay_s, action)

    def _push(self, at_s: float, action: Callable[[], None]) -> None:
        heappush(self._heap, (math.ceil(at_s), next(self._order), action))

    def _open_night(self, night: Night) -> None:
        self.yard.begin_night(night)
        self.people.begin_night(night)
        self.office.plan(
            night, now=self.now, quarters_kws=self.yard.truth.energy_kws, since=self.start
        )
        for fault in night.misbehaviours:
            if fault.kind in {"silent", "forgets"} and fault.start is not None:
                self._at(fault.start, lambda name=fault.station_id: self._lose(name))

    def _tell_reading(self, van: VanNight) -> None:
        if van.vehicle_id not in self.people.expected:
            return
        name, now = van.vehicle_id, self.now
        place = self.yard.standing.get(name)
        vehicle = self.yard.vans[name]
        spot: tuple[float, float] | None = None
        soc = vehicle.soc
        if place is not None:
            spot = bay_m(list(self.yard.place).index(place))
        elif now >= van.home_at:
            spot = (35.0, 60.0)  # it waits in the yard
        else:
            soc = min(1.0, soc + 0.10 * ((van.home_at - now) / timedelta(hours=1)))
        self.office.tell_reading(van, soc=soc, bay_m=spot, now=now)
        self._later(CADENCE.total_seconds(), lambda: self._tell_reading(van))

    # --- one second -----------------------------------------------------------------------

    def _second(self) -> None:
        at_s, now = self.clock.at_s, self.now
        self.meter_kw = self.yard.pass_until(at_s)
        while self._heap and self._heap[0][0] <= at_s:
            heappop(self._heap)[2]()
        events, self._inbox = self._inbox, []
        if self.gateway is not None:
            try:
                self._work(self.gateway, events, now=now)
            except KilledError:
                self._kill_gateway()
        self._restart_stations()
        self.wires.second(now, at_s)
        if at_s >= self._look_s + self.pace.look_s:
            self._look_s = at_s
            if self.dispatcher is not None:
                self._dispatch(self.dispatcher, now)
        if at_s >= self._people_s + PEOPLE_S:
            self._people_s = at_s
            self.people.look(list(self.office.schedules()), now=now)

    def _work(
        self, gateway: WeekGateway, events: list[tuple[str, Event]], *, now: datetime
    ) -> None:
        if events:
            gateway.hear(events, now=now)
        if self.clock.at_s >= self._tick_s + self.pace.tick_s:
            self._tick_s = self.clock.at_s
            gateway.meter(self.meter_kw, now=now)
            gateway.tick(now=now)

    def _dispatch(self, dispatcher: Dispatcher, now: datetime) -> None:
        # A burst is over a moment after its last event: nothing else happens meanwhile.
        for at in (now, now + QUIET):
            result = dispatcher.step(at)
            if result is not None:
                self.tally.replans[result] = self.tally.replans.get(result, 0) + 1

    def _restart_stations(self) -> None:
        for name in list(self.wires.open):
            station = self.yard.stations[name]
            if station.misbehaviours and station.must_restart(self.now):
                station.restart(self.now)
                self._has_booted.discard(name)
                self._lose(name)

    # --- stations and their connections -----------------------------------------------------

    def _connect(self, name: str) -> None:
        station = self.yard.stations[name]
        if name in self.wires.open:
            return
        if self.gateway is None or station.misbehaves("silent", self.now):
            self._later(self.draw.uniform(5.0, 15.0), lambda: self._connect(name))
            return
        wire = self.wires.connect(station, has_booted=name in self._has_booted)
        self._inbox.append((name, Connected("1.6")))
        if name in self._has_booted:
            if station.misbehaves("replays", self.now):
                station.outbox.extendleft(reversed(station.said))
            station.outbox.extendleft(reversed(station.statuses(self.now)))
        self._has_booted.add(name)
        doubled = station.misbehaves("doubles", self.now)
        if doubled is not None:
            self._later(doubled.delay_s, lambda: self._lose(name) if wire.is_open else None)

    def _lose(self, name: str) -> None:
        """A connection is lost: the gateway hears of it, the station comes back."""
        wire = self.wires.close(name)
        if wire is None:
            return
        if not wire.client.has_booted:
            self._has_booted.discard(name)
        self._inbox.append((name, Disconnected("lost")))
        self._later(self.draw.uniform(5.0, 15.0), lambda: self._connect(name))

    def _send(self, name: str, command: object) -> None:
        if isinstance(command, Answer):
            self.wires.answer(name, command)
        elif isinstance(command, Call):
            self.wires.ask(name, command, at_s=self.clock.at_s)

    # --- processes ------------------------------------------------------------------------

    def _start_gateway(self) -> None:
        self.gateway = WeekGateway(
            self.office.path,
            token_path=self.office.token_path,
            now=self.now,
            draw=random.Random(f"{self.draw.random()}"),
            send=self._send,
        )
        self._inbox = []
        told = sum(
            plug.transaction is not None and plug.transaction.transaction_id is not None
            for station in self.yard.stations.values()
            for plug in station.connectors.values()
        )
        self.tally.known_after.append((self.gateway.sessions(), told))

    def _doom_gateway(self) -> None:
        """Kill it where it next writes leases: before, behind, or while it sends them."""
        if self.gateway is None or self.gateway.dies is not None:
            # Dead or doomed already: this one strikes the next.
            self._later(60.0, self._doom_gateway)
            return
        self.gateway.dies = self.draw.randrange(3)

    def _kill_gateway(self) -> None:
        assert self.gateway is not None
        self.gateway.end()
        self.gateway = None
        self.tally.gateway_kills += 1
        self._inbox = []
        for name in list(self.wires.open):
            wire = self.wires.close(name)
            if wire is not None and not wire.client.has_booted:
                self._has_booted.discard(name)
            self._later(self.draw.uniform(5.0, 15.0), lambda name=name: self._connect(name))
        self._later(self.draw.uniform(5.0, 60.0), self._start_gateway)

    def _start_dispatch(self) -> None:
        self._dispatch_box = open_mailbox(self.office.path)
        self.dispatcher = Dispatcher(self._dispatch_box)

    def _kill_dispatch(self) -> None:
        if self._dispatch_box is None or self.dispatcher is None:
            self._later(60.0, self._kill_dispatch)
            return
        self._dispatch_box.close()
        self.dispatcher = self._dispatch_box = None
        self.tally.dispatch_kills += 1
        self._later(self.draw.uniform(5.0, 120.0), self._start_dispatch)

    def played(self) -> Played:
        """Return what the week left, for the judge."""
        return Played(
            world=self.world,
            gone=self.people.gone,
            sessions=self.yard.sessions,
            truth=self.yard.truth,
            mailbox_path=self.office.path,
            repeats=len(self.wires.repeats),
            stacked=len(self.wires.stacked),
        )
