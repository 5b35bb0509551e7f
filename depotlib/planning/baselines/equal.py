"""Equal share: all who are plugged in and not full get the same power, as far as limits let them.

In each interval the common power rises until a limit stops some tasks; the others go on rising.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.queue import active_tasks, can_run, open_kwh
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

_TINY_KW: Final = 1e-9


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return the setpoints of equal sharing, within all limits.

    Who would get less than its minimum power waits; among several, who arrived last waits first.
    """
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    above = _nodes_above(problem)
    left_kwh = problem.needs.energy_target_kwh.astype(np.float64)
    task_kw = np.zeros((len(tasks.need), problem.grid.count))
    by_arrival = np.argsort(problem.needs.first[tasks.need], kind="stable")
    for interval, active in active_tasks(problem, by_arrival):
        finish_kw = open_kwh(problem, left_kwh, interval=interval)[tasks.need] / interval_h
        sharing = [task for task in active if finish_kw[task] > _TINY_KW]
        power_kw = _shared(problem, sharing, interval=interval, finish_kw=finish_kw, above=above)
        task_kw[:, interval] = power_kw
        given_kwh = np.bincount(tasks.need, weights=power_kw * interval_h, minlength=len(left_kwh))
        left_kwh = np.maximum(left_kwh - given_kwh, 0.0)
    return task_kw


def _shared(
    problem: PlanningProblem,
    sharing: list[int],
    *,
    interval: int,
    finish_kw: FloatArray,
    above: FloatArray,
) -> FloatArray:
    """Return the powers of one interval, after those who cannot run have stepped back."""
    tasks, room_kw = problem.tasks, problem.tree.cap_kw[:, interval]
    together = np.bincount(tasks.need[sharing], minlength=len(problem.needs.vehicle_ids))
    most_kw = np.minimum(tasks.max_kw, finish_kw / np.maximum(together[tasks.need], 1))
    while True:
        power_kw = _filled(sharing, most_kw, room_kw=room_kw, above=above)
        idle = [
            task
            for task in sharing
            if not can_run(power_kw[task], tasks.min_kw[task], finish_kw=finish_kw[task])
        ]
        if not idle:
            return power_kw
        sharing = [task for task in sharing if task != idle[-1]]


def _filled(
    sharing: Sequence[int], most_kw: FloatArray, *, room_kw: FloatArray, above: FloatArray
) -> FloatArray:
    """Return the powers when all rise together until a limit stops each.

    ``step = max(0, least of free_kw[n] / rising below n and most_kw[i] - power[i])``
    """
    power_kw = np.zeros(len(most_kw))
    rising: IntArray = np.array(sharing, dtype=np.int64)
    free_kw = room_kw.copy()
    while len(rising):
        count = above[rising].sum(axis=0)
        per_task_kw = np.divide(free_kw, count, out=np.full_like(free_kw, np.inf), where=count > 0)
        step_kw = max(0.0, min(per_task_kw.min(), (most_kw - power_kw)[rising].min()))
        power_kw[rising] += step_kw
        free_kw -= step_kw * count
        full = free_kw <= _TINY_KW
        stopped = (most_kw - power_kw)[rising] <= _TINY_KW
        rising = rising[~(stopped | (above[rising] @ full > 0))]
    return power_kw


def _nodes_above(problem: PlanningProblem) -> FloatArray:
    """Return 1 where a task's power counts at a node, (tasks, nodes)."""
    above = np.zeros((len(problem.tasks.need), len(problem.tree.kinds)))
    for task, node in enumerate(problem.tasks.node):
        above[task, list(problem.tree.path(int(node)))] = 1.0
    return above


EQUAL: Final = Baseline(name="equal", title="Equal share", obeys_limits=True, setpoints=setpoints)
