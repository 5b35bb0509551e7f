"""Whose turn it is among equal vehicles: whoever leaves first is charged first.

A plan's bill depends on how much the site draws when, not on which of two equal vehicles draws it.
Vehicles are equal whose tasks begin together at one place of the limit tree, take the same power
and get the same energy. Put the curves of their energy so far in order at every instant: the
highest belongs to whoever leaves first. Each new curve rises no faster than the old ones did, ends
at the same energy, and the sum at every instant is the old sum. So nobody who leaves later is ever
ahead of an equal who leaves earlier, and bill, limits and readiness stay as they were.
"""

import numpy as np

from depotlib.planning.flow.network import Network
from depotlib.planning.problem import IntArray, PlanningProblem


def in_turn_mwh(problem: PlanningProblem, network: Network, *, energy_mwh: IntArray) -> IntArray:
    """Return the energy of every task arc of a night [mWh], equals ordered by their departures.

    ``sorted_descending(Σ_{u <= t} e_iu)``

    Over equal i, at every t.

    Parameters
    ----------
    problem : PlanningProblem
    network : Network
        Of the night.
    energy_mwh : ndarray of int
        (task arcs of the night,).
    """
    ordered_mwh = energy_mwh.copy()
    if not len(energy_mwh):
        return ordered_mwh
    task, begins = np.unique(network.task_index, return_index=True)
    lengths = np.diff(np.append(begins, len(energy_mwh)))
    for equals in _equals(problem, task, got_mwh=np.add.reduceat(energy_mwh, begins)):
        rows = equals[np.argsort(problem.tasks.last[task[equals]], kind="stable")]
        columns = np.arange(int(lengths[rows].max()))
        within = columns < lengths[rows, None]
        arcs = (begins[rows, None] + columns)[within]
        so_far_mwh = np.zeros(within.shape, dtype=np.int64)
        so_far_mwh[within] = energy_mwh[arcs]
        so_far_mwh = -np.sort(-np.cumsum(so_far_mwh, axis=1), axis=0)
        ordered_mwh[arcs] = np.diff(so_far_mwh, axis=1, prepend=0)[within]
    return ordered_mwh


def _equals(problem: PlanningProblem, task: IntArray, *, got_mwh: IntArray) -> list[IntArray]:
    """Return the rows of tasks that are equal but for their departures, two or more together."""
    tasks = problem.tasks
    kinds = np.stack(
        [
            tasks.first[task],
            tasks.node[task],
            np.unique(tasks.max_kw[task], return_inverse=True)[1],
            got_mwh,
        ]
    )
    order = np.lexsort(kinds)
    changes = np.any(np.diff(kinds[:, order], axis=1) != 0, axis=0)
    parts = np.split(order, np.flatnonzero(changes) + 1)
    return [part for part in parts if len(part) > 1]
