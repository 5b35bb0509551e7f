"""A plan as schedules: what a release asks of each connector, step by step."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.errors import PlanNotPushableError
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.power_steps import STEP_KW
from depotlib.planning.problem import SITE, FloatArray, PlanningProblem

_ROUNDING_SHARE: Final = 1e-4
_TINY_KW: Final = 1e-6


def schedules_of_plan(
    plan: Plan, dwells: Sequence[Dwell], *, depot: Depot, base_load_kw: FloatArray
) -> tuple[ConnectorSchedule, ...]:
    """Return the schedule of every connector window, by connector and time.

    Limits are whole steps of 0.1 kW: cut down, and the step above where a vehicle is full, but
    only where no limit of the depot and no peak of the plan is exceeded by it. Before its window a
    vehicle's limit is 0; the first step begins with its arrival, or where the vehicle before it on
    the connector ends.

    Parameters
    ----------
    plan : Plan
        With connector windows.
    dwells : sequence of Dwell
        Those the plan was made for.
    depot : Depot
    base_load_kw : ndarray
        As the plan was made for, (intervals of the plan,).

    Raises
    ------
    PlanNotPushableError
        If occupancy was relaxed: there is no connector to ask.
    """
    if plan.header.occupancy == "relaxed":
        raise PlanNotPushableError(
            f"plan {plan.header.plan_id} cannot be pushed",
            where="plan",
            hint=plan.header.pushable_reason,
        )
    stays = _stays(dwells)
    for window in plan.windows:
        _dwell_of(window, stays)
    problem = windowed_problem(
        dwells,
        depot,
        windows=plan.windows,
        grid=plan.grid,
        prices=PriceTerms(currency=plan.header.currency),
        base_load_kw=base_load_kw,
    )
    return schedules_within(plan, dwells, problem=problem)


def schedules_within(
    plan: Plan, dwells: Sequence[Dwell], *, problem: PlanningProblem
) -> tuple[ConnectorSchedule, ...]:
    """Return the schedules of `schedules_of_plan` where the plan's problem is at hand.

    Parameters
    ----------
    plan : Plan
        With connector windows.
    dwells : sequence of Dwell
    problem : PlanningProblem
        That the plan answers.

    Raises
    ------
    PlanNotPushableError
        If a window lies in no stay.
    """
    power_kw, stays = _power_by_pair(plan), _stays(dwells)
    windows = sorted(plan.windows, key=lambda w: (w.connector_id, w.start))
    limits_kw = _limits_kw(plan, windows, power_kw=power_kw, room=_room_of(plan, problem))
    starts = [plan.grid.start + index * plan.grid.step for index in range(plan.grid.count)]
    free_from: dict[str, datetime] = {}
    schedules: list[ConnectorSchedule] = []
    for window, limit_kw in zip(windows, limits_kw, strict=True):
        dwell = _dwell_of(window, stays)
        schedules.append(
            ConnectorSchedule(
                connector_id=window.connector_id,
                vehicle_id=window.vehicle_id,
                valid_to=window.end,
                energy_target_kwh=_energy_kwh(plan, window, power_kw=power_kw),
                departure=dwell.departure,
                steps=_steps(
                    limit_kw,
                    starts,
                    span=_span(plan, window),
                    begins=min(
                        window.start,
                        max(free_from.get(window.connector_id, dwell.arrival), dwell.arrival),
                    ),
                ),
            )
        )
        free_from[window.connector_id] = window.end
    return tuple(schedules)


def _power_by_pair(plan: Plan) -> defaultdict[tuple[str, str], FloatArray]:
    powers_kw = defaultdict[tuple[str, str], FloatArray](lambda: np.zeros(plan.grid.count))
    setpoints = plan.setpoints.select("vehicle_id", "connector_id", "power_kw")
    for interval, (vehicle_id, connector_id, power_kw) in zip(
        plan.intervals(), setpoints.iter_rows(), strict=True
    ):
        powers_kw[vehicle_id, connector_id][interval] = power_kw
    return powers_kw


def _stays(dwells: Sequence[Dwell]) -> Mapping[str, Sequence[Dwell]]:
    """Return the stays of every vehicle."""
    stays: dict[str, list[Dwell]] = {}
    for dwell in dwells:
        stays.setdefault(dwell.vehicle_id, []).append(dwell)
    return stays


def _dwell_of(window: ConnectorWindow, stays: Mapping[str, Sequence[Dwell]]) -> Dwell:
    for dwell in stays.get(window.vehicle_id, ()):
        if dwell.arrival <= window.start and window.end <= dwell.departure:
            return dwell
    raise PlanNotPushableError(
        f"{window.vehicle_id!r} has no stay that holds its window on {window.connector_id!r}",
        where=f"window of {window.vehicle_id}",
        hint="push a plan with the stays that it was made for",
    )


def _steps(
    limits_kw: FloatArray, starts: Sequence[datetime], *, span: tuple[int, int], begins: datetime
) -> tuple[LimitStep, ...]:
    """Return the changes of a limit, 0 from an instant on until the first interval of its span."""
    first, last = span
    steps = [LimitStep(start=begins, limit_kw=0.0)]
    for start, limit_kw in zip(starts[first:last], limits_kw[first:last].tolist(), strict=False):
        if len(steps) == 1 and start <= begins:
            steps = [LimitStep(start=start, limit_kw=limit_kw)]
        elif limit_kw != steps[-1].limit_kw:
            steps.append(LimitStep(start=start, limit_kw=limit_kw))
    return tuple(steps)


def _span(plan: Plan, window: ConnectorWindow) -> tuple[int, int]:
    """Return the whole intervals of a window, half-open."""
    return plan.grid.first_whole_interval(window.start), plan.grid.interval_of(window.end)


def _energy_kwh(
    plan: Plan,
    window: ConnectorWindow,
    *,
    power_kw: defaultdict[tuple[str, str], FloatArray],
) -> float:
    first, last = _span(plan, window)
    own_kw = power_kw[window.vehicle_id, window.connector_id][first:last]
    return float(own_kw.sum()) * plan.grid.interval_h


@dataclass(frozen=True, slots=True)
class _Room:
    """What is still free below every limit, and the limits that each connector meets.

    Parameters
    ----------
    node_kw : ndarray
        (nodes, intervals).
    path : dict of str to list of int
        Nodes above each connector.
    most_kw : dict of (str, str) to float
        Most a vehicle draws on a connector.
    """

    node_kw: FloatArray
    path: dict[str, list[int]]
    most_kw: dict[tuple[str, str], float]


def _room_of(plan: Plan, problem: PlanningProblem) -> _Room:
    """Return the depot's limits as the planner sees them, the site's down to the plan's peak."""
    node_kw = problem.tree.cap_kw.copy()
    peak_kw = float(np.ceil(plan.header.peak_kw / STEP_KW - _ROUNDING_SHARE) * STEP_KW)
    node_kw[SITE] = np.minimum(node_kw[SITE], np.maximum(0.0, peak_kw - problem.base_load_kw))
    path: dict[str, list[int]] = {}
    most_kw: dict[tuple[str, str], float] = {}
    for task, connector_id in enumerate(problem.tasks.connector_ids):
        assert connector_id is not None
        path[connector_id] = list(problem.tree.path(int(problem.tasks.node[task])))
        vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
        most_kw[vehicle_id, connector_id] = float(problem.tasks.max_kw[task])
    return _Room(node_kw=node_kw, path=path, most_kw=most_kw)


def _limits_kw(
    plan: Plan,
    windows: Sequence[ConnectorWindow],
    *,
    power_kw: defaultdict[tuple[str, str], FloatArray],
    room: _Room,
) -> list[FloatArray]:
    """Return every window's powers in whole steps: cut down, then up again where there is room."""
    wanted_kw: list[FloatArray] = []
    limits_kw: list[FloatArray] = []
    for window in windows:
        first, last = _span(plan, window)
        own_kw = np.zeros(plan.grid.count)
        own_kw[first:last] = power_kw[window.vehicle_id, window.connector_id][first:last]
        wanted_kw.append(own_kw)
        limits_kw.append(np.floor(own_kw / STEP_KW + _ROUNDING_SHARE) * STEP_KW)
        room.node_kw[room.path[window.connector_id]] -= limits_kw[-1]
    for window, own_kw, limit_kw in zip(windows, wanted_kw, limits_kw, strict=True):
        most_kw = room.most_kw[window.vehicle_id, window.connector_id]
        node_kw = room.node_kw[room.path[window.connector_id]]
        lost_kw = float((own_kw - limit_kw).sum())
        # From the last: that is where a plan in whole steps leaves its remainder.
        for interval in np.flatnonzero(own_kw - limit_kw > _ROUNDING_SHARE * STEP_KW)[::-1]:
            if lost_kw <= _ROUNDING_SHARE * STEP_KW:
                break
            free_kw = min(float(node_kw[:, interval].min()), most_kw - float(limit_kw[interval]))
            if free_kw >= STEP_KW - _TINY_KW:
                limit_kw[interval] += STEP_KW
                node_kw[:, interval] -= STEP_KW
                lost_kw -= STEP_KW
        room.node_kw[room.path[window.connector_id]] = node_kw
    return [np.round(limit_kw, 1) for limit_kw in limits_kw]
