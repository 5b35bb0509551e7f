"""What a part of the linear model is: columns, a named block of rows, a cost; all as arrays."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from depotlib.planning.linear_program import Vector
from depotlib.planning.lp.claims import Claims
from depotlib.planning.problem import IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Night:
    """What every part sees.

    Parameters
    ----------
    problem : PlanningProblem
    claims : Claims
        Who may get how much, in classes.
    task, interval : ndarray of int
        Of every power column: the task and the interval.
    """

    problem: PlanningProblem
    claims: Claims
    task: IntArray
    interval: IntArray


@dataclass(frozen=True, slots=True)
class Columns:
    """Bounds of a group of columns."""

    lower: Vector
    upper: Vector


@dataclass(frozen=True, slots=True)
class Layout:
    """Where each part's columns begin and end, and how many there are in all.

    Parameters
    ----------
    start, end : dict of str to int
        By the name of the part.
    count : int
    """

    start: dict[str, int]
    end: dict[str, int]
    count: int


@dataclass(frozen=True, slots=True)
class Block:
    """Rows of one family: lower <= A x <= upper.

    Parameters
    ----------
    row, column : ndarray of int
        Place of every entry, rows counted within the block, columns within the model.
    value : ndarray
    lower, upper : ndarray
        (rows,).
    """

    row: IntArray
    column: IntArray
    value: Vector
    lower: Vector
    upper: Vector


@dataclass(frozen=True, slots=True)
class Part:
    """One constraint family or objective term: what it brings, and how its rows are called.

    Parameters
    ----------
    name : str
    columns : callable, optional
        Its own columns.
    rows : callable, optional
        Its block.
    cost : callable, optional
        What every column of the model costs through it.
    row_name : callable, optional
        Name of one of its rows, with its indices; made on demand.
    is_whole : bool
        Whether its columns are whole numbers.
    """

    name: str
    columns: Callable[[Night], Columns] | None = None
    rows: Callable[[Night, Layout], Block] | None = None
    cost: Callable[[Night, Layout], Vector] | None = None
    row_name: Callable[[PlanningProblem, int], str] | None = None
    is_whole: bool = False


def zeros(layout: Layout) -> Vector:
    """Return a cost of nothing for every column."""
    return np.zeros(layout.count)
