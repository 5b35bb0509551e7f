"""Done before departure, as far as that costs no readiness.

Whoever is fetched before its time then has what it needs. A vehicle whose stay leaves no time for
that, or that would be short by it, is planned to the end of its stay like any other.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import Final

import numpy as np

from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solution import Solution

Decide = Callable[[PlanningProblem], tuple[FloatArray, Solution]]
"""Powers for a problem, (tasks, intervals), and the solution that they rest on."""
SPARE_FACTOR: Final = 1.5
"""So many times what it needs at full power stays open to a vehicle."""
_SAME_KWH: Final = 0.05
"""Limits are whole tenths of a kW: cutting two quarter-hours to them loses as much."""
_LEAST_KWH: Final = 1e-6


def decided_earlier(
    problem: PlanningProblem, intervals: int, *, decide: Decide
) -> tuple[PlanningProblem, FloatArray, Solution]:
    """Return the problem in which stays end earlier, and what was decided of it.

    Nobody lacks more than where all stays have their whole length, priority by priority.

    Parameters
    ----------
    problem : PlanningProblem
    intervals : int
        How many before its departure a vehicle should be done.
    decide : callable
    """
    asked = earlier_ends(problem, intervals)
    task_kw, solution = decide(asked)
    short = _short(problem, task_kw)
    if asked is problem or not short:
        return asked, task_kw, solution
    whole_kw, whole = decide(problem)
    least = _lacks(problem, whole_kw)
    if _lacks(problem, task_kw) > least:
        asked = earlier_ends(problem, intervals, but=short)
        task_kw, solution = decide(asked)
    if _lacks(problem, task_kw) > least:
        return problem, whole_kw, whole
    return asked, task_kw, solution


def earlier_ends(
    problem: PlanningProblem, intervals: int, *, but: Collection[int] = ()
) -> PlanningProblem:
    """Return the problem in which stays end some intervals earlier, where they are long enough.

    ``last[i] = last[i] - min(earlier, max(0, Σ_tasks (last - first) - 1.5 * needed[i]))``

    `needed` is the time at full power, in intervals. Who draws something in its last minutes
    (preconditioning) is left alone. The problem itself where nobody's stay changes.

    Parameters
    ----------
    problem : PlanningProblem
    intervals : int
    but : collection of int
        Needs that are left alone too.
    """
    needs, tasks = problem.needs, problem.tasks
    plugged_in = np.zeros(len(needs.vehicle_ids), dtype=np.int64)
    np.add.at(plugged_in, tasks.need, tasks.last - tasks.first)
    spare = plugged_in - np.ceil(SPARE_FACTOR * _needed(problem)).astype(np.int64)
    earlier = np.clip(spare, 0, intervals)
    earlier[[*but, *([] if needs.traits is None else needs.traits.late_needs())]] = 0
    if not earlier.any():
        return problem
    needs_last = needs.last - earlier
    tasks_last = np.maximum(tasks.first, np.minimum(tasks.last, needs_last[tasks.need]))
    return replace(
        problem, needs=replace(needs, last=needs_last), tasks=replace(tasks, last=tasks_last)
    )


def _needed(problem: PlanningProblem) -> FloatArray:
    """Return how long each need takes at the most power of its best task, in intervals."""
    most_kw = np.zeros(len(problem.needs.vehicle_ids))
    np.maximum.at(most_kw, problem.tasks.need, problem.tasks.max_kw)
    interval_kwh = np.maximum(most_kw * problem.grid.interval_h, _LEAST_KWH)
    return np.minimum(problem.needs.energy_target_kwh / interval_kwh, problem.grid.count)


def _short(problem: PlanningProblem, task_kw: FloatArray) -> set[int]:
    short_kwh = problem.needs.energy_target_kwh - delivered_kwh(problem, task_kw)
    return set(np.flatnonzero(short_kwh > _SAME_KWH).tolist())


def _lacks(problem: PlanningProblem, task_kw: FloatArray) -> tuple[int, ...]:
    """Return what is missing, musts first and whoever matters most first, in whole 0.05 kWh."""
    needs, given_kwh = problem.needs, delivered_kwh(problem, task_kw)
    lacks: list[int] = []
    for wanted_kwh in (needs.energy_must_kwh, needs.energy_target_kwh):
        short_kwh = wanted_kwh - given_kwh
        missing_kwh = np.where(short_kwh > _SAME_KWH, short_kwh, 0.0)
        lacks += [
            round(float(missing_kwh[needs.priority == level].sum()) / _SAME_KWH)
            for level in sorted(set(needs.priority.tolist()), reverse=True)
        ]
    return tuple(lacks)
