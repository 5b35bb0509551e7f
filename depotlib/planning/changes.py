"""A planning problem with one number of it changed."""

from dataclasses import replace

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem


def with_limit(
    problem: PlanningProblem, node: int, *, intervals: IntArray, by_kw: float
) -> PlanningProblem:
    """Return the problem in which one limit is higher or lower in some intervals."""
    cap_kw = problem.tree.cap_kw.copy()
    cap_kw[node, intervals] = np.maximum(0.0, cap_kw[node, intervals] + by_kw)
    return replace(problem, tree=replace(problem.tree, cap_kw=cap_kw))


def with_power(problem: PlanningProblem, task: int, *, by_kw: float) -> PlanningProblem:
    """Return the problem in which one task draws at most so much more or less."""
    max_kw = problem.tasks.max_kw.copy()
    max_kw[task] = max(0.0, max_kw[task] + by_kw)
    return replace(problem, tasks=replace(problem.tasks, max_kw=max_kw))


def with_energy(problem: PlanningProblem, need: int, *, by_kwh: float) -> PlanningProblem:
    """Return the problem in which one need is larger or smaller, its must alike."""
    must_kwh = problem.needs.energy_must_kwh.copy()
    target_kwh = problem.needs.energy_target_kwh.copy()
    must_kwh[need] = max(0.0, must_kwh[need] + by_kwh)
    target_kwh[need] = max(0.0, target_kwh[need] + by_kwh)
    return with_energies(problem, must_kwh=must_kwh, target_kwh=target_kwh)


def with_energies(
    problem: PlanningProblem, *, must_kwh: FloatArray, target_kwh: FloatArray
) -> PlanningProblem:
    """Return the problem with other energies, (needs,)."""
    needs = replace(problem.needs, energy_must_kwh=must_kwh, energy_target_kwh=target_kwh)
    return replace(problem, needs=needs)


def with_stay(
    problem: PlanningProblem, need: int, *, intervals: int, gap: int = 0
) -> PlanningProblem:
    """Return the problem in which one stay ends some intervals later.

    The window in which it ends grows with it: to the end of the grid, or until the connector is
    wanted by the next.

    Parameters
    ----------
    problem : PlanningProblem
    need : int
    intervals : int
        0 or more.
    gap : int
        Intervals that a connector needs between two vehicles.
    """
    tasks = problem.tasks
    end = int(min(problem.needs.last[need] + intervals, problem.grid.count))
    needs_last, tasks_last = problem.needs.last.copy(), tasks.last.copy()
    needs_last[need] = end
    final = np.flatnonzero((tasks.need == need) & (tasks.last == problem.needs.last[need]))
    for task in final.tolist():
        tasks_last[task] = max(int(tasks.last[task]), min(end, _free_until(problem, task, gap=gap)))
    return replace(
        problem,
        needs=replace(problem.needs, last=needs_last),
        tasks=replace(tasks, last=tasks_last),
    )


def _free_until(problem: PlanningProblem, task: int, *, gap: int) -> int:
    """Return the interval until which a task's connector is free after it."""
    tasks = problem.tasks
    connector_id = tasks.connector_ids[task]
    later = [
        int(first) - gap
        for other, first in zip(tasks.connector_ids, tasks.first, strict=True)
        if connector_id is not None and other == connector_id and first >= tasks.last[task]
    ]
    return min(later, default=problem.grid.count)
