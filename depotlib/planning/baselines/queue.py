"""Charging in the order of a queue: interval by interval, the first in the queue takes its fill."""

from collections.abc import Iterator

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

_TINY_KW = 1e-9


def serve_queue(problem: PlanningProblem, rank: IntArray, *, room_kw: FloatArray) -> FloatArray:
    """Return the setpoints when, in each interval, lower ranks take all they can get.

    A task runs at no less than its minimum power, unless less finishes its need.

    Parameters
    ----------
    problem : PlanningProblem
    rank : ndarray of int
        Place in the queue of each need, (needs,); ties are served in the order of the tasks.
    room_kw : ndarray
        Most power below each node, (nodes, intervals).

    Returns
    -------
    ndarray
        Power [kW], (tasks, intervals).
    """
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    paths = [problem.tree.path(int(node)) for node in tasks.node]
    left_kwh = problem.needs.energy_target_kwh.astype(np.float64)
    task_kw = np.zeros((len(tasks.need), problem.grid.count))
    queue = np.argsort(rank[tasks.need], kind="stable")
    for interval, active in active_tasks(problem, queue):
        free_kw = room_kw[:, interval].copy()
        for task in active:
            need = tasks.need[task]
            path = list(paths[task])
            finish_kw = float(left_kwh[need]) / interval_h
            wish_kw = min(float(tasks.max_kw[task]), finish_kw)
            power_kw = min(wish_kw, float(free_kw[path].min()))
            if not can_run(power_kw, tasks.min_kw[task], finish_kw=finish_kw):
                continue
            task_kw[task, interval] = power_kw
            free_kw[path] -= power_kw
            left_kwh[need] = max(0.0, left_kwh[need] - power_kw * interval_h)
    return task_kw


def active_tasks(problem: PlanningProblem, order: IntArray) -> Iterator[tuple[int, list[int]]]:
    """Yield each interval with the tasks whose window holds it, in a given order."""
    mask = problem.windows_mask()[order]
    for interval in range(problem.grid.count):
        yield interval, order[mask[:, interval]].tolist()


def can_run(power_kw: float, min_kw: float, *, finish_kw: float) -> bool:
    """Return whether a task can run at a power: its minimum, or what finishes its need."""
    if power_kw <= _TINY_KW:
        return False
    return power_kw >= min_kw - _TINY_KW or power_kw >= finish_kw - _TINY_KW
