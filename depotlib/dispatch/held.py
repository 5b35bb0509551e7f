"""What the release in force asks for, as a re-plan may keep it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.dispatch.night import DONE_KWH, permitted_kwh, without_buffer_kwh
from depotlib.model.dwell import Dwell
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.problem import PlanningProblem

FloatArray = NDArray[np.float64]

OVER_KWH: Final = 0.3
"""Who is permitted so much more than its target is on plan: it ends a little earlier."""


def as_promised(stays: Sequence[Dwell], release: Release, *, start: datetime) -> tuple[Dwell, ...]:
    """Return stays, the target of those on plan exactly what the release in force still permits.

    Meters, guarded steps and rounding move every target a little at every look; none of that is a
    reason to plan a vehicle anew.

    Parameters
    ----------
    stays : sequence of Dwell
        With what each still needs from an instant on.
    release : Release
    start : datetime
        That instant.
    """
    return tuple(_promised(stay, release, start=start) for stay in stays)


def held_powers(release: Release, problem: PlanningProblem) -> FloatArray:
    """Return what a release asks for throughout each interval, by task, (tasks, intervals) [kW].

    Parameters
    ----------
    release : Release
    problem : PlanningProblem
        With connectors.
    """
    held_kw = np.zeros((len(problem.tasks.need), problem.grid.count))
    schedules: dict[tuple[str, str], list[ConnectorSchedule]] = {}
    for one in release.schedules:
        schedules.setdefault((one.vehicle_id, one.connector_id), []).append(one)
    inside = problem.windows_mask()
    for task, connector_id in enumerate(problem.tasks.connector_ids):
        vehicle_id = problem.needs.vehicle_ids[int(problem.tasks.need[task])]
        for one in schedules.get((vehicle_id, connector_id or ""), []):
            held_kw[task] = np.maximum(held_kw[task], _throughout_kw(one, problem.grid))
    return np.where(inside, held_kw, 0.0)


def _promised(stay: Dwell, release: Release, *, start: datetime) -> Dwell:
    due_kwh = permitted_kwh(release, stay.vehicle_id, since=start, until=stay.departure) or 0.0
    # The target holds a buffer for steps to come; who has used it up is on plan all the same.
    most_kwh = stay.energy_target_kwh + OVER_KWH
    least_kwh = without_buffer_kwh(stay.energy_target_kwh) - DONE_KWH
    if stay.energy_target_kwh <= 0.0 or not least_kwh <= due_kwh <= most_kwh:
        return stay
    return replace(
        stay,
        energy_target_kwh=due_kwh,
        energy_must_kwh=min(stay.energy_must_kwh, due_kwh),
        precondition_kwh=min(stay.precondition_kwh, due_kwh),
    )


def _throughout_kw(schedule: ConnectorSchedule, grid: TimeGrid) -> FloatArray:
    """Return the least that a schedule permits within each interval, (intervals,) [kW]."""
    line_kw, step = np.full(grid.count, np.inf), grid.step
    bounds = [*(one.start - grid.start for one in schedule.steps), schedule.valid_to - grid.start]
    floors = [max(0, bound // step) for bound in bounds]
    ceilings = [max(0, -(-bound // step)) for bound in bounds]
    covered = np.zeros(grid.count, dtype=np.bool_)
    covered[ceilings[0] : floors[-1]] = True
    for one, first, last in zip(schedule.steps, floors, ceilings[1:], strict=False):
        if last > first:
            line_kw[first:last] = np.minimum(line_kw[first:last], one.limit_kw)
    return np.where(covered & np.isfinite(line_kw), line_kw, 0.0)
