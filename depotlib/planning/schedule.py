"""A plan as schedules: what a release asks of each connector, step by step."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.errors import PlanNotPushableError
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.planning.power_steps import STEP_KW
from depotlib.planning.problem import FloatArray

_ROUNDING_SHARE: Final = 1e-4


def schedules_of_plan(plan: Plan, dwells: Sequence[Dwell]) -> tuple[ConnectorSchedule, ...]:
    """Return the schedule of every connector window, by connector and time.

    Limits are whole steps of 0.1 kW: cut down, but for the interval in which a vehicle is full,
    where the limit is the step above. Before its window a vehicle's limit is 0; the first step
    begins with its arrival, or where the vehicle before it on the connector ends.

    Parameters
    ----------
    plan : Plan
        With connector windows.
    dwells : sequence of Dwell
        Those the plan was made for.

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
    power_kw = _power_by_pair(plan)
    free_from: dict[str, datetime] = {}
    schedules: list[ConnectorSchedule] = []
    for window in sorted(plan.windows, key=lambda w: (w.connector_id, w.start)):
        dwell = _dwell_of(window, dwells)
        schedules.append(
            _schedule(
                plan,
                window,
                power_kw=power_kw[window.vehicle_id, window.connector_id],
                dwell=dwell,
                free_from=free_from.get(window.connector_id, dwell.arrival),
            )
        )
        free_from[window.connector_id] = window.end
    return tuple(schedules)


def _power_by_pair(plan: Plan) -> defaultdict[tuple[str, str], FloatArray]:
    powers_kw = defaultdict[tuple[str, str], FloatArray](lambda: np.zeros(plan.grid.count))
    for vehicle_id, connector_id, start, power_kw in plan.setpoints.select(
        "vehicle_id", "connector_id", "interval_start", "power_kw"
    ).iter_rows():
        powers_kw[vehicle_id, connector_id][plan.grid.interval_of(start)] = power_kw
    return powers_kw


def _dwell_of(window: ConnectorWindow, dwells: Sequence[Dwell]) -> Dwell:
    for dwell in dwells:
        if (
            dwell.vehicle_id == window.vehicle_id
            and dwell.arrival <= window.start
            and window.end <= dwell.departure
        ):
            return dwell
    raise PlanNotPushableError(
        f"{window.vehicle_id!r} has no stay that holds its window on {window.connector_id!r}",
        where=f"window of {window.vehicle_id}",
        hint="push a plan with the stays that it was made for",
    )


def _schedule(
    plan: Plan,
    window: ConnectorWindow,
    *,
    power_kw: FloatArray,
    dwell: Dwell,
    free_from: datetime,
) -> ConnectorSchedule:
    first = plan.grid.first_whole_interval(window.start)
    last = plan.grid.interval_of(window.end)
    own_kw = power_kw[first:last]
    steps = [LimitStep(start=min(window.start, max(free_from, dwell.arrival)), limit_kw=0.0)]
    for offset, limit_kw in enumerate(_limits_kw(own_kw)):
        start = plan.grid.start + (first + offset) * plan.grid.step
        if start <= steps[0].start:
            steps = [LimitStep(start=start, limit_kw=limit_kw)]
        elif limit_kw != steps[-1].limit_kw:
            steps.append(LimitStep(start=start, limit_kw=limit_kw))
    return ConnectorSchedule(
        connector_id=window.connector_id,
        vehicle_id=window.vehicle_id,
        steps=tuple(steps),
        valid_to=window.end,
        departure=dwell.departure,
        energy_target_kwh=float(own_kw.sum()) * plan.grid.interval_h,
    )


def _limits_kw(power_kw: FloatArray) -> list[float]:
    """Return whole steps: down, but up where the vehicle is full."""
    steps = np.floor(power_kw / STEP_KW + _ROUNDING_SHARE)
    part = power_kw / STEP_KW - steps
    full = np.flatnonzero(part > _ROUNDING_SHARE)
    # Only the last such interval is where a plan in whole steps leaves its remainder.
    if len(full):
        steps[full[-1]] += 1
    return np.round(steps * STEP_KW, 1).tolist()
