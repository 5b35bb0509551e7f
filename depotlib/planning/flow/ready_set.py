"""The most vehicles that can get their whole must, the more important classes first.

A question only when not everybody fits. A set of vehicles fits when the greatest flow of their
musts is their sum; where it is not, the minimum cut says ``Σ must_i z_i <= capacity`` over the
vehicles on its near side. A small integer program chooses, the flow refuses with one more such
row, until the flow agrees.
"""

from dataclasses import dataclass, field

import numpy as np
from ortools.sat.python import cp_model

from depotlib.planning.flow.network import FlowSolver, Network, plain_supply
from depotlib.planning.problem import IntArray

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]

_MAX_ROUNDS = 100
_TIME_LIMIT_S = 2.0


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


@dataclass(slots=True)
class _Search:
    """Rows that every set must keep, learned from cuts."""

    must_mwh: IntArray
    rows: list[tuple[IntArray, int]] = field(default_factory=list[tuple[IntArray, int]])


def largest_ready_set(network: Network, must_mwh: IntArray, *, priority: IntArray) -> ReadySet:
    """Return the largest set of vehicles whose musts fit together.

    Parameters
    ----------
    network : Network
    must_mwh : ndarray of int
        By need of the night.
    priority : ndarray of int
        Larger is more important: a vehicle of a higher class counts more than all of lower ones.
    """
    search = _Search(must_mwh)
    everyone = np.ones(len(must_mwh), dtype=np.bool_)
    if _fits(everyone, network, search=search):
        return ReadySet(ready=everyone, is_proven=True)
    _refuse_the_hopeless(search, network)
    for _ in range(_MAX_ROUNDS):
        chosen = _choose(search, priority)
        if chosen is None:
            break
        if _fits(chosen, network, search=search):
            return ReadySet(ready=chosen, is_proven=True)
    return ReadySet(ready=_greedy(search, network, priority=priority), is_proven=False)


def _fits(chosen: BoolArray, network: Network, *, search: _Search) -> bool:
    """Return whether a set of vehicles fits; where it does not, note the row that refuses it."""
    supply = plain_supply(np.where(chosen, search.must_mwh, 0))
    solver = FlowSolver(network, supply)
    flow = solver.solve(network.site_mwh)
    if flow.value_mwh == supply.total_mwh:
        return True
    near = np.flatnonzero(flow.reached[solver.arcs.need_base : solver.arcs.cell_base])
    room_mwh = int(solver.arcs.cap_mwh[flow.cut[flow.cut >= solver.arcs.tasks]].sum())
    search.rows.append((near, room_mwh))
    return False


def _refuse_the_hopeless(search: _Search, network: Network) -> None:
    """Add a row for every vehicle whose own windows and power are too small."""
    own_mwh = np.bincount(
        network.task_tail, weights=network.task_mwh, minlength=len(search.must_mwh)
    )
    for need in np.flatnonzero(search.must_mwh > own_mwh):
        search.rows.append((np.array([need], dtype=np.int64), int(own_mwh[need])))


def _choose(search: _Search, priority: IntArray) -> BoolArray | None:
    """Return the best set that keeps all rows, class by class; None out of time."""
    model = cp_model.CpModel()
    takes = [model.new_bool_var("") for _ in search.must_mwh]
    for needs, room_mwh in search.rows:
        energy_mwh = cp_model.LinearExpr.weighted_sum(
            [takes[i] for i in needs], search.must_mwh[needs].tolist()
        )
        model.add(energy_mwh <= room_mwh)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = 0
    solver.parameters.max_time_in_seconds = _TIME_LIMIT_S
    for rank in np.unique(priority)[::-1]:
        count = cp_model.LinearExpr.sum([takes[i] for i in np.flatnonzero(priority == rank)])
        model.maximize(count)
        if solver.solve(model) != cp_model.OPTIMAL:
            return None
        model.add(count >= round(solver.objective_value))
    return np.array([bool(solver.value(take)) for take in takes])


def _greedy(search: _Search, network: Network, *, priority: IntArray) -> BoolArray:
    """Return a set that fits: by priority, then smallest must, each taken where it still fits."""
    chosen = np.zeros(len(search.must_mwh), dtype=np.bool_)
    for need in np.lexsort((search.must_mwh, -priority)):
        chosen[need] = True
        chosen[need] = _fits(chosen, network, search=search)
    return chosen
