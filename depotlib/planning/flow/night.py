"""Nights: the parts of a problem that do not touch each other once the peaks are given."""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.problem import IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Night:
    """A connected stretch of tasks.

    Parameters
    ----------
    tasks : ndarray of int
        Indices of its tasks, none of them empty.
    needs : ndarray of int
        Indices of the needs that they serve, rising.
    first, last : int
        Its intervals, half-open.
    """

    tasks: IntArray
    needs: IntArray
    first: int
    last: int


def nights_of(problem: PlanningProblem) -> list[Night]:
    """Return the nights of a problem by time; needs without any whole interval are in none.

    Two tasks belong together when they overlap or serve the same need.
    """
    tasks = problem.tasks
    filled = np.flatnonzero(tasks.last > tasks.first)
    if not len(filled):
        return []
    need_count = len(problem.needs.vehicle_ids)
    first_of_need = np.full(need_count, problem.grid.count, dtype=np.int64)
    last_of_need = np.zeros(need_count, dtype=np.int64)
    np.minimum.at(first_of_need, tasks.need[filled], tasks.first[filled])
    np.maximum.at(last_of_need, tasks.need[filled], tasks.last[filled])
    served = np.unique(tasks.need[filled])
    order = served[np.argsort(first_of_need[served], kind="stable")]
    reached = np.maximum.accumulate(last_of_need[order])
    breaks = np.flatnonzero(first_of_need[order][1:] >= reached[:-1]) + 1
    night_of_need = np.full(need_count, -1, dtype=np.int64)
    groups = np.split(order, breaks)
    for index, group in enumerate(groups):
        night_of_need[group] = index
    by_night = filled[np.argsort(night_of_need[tasks.need[filled]], kind="stable")]
    counts = np.bincount(night_of_need[tasks.need[filled]], minlength=len(groups))
    return [
        Night(
            tasks=part,
            needs=np.sort(group),
            first=int(first_of_need[group].min()),
            last=int(last_of_need[group].max()),
        )
        for part, group in zip(np.split(by_night, np.cumsum(counts)[:-1]), groups, strict=True)
    ]
