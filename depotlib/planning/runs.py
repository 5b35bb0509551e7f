"""Vehicles that do not wake from a pause: as few starts as they can take.

Many vehicles charge after any pause; some fall asleep at 0 and stay so. Their intervals are chosen
side by side.
"""

import numpy as np
from numpy.typing import NDArray

from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

BoolArray = NDArray[np.bool_]
_TINY_KW = 1e-6


def starts_too_often(problem: PlanningProblem, task_kw: FloatArray) -> bool:
    """Return whether some vehicle starts to charge more often than it can."""
    return any(
        len(_runs(_any_of(task_kw[own] > _TINY_KW))) > most for own, most in _bounded(problem)
    )


def in_runs(problem: PlanningProblem, is_on: BoolArray, *, task_kw: FloatArray) -> BoolArray:
    """Return a choice of intervals in which no vehicle starts more often than it can.

    Parameters
    ----------
    problem : PlanningProblem
    is_on : ndarray of bool
        (tasks, intervals).
    task_kw : ndarray
        What a solver that knows no starts would draw: where the intervals should lie.
    """
    is_on = is_on.copy()
    for own, most in _bounded(problem):
        row = _any_of(is_on[own])
        if len(_runs(row)) <= most:
            continue
        inside = problem.windows_mask()[own]
        wish_kw = task_kw[own].sum(axis=0)
        kept = (
            _best_block(_any_of(inside), int(row.sum()), wish_kw=wish_kw)
            if most == 1
            else _best_runs(row, most, wish_kw=wish_kw)
        )
        is_on[own] = inside & kept
    return is_on


def best_runs_of(problem: PlanningProblem, is_on: BoolArray, *, task_kw: FloatArray) -> BoolArray:
    """Return what is left of a choice of intervals when no vehicle starts more often than it can.

    Nothing is added to it, unlike in `in_runs`: what kept the limits still does.
    """
    is_on = is_on.copy()
    for own, most in _bounded(problem):
        row = _any_of(is_on[own])
        if len(_runs(row)) > most:
            is_on[own] &= _best_runs(row, most, wish_kw=task_kw[own].sum(axis=0))
    return is_on


def can_widen(problem: PlanningProblem, is_on: BoolArray, *, task: int) -> BoolArray:
    """Return the intervals that a task can be on in without one more start, (intervals,)."""
    traits = problem.needs.traits
    need = int(problem.tasks.need[task])
    if traits is None or not traits.most_starts[need]:
        return np.ones(problem.grid.count, dtype=np.bool_)
    row = _any_of(is_on[problem.tasks.need == need])
    if len(_runs(row)) < traits.most_starts[need]:
        return np.ones(problem.grid.count, dtype=np.bool_)
    beside = np.zeros_like(row)
    beside[1:] |= row[:-1]
    beside[:-1] |= row[1:]
    return beside


def _bounded(problem: PlanningProblem) -> list[tuple[IntArray, int]]:
    """Return the tasks of every need that may not start at will, and how often it may."""
    traits = problem.needs.traits
    if traits is None:
        return []
    return [
        (np.flatnonzero(problem.tasks.need == need), most)
        for need, most in enumerate(traits.most_starts)
        if most > 0
    ]


def _any_of(rows: BoolArray) -> BoolArray:
    return np.asarray(rows.any(axis=0), dtype=np.bool_)


def _runs(row: BoolArray) -> list[tuple[int, int]]:
    """Return the stretches of intervals that are on, half-open."""
    edges = np.diff(np.pad(row.astype(np.int8), 1))
    starts, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return list(zip(starts.tolist(), ends.tolist(), strict=True))


def _best_block(inside: BoolArray, count: int, *, wish_kw: FloatArray) -> BoolArray:
    """Return one stretch of so many intervals where most is wished for, the earliest of equals."""
    best = np.zeros_like(inside)
    most_kw = -1.0
    for first, last in _runs(inside):
        length = min(count, last - first)
        for start in range(first, last - length + 1):
            block_kw = float(wish_kw[start : start + length].sum())
            if block_kw > most_kw + _TINY_KW:
                most_kw = block_kw
                best = np.zeros_like(inside)
                best[start : start + length] = True
    return best


def _best_runs(row: BoolArray, most: int, *, wish_kw: FloatArray) -> BoolArray:
    """Return the stretches of greatest energy, so many of them."""
    order = sorted(_runs(row), key=lambda run: -float(wish_kw[run[0] : run[1]].sum()))
    kept = np.zeros_like(row)
    for first, last in order[:most]:
        kept[first:last] = True
    return kept
