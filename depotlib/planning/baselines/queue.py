"""Charging in the order of a queue: interval by interval, the first in the queue takes its fill."""

from collections.abc import Callable, Iterator

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

_TINY_KW = 1e-9
Ranking = Callable[[int, FloatArray], FloatArray]
"""From an interval and what every need still lacks [kWh] to places in the queue, (needs,)."""


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
    places = rank.astype(np.float64)

    def unchanged(interval: int, left_kwh: FloatArray) -> FloatArray:
        del interval, left_kwh
        return places

    return serve_ranking(problem, unchanged, room_kw=room_kw)


def serve_ranking(problem: PlanningProblem, ranking: Ranking, *, room_kw: FloatArray) -> FloatArray:
    """Return the setpoints of a queue whose order may change from interval to interval.

    ``power = min(max_kw, energy left / interval_h, free power of every limit above)``

    Parameters
    ----------
    problem : PlanningProblem
    ranking : callable
    room_kw : ndarray
        Most power below each node, (nodes, intervals).
    """
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    paths = [list(problem.tree.path(int(node))) for node in tasks.node]
    left_kwh = problem.needs.energy_target_kwh.astype(np.float64)
    task_kw = np.zeros((len(tasks.need), problem.grid.count))
    for interval, active in active_tasks(problem, np.arange(len(tasks.need))):
        rank = ranking(interval, left_kwh)
        free_kw = room_kw[:, interval].copy()
        open_now_kwh = open_kwh(problem, left_kwh, interval=interval)
        for task in sorted(active, key=lambda task: rank[tasks.need[task]]):
            need = int(tasks.need[task])
            path = paths[task]
            finish_kw = float(open_now_kwh[need]) / interval_h
            wish_kw = min(float(tasks.max_kw[task]), finish_kw)
            power_kw = min(wish_kw, float(free_kw[path].min()))
            if not can_run(power_kw, tasks.min_kw[task], finish_kw=finish_kw):
                continue
            task_kw[task, interval] = power_kw
            free_kw[path] -= power_kw
            left_kwh[need] = max(0.0, left_kwh[need] - power_kw * interval_h)
            open_now_kwh[need] = max(0.0, open_now_kwh[need] - power_kw * interval_h)
    return task_kw


def open_kwh(problem: PlanningProblem, left_kwh: FloatArray, *, interval: int) -> FloatArray:
    """Return what needs may still take in an interval: preconditioning waits for its time.

    Parameters
    ----------
    problem : PlanningProblem
    left_kwh : ndarray
        What every need still lacks, (needs,).
    interval : int
    """
    traits = problem.needs.traits
    if traits is None:
        return left_kwh.copy()
    is_early = interval < np.array(traits.late_first)
    return np.maximum(0.0, left_kwh - np.where(is_early, np.array(traits.late_kwh), 0.0))


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
