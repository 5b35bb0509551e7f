"""Readiness that the least powers of connectors would cost, won back where it can be.

A choice of intervals by rules of thumb may leave a vehicle short that the solver served. Then the
intervals of those vehicles, and of some that share their time, are chosen by an integer program.
"""

from typing import Final

import numpy as np

from depotlib.planning.cost import cost_of
from depotlib.planning.on_off import best_on_off
from depotlib.planning.problem import FloatArray, PlanningProblem

_MOST_CELLS: Final = 500
"""Pairs of task and interval that one integer program may decide."""
_FEW_CELLS: Final = 60
"""A yard this small is always decided as a whole."""
_ROUNDS: Final = 3
_SAME_KWH: Final = 1e-4
_SAME_AMOUNT: Final = 1e-6


def with_readiness_of(
    problem: PlanningProblem, task_kw: FloatArray, *, solved_kw: FloatArray, least_kw: FloatArray
) -> FloatArray:
    """Return powers that are as ready as those of a solver that knows no least power, if they can.

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        Powers that keep every least power, (tasks, intervals).
    solved_kw : ndarray
        Of the solver, (tasks, intervals).
    least_kw : ndarray
        Of every task, (tasks,).
    """
    reached_kwh = _given_kwh(problem, solved_kw)
    everyone = list(range(len(problem.needs.vehicle_ids)))
    if int(problem.windows_mask().sum()) <= _FEW_CELLS:
        whole_kw = best_on_off(problem, task_kw, free=everyone, least_kw=least_kw)
        if whole_kw is not None and _is_no_worse(problem, whole_kw, than_kw=task_kw):
            return whole_kw
    for _ in range(_ROUNDS):
        short_kwh = reached_kwh - _given_kwh(problem, task_kw)
        if short_kwh.max(initial=0.0) <= _SAME_KWH:
            break
        free = _with_neighbours(problem, short_kwh)
        found_kw = best_on_off(problem, task_kw, free=free, least_kw=least_kw)
        if found_kw is None or not _is_better(problem, found_kw, than_kw=task_kw):
            break
        task_kw = found_kw
    return task_kw


def _with_neighbours(problem: PlanningProblem, short_kwh: FloatArray) -> list[int]:
    """Return the needs that are short and those that share most time with them, within bounds."""
    needs, tasks = problem.needs, problem.tasks
    cells = np.bincount(
        tasks.need, weights=tasks.last - tasks.first, minlength=len(needs.vehicle_ids)
    )
    short = np.flatnonzero(short_kwh > _SAME_KWH)
    first, last = needs.first[short].min(), needs.last[short].max()
    shared = np.minimum(needs.last, last) - np.maximum(needs.first, first)
    # Who asks for little of a long stay can give way most easily.
    laxity_h = cells * problem.grid.interval_h
    order = np.lexsort((-laxity_h, -np.clip(shared, 0, None), short_kwh <= _SAME_KWH))
    chosen: list[int] = []
    for need in order.tolist():
        if chosen and cells[[*chosen, need]].sum() > _MOST_CELLS:
            continue
        chosen.append(need)
    return chosen


def _given_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    return np.bincount(
        problem.tasks.need,
        weights=task_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    ).astype(np.float64)


def _readiness(problem: PlanningProblem, task_kw: FloatArray) -> tuple[int, float, float]:
    """Return vehicles that can go, and what musts and targets get, to a tenth of a watt-hour."""
    given_kwh = _given_kwh(problem, task_kw)
    must_kwh = problem.needs.energy_must_kwh
    return (
        int(np.sum(given_kwh >= must_kwh - _SAME_KWH)),
        round(float(np.minimum(given_kwh, must_kwh).sum()) / _SAME_KWH),
        round(float(given_kwh.sum()) / _SAME_KWH),
    )


def _is_better(problem: PlanningProblem, task_kw: FloatArray, *, than_kw: FloatArray) -> bool:
    return _readiness(problem, task_kw) > _readiness(problem, than_kw)


def _is_no_worse(problem: PlanningProblem, task_kw: FloatArray, *, than_kw: FloatArray) -> bool:
    ours, theirs = _readiness(problem, task_kw), _readiness(problem, than_kw)
    if ours != theirs:
        return ours > theirs
    return (
        cost_of(problem, task_kw).bill_amount
        <= cost_of(problem, than_kw).bill_amount + _SAME_AMOUNT
    )
