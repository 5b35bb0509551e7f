"""How many profiles one event changes, and what a re-plan takes: the reference night, played.

    python -m benchmarks.replan_events [--seeds 3]

Sixty vans on 48 points, planned and pushed, then played minute by minute: a quarter of the vans
comes late, a tenth leaves early, routes grow and shrink, each told to dispatch when it is known.
Every plug-in, every end and every change is one event and one re-plan, as shipped, without its
processes. Vehicles take what they are permitted until they are full. A profile is one vehicle's
limits on one connector from the event on; it changes where any limit differs.

Prints profiles changed an event, CPU time a re-plan, and what the night cost.
"""

import argparse
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from benchmarks.plan_reference_night import GRID, NIGHT, ZONE, night_depot, night_dwells
from depotlib.dispatch.changed import changed_profiles
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import replan
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.news import DepartureChange
from depotlib.model.plan import Plan
from depotlib.model.release import Release
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.schedule import schedules_of_plan
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.urdb import tariff_from_urdb

MINUTE: Final = timedelta(minutes=1)
LATE_SHARE: Final = 0.25
EARLY_SHARE: Final = 0.10
GROWN_SHARE: Final = 0.10
STEP_H: Final = MINUTE / timedelta(hours=1)
FULL_KWH: Final = 1e-6


@dataclass(frozen=True)
class Told:
    """One event: what happened, and how it went into the release."""

    reason: str
    changed: int
    others: int
    took_s: float
    unmet_kwh: float


@dataclass
class Van:
    """A van as it really is."""

    plan: Dwell
    arrives: datetime
    leaves: datetime
    wants_kwh: float
    told_at: datetime
    got_kwh: float = 0.0
    place: str | None = None
    power_kw: float = 0.0


@dataclass
class Yard:
    """The night as it goes: who is plugged in where, and what dispatch is told."""

    brief: Brief
    pushed: Release
    vans: dict[str, Van]
    current: Release = field(init=False)
    changes: dict[str, DepartureChange] = field(default_factory=dict[str, DepartureChange])
    ended_kwh: dict[str, float] = field(default_factory=dict[str, float])
    site_kw: dict[int, float] = field(default_factory=dict[int, float])
    sums_kw: defaultdict[int, float] = field(default_factory=lambda: defaultdict[int, float](float))
    told: list[Told] = field(default_factory=list[Told])

    def __post_init__(self) -> None:
        """Begin with the push in force."""
        self.current = self.pushed

    def play(self) -> None:
        """Play the night minute by minute."""
        now = min(van.arrives for van in self.vans.values()) - MINUTE
        end = max(van.leaves for van in self.vans.values()) + MINUTE
        while now < end:
            for reason, vehicle_id in [*self._left(now), *self._news(now), *self._came(now)]:
                self._answer(reason, vehicle_id, now=now)
            self._flow(now)
            now += MINUTE

    def _news(self, now: datetime) -> list[tuple[str, str]]:
        """Return whose departure or need has changed in this minute."""
        news: list[tuple[str, str]] = []
        for name, van in self.vans.items():
            if van.told_at != now or van.leaves <= now:
                continue
            change = DepartureChange(
                name, now, departure=van.leaves, energy_kwh=van.wants_kwh, source="fleet"
            )
            self.changes[name] = change
            news.append(("changed", name))
        return news

    def _left(self, now: datetime) -> list[tuple[str, str]]:
        left: list[tuple[str, str]] = []
        for name, van in self.vans.items():
            if van.place is None:
                continue
            is_over = all(
                one.valid_to <= now
                for one in self.current.schedules
                if (one.vehicle_id, one.connector_id) == (name, van.place)
            )
            if van.leaves <= now or (is_over and self._is_awaited(van.place, now)):
                self.ended_kwh[name] = van.got_kwh
                van.place, van.power_kw = None, 0.0
                left.append(("ended", name))
        return left

    def _is_awaited(self, place: str, now: datetime) -> bool:
        return any(
            one.connector_id == place and one.steps[0].start <= now < one.valid_to
            for one in self.current.schedules
        )

    def _came(self, now: datetime) -> list[tuple[str, str]]:
        came: list[tuple[str, str]] = []
        taken = {van.place for van in self.vans.values()}
        for one in sorted(self.current.schedules, key=lambda one: one.steps[0].start):
            van = self.vans[one.vehicle_id]
            is_due = one.steps[0].start <= now < one.valid_to
            is_here = van.arrives <= now < van.leaves and van.place is None
            if is_due and is_here and one.connector_id not in taken:
                van.place = one.connector_id
                taken.add(one.connector_id)
                came.append(("plugged in", one.vehicle_id))
        return came

    def _flow(self, now: datetime) -> None:
        total_kw = 0.0
        for name, van in self.vans.items():
            if van.place is None:
                continue
            asked_kw = max(
                [
                    one.limit_at(now) or 0.0
                    for one in self.current.schedules
                    if (one.vehicle_id, one.connector_id) == (name, van.place)
                ],
                default=0.0,
            )
            left_kwh = max(0.0, van.wants_kwh - van.got_kwh)
            van.power_kw = min(asked_kw, left_kwh / STEP_H)
            van.got_kwh += van.power_kw * STEP_H
            total_kw += van.power_kw
        interval = GRID.interval_of(now)
        self.sums_kw[interval] += total_kw * (MINUTE / GRID.step)
        if GRID.interval_of(now + MINUTE) != interval:
            self.site_kw[interval] = self.sums_kw[interval]

    def _answer(self, reason: str, vehicle_id: str, *, now: datetime) -> None:
        night = self._night(now)
        started_s = time.process_time()
        plan = replan(night)
        took_s = time.process_time() - started_s
        if plan is None:
            return
        changed = changed_profiles(plan.release, self.current, now=now)
        others = {one for _, one in changed} - {vehicle_id}
        self.told.append(Told(reason, len(changed), len(others), took_s, plan.unmet_kwh))
        if changed:
            self.current = plan.release

    def _night(self, now: datetime) -> LiveNight:
        return LiveNight(
            now=now,
            brief_version=1,
            brief=self.brief,
            pushed=self.pushed,
            current=self.current,
            stations=tuple(self._states(now)),
            changes=tuple(self.changes.values()),
            ended_kwh=dict(self.ended_kwh),
            site_kw=dict(self.site_kw),
        )

    def _states(self, now: datetime) -> list[StationState]:
        states: list[StationState] = []
        for name, van in self.vans.items():
            if van.place is None:
                continue
            plug = ConnectorState(
                connector_id=van.place,
                status="Charging",
                session_id=f"session of {name}",
                vehicle_id=name,
                identity_source="token",
                power_kw=van.power_kw,
                energy_kwh=van.got_kwh - self.ended_kwh.get(name, 0.0),
                soc=None,
                limit_kw=van.power_kw,
                reserved_kw=van.power_kw,
                session_started_at=van.arrives,
                measured_at=now,
            )
            states.append(
                StationState(
                    station_id=van.place.partition("/")[0],
                    is_connected=True,
                    station_class="A",
                    is_fallback_armed=True,
                    last_seen=now,
                    vendor="Played",
                    model="Yard",
                    connectors=(plug,),
                )
            )
        return states

    def bill_amount(self) -> float:
        """Return what the night's charging has cost."""
        prices = self.brief.prices
        assert prices is not None
        drawn_kw = np.array([self.sums_kw[at] for at in range(GRID.count)])
        amount = prices.fixed_amount
        for term in prices.energy:
            amount += (
                float(np.asarray(term.price_per_kwh) @ drawn_kw)
                * GRID.interval_h
                * prices.energy_factor
            )
        for term in prices.peaks:
            peak_kw = max(float(drawn_kw[at]) for at in term.intervals)
            amount += term.amount_of(max(term.paid_kw, peak_kw))
        return amount


def pushed_night() -> tuple[Brief, Release, Plan]:
    """Return the reference night as it is pushed."""
    dwells, depot = night_dwells(), night_depot()
    tariff = tariff_from_urdb((NIGHT / "tariff.json").read_bytes(), where="tariff.json")
    prices = price_terms(tariff, GRID, time_zone=ZONE, nights_per_month=22)
    no_load_kw = np.zeros(GRID.count)
    plan = plan_night(
        dwells,
        depot,
        grid=GRID,
        prices=prices,
        base_load_kw=no_load_kw,
        order=PlanOrder(made_at=GRID.start),
    )
    release = Release(
        release_id="pushed",
        plan_id=plan.header.plan_id,
        origin="push",
        brief_version=1,
        made_at=GRID.start,
        valid_from=GRID.start,
        valid_to=GRID.start + GRID.count * GRID.step,
        schedules=schedules_of_plan(plan, dwells, depot=depot, base_load_kw=no_load_kw),
        pushable=True,
    )
    return Brief(depot=depot, dwells=tuple(dwells), grid=GRID, prices=prices), release, plan


def vans_of(dwells: Sequence[Dwell], seed: int) -> dict[str, Van]:
    """Return how the vans of a night really come and go."""
    rng = random.Random(seed)  # noqa: S311 - a played night, no secret
    vans: dict[str, Van] = {}
    for dwell in dwells:
        late = timedelta(minutes=rng.randint(60, 180)) if rng.random() < LATE_SHARE else MINUTE * 0
        arrives = min(dwell.arrival + late, dwell.departure - timedelta(hours=2))
        early = timedelta(minutes=45) if rng.random() < EARLY_SHARE else MINUTE * 0
        wants_kwh = dwell.energy_target_kwh
        if rng.random() < GROWN_SHARE:
            wants_kwh = round(wants_kwh * rng.choice((0.7, 1.2)), 1)
        is_news = early or wants_kwh != dwell.energy_target_kwh
        midnight = dwell.arrival.replace(hour=22, minute=7) + timedelta(minutes=rng.randint(0, 240))
        vans[dwell.vehicle_id] = Van(
            plan=dwell,
            arrives=arrives,
            leaves=dwell.departure - early,
            wants_kwh=wants_kwh,
            told_at=midnight if is_news else dwell.departure,
        )
    return vans


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=3)
    count: int = parser.parse_args().seeds
    brief, release, plan = pushed_night()
    print(f"pushed: {len(release.schedules)} profiles, bill {plan.header.bill_amount:.2f}")
    told: list[Told] = []
    for seed in range(count):
        yard = Yard(brief, release, vans_of(brief.dwells, seed))
        yard.play()
        short_kwh = sum(max(0.0, van.wants_kwh - van.got_kwh) for van in yard.vans.values())
        print(f"seed {seed}: bill {yard.bill_amount():9.2f}   missing {short_kwh:6.2f} kWh")
        told.extend(yard.told)
    for reason in ("plugged in", "changed", "ended"):
        _print(reason, [one for one in told if one.reason == reason])
    _print("all", told)


def _print(reason: str, told: Sequence[Told]) -> None:
    changed = [one.changed for one in told]
    others = [one.others for one in told]
    took_ms = [1e3 * one.took_s for one in told]
    print(
        f"{reason:<11} {len(told):4d} events   profiles changed: mean {statistics.mean(changed):5.1f}"
        f" p95 {_p95(changed):5.1f}, of other vans {statistics.mean(others):5.1f}"
        f" p95 {_p95(others):5.1f}   re-plan: median {statistics.median(took_ms):5.1f} ms"
        f" p95 {_p95(took_ms):6.1f} ms"
    )


def _p95(values: Sequence[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


if __name__ == "__main__":
    main()
