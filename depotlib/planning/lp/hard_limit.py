"""Setpoints, the safe limits of idle stations and the highest base load keep the hard limit.

``above[s, t] >= power of station s - F_s`` and their sum within what is left of the service.
"""

import numpy as np

from depotlib.planning.lp.part import Block, Columns, Layout, Night, Part
from depotlib.planning.problem import SITE, IntArray, PlanningProblem


def columns(night: Night) -> Columns:
    """Return the bounds of what stations draw above their safe limits: 0 <= above[s, t]."""
    cells, _, _ = _cells(night)
    return Columns(lower=np.zeros(len(cells)), upper=np.full(len(cells), np.inf))


def rows(night: Night, layout: Layout) -> Block:
    """Sum of power[i of s, t] - above[s, t] <= F_s, and sum over s of above[s, t] <= room[t]."""
    safe, count = night.problem.safe, night.problem.grid.count
    cells, arc, cell = _cells(night)
    intervals = binding_intervals(night.problem)
    above = layout.start["hard_limit"] + np.arange(len(cells))
    row_of_interval = np.zeros(count, dtype=np.int64)
    row_of_interval[intervals] = len(cells) + np.arange(len(intervals))
    none = np.zeros(0)
    free_kw = none if safe is None else safe.safe_kw[cells // count, cells % count]
    room_kw = none if safe is None else safe.room_kw[intervals]
    return Block(
        row=np.concatenate([cell, np.arange(len(cells)), row_of_interval[cells % count]]),
        column=np.concatenate([layout.start["power"] + arc, above, above]),
        value=np.concatenate([np.ones(len(arc)), np.full(len(cells), -1.0), np.ones(len(cells))]),
        lower=np.full(len(cells) + len(intervals), -np.inf),
        upper=np.concatenate([free_kw, room_kw]),
    )


def row_name(problem: PlanningProblem, row: int) -> str:
    """Return ``hard_limit[row]``."""
    intervals = binding_intervals(problem)
    return f"hard_limit[{row} of {len(intervals)} intervals]"


def binding_intervals(problem: PlanningProblem) -> IntArray:
    """Return the intervals in which the site's own limit does not keep the hard limit already."""
    if problem.safe is None:
        return np.zeros(0, dtype=np.int64)
    return np.flatnonzero(problem.safe.room_kw < problem.tree.cap_kw[SITE])


def _cells(night: Night) -> tuple[IntArray, IntArray, IntArray]:
    """Return the cells (station x intervals + interval) that count, and every arc with its cell."""
    safe, count = night.problem.safe, night.problem.grid.count
    none = np.zeros(0, dtype=np.int64)
    if safe is None:
        return none, none, none
    counts = np.zeros(count, dtype=np.bool_)
    counts[binding_intervals(night.problem)] = True
    arc = np.flatnonzero(counts[night.interval])
    cells, cell = np.unique(
        safe.station[night.task[arc]] * count + night.interval[arc], return_inverse=True
    )
    return cells, arc, cell.astype(np.int64)


HARD_LIMIT = Part(name="hard_limit", columns=columns, rows=rows, row_name=row_name)
