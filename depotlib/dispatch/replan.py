"""A new release from the night as it is: pure, state in and release out."""

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from depotlib.dispatch.arranged import arranged
from depotlib.dispatch.changed import changed_profiles
from depotlib.dispatch.diversions import drives_of
from depotlib.dispatch.held import as_promised, held_powers
from depotlib.dispatch.horizon import Horizon, horizon_of, power_line_kw
from depotlib.dispatch.hurry import hurried
from depotlib.dispatch.newcomers import with_newcomers
from depotlib.dispatch.night import BUFFER_KWH, Guest, LiveNight, open_stays, permitted_kwh
from depotlib.dispatch.outside import MOST_PASSES, limited_depot, rooms_of, tightened
from depotlib.dispatch.overdue import as_expected, with_doors_open
from depotlib.dispatch.pauses import as_slept
from depotlib.dispatch.served import served_of
from depotlib.dispatch.slack import spare_h
from depotlib.dispatch.stranded import drawn_kw, moves_of
from depotlib.dispatch.targets import targets_of
from depotlib.dispatch.unheard import Reckoned, as_heard
from depotlib.errors import ReplanError
from depotlib.model.brief import Brief
from depotlib.model.diversion import Diversion
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan, Shortfall, YardMove
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from depotlib.planning.audit.verdict import broken_rules
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.knobs.done_earlier import EarlierProblem, decided_earlier
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.schedule import schedules_within
from depotlib.planning.solution import Solution
from depotlib.planning.statement import Decision, unaudited_plan
from depotlib.planning.unpaused import unpaused_powers
from depotlib.planning.yard.assignment import YardAssignment
from depotlib.units import h_to_s

BINDING_RULES: Final = frozenset(
    {
        *("inside_stay", "inside_window", "connector_limit"),
        *("site_limit", "circuit_limit", "station_limit"),
    }
)
"""Rules of the audit that a re-plan must pass. The hard limit is the gateway's ledger's to hold at
every instant; moves and the account of the bill belong to the plan that was pushed."""
BEHIND_KWH: Final = 0.3
"""So much less than it needs is a reason to plan anew for a vehicle that has little time ..."""
BEHIND_AT_LEISURE_KWH: Final = 1.0
"""... and so much for one that has more: every new plan moves others, for whom steps cost energy."""
LITTLE_H: Final = 1.5
"""Beside what it needs at full power [h]."""
ROUNDING_KW: Final = 0.3
"""Kept free: the step in which a van is full is rounded up to a tenth, a few vans at a time."""
CAUGHT_FOR: Final = timedelta(hours=1)
"""So long what a caught station draws is reckoned to go on, at every re-plan anew."""
ID_LENGTH: Final = 12


@dataclass(frozen=True, slots=True)
class Replan:
    """A new release and what it promises.

    Parameters
    ----------
    release : Release
    vehicles : int
        Whose stays are not over.
    unmet_kwh : float
        Of their targets, at the wall.
    short : tuple of str
        Vehicles that will lack some of what they must have.
    solve_s : float
    shortfalls : tuple of Shortfall
        Who will lack what of its target.
    moves : tuple of YardMove
        Drives that people are asked for because a station serves nobody, or has no time for two.
    diversions : tuple of Diversion
        Who is led to another connector, now or since before.
    """

    release: Release
    vehicles: int
    unmet_kwh: float
    short: tuple[str, ...]
    solve_s: float
    shortfalls: tuple[Shortfall, ...] = ()
    moves: tuple[YardMove, ...] = ()
    diversions: tuple[Diversion, ...] = ()


def replan(night: LiveNight, *, timer: Callable[[], float] = time.perf_counter) -> Replan | None:
    """Return a release for the rest of the night, or None where nothing is left to decide.

    Schedules of vehicles that the brief knows no stay of stay as they were pushed, and their
    power counts as given.

    Parameters
    ----------
    night : LiveNight
    timer : callable
        Seconds of a running clock.

    Raises
    ------
    ReplanError
        If the audit finds a limit broken.
    PlanningError
        If no plan can be made.
    """
    started_s = timer()
    horizon = horizon_of(night.brief, now=night.now, until=_end(night), site_kw=night.site_kw)
    if horizon is None:
        return None
    stays = open_stays(night, start=horizon.grid.start)
    hurrying = hurried(night, stays, start=horizon.grid.start)
    if hurrying is not night:
        night, stays = hurrying, open_stays(hurrying, start=horizon.grid.start)
    stays = as_expected(as_slept(stays, night), night, start=horizon.grid.start)
    stays = as_promised(stays, night.current, start=horizon.grid.start)
    known = {dwell.vehicle_id for dwell in night.brief.dwells}
    kept = tuple(
        one
        for one in night.pushed.schedules
        if one.vehicle_id not in known and one.valid_to > night.now
    )
    if not stays:
        return None
    beside = _beside(night, horizon, kept=kept)
    led = arranged(night, stays, start=horizon.grid.start)
    given = as_heard(night, stays, windows=led.windows, beside=beside)
    plan, problem = _plan_within(night, given, horizon=horizon, timer=timer)
    planned = schedules_within(plan, stays, problem=problem)
    begun = _begun(given.going_on(planned, night), night, start=horizon.grid.start)
    schedules = with_newcomers(begun, night, grid=horizon.grid)
    ending = _ending_now(night, start=horizon.grid.start, beside=schedules)
    return Replan(
        release=replace(
            _release(night, plan, schedules=(*ending, *schedules, *kept)),
            window_targets=targets_of(night, plan, stays=stays, problem=problem),
            served=served_of(night, stays, schedules=(*ending, *schedules)),
        ),
        vehicles=len(stays),
        unmet_kwh=plan.header.unmet_kwh,
        short=tuple(one.vehicle_id for one in plan.shortfalls if one.unmet_must_kwh > 0),
        solve_s=timer() - started_s,
        shortfalls=plan.shortfalls,
        moves=(
            *moves_of(night, schedules),
            *drives_of(night, led.diversions, schedules=schedules),
        ),
        diversions=led.diversions,
    )


def refuse_broken(plan: Plan, stays: Sequence[Dwell], *, brief: Brief, horizon: Horizon) -> None:
    """Refuse a plan that breaks a limit, found without the solver that made it.

    Raises
    ------
    ReplanError
        Naming the first limit that is broken.
    """
    broken = broken_rules(
        plan,
        stays,
        depot=brief.depot,
        prices=horizon.prices,
        base_load_kw=horizon.base_load_kw,
        rules=BINDING_RULES,
    )
    if broken:
        raise ReplanError(
            f"the audit refuses the new plan: {broken[0].sentence}",
            where=broken[0].where,
            hint="the last release stays in force; report this with the journal",
        )


def is_behind(night: LiveNight) -> bool:
    """Return whether somebody plugged in would leave short although the night goes as planned.

    Compares what the release in force still permits with what is still needed.
    """
    return bool(behind_kwh(night))


def behind_kwh(night: LiveNight) -> Mapping[str, float]:
    """Return who plugged in would leave short by more than is worth a plan, and by how much."""
    guests = night.guests()
    found: dict[str, float] = {}
    for stay in open_stays(night, start=night.now):
        if stay.vehicle_id not in guests:
            continue
        due_kwh = permitted_kwh(
            night.current, stay.vehicle_id, since=night.now, until=stay.departure
        )
        short_kwh = stay.energy_target_kwh - (due_kwh or 0.0)
        if short_kwh <= BEHIND_KWH:
            continue
        left_h = spare_h(night, stay, energy_kwh=stay.energy_target_kwh)
        if left_h < LITTLE_H or short_kwh > BEHIND_AT_LEISURE_KWH:
            found[stay.vehicle_id] = short_kwh
    return found


def is_same(new: Release, old: Release, *, now: datetime) -> bool:
    """Return whether two releases ask the same of every connector from an instant on."""
    return new.served == old.served and not changed_profiles(new, old, now=now)


def _end(night: LiveNight) -> datetime:
    changed = [change.departure for change in night.changes if change.departure is not None]
    return max([night.pushed.valid_to, *changed, *(d.departure for d in night.brief.dwells)])


def _beside(night: LiveNight, horizon: Horizon, *, kept: Sequence[ConnectorSchedule]) -> Horizon:
    """Return the horizon with everything that draws beside the plan in its base load."""
    base_load_kw = horizon.base_load_kw.copy()
    for schedule in kept:
        base_load_kw += power_line_kw(schedule, horizon.grid)
    planned = [
        *(dwell.vehicle_id for dwell in night.brief.dwells),
        *(schedule.vehicle_id for schedule in kept),
    ]
    # Nobody knows how long what cannot be steered goes on: the next re-plans look again.
    base_load_kw[: CAUGHT_FOR // horizon.grid.step] += drawn_kw(night)
    return replace(horizon, base_load_kw=base_load_kw + night.others_kw(planned) + ROUNDING_KW)


def _plan_within(
    night: LiveNight, given: Reckoned, *, horizon: Horizon, timer: Callable[[], float]
) -> tuple[Plan, PlanningProblem]:
    """Return a plan that obeys the limits from outside too, and the problem that it answers."""
    depot = night.brief.depot
    beside_kw = given.beside.base_load_kw - horizon.base_load_kw
    rooms = rooms_of(night, horizon=horizon, beside_kw=beside_kw)
    passes = 0
    while True:
        passes += 1
        limited = limited_depot(depot, rooms, grid=horizon.grid)
        inside = replace(night, brief=replace(night.brief, depot=limited))
        plan, problem = _plan(
            inside, given.stays, windows=given.windows, horizon=given.beside, timer=timer
        )
        tighter = tightened(rooms, plan, depot=depot)
        if tighter is None or passes == MOST_PASSES:
            return plan, problem
        rooms = tighter


def _plan(
    night: LiveNight,
    stays: Sequence[Dwell],
    *,
    windows: tuple[ConnectorWindow, ...],
    horizon: Horizon,
    timer: Callable[[], float],
) -> tuple[Plan, PlanningProblem]:
    started_s = timer()
    problem = windowed_problem(
        stays,
        night.brief.depot,
        windows=windows,
        grid=horizon.grid,
        prices=horizon.prices,
        base_load_kw=horizon.base_load_kw,
    )
    built_s = timer()
    held_kw, plugged_in = held_powers(night.current, problem), set(night.guests())

    def decide(asked: EarlierProblem) -> tuple[FloatArray, Solution]:
        within_kw = asked.within_kw(held_kw)
        return unpaused_powers(asked.problem, held_kw=within_kw, plugged_in=plugged_in)

    sooner = math.ceil(h_to_s(night.brief.ready_before_h) / horizon.grid.interval_s)
    unsure_kwh = {stay.vehicle_id: BUFFER_KWH + stay.energy_sigma_kwh for stay in stays}
    earlier, part_kw, solution = decided_earlier(
        problem,
        sooner,
        decide=decide,
        margin_kwh=np.array([unsure_kwh[name] for name in problem.needs.vehicle_ids]),
        wishes_give_way=True,
    )
    task_kw = earlier.summed_kw(part_kw, tasks=len(problem.tasks.need))
    decision = Decision(
        policy="optimal",
        task_kw=task_kw,
        solution=solution,
        bound_amount=solution.bound_amount,
        build_s=built_s - started_s,
        solve_s=timer() - built_s,
    )
    yard = YardAssignment(windows=windows, moves=(), swaps=0, unplaced=())
    plan = unaudited_plan(problem, decision, yard=yard, made_at=night.now, hindrances={})
    refuse_broken(plan, stays, brief=night.brief, horizon=horizon)
    return plan, problem


def _begun(
    planned: Sequence[ConnectorSchedule], night: LiveNight, *, start: datetime
) -> tuple[ConnectorSchedule, ...]:
    """Return schedules of which those that may begin at once do."""
    opened, guests = with_doors_open(planned, night, start=start), night.guests()
    return tuple(
        _begun_now(one, night, guests=guests) if _is_next(one, opened, guests=guests) else one
        for one in opened
    )


def _is_next(
    schedule: ConnectorSchedule,
    others: Sequence[ConnectorSchedule],
    *,
    guests: Mapping[str, Guest],
) -> bool:
    """Return whether no time on a connector comes before a schedule: whoever is there is before all."""
    first, is_here = schedule.steps[0].start, schedule.vehicle_id in guests
    return not any(
        one.connector_id == schedule.connector_id
        and one.steps[0].start < first
        and (one.vehicle_id == schedule.vehicle_id or not is_here)
        for one in others
    )


def _begun_now(
    schedule: ConnectorSchedule, night: LiveNight, *, guests: Mapping[str, Guest]
) -> ConnectorSchedule:
    """Return a schedule that also covers the moment until the new plan begins.

    Until then whoever is on the connector goes on as the release in force has it.
    """
    first = schedule.steps[0].start
    guest = guests.get(schedule.vehicle_id)
    is_here = guest is not None and guest.connector_id == schedule.connector_id
    limits = [
        limit_kw
        for one in night.current.schedules
        if one.vehicle_id == schedule.vehicle_id
        and (is_here or one.connector_id == schedule.connector_id)
        and (limit_kw := one.limit_at(night.now)) is not None
    ]
    if first <= night.now or not (limits or is_here):
        return schedule
    limit_kw = limits[0] if limits else (guest.limit_kw if guest else 0.0)
    return replace(schedule, steps=(LimitStep(start=night.now, limit_kw=limit_kw), *schedule.steps))


def _ending_now(
    night: LiveNight, *, start: datetime, beside: Sequence[ConnectorSchedule]
) -> tuple[ConnectorSchedule, ...]:
    """Return what is in force for those plugged in whose time ends before the new plan begins."""
    guests = night.guests()
    planned = {(one.connector_id, one.vehicle_id) for one in beside}
    return tuple(
        replace(one, valid_to=min(one.valid_to, start))
        for one in night.current.schedules
        if one.steps[0].start <= night.now < one.valid_to
        and one.vehicle_id in guests
        and guests[one.vehicle_id].connector_id == one.connector_id
        and (one.connector_id, one.vehicle_id) not in planned
    )


def _release(night: LiveNight, plan: Plan, *, schedules: tuple[ConnectorSchedule, ...]) -> Release:
    moment = night.now.strftime("%Y%m%dT%H%M%S.%f")
    return Release(
        release_id=f"dispatch-{moment}-{plan.header.plan_id[:ID_LENGTH]}",
        plan_id=plan.header.plan_id,
        origin="dispatch",
        brief_version=night.brief_version,
        made_at=night.now,
        valid_from=night.now,
        valid_to=max([night.now, *(schedule.valid_to for schedule in schedules)]),
        schedules=schedules,
        pushable=True,
        parent_release_id=night.pushed.release_id,
    )
