"""The most vehicles that can get their whole must, the more important classes first.

A question only when not everybody fits. A set of vehicles fits when the greatest flow of their
musts is their sum; where it is not, the minimum cut says ``Σ must_i z_i <= capacity`` over the
vehicles on its near side, of which not all that were chosen can be chosen together. A small integer
program chooses, the flow refuses with these two rows, until the flow agrees.
"""

from dataclasses import dataclass, field

import numpy as np

from depotlib.errors import SolverError
from depotlib.planning.budget import Budget
from depotlib.planning.flow.network import FlowSolver, Network, plain_supply
from depotlib.planning.linear_program import LinearProgram, Vector, solve_linear
from depotlib.planning.problem import IntArray
from depotlib.units import MWH_PER_KWH, mwh_to_kwh

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_MAX_ROUNDS = 100
_TIME_LIMIT_S = 2.0
_ROUNDING_KWH = 1e-6
"""Rows are this much wider than the cut, so that no set that just fits is refused."""


@dataclass(frozen=True, slots=True)
class ReadySet:
    """Vehicles whose must is promised in full.

    Parameters
    ----------
    ready : ndarray of bool
        (needs of the night,).
    is_proven : bool
        Whether no better set exists.
    """

    ready: BoolArray
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _Row:
    """What every set must keep: least <= value · z <= most, over some needs."""

    needs: IntArray
    value: Vector
    bounds: Vector


@dataclass(slots=True)
class _Search:
    """Rows that every set must keep, learned from cuts."""

    must_mwh: IntArray
    rows: list[_Row] = field(default_factory=list[_Row])


def largest_ready_set(
    network: Network, must_mwh: IntArray, *, priority: IntArray, budget: Budget
) -> ReadySet:
    """Return the largest set of vehicles whose musts fit together.

    Parameters
    ----------
    network : Network
    must_mwh : ndarray of int
        By need of the night.
    priority : ndarray of int
        Larger is more important: a vehicle of a higher class counts more than all of lower ones.
    budget : Budget
        Where it ends before the proof, the set fits but may not be the largest.
    """
    search = _Search(must_mwh)
    everyone = np.ones(len(must_mwh), dtype=np.bool_)
    if _fits(everyone, network, search=search):
        return ReadySet(ready=everyone, is_proven=True)
    hopeless = _hopeless(search, network)
    # Mostly only they are in the way: whatever the program chose, it could not choose more.
    if hopeless.any() and _fits(~hopeless, network, search=_Search(must_mwh)):
        return ReadySet(ready=~hopeless, is_proven=True)
    search.rows.append(_not_more(np.flatnonzero(hopeless), 0))
    for _ in range(_MAX_ROUNDS):
        chosen = None if budget.is_spent else _choose(search, priority, budget=budget)
        if chosen is None:
            break
        if _fits(chosen, network, search=search):
            return ReadySet(ready=chosen, is_proven=True)
    return ReadySet(
        ready=_greedy(search, network, priority=priority, budget=budget), is_proven=False
    )


def _fits(chosen: BoolArray, network: Network, *, search: _Search) -> bool:
    """Return whether a set of vehicles fits; where it does not, note the row that refuses it."""
    supply = plain_supply(np.where(chosen, search.must_mwh, 0))
    solver = FlowSolver(network, supply)
    flow = solver.solve(network.site_mwh)
    if flow.value_mwh == supply.total_mwh:
        return True
    near = np.flatnonzero(flow.reached[solver.arcs.need_base : solver.arcs.cell_base])
    room_mwh = int(solver.arcs.cap_mwh[flow.cut[flow.cut >= solver.arcs.tasks]].sum())
    musts_kwh = search.must_mwh[near] / MWH_PER_KWH
    search.rows.append(_at_most(near, musts_kwh, most_kwh=mwh_to_kwh(room_mwh) + _ROUNDING_KWH))
    together = near[chosen[near]]
    search.rows.append(_not_more(together, len(together) - 1))
    return False


def _at_most(needs: IntArray, value_kwh: Vector, *, most_kwh: float) -> _Row:
    return _Row(needs, value_kwh, bounds=np.array([-np.inf, most_kwh]))


def _not_more(needs: IntArray, count: int) -> _Row:
    return _Row(needs, np.ones(len(needs)), bounds=np.array([-np.inf, float(count)]))


def _not_fewer(needs: IntArray, count: int) -> _Row:
    return _Row(needs, np.ones(len(needs)), bounds=np.array([float(count), np.inf]))


def _hopeless(search: _Search, network: Network) -> BoolArray:
    """Return which vehicles' own windows and power are too small."""
    own_mwh = np.bincount(
        network.task_tail, weights=network.task_mwh, minlength=len(search.must_mwh)
    )
    return search.must_mwh > own_mwh


def _choose(search: _Search, priority: IntArray, *, budget: Budget) -> BoolArray | None:
    """Return the best set that keeps all rows, class by class; None out of time."""
    rows = list(search.rows)
    chosen = np.zeros(len(search.must_mwh), dtype=np.bool_)
    for rank in np.unique(priority)[::-1]:
        members = np.flatnonzero(priority == rank)
        try:
            solution = solve_linear(
                _program(rows, members, count=len(chosen)),
                solver="scip",
                time_limit_s=budget.left_s(at_most_s=_TIME_LIMIT_S),
            )
        except SolverError:
            return None
        if not solution.is_optimal:
            return None
        chosen = solution.values > 0.5  # noqa: PLR2004 - the middle between no and yes
        rows.append(_not_fewer(members, int(chosen[members].sum())))
    return chosen


def _program(rows: list[_Row], members: IntArray, *, count: int) -> LinearProgram:
    """Return the program: as many of a class as possible, under the rows."""
    lengths = [len(row.needs) for row in rows]
    cost = np.zeros(count)
    cost[members] = -1.0
    return LinearProgram(
        cost=cost,
        lower=np.zeros(count),
        upper=np.ones(count),
        row_lower=np.array([row.bounds[0] for row in rows], dtype=np.float64),
        row_upper=np.array([row.bounds[1] for row in rows], dtype=np.float64),
        row=np.repeat(np.arange(len(rows)), lengths),
        column=np.concatenate([row.needs for row in rows]),
        value=np.concatenate([row.value for row in rows]),
        is_integer=True,
    )


def _greedy(search: _Search, network: Network, *, priority: IntArray, budget: Budget) -> BoolArray:
    """Return a set that fits: by priority, then smallest must, each taken where it still fits.

    As many as fit are taken at a stroke, found by halving; then the one that did not fit is left.
    """
    order = np.lexsort((search.must_mwh, -priority))
    chosen = np.zeros(len(search.must_mwh), dtype=np.bool_)
    at = 0
    while at < len(order) and not budget.is_spent:
        taken = _prefix_that_fits(chosen, order[at:], network=network, search=search)
        chosen[order[at : at + taken]] = True
        at += taken + 1
    return chosen


def _prefix_that_fits(
    chosen: BoolArray, order: IntArray, *, network: Network, search: _Search
) -> int:
    """Return how many of the next vehicles fit together with those that are chosen."""
    fits, fails = 0, len(order) + 1
    while fails - fits > 1:
        middle = (fits + fails) // 2
        tried = chosen.copy()
        tried[order[:middle]] = True
        if _fits(tried, network, search=search):
            fits = middle
        else:
            fails = middle
    return fits
