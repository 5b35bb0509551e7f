"""The planning problem: arrays, ready for the flow path, the linear path and the baselines.

A *need* is the energy of one dwell. A *task* is a span of whole intervals in which a need may be
served at one place of the limit tree: the whole dwell where occupancy is relaxed, one connector
window otherwise (several windows of one dwell are several tasks of one need). Limits form a tree:
node 0 is the site, and the power of every task counts at its node and at all nodes above.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import ProblemError
from depotlib.model.price_terms import PriceTerms
from depotlib.model.storage import Storage
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.phase_room import PhaseRoom
from depotlib.planning.price_checks import check_prices
from depotlib.planning.safe_room import SafeRoom
from depotlib.planning.traits import Traits

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

SITE: Final = 0
"""Index of the site in the limit tree."""
MOST_ENERGY_KWH: Final = 1e5
"""Of one stay; a ship takes a tenth of it."""
MOST_LOAD_KW: Final = 1e6
"""Of everything but charging; the largest works take less."""


@dataclass(frozen=True, slots=True)
class Needs:
    """The energies asked for, one entry a dwell, in the order of the dwells.

    Parameters
    ----------
    vehicle_ids : tuple of str
        (needs,); a vehicle with two dwells stands here twice.
    energy_must_kwh, energy_target_kwh : ndarray
        At the wall, (needs,).
    priority : ndarray of int
        Larger is more important, (needs,).
    first, last : ndarray of int
        Whole intervals of the dwell, half-open, (needs,); empty where first == last.
    traits : Traits or None
        What they ask for beside energy; None: nothing.
    """

    vehicle_ids: tuple[str, ...]
    energy_must_kwh: FloatArray
    energy_target_kwh: FloatArray
    priority: IntArray
    first: IntArray
    last: IntArray
    traits: Traits | None = None


@dataclass(frozen=True, slots=True)
class Tasks:
    """Where and when a need may be served.

    Parameters
    ----------
    need : ndarray of int
        Index into the needs, (tasks,).
    connector_ids : tuple of str or None
        (tasks,); None where occupancy is relaxed.
    first, last : ndarray of int
        Whole intervals, half-open, (tasks,).
    max_kw, min_kw : ndarray
        Most it may draw; least it draws when it draws anything, (tasks,).
    node : ndarray of int
        Lowest node of the limit tree that its power counts at, (tasks,).
    """

    need: IntArray
    connector_ids: tuple[str | None, ...]
    first: IntArray
    last: IntArray
    max_kw: FloatArray
    min_kw: FloatArray
    node: IntArray


@dataclass(frozen=True, slots=True)
class LimitTree:
    """What may not be exceeded, node by node; parents stand before their children.

    Parameters
    ----------
    kinds : tuple of str
        ``site_limit``, ``circuit_limit``, ``pool_limit`` or ``station_limit``, (nodes,).
    ids : tuple of str
        The circuit, pool or station; empty for the site, (nodes,).
    parent : ndarray of int
        Node above, -1 for the site, (nodes,).
    cap_kw : ndarray
        Most power of all tasks below, 0 or more, (nodes, intervals). The site's is its operating
        limit less the base load, or 0 where the base load alone is above the limit.
    """

    kinds: tuple[str, ...]
    ids: tuple[str, ...]
    parent: IntArray
    cap_kw: FloatArray

    def limit_name(self, node: int, interval: int) -> str:
        """Return the name of one limit: ``site_limit[37]``, ``circuit_limit[panel-A,12]``."""
        place = f"{self.ids[node]}," if self.ids[node] else ""
        return f"{self.kinds[node]}[{place}{interval}]"

    def path(self, node: int) -> tuple[int, ...]:
        """Return the nodes from one up to the site, the given one first."""
        steps = [node]
        while self.parent[steps[-1]] >= 0:
            steps.append(int(self.parent[steps[-1]]))
        return tuple(steps)


@dataclass(frozen=True, slots=True)
class PlanningProblem:
    """A night (or many) to plan: needs, tasks, limits, base load and prices on one grid.

    Parameters
    ----------
    grid : TimeGrid
    needs : Needs
    tasks : Tasks
    tree : LimitTree
    base_load_kw : ndarray
        (intervals,).
    prices : PriceTerms
    safe : SafeRoom or None
        The hard limit with idle stations, where it can bind.
    phases : PhaseRoom or None
        Limits on single phases, where there are any.
    storages : tuple of Storage
    storage_nodes : tuple of int
        Lowest limit above each storage.
    solar_kw : ndarray or None
        What the sun could give, (intervals,); None: there is nothing beside stations.
    export_limit_kw : float
        The most that may be fed back.
    tapered : tuple of int
        Needs whose taper is part of the model: those whose powers have met it.
    """

    grid: TimeGrid
    needs: Needs
    tasks: Tasks
    tree: LimitTree
    base_load_kw: FloatArray
    prices: PriceTerms
    safe: SafeRoom | None = None
    phases: PhaseRoom | None = None
    storages: tuple[Storage, ...] = ()
    storage_nodes: tuple[int, ...] = ()
    solar_kw: FloatArray | None = None
    export_limit_kw: float = 0.0
    tapered: tuple[int, ...] = ()

    def __post_init__(self) -> None:
        """Refuse arrays that contradict each other or hold no number."""
        _check_shapes(self)
        _check_numbers(self)
        check_prices(self.prices, count=self.grid.count)

    @property
    def is_relaxed(self) -> bool:
        """Return whether no task is bound to a connector."""
        return all(connector is None for connector in self.tasks.connector_ids)

    def price_per_kwh(self) -> FloatArray:
        """Return what one more kWh in each interval adds to the bill, (intervals,).

        ``price_per_kwh[t] = energy_factor * sum over energy terms of price[t]``

        Energy terms times the energy factor; block terms are not in it.
        """
        total_per_kwh = np.zeros(self.grid.count)
        for term in self.prices.energy:
            total_per_kwh += np.asarray(term.price_per_kwh, dtype=np.float64)
        return total_per_kwh * self.prices.energy_factor

    def windows_mask(self) -> NDArray[np.bool_]:
        """Return whether a task may draw in an interval, (tasks, intervals)."""
        at = np.arange(self.grid.count)
        return (at >= self.tasks.first[:, None]) & (at < self.tasks.last[:, None])

    def drawn_intervals(self) -> set[int]:
        """Return the intervals in which some task may draw."""
        tasks = self.tasks
        filled = tasks.last > tasks.first
        edges = np.bincount(tasks.first[filled], minlength=self.grid.count + 1) - np.bincount(
            tasks.last[filled], minlength=self.grid.count + 1
        )
        return set(np.flatnonzero(np.cumsum(edges)[:-1] > 0).tolist())

    def digest(self) -> str:
        """Return the SHA-256 of the problem in canonical bytes."""
        return problem_digest(self)


def problem_digest(problem: PlanningProblem) -> str:
    """Return the SHA-256 of everything a solver can see of a problem."""
    needs, tasks, tree = problem.needs, problem.tasks, problem.tree
    digest = hashlib.sha256()
    for text in (
        problem.grid.start.timestamp(),
        (problem.grid.interval_s, problem.grid.count),
        (needs.vehicle_ids, tasks.connector_ids, tree.kinds, tree.ids),
        problem.prices,
    ):
        digest.update(repr(text).encode())
    for array in (
        (needs.energy_must_kwh, needs.energy_target_kwh, needs.priority, needs.first, needs.last),
        (tasks.need, tasks.first, tasks.last, tasks.max_kw, tasks.min_kw, tasks.node),
        (tree.parent, tree.cap_kw, problem.base_load_kw),
    ):
        for part in array:
            digest.update(np.ascontiguousarray(part).tobytes())
    for part in _extra_bytes(problem):
        digest.update(part)
    return digest.hexdigest()


def _extra_bytes(problem: PlanningProblem) -> Iterator[bytes]:
    """Yield what only some problems have: traits, phases, safe limits, storage and sun."""
    if problem.needs.traits is not None:
        yield repr(problem.needs.traits).encode()
        spare_kwh = [one.spare_kwh if one else 0.0 for one in problem.needs.traits.batteries]
        if any(spare_kwh):
            yield repr(spare_kwh).encode()
    if problem.solar_kw is not None:
        facts = (problem.storages, problem.storage_nodes, problem.export_limit_kw)
        yield repr((facts, problem.solar_kw.tolist())).encode()
    if problem.phases is not None:
        for part in (problem.phases.share, problem.phases.is_below, problem.phases.room_kw):
            yield np.ascontiguousarray(part).tobytes()
    if problem.safe is not None:
        for part in (problem.safe.station, problem.safe.safe_kw, problem.safe.room_kw):
            yield np.ascontiguousarray(part).tobytes()


def _check_shapes(problem: PlanningProblem) -> None:
    needs, tasks, tree = problem.needs, problem.tasks, problem.tree
    count = problem.grid.count
    shapes = [
        ("needs", len(needs.vehicle_ids), [needs.energy_must_kwh, needs.energy_target_kwh]),
        ("needs", len(needs.vehicle_ids), [needs.priority, needs.first, needs.last]),
        ("tasks", len(tasks.connector_ids), [tasks.need, tasks.first, tasks.last, tasks.node]),
        ("tasks", len(tasks.connector_ids), [tasks.max_kw, tasks.min_kw]),
        ("tree", len(tree.kinds), [tree.parent, tree.cap_kw]),
        ("base load", count, [problem.base_load_kw]),
    ]
    for noun, length, arrays in shapes:
        if any(len(array) != length for array in arrays):
            raise ProblemError(f"the arrays of the {noun} differ in length", where=noun)
    if len(tree.kinds) == 0 or tree.cap_kw.shape != (len(tree.kinds), count):
        raise ProblemError(
            f"limits must be given for every node and each of the {count} intervals", where="tree"
        )
    if np.any(tree.parent >= np.arange(len(tree.kinds))) or tree.parent[SITE] != -1:
        raise ProblemError("every node needs a parent that stands before it", where="tree")
    _check_indices(problem)


def _check_indices(problem: PlanningProblem) -> None:
    needs, tasks = problem.needs, problem.tasks
    for noun, first, last in (
        ("needs", needs.first, needs.last),
        ("tasks", tasks.first, tasks.last),
    ):
        if np.any((first < 0) | (last < first) | (last > problem.grid.count)):
            raise ProblemError("a span lies outside the grid or ends before it begins", where=noun)
    if len(tasks.need) and not (
        tasks.need.min() >= 0
        and tasks.need.max() < len(needs.vehicle_ids)
        and tasks.node.min() >= 0
        and tasks.node.max() < len(problem.tree.kinds)
    ):
        raise ProblemError("a task points to a need or a limit that does not exist", where="tasks")


def _check_numbers(problem: PlanningProblem) -> None:
    needs, tasks = problem.needs, problem.tasks
    if not bool(np.all(np.isfinite(problem.base_load_kw))):
        raise ProblemError("the base load holds a value that is no number", where="base_load_kw")
    if np.abs(problem.base_load_kw).max(initial=0.0) > MOST_LOAD_KW:
        raise ProblemError(
            f"the base load reaches {np.abs(problem.base_load_kw).max():g} kW",
            where="base_load_kw",
            hint="give it in kW",
        )
    facts = [
        ("energy_must_kwh", needs.energy_must_kwh),
        ("energy_target_kwh", needs.energy_target_kwh),
        ("energy_target_kwh above the must", needs.energy_target_kwh - needs.energy_must_kwh),
        ("max_kw", tasks.max_kw),
        ("min_kw", tasks.min_kw),
        ("cap_kw", problem.tree.cap_kw),
    ]
    for name, values in facts:
        if not bool(np.all(np.isfinite(values) & (values >= 0))):
            raise ProblemError(
                f"{name} holds a value that is negative or no number",
                where=name,
                hint="give finite numbers of 0 or more",
            )
    if needs.energy_target_kwh.max(initial=0.0) > MOST_ENERGY_KWH:
        raise ProblemError(
            f"a vehicle asks for {needs.energy_target_kwh.max():g} kWh",
            where="energy_target_kwh",
            hint=f"the most that one stay may ask for is {MOST_ENERGY_KWH:g} kWh",
        )
