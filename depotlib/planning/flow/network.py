"""A night as a network: source → claim classes → needs → (limit, interval) → sink.

Energies are whole milliwatt-hours. Limits are rounded up and needs down, so that rounding never
makes a night infeasible that is feasible; it may overstep a limit by one milliwatt-hour.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from depotlib.planning.flow.night import Night
from depotlib.planning.flow.solvers import greatest_flow, require_optimal
from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem
from depotlib.units import MWH_PER_KWH

SOURCE = 0
SINK = 1
_ROUNDING_MWH = 1e-3
"""Floats this close to a whole number are taken as that number."""
_MOST_LIMIT_KWH = 1e8
"""In one interval; thousands of such limits still add up without overflow."""


def limit_mwh(energy_kwh: FloatArray) -> IntArray:
    """Return limits as whole milliwatt-hours, rounded up; none above what no depot reaches.

    ``ceil(10^6 * kWh - 10^-3)``
    """
    energy_kwh = np.minimum(energy_kwh, _MOST_LIMIT_KWH)
    return np.ceil(energy_kwh * MWH_PER_KWH - _ROUNDING_MWH).astype(np.int64)


def need_mwh(energy_kwh: FloatArray) -> IntArray:
    """Return needs as whole milliwatt-hours, rounded down.

    ``floor(10^6 * kWh + 10^-3)``
    """
    return np.floor(energy_kwh * MWH_PER_KWH + _ROUNDING_MWH).astype(np.int64)


@dataclass(frozen=True, slots=True)
class Supply:
    """Claims on energy in classes: the more important class stands first.

    Parameters
    ----------
    class_mwh : ndarray of int
        Energy that each class gets, (classes,).
    claim_class, claim_need : ndarray of int
        The class and the need (by position in the night) of each claim, (claims,).
    claim_mwh : ndarray of int
        (claims,).
    """

    class_mwh: IntArray
    claim_class: IntArray
    claim_need: IntArray
    claim_mwh: IntArray

    @property
    def total_mwh(self) -> int:
        """Return what all classes get together."""
        return int(self.class_mwh.sum())


def plain_supply(claim_mwh: IntArray) -> Supply:
    """Return the supply in which every need has one claim, all of one class, all granted."""
    return Supply(
        class_mwh=np.array([claim_mwh.sum()], dtype=np.int64),
        claim_class=np.zeros(len(claim_mwh), dtype=np.int64),
        claim_need=np.arange(len(claim_mwh), dtype=np.int64),
        claim_mwh=claim_mwh,
    )


@dataclass(frozen=True)
class Network:
    """The arcs of a night below its needs: tasks, limit tree, sink.

    Parameters
    ----------
    night : Night
    interval_h : float
    task_tail : ndarray of int
        Position of the need in the night, one entry a task and interval.
    task_head : ndarray of int
        Cell (node x intervals of the night + interval) where it arrives.
    task_index : ndarray of int
        Index of the task in the problem.
    task_mwh : ndarray of int
        What a task takes in an interval.
    tree_tail, tree_head : ndarray of int
        Cells, child to parent.
    tree_mwh : ndarray of int
    site_mwh : ndarray of int
        Most of the site in each interval of the night, before any peak.
    """

    night: Night
    interval_h: float
    task_tail: IntArray
    task_head: IntArray
    task_index: IntArray
    task_mwh: IntArray
    tree_tail: IntArray
    tree_head: IntArray
    tree_mwh: IntArray
    site_mwh: IntArray

    @cached_property
    def span(self) -> int:
        """Return the number of intervals."""
        return self.night.last - self.night.first

    @cached_property
    def cells(self) -> int:
        """Return the number of (node, interval) cells."""
        return int(self.tree_tail.max()) + 1 if len(self.tree_tail) else self.span

    def task_interval(self) -> IntArray:
        """Return the interval in the problem's grid of every task arc."""
        return self.night.first + self.task_head % self.span


def network_of(problem: PlanningProblem, night: Night) -> Network:
    """Return the network of a night."""
    tasks, tree, span = problem.tasks, problem.tree, night.last - night.first
    interval_h = problem.grid.interval_h
    lengths = tasks.last[night.tasks] - tasks.first[night.tasks]
    task_index = np.repeat(night.tasks, lengths)
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    interval = np.arange(len(task_index)) - starts + tasks.first[task_index] - night.first
    position = np.full(len(problem.needs.vehicle_ids), -1, dtype=np.int64)
    position[night.needs] = np.arange(len(night.needs))
    nodes = np.arange(SITE + 1, len(tree.kinds))
    at = np.arange(span)
    cap_mwh = limit_mwh(tree.cap_kw[:, night.first : night.last] * interval_h)
    return Network(
        night=night,
        interval_h=interval_h,
        task_tail=position[tasks.need[task_index]],
        task_head=tasks.node[task_index] * span + interval,
        task_index=task_index,
        task_mwh=limit_mwh(tasks.max_kw * interval_h)[task_index],
        tree_tail=(nodes[:, None] * span + at).ravel(),
        tree_head=(tree.parent[nodes][:, None] * span + at).ravel(),
        tree_mwh=cap_mwh[SITE + 1 :].ravel(),
        site_mwh=cap_mwh[SITE],
    )


@dataclass(frozen=True, slots=True)
class Arcs:
    """All arcs of a network with its supply: source, claims, tasks, tree, sink, in this order.

    Parameters
    ----------
    tail, head, cap_mwh : ndarray of int
    claims, tasks, tree, sink : int
        Where each group begins; the source arcs begin at 0.
    cell_base, need_base : int
        Number of the first cell and of the first need among the nodes.
    """

    tail: IntArray
    head: IntArray
    cap_mwh: IntArray
    claims: int
    tasks: int
    tree: int
    sink: int
    cell_base: int
    need_base: int


def arcs_of(network: Network, supply: Supply) -> Arcs:
    """Return all arcs of a night's network, the sink arcs with the site's own limit."""
    classes = np.arange(len(supply.class_mwh)) + SINK + 1
    need_base = SINK + 1 + len(classes)
    cell_base = need_base + len(network.night.needs)
    site_cells = cell_base + np.arange(network.span)
    tail = [
        np.full(len(classes), SOURCE),
        supply.claim_class + SINK + 1,
        network.task_tail + need_base,
        network.tree_tail + cell_base,
        site_cells,
    ]
    head = [
        classes,
        supply.claim_need + need_base,
        network.task_head + cell_base,
        network.tree_head + cell_base,
        np.full(network.span, SINK),
    ]
    caps = [
        supply.class_mwh,
        supply.claim_mwh,
        network.task_mwh,
        network.tree_mwh,
        network.site_mwh,
    ]
    claims, tasks, tree, sink = np.cumsum([len(part) for part in caps])[:-1].tolist()
    return Arcs(
        tail=np.concatenate(tail),
        head=np.concatenate(head),
        cap_mwh=np.concatenate(caps),
        claims=claims,
        tasks=tasks,
        tree=tree,
        sink=sink,
        cell_base=cell_base,
        need_base=need_base,
    )


@dataclass(frozen=True, slots=True)
class MaxFlow:
    """A greatest flow and the minimum cut that proves it.

    Parameters
    ----------
    value_mwh : int
    cut : ndarray of int
        Arcs from the source's side to the sink's.
    reached : ndarray of bool
        Nodes on the source's side: those that more supply would still reach.
    """

    value_mwh: int
    cut: IntArray
    reached: np.ndarray[tuple[int], np.dtype[np.bool_]]


class FlowSolver:
    """Greatest flows of one night under changing limits of the site.

    The compiled solver is given the network backwards, from the sink to the source: closed
    intervals then cost it no work, and where the site is the bottleneck nothing has to flow back.
    A flow and its cut are the same either way.
    """

    def __init__(self, network: Network, supply: Supply) -> None:
        self.network = network
        self.supply = supply
        self.arcs = arcs_of(network, supply)
        self._solver = greatest_flow()
        ids = self._solver.add_arcs_with_capacity(self.arcs.head, self.arcs.tail, self.arcs.cap_mwh)
        self._sink_ids = ids[self.arcs.sink :]
        self._node_count = self.arcs.cell_base + network.cells

    def solve(self, site_mwh: IntArray) -> MaxFlow:
        """Return a greatest flow under limits of the site for each interval of the night."""
        self.value_mwh(site_mwh)
        return self.cut()

    def value_mwh(self, site_mwh: IntArray) -> int:
        """Return the value of a greatest flow alone."""
        self._solver.set_arcs_capacity(self._sink_ids, site_mwh)
        require_optimal(self._solver.solve(SINK, SOURCE))
        return self._solver.optimal_flow()

    def cut(self) -> MaxFlow:
        """Return the last flow with its minimum cut."""
        reached = np.zeros(self._node_count, dtype=np.bool_)
        reached[self._solver.get_sink_side_min_cut()] = True
        return MaxFlow(
            value_mwh=self._solver.optimal_flow(),
            cut=np.flatnonzero(reached[self.arcs.tail] > reached[self.arcs.head]),
            reached=reached,
        )
