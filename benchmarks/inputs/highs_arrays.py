"""The planner's problem as the column-wise arrays that raw HiGHS takes: every need met in full."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem


@dataclass(slots=True)
class _Entries:
    """Entries of the matrix, family by family."""

    row: list[IntArray]
    column: list[IntArray]
    value: list[FloatArray]
    lower: list[FloatArray]
    upper: list[FloatArray]
    rows: int = 0

    def add(self, row: IntArray, column: IntArray, *, value: FloatArray) -> None:
        """Add entries to the family that is being written; rows count within it."""
        self.row.append(row + self.rows)
        self.column.append(column)
        self.value.append(value)

    def close(self, lower: FloatArray, upper: FloatArray) -> None:
        """End a family with the bounds of its rows."""
        self.lower.append(lower)
        self.upper.append(upper)
        self.rows += len(lower)


def write_highs_arrays(problem: PlanningProblem, path: Path) -> float:
    """Write the linear program of a feasible problem; return the part of the bill it leaves out.

    Columns: power of every task and interval, total charging power of every interval, peaks. The
    totals keep the rows of site and peaks short, which is how an expert would write it.
    """
    tasks, count = problem.tasks, problem.grid.count
    lengths = tasks.last - tasks.first
    task = np.repeat(np.arange(len(tasks.need)), lengths)
    offset = np.arange(len(task)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    interval = offset + tasks.first[task]
    peaks = problem.prices.peaks
    entries = _Entries([], [], [], [], [])
    _energy_rows(problem, entries, task=task)
    _limit_rows(problem, entries, task=task, interval=interval)
    total = len(task) + np.arange(count)
    _total_rows(entries, interval=interval, total=total)
    _peak_rows(problem, entries, total=total)
    price = problem.price_per_kwh() * problem.grid.interval_h
    infinite = np.full(len(peaks), np.inf)
    np.savez(
        path,
        cost=np.concatenate([np.zeros(len(task)), price, [peak.price_per_kw for peak in peaks]]),
        lower=np.concatenate([np.zeros(len(task) + count), [peak.paid_kw for peak in peaks]]),
        upper=np.concatenate([tasks.max_kw[task], problem.tree.cap_kw[SITE], infinite]),
        **_column_wise(entries, columns=len(task) + count + len(peaks)),
    )
    return problem.prices.fixed_amount + float(price @ problem.base_load_kw)


def _energy_rows(problem: PlanningProblem, entries: _Entries, *, task: IntArray) -> None:
    hours = np.full(len(task), problem.grid.interval_h)
    entries.add(problem.tasks.need[task], np.arange(len(task)), value=hours)
    entries.close(problem.needs.energy_target_kwh, problem.needs.energy_target_kwh)


def _limit_rows(
    problem: PlanningProblem, entries: _Entries, *, task: IntArray, interval: IntArray
) -> None:
    tree, count = problem.tree, problem.grid.count
    node = problem.tasks.node[task]
    while np.any(node != SITE):
        below = np.flatnonzero(node != SITE)
        entries.add((node[below] - 1) * count + interval[below], below, value=np.ones(len(below)))
        node = np.where(node != SITE, tree.parent[node], SITE)
    upper = tree.cap_kw[SITE + 1 :].ravel()
    entries.close(np.full(len(upper), -np.inf), upper)


def _total_rows(entries: _Entries, *, interval: IntArray, total: IntArray) -> None:
    entries.add(interval, np.arange(len(interval)), value=np.ones(len(interval)))
    entries.add(np.arange(len(total)), total, value=np.full(len(total), -1.0))
    entries.close(np.zeros(len(total)), np.zeros(len(total)))


def _peak_rows(problem: PlanningProblem, entries: _Entries, *, total: IntArray) -> None:
    for index, peak in enumerate(problem.prices.peaks):
        at = np.array(peak.intervals, dtype=np.int64)
        rows = np.arange(len(at))
        entries.add(rows, total[at], value=np.ones(len(at)))
        entries.add(rows, np.full(len(at), total[-1] + 1 + index), value=np.full(len(at), -1.0))
        entries.close(np.full(len(at), -np.inf), -problem.base_load_kw[at])


def _column_wise(entries: _Entries, *, columns: int) -> dict[str, FloatArray | IntArray]:
    row, column = np.concatenate(entries.row), np.concatenate(entries.column)
    order = np.lexsort((row, column))
    return {
        "row_lower": np.concatenate(entries.lower),
        "row_upper": np.concatenate(entries.upper),
        "start": np.searchsorted(column[order], np.arange(columns + 1)).astype(np.int32),
        "index": row[order].astype(np.int32),
        "value": np.concatenate(entries.value)[order],
    }
