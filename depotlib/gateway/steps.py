"""Power over time as steps: the arithmetic of the safety ledger.

A line is constant between its starts. Clock errors and slow vehicles turn instants into spans, so
the ledger needs two filters: `widened` (the most within a span around each instant) for what may
be drawn, and `narrowed` (the least) for what may be asked. Narrowing, then widening, never
exceeds the line one began with.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.model.release import LimitStep

FloatArray = NDArray[np.float64]
EQUAL_KW: Final = 1e-9
"""Powers closer than this are the same: a microwatt, far below what any meter shows."""


@dataclass(frozen=True, slots=True, eq=False)
class StepLine:
    """Power that is constant from each start to the next; before the first it is the first.

    Parameters
    ----------
    starts_s : numpy.ndarray
        Rising instants [s since 1970], (n,), n >= 1.
    values_kw : numpy.ndarray
        Power from each start on, (n,).
    """

    starts_s: FloatArray
    values_kw: FloatArray

    def on(self, grid_s: FloatArray) -> FloatArray:
        """Return the power at each instant of a grid [kW], (grid,)."""
        index = self.starts_s.searchsorted(grid_s, side="right")
        return self.values_kw.take(index - 1, mode="clip")

    def at(self, instant_s: float) -> float:
        """Return the power at an instant [kW]."""
        index = int(np.searchsorted(self.starts_s, instant_s, side="right")) - 1
        return float(self.values_kw[max(index, 0)])


def constant(power_kw: float) -> StepLine:
    """Return a line that never changes."""
    return StepLine(np.array([0.0]), np.array([power_kw]))


def line_of(points: Iterable[tuple[float, float]]) -> StepLine:
    """Return the line through (start [s], power [kW]) points given by rising start."""
    pairs = list(points)
    return StepLine(
        np.array([start_s for start_s, _ in pairs], dtype=np.float64),
        np.array([power_kw for _, power_kw in pairs], dtype=np.float64),
    )


def line_of_steps(
    steps: Sequence[LimitStep], *, valid_to: datetime | None, after_kw: float = 0.0
) -> StepLine:
    """Return the line of a schedule, with what follows its validity.

    Parameters
    ----------
    steps : sequence of LimitStep
        By rising start; empty: nothing is permitted at all.
    valid_to : datetime or None
        End of the schedule; None: its last step holds for ever.
    after_kw : float
        Power from `valid_to` on [kW].
    """
    points = [(step.start.timestamp(), step.limit_kw) for step in steps]
    if valid_to is not None:
        end_s = valid_to.timestamp()
        points = [point for point in points if point[0] < end_s]
        points.append((end_s, after_kw) if points else (0.0, after_kw))
    return line_of(points or [(0.0, after_kw)])


def limit_steps(line: StepLine) -> tuple[LimitStep, ...]:
    """Return a line as steps, one for each of its starts."""
    return tuple(
        LimitStep(start=instant_of(start_s), limit_kw=max(0.0, power_kw))
        for start_s, power_kw in zip(line.starts_s.tolist(), line.values_kw.tolist(), strict=True)
    )


def until(line: StepLine, end_s: float, *, after_kw: float) -> StepLine:
    """Return a line up to an instant, and a constant power from it on."""
    early = line.starts_s < end_s
    return StepLine(
        np.append(line.starts_s[early], end_s), np.append(line.values_kw[early], after_kw)
    )


def instant_of(at_s: float) -> datetime:
    """Return the aware instant of seconds since 1970."""
    return datetime.fromtimestamp(at_s, tz=UTC)


def widened(line: StepLine, *, before_s: float, after_s: float) -> StepLine:
    """Return the most a line reaches from `before_s` ago to `after_s` ahead of each instant."""
    if before_s == 0.0 and after_s == 0.0:
        return line
    return _filtered(line, before_s=before_s, after_s=after_s, sign=1.0)


def narrowed(line: StepLine, *, before_s: float, after_s: float) -> StepLine:
    """Return the least a line reaches from `before_s` ago to `after_s` ahead of each instant."""
    if before_s == 0.0 and after_s == 0.0:
        return line
    return _filtered(line, before_s=before_s, after_s=after_s, sign=-1.0)


def highest(lines: Sequence[StepLine]) -> StepLine:
    """Return the highest of some lines at each instant; at least one line."""
    if len(lines) == 1:
        return lines[0]
    grid_s = grid_of(lines)
    return StepLine(grid_s, rows_of(lines, grid_s).max(axis=0))


def lowest(lines: Sequence[StepLine]) -> StepLine:
    """Return the lowest of some lines at each instant; at least one line."""
    if len(lines) == 1:
        return lines[0]
    grid_s = grid_of(lines)
    return StepLine(grid_s, rows_of(lines, grid_s).min(axis=0))


def rows_of(lines: Sequence[StepLine], grid_s: FloatArray) -> FloatArray:
    """Return the power of each of some lines at each instant of a grid [kW], (lines, grid).

    The same as `StepLine.on` of one after the other, but for many of them at once.
    """
    counts = np.array([len(line.starts_s) for line in lines])
    starts_s = np.concatenate([line.starts_s for line in lines])
    values_kw = np.concatenate([line.values_kw for line in lines])
    # A value holds from the first instant of the grid that is not before its start.
    column = grid_s.searchsorted(starts_s)
    row = np.arange(len(lines)).repeat(counts)
    number = np.arange(len(starts_s))
    newest = np.zeros((len(lines), len(grid_s)), dtype=np.intp)
    newest[:, 0] = counts.cumsum() - counts
    is_shown = column < len(grid_s)
    # Of those that begin in one column the last one stays.
    newest[row[is_shown], column[is_shown]] = number[is_shown]
    return values_kw[np.maximum.accumulate(newest, axis=1)]


def from_then(before: StepLine, after: StepLine, *, at_s: float) -> StepLine:
    """Return one line until an instant and another one from it on."""
    early = before.starts_s < at_s
    late = after.starts_s > at_s
    starts_s = np.concatenate((before.starts_s[early], np.array([at_s]), after.starts_s[late]))
    values_kw = np.concatenate(
        (before.values_kw[early], np.array([after.at(at_s)]), after.values_kw[late])
    )
    return StepLine(starts_s, values_kw)


def grid_of(lines: Iterable[StepLine], *, from_s: float = -math.inf) -> FloatArray:
    """Return every instant at which one of the lines changes, rising, none before `from_s`.

    With a finite `from_s` that instant itself comes first.
    """
    starts_s = rising([line.starts_s for line in lines])
    if math.isinf(from_s):
        return starts_s
    return np.concatenate((np.array([from_s]), starts_s[starts_s > from_s]))


def rising(instants_s: Sequence[FloatArray]) -> FloatArray:
    """Return the instants of several arrays once each, rising; at least one instant."""
    all_s = np.concatenate(instants_s)
    all_s.sort()
    is_new = np.empty(len(all_s), dtype=np.bool_)
    is_new[0] = True
    np.not_equal(all_s[1:], all_s[:-1], out=is_new[1:])
    return all_s[is_new]


def mean_between(line: StepLine, start_s: float, *, end_s: float) -> float:
    """Return the mean of a line over a span [kW]."""
    inside = line.starts_s[(line.starts_s > start_s) & (line.starts_s < end_s)]
    edges_s = np.concatenate((np.array([start_s]), inside, np.array([end_s])))
    return float(np.sum(line.on(edges_s[:-1]) * np.diff(edges_s)) / (end_s - start_s))


def _filtered(line: StepLine, *, before_s: float, after_s: float, sign: float) -> StepLine:
    """Return the maximum (sign 1) or minimum (sign -1) over a window that slides along."""
    ends_s = np.concatenate((line.starts_s[1:], np.array([math.inf])))
    from_s, until_s = line.starts_s - after_s, ends_s + before_s
    from_s[0] = -math.inf
    grid_s = rising((line.starts_s - after_s, until_s[:-1]))
    # The pieces whose span reaches a grid point lie side by side: from `first` to `last`.
    first = until_s.searchsorted(grid_s, side="right")
    last = from_s.searchsorted(grid_s, side="right") - 1
    # `reduceat` takes pairs of ends; a value behind the last keeps the final pair in bounds.
    padded_kw = np.append(sign * line.values_kw, -math.inf)
    ends = np.column_stack((first, last + 1)).ravel()
    values_kw = sign * np.maximum.reduceat(padded_kw, ends)[::2]
    keep = np.concatenate((np.array([True]), np.abs(np.diff(values_kw)) > EQUAL_KW))
    return StepLine(grid_s[keep], values_kw[keep])
