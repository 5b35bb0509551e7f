"""Taper: whose planned powers are more than a battery takes (formula 2)."""

import numpy as np

from depotlib.model.battery import tapered_max_kw
from depotlib.planning.problem import FloatArray, PlanningProblem

_TOLERANCE_KW = 1e-6


def needs_beyond_taper(
    problem: PlanningProblem, task_kw: FloatArray, *, feed_kw: FloatArray | None = None
) -> set[int]:
    """Return the needs that are asked to take more than their battery does.

    ``soc[i, t] = arrival_soc + efficiency / usable_kwh * interval_h * Σ_{s<=t} (power[i, s] -
    feed[i, s] / round_trip_share)``

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        (tasks, intervals).
    feed_kw : ndarray, optional
        What tasks feed back, (tasks, intervals).
    """
    return {
        need
        for need in tapering_needs(problem)
        if _is_beyond(problem, need, task_kw=task_kw, feed_kw=feed_kw)
    }


def tapering_needs(problem: PlanningProblem) -> list[int]:
    """Return the needs whose battery tapers."""
    traits = problem.needs.traits
    if traits is None:
        return []
    return [
        need
        for need, battery in enumerate(traits.batteries)
        if battery is not None and battery.taper_share > 0
    ]


def _is_beyond(
    problem: PlanningProblem, need: int, *, task_kw: FloatArray, feed_kw: FloatArray | None
) -> bool:
    traits = problem.needs.traits
    battery = None if traits is None else traits.batteries[need]
    assert battery is not None, "only a battery tapers"
    own = np.flatnonzero(problem.tasks.need == need)
    net_kw = task_kw[own].sum(axis=0)
    if feed_kw is not None:
        net_kw = net_kw - feed_kw[own].sum(axis=0) / battery.round_trip_share
    gained = np.cumsum(net_kw) * problem.grid.interval_h * battery.wall_efficiency_share
    soc = battery.arrival_soc + gained / battery.usable_kwh
    for task in own.tolist():
        for interval in np.flatnonzero(task_kw[task] > 0).tolist():
            most_kw = tapered_max_kw(
                float(soc[interval]),
                max_kw=float(problem.tasks.max_kw[task]),
                taper_share=battery.taper_share,
            )
            if task_kw[task, interval] > most_kw + _TOLERANCE_KW:
                return True
    return False
