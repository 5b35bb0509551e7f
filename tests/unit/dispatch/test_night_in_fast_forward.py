"""A whole night with dispatch in the loop: late vans, wrong bays, limits followed half a minute late.

Vehicles and stations are played here minute by minute on a given clock; dispatch, mailbox and
planner are those that are shipped.
"""

import random
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from depotlib.dispatch.burst import QUIET
from depotlib.dispatch.loop import Dispatcher
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.brief import Brief
from depotlib.model.depot import GridConnection
from depotlib.model.live import JournalEntry, StationState
from depotlib.model.release import Release
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.schedule import schedules_of_plan
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

MINUTE = timedelta(minutes=1)
POINTS, VANS = 4, 5
LIMIT_KW, TARGET_KWH = 16.0, 30.0


def site() -> Brief:
    """Return four points and five vans: 150 kWh in twelve hours under 16 kW (192 kWh at most)."""
    depot = replace(
        samples.depot(),
        stations=tuple(samples.station(f"AC-0{number}") for number in range(1, POINTS + 1)),
        grid=GridConnection(service_kw=40.0, operating_limit_kw=LIMIT_KW),
        staff_hours=replace(samples.depot().staff_hours, end=samples.depot().staff_hours.start),
    )
    dwells = tuple(
        replace(
            samples.dwell(f"van-{number}", target_kwh=TARGET_KWH),
            arrival=EVENING + number * 15 * MINUTE,
        )
        for number in range(1, VANS + 1)
    )
    grid = TimeGrid(start=EVENING, interval_s=900, count=48)
    prices = replace(samples.prices(48), blocks=())
    return replace(samples.brief(), depot=depot, dwells=dwells, grid=grid, prices=prices)


def push(brief: Brief, gateway: Mailbox) -> Release:
    assert brief.grid is not None
    assert brief.prices is not None
    plan = plan_night(
        brief.dwells,
        brief.depot,
        grid=brief.grid,
        prices=brief.prices,
        base_load_kw=np.zeros(48),
        order=PlanOrder(made_at=EVENING),
    )
    schedules = schedules_of_plan(plan, brief.dwells, depot=brief.depot, base_load_kw=np.zeros(48))
    release = replace(samples.release("pushed"), schedules=schedules, valid_to=MORNING)
    gateway.publish_brief(replace(brief, base_load_kw=()), at=EVENING)
    gateway.add_release(release)
    gateway.set_current_release("pushed", at=EVENING)
    return release


@dataclass(slots=True)
class Yard:
    """Who stands where, and what has flowed; limits are followed a minute late when they rise."""

    gateway: Mailbox
    arrivals: dict[str, datetime]
    wrong: dict[str, str]
    plugged: dict[str, str] = field(default_factory=dict)
    session_kwh: dict[str, float] = field(default_factory=dict)
    total_kwh: dict[str, float] = field(default_factory=dict)
    held_kw: dict[str, float] = field(default_factory=dict)

    def minute(self, now: datetime) -> float:
        """Return what flows in one minute from now on [kW]."""
        release = self.gateway.current_release()
        assert release is not None
        self._leave(release, now)
        self._arrive(release, now)
        total_kw = 0.0
        for place, van in self.plugged.items():
            asked_kw = max(
                [one.limit_at(now) or 0.0 for one in release.schedules if one.vehicle_id == van],
                default=0.0,
            )
            power_kw = min(asked_kw, self.held_kw.get(place, 0.0))
            self.held_kw[place] = asked_kw
            self.session_kwh[place] += power_kw / 60
            self.total_kwh[van] = self.total_kwh.get(van, 0.0) + power_kw / 60
            total_kw += power_kw
            self.gateway.put_station_state(self._state(place, van, power_kw, now + MINUTE))
        return total_kw

    def _leave(self, release: Release, now: datetime) -> None:
        for place, van in list(self.plugged.items()):
            own = [s for s in release.schedules if (s.vehicle_id, s.connector_id) == (van, place)]
            due = [
                s
                for s in release.schedules
                if s.connector_id == place and s.vehicle_id != van and s.steps[0].start <= now
            ]
            if due and all(one.valid_to <= now for one in own):
                self._note("session_ended", place, now)
                del self.plugged[place]
                self.arrivals.pop(van)
                self.gateway.put_station_state(scenes.empty(place))

    def _arrive(self, release: Release, now: datetime) -> None:
        for van, arrival in self.arrivals.items():
            if arrival > now or van in self.plugged.values():
                continue
            windows = sorted(
                (s for s in release.schedules if s.vehicle_id == van and s.valid_to > now),
                key=lambda s: s.steps[0].start,
            )
            if not windows or windows[0].steps[0].start > now:
                continue
            place = self.wrong.pop(van, windows[0].connector_id)
            if place not in self.plugged:
                self.plugged[place] = van
                self.session_kwh[place], self.held_kw[place] = 0.0, 0.0
                self.gateway.put_station_state(self._state(place, van, 0.0, now))
                self._note("session_started", place, now)

    def _state(self, place: str, van: str, power_kw: float, now: datetime) -> StationState:
        state = scenes.plugged(
            place, van, energy_kwh=self.session_kwh[place], power_kw=power_kw, limit_kw=power_kw
        )
        (connector,) = state.connectors
        return replace(state, connectors=(replace(connector, measured_at=now),))

    def _note(self, kind, place: str, now: datetime) -> None:
        van = self.plugged[place]
        facts = {
            "session_id": f"{place} {van}",
            "vehicle_id": van,
            "energy_kwh": self.session_kwh[place],
        }
        self.gateway.append([JournalEntry(at=now, kind=kind, payload=facts)])


def played(path: Path, *, late: int, wrong: int, seed: int) -> tuple[Yard, float, Mailbox]:
    """Return the yard in the morning, the night's highest minute [kW], and the mailbox."""
    rng = random.Random(seed)
    brief = site()
    gateway = open_mailbox(path)
    push(brief, gateway)
    arrivals = {dwell.vehicle_id: dwell.arrival for dwell in brief.dwells}
    for van in rng.sample(sorted(arrivals), late):
        arrivals[van] += rng.randint(10, 90) * MINUTE
    places = [connector.connector_id for connector in brief.depot.connectors()]
    wrong_places = {van: rng.choice(places) for van in rng.sample(sorted(arrivals), wrong)}
    yard = Yard(gateway, arrivals, wrong_places)
    highest_kw, now = 0.0, EVENING
    with open_mailbox(path) as own:
        dispatcher = Dispatcher(own)
        while now < MORNING:
            highest_kw = max(highest_kw, yard.minute(now))
            dispatcher.step(now)
            dispatcher.step(now + QUIET)
            now += MINUTE
    return yard, highest_kw, gateway


@pytest.mark.parametrize(
    ("late", "wrong", "seed"),
    [
        (3, 2, 5),
        *(
            pytest.param(*each, marks=pytest.mark.full)
            for each in ((0, 0, 1), (2, 1, 3), (2, 0, 2), (1, 2, 4))
        ),
    ],
)
def test_everybody_is_ready_and_the_limit_holds(tmp_path: Path, late: int, wrong: int, seed: int):
    yard, highest_kw, gateway = played(tmp_path / "m", late=late, wrong=wrong, seed=seed)

    with gateway:
        # 99 % of 30 kWh, as every van that is planned ready must be; 16 kW at every minute.
        short = {van: energy for van, energy in yard.total_kwh.items() if energy < 29.7}
        assert (len(yard.total_kwh), short) == (VANS, {})
        assert max(yard.total_kwh.values()) < 1.05 * TARGET_KWH
        assert highest_kw <= LIMIT_KW + 1e-6
        assert gateway.journal(kinds=["dispatch_failed"]) == []
        assert gateway.verify_journal().ok
