"""Which vehicle is on when, by an integer program: few vehicles at a time, the others as they are.

A connector gives nothing or at least its least, a vehicle that does not wake may start only so
often, and the interval that fills a vehicle may hold less. What no choice by rules of thumb could
serve is served here, if it can be served at all beside what the other vehicles keep.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from depotlib.errors import SolverError
from depotlib.planning.linear_program import LinearProgram, Vector, solve_linear
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem

_TIME_LIMIT_S: Final = 10.0
_MOST_NODES: Final = 200
"""Branches: a bound on work that is the same on every machine."""
_TINY_KW: Final = 1e-6
_Entries = list[tuple[IntArray, Vector]]
_Bounds = list[float]
"""Each in the unit of its own row."""


@dataclass(frozen=True, slots=True)
class _Cells:
    """The pairs of task and interval that are free, in the order of need and time."""

    task: IntArray
    interval: IntArray
    need: IntArray

    def __len__(self) -> int:
        return len(self.task)


@dataclass(slots=True)
class _Rows:
    """Rows of a program as they are found."""

    entries: _Entries = field(default_factory=list[tuple[IntArray, Vector]])
    lower: _Bounds = field(default_factory=list[float])
    upper: _Bounds = field(default_factory=list[float])

    def add(
        self,
        columns: Sequence[int] | IntArray,
        values: Sequence[float] | FloatArray,
        *,
        lower: float = -np.inf,
        upper: float = np.inf,
    ) -> None:
        """Add lower <= values · x[columns] <= upper."""
        self.entries.append((np.asarray(columns, np.int64), np.asarray(values, np.float64)))
        self.lower.append(lower)
        self.upper.append(upper)


def best_on_off(
    problem: PlanningProblem, task_kw: FloatArray, *, free: Sequence[int], least_kw: FloatArray
) -> FloatArray | None:
    """Return the best powers of some needs beside those of the others; None where none are found.

    Readiness first (musts met, by priority; then what musts lack; then what targets lack), then
    energy and demand prices.

    Parameters
    ----------
    problem : PlanningProblem
        With plain prices.
    task_kw : ndarray
        (tasks, intervals); kept for all needs that are not free.
    free : sequence of int
        Needs whose powers are chosen anew.
    least_kw : ndarray
        Of every task, (tasks,).
    """
    cells = _cells(problem, free)
    if not len(cells):
        return None
    fixed_kw = task_kw.copy()
    fixed_kw[np.isin(problem.tasks.need, free)] = 0.0
    program = _program(problem, cells, fixed_kw=fixed_kw, least_kw=least_kw)
    try:
        solution = solve_linear(
            program, solver="highs", time_limit_s=_TIME_LIMIT_S, most_nodes=_MOST_NODES
        )
    except SolverError:
        return None
    power_kw = solution.values[: len(cells)]
    fixed_kw[cells.task, cells.interval] = np.where(power_kw > _TINY_KW, power_kw, 0.0)
    return fixed_kw


def _cells(problem: PlanningProblem, free: Sequence[int]) -> _Cells:
    is_free = np.isin(problem.tasks.need, free) & (problem.tasks.max_kw > 0)
    task, interval = np.nonzero(problem.windows_mask() & is_free[:, None])
    need = problem.tasks.need[task]
    order = np.lexsort((interval, need))
    return _Cells(task[order], interval[order], need[order])


def _program(
    problem: PlanningProblem, cells: _Cells, *, fixed_kw: FloatArray, least_kw: FloatArray
) -> LinearProgram:
    """Return the program: power, on, full of every cell; then must, target, ready; then peaks."""
    size, needs = len(cells), np.unique(cells.need)
    peaks = problem.prices.peaks
    count = 3 * size + 3 * len(needs) + len(peaks)
    columns = _Columns(size, len(needs))
    lower, upper, cost = np.zeros(count), np.ones(count), np.zeros(count)
    upper[:size] = problem.tasks.max_kw[cells.task]
    upper[columns.must :] = np.inf
    upper[columns.ready : columns.peak] = 1.0
    lower[columns.peak :] = [term.paid_kw for term in peaks]
    cost[:size] = problem.price_per_kwh()[cells.interval] * problem.grid.interval_h
    cost[columns.peak :] = [term.price_per_kw for term in peaks]
    cost[columns.must : columns.peak] = _readiness_costs(problem, needs)
    rows = _Rows()
    _least_rows(rows, problem, cells=cells, least_kw=least_kw)
    _timeline_rows(rows, problem, cells=cells)
    _energy_rows(rows, problem, cells=cells, needs=needs)
    _limit_rows(rows, problem, cells=cells, fixed_kw=fixed_kw)
    whole = np.concatenate([np.arange(size, 3 * size), np.arange(columns.ready, columns.peak)])
    lengths = [len(entry) for entry, _ in rows.entries]
    return LinearProgram(
        cost=cost,
        lower=lower,
        upper=upper,
        row_lower=np.array(rows.lower),
        row_upper=np.array(rows.upper),
        row=np.repeat(np.arange(len(lengths)), lengths),
        column=np.concatenate([entry for entry, _ in rows.entries]),
        value=np.concatenate([values for _, values in rows.entries]),
        whole_columns=whole,
    )


class _Columns:
    """Where each group of columns begins; power begins at 0."""

    def __init__(self, cells: int, needs: int) -> None:
        self.on = cells
        self.full = 2 * cells
        self.must = 3 * cells
        self.target = self.must + needs
        self.ready = self.target + needs
        self.peak = self.ready + needs


def _readiness_costs(problem: PlanningProblem, needs: IntArray) -> FloatArray:
    """Return what missing musts, missing targets and met musts cost: more than any bill saves."""
    steepest_per_kwh = float(np.abs(problem.price_per_kwh()).max(initial=0.0)) + sum(
        term.price_per_kw / problem.grid.interval_h for term in problem.prices.peaks
    )
    target_per_kwh = 2.0 * max(steepest_per_kwh, 1.0)
    must_per_kwh = 4.0 * target_per_kwh
    largest_kwh = float(problem.needs.energy_must_kwh[needs].max(initial=0.0)) + 1.0
    levels = np.unique(problem.needs.priority[needs], return_inverse=True)[1]
    ready_amount = 2.0 * must_per_kwh * largest_kwh * (1.0 + levels * len(needs))
    count = len(needs)
    return np.concatenate(
        [np.full(count, must_per_kwh), np.full(count, target_per_kwh), -ready_amount]
    )


def _least_rows(
    rows: _Rows, problem: PlanningProblem, *, cells: _Cells, least_kw: FloatArray
) -> None:
    """Power <= most x on; power >= least x on, but where the vehicle becomes full; full <= on."""
    size = len(cells)
    for cell in range(size):
        most = float(problem.tasks.max_kw[cells.task[cell]])
        least = float(least_kw[cells.task[cell]])
        on, full = size + cell, 2 * size + cell
        rows.add([cell, on], [1.0, -most], upper=0.0)
        rows.add([cell, on, full], [1.0, -least, least], lower=0.0)
        rows.add([on, full], [1.0, -1.0], lower=0.0)


def _timeline_rows(rows: _Rows, problem: PlanningProblem, *, cells: _Cells) -> None:
    """Nothing follows the interval that fills a vehicle, and it starts no more often than it may.

    A vehicle that may start a few times is held to one start: it either wakes or does not.
    """
    size, traits = len(cells), problem.needs.traits
    for need in sorted(set(map(int, cells.need))):
        own = np.flatnonzero(cells.need == need)
        warms = traits is not None and traits.late_kwh[need] > 0
        late = problem.grid.count if traits is None or not warms else traits.late_first[need]
        for part in (own[cells.interval[own] < late], own[cells.interval[own] >= late]):
            if len(part):
                rows.add(2 * size + part, np.ones(len(part)), upper=1.0)
            for index in range(1, len(part)):
                before = 2 * size + part[:index]
                columns = np.append(before, size + part[index])
                rows.add(columns, np.ones(len(columns)), upper=1.0)
        if traits is not None and traits.most_starts[need] > 0:
            _one_run_rows(rows, cells, own=own)


def _one_run_rows(rows: _Rows, cells: _Cells, *, own: IntArray) -> None:
    """on_a - on_b + on_c <= 1 for neighbours a < b and every later c: no gap within what is on.

    Where the time between a and b is not the vehicle's own, on_a + on_c <= 1 for c from b on.
    """
    on = (len(cells) + own).tolist()
    for index in range(1, len(own)):
        is_next = cells.interval[own[index]] == cells.interval[own[index - 1]] + 1
        if is_next:
            for later in on[index + 1 :]:
                rows.add([on[index - 1], on[index], later], [1.0, -1.0, 1.0], upper=1.0)
            continue
        for before in on[:index]:
            for later in on[index:]:
                rows.add([before, later], [1.0, 1.0], upper=1.0)


def _energy_rows(rows: _Rows, problem: PlanningProblem, *, cells: _Cells, needs: IntArray) -> None:
    columns, interval_h = _Columns(len(cells), len(needs)), problem.grid.interval_h
    traits = problem.needs.traits
    for index, need in enumerate(map(int, needs)):
        own = np.flatnonzero(cells.need == need)
        hours = np.full(len(own), interval_h)
        must_kwh = float(problem.needs.energy_must_kwh[need])
        target_kwh = float(problem.needs.energy_target_kwh[need])
        missing_must, ready = columns.must + index, columns.ready + index
        rows.add(
            [*own.tolist(), columns.target + index],
            [*hours.tolist(), 1.0],
            lower=target_kwh,
            upper=target_kwh,
        )
        rows.add([*own.tolist(), missing_must], [*hours.tolist(), 1.0], lower=must_kwh)
        rows.add([missing_must, ready], [1.0, must_kwh], upper=must_kwh)
        if traits is not None and traits.late_kwh[need] > 0:
            early = own[cells.interval[own] < traits.late_first[need]]
            most_kwh = max(0.0, target_kwh - traits.late_kwh[need])
            rows.add(early, np.full(len(early), interval_h), upper=most_kwh)


def _limit_rows(
    rows: _Rows, problem: PlanningProblem, *, cells: _Cells, fixed_kw: FloatArray
) -> None:
    """Limits of the tree, room above safe limits, and peaks; beside the fixed powers."""
    tree, needs = problem.tree, len(np.unique(cells.need))
    room_kw = tree.cap_kw.copy()
    paths = [list(tree.path(int(node))) for node in problem.tasks.node]
    for task in np.flatnonzero(fixed_kw.any(axis=1)).tolist():
        room_kw[paths[task]] -= fixed_kw[task]
    site_kw = problem.base_load_kw + fixed_kw.sum(axis=0)
    is_below = np.array(
        [[node in path for node in range(len(tree.kinds))] for path in paths], dtype=np.bool_
    )
    peak = _Columns(len(cells), needs).peak
    left_kw = None if problem.phases is None else problem.phases.left_kw(fixed_kw)
    safe = None if problem.safe is None else problem.safe.beside(fixed_kw, cells.task.tolist())
    for interval in np.unique(cells.interval).tolist():
        at = np.flatnonzero(cells.interval == interval)
        for node in range(len(tree.kinds)):
            own = at[is_below[cells.task[at], node]]
            if len(own) and problem.tasks.max_kw[cells.task[own]].sum() > room_kw[node, interval]:
                most_kw = max(0.0, float(room_kw[node, interval]))
                rows.add(own, np.ones(len(own)), upper=most_kw)
        if safe is not None:
            # The station that draws most above its safe limit has at least the least of them free.
            stations = np.unique(safe.station[at])
            free_kw = float(safe.safe_kw[stations, interval].min())
            rows.add(at, np.ones(len(at)), upper=float(safe.room_kw[interval]) + free_kw)
        _phase_rows(rows, problem, cells=cells, at=at, left_kw=left_kw)
        for index, term in enumerate(problem.prices.peaks):
            if interval in term.intervals:
                columns = [*at.tolist(), peak + index]
                values = [*[-1.0] * len(at), 1.0]
                rows.add(columns, values, lower=float(site_kw[interval]))


def _phase_rows(
    rows: _Rows,
    problem: PlanningProblem,
    *,
    cells: _Cells,
    at: IntArray,
    left_kw: FloatArray | None,
) -> None:
    """Limits on single phases in the interval of some cells, beside the fixed powers."""
    if problem.phases is None or left_kw is None:
        return
    interval = int(cells.interval[at[0]])
    weight = problem.phases.is_below[:, None, :] * problem.phases.share.T[None, :, :]
    for limit, phase in np.argwhere(weight[:, :, cells.task[at]].any(axis=2)).tolist():
        rows.add(
            at,
            weight[limit, phase, cells.task[at]],
            upper=max(0.0, float(left_kw[limit, phase, interval])),
        )
