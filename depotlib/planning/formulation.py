"""Planning problems of a depot's dwells: with occupancy relaxed, or within connector windows."""

import math
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import pairwise

import numpy as np

from depotlib.errors import ProblemError
from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.phase_room import phase_room
from depotlib.planning.problem import (
    SITE,
    FloatArray,
    LimitTree,
    Needs,
    PlanningProblem,
    Tasks,
)
from depotlib.planning.safe_room import safe_room
from depotlib.planning.service import (
    deepest_first,
    derated_kw,
    greatest_draw_kw,
    station_kw,
    station_most_kw,
)
from depotlib.planning.traits import Traits, traits_of

_Node = tuple[str, str, int, FloatArray]
"""Kind, id, parent, cap [kW] in every interval."""


def relaxed_problem(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
) -> PlanningProblem:
    """Return the problem in which no vehicle waits for a plug: a lower bound for every plan.

    Each pool is one limit, the most its stations can draw together through the circuits above
    them; minimum power is 0; a vehicle draws at most its own maximum or the largest connector of
    its pool. A vehicle without connector cannot be placed on a circuit, so circuits count through
    the totals of the pools only, and those of infinite limit not at all.

    Parameters
    ----------
    dwells : sequence of Dwell
    depot : Depot
        Its operating limit holds for the site.
    grid : TimeGrid
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        Of everything but charging, (intervals,).

    Raises
    ------
    ProblemError
        If a dwell asks for a pool, station or connector that the depot does not have, a vehicle
        has two stays at once, or an array does not fit the grid.
    """
    places = _RelaxedPlaces(depot, grid)
    places_of = [places.place(dwell) for dwell in dwells]
    needs = _needs(dwells, grid)
    tasks = Tasks(
        need=np.arange(len(dwells), dtype=np.int64),
        connector_ids=(None,) * len(dwells),
        first=needs.first,
        last=needs.last,
        max_kw=np.array([max_kw for _, max_kw in places_of], dtype=np.float64),
        min_kw=np.zeros(len(dwells)),
        node=np.array([node for node, _ in places_of], dtype=np.int64),
    )
    tree = _tree(places.nodes, depot.grid.operating_limit_kw - _load(base_load_kw, grid))
    return PlanningProblem(
        grid=grid,
        needs=needs,
        tasks=tasks,
        tree=tree,
        base_load_kw=_load(base_load_kw, grid),
        prices=prices,
    )


def windowed_problem(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    windows: Sequence[ConnectorWindow],
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
) -> PlanningProblem:
    """Return the problem in which each vehicle charges in its connector windows only.

    Every window is a task on its connector, below its station and circuits; a vehicle's windows
    share the energy of the dwell that overlaps them; a window in which preconditioning begins is
    two. A dwell without window is a need without task: all of it is a shortfall.

    Parameters
    ----------
    dwells : sequence of Dwell
    depot : Depot
    windows : sequence of ConnectorWindow
    grid : TimeGrid
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        Of everything but charging, (intervals,).

    Raises
    ------
    ProblemError
        If a window names a connector that the depot does not have or overlaps no dwell of its
        vehicle, or an array does not fit the grid.
    """
    nodes, node_of_station = _circuit_nodes(depot, grid)
    stations = {
        connector.connector_id: (station, connector)
        for station in depot.stations
        for connector in station.connectors()
    }
    needs = _needs(dwells, grid)
    need_of = [_need_of(window, dwells) for window in windows]
    rows = [
        _window_row(window, dwells[need], stations=stations)
        for window, need in zip(windows, need_of, strict=True)
    ]
    spans = [
        _span(max(w.start, dwells[need].arrival), min(w.end, dwells[need].departure), grid=grid)
        for w, need in zip(windows, need_of, strict=True)
    ]
    parts = _parts(need_of, spans, traits=needs.traits)
    tasks = Tasks(
        need=np.array([need_of[i] for i, _, _ in parts], dtype=np.int64),
        connector_ids=tuple(windows[i].connector_id for i, _, _ in parts),
        first=np.array([first for _, first, _ in parts], dtype=np.int64),
        last=np.array([last for _, _, last in parts], dtype=np.int64),
        max_kw=np.array([rows[i][1] for i, _, _ in parts], dtype=np.float64),
        min_kw=np.array([rows[i][2] for i, _, _ in parts], dtype=np.float64),
        node=np.array([node_of_station[rows[i][0]] for i, _, _ in parts], dtype=np.int64),
    )
    load_kw = _load(base_load_kw, grid)
    return PlanningProblem(
        grid=grid,
        needs=needs,
        tasks=tasks,
        tree=_tree(nodes, depot.grid.operating_limit_kw - load_kw),
        base_load_kw=load_kw,
        prices=prices,
        safe=safe_room(depot, station_ids=[rows[i][0] for i, _, _ in parts], base_load_kw=load_kw),
        phases=phase_room(
            depot,
            station_ids=[rows[i][0] for i, _, _ in parts],
            ac_phases=[dwells[need_of[i]].ac_phases for i, _, _ in parts],
            base_load_kw=load_kw,
        ),
    )


def _parts(
    need_of: Sequence[int], spans: Sequence[tuple[int, int]], *, traits: Traits | None
) -> list[tuple[int, int, int]]:
    """Return the windows as spans of tasks: window, first, last.

    A window in which preconditioning begins is two tasks: what is drawn before it stays before it.
    """
    parts: list[tuple[int, int, int]] = []
    for index, (need, (first, last)) in enumerate(zip(need_of, spans, strict=True)):
        late = last
        if traits is not None and traits.late_kwh[need] > 0:
            late = min(max(first, traits.late_first[need]), last)
        edges = [first, late, last] if first < late < last else [first, last]
        parts += [(index, start, end) for start, end in pairwise(edges)]
    return parts


class _RelaxedPlaces:
    """Pools and stations as limits, and the place of each dwell among them."""

    def __init__(self, depot: Depot, grid: TimeGrid) -> None:
        self._depot = depot
        self._grid = grid
        self._index: dict[tuple[str, str], int] = {}
        self._places: dict[tuple[str | None, str | None, str | None], tuple[int, float]] = {}
        self.nodes: list[_Node] = [("site_limit", "", -1, np.full(grid.count, math.inf))]
        every_kw = greatest_draw_kw(depot, grid, only=lambda _: True)
        self._all = self._node("pool_limit", "every pool", parent=SITE, cap_kw=every_kw)
        for pool in dict.fromkeys(station.pool for station in depot.stations):
            cap_kw = greatest_draw_kw(
                depot, grid, only=lambda station, pool=pool: station.pool == pool
            )
            self._node("pool_limit", f"pool {pool}", parent=self._all, cap_kw=cap_kw)

    def place(self, dwell: Dwell) -> tuple[int, float]:
        """Return a dwell's node and the most it can draw [kW]."""
        wish = (dwell.pool, dwell.station_id, dwell.connector_id)
        if wish not in self._places:
            self._places[wish] = self._place(dwell)
        node, largest_kw = self._places[wish]
        return node, min(dwell.max_kw, largest_kw)

    def _place(self, dwell: Dwell) -> tuple[int, float]:
        stations = [station for station in self._depot.stations if _may_use(dwell, station)]
        if not stations:
            raise ProblemError(
                f"{dwell.vehicle_id!r} asks for {_wish(dwell)}, which the depot does not have",
                where=f"dwell of {dwell.vehicle_id}",
                hint="name a pool, station and connector that fit each other",
            )
        largest_kw = max(
            min(connector.max_kw, station_most_kw(station))
            for station in stations
            for connector in station.connectors()
            if dwell.connector_id in (None, connector.connector_id)
        )
        return self._node_of(dwell, stations), largest_kw

    def _node_of(self, dwell: Dwell, stations: list[ChargingStation]) -> int:
        if dwell.station_id is not None or dwell.connector_id is not None:
            station = stations[0]
            pool = self._index["pool_limit", f"pool {station.pool}"]
            path = self._depot.path_to_site(station.circuit_id)
            limits_kw = [derated_kw(c.limit_kw, c.deratings, grid=self._grid) for c in path]
            cap_kw = np.minimum.reduce([station_kw(station, self._grid), *limits_kw])
            return self._node("station_limit", station.station_id, parent=pool, cap_kw=cap_kw)
        if dwell.pool is not None:
            return self._index["pool_limit", f"pool {dwell.pool}"]
        return self._all

    def _node(self, kind: str, node_id: str, *, parent: int, cap_kw: FloatArray) -> int:
        key = (kind, node_id)
        if key not in self._index:
            self._index[key] = len(self.nodes)
            self.nodes.append((kind, node_id.removeprefix("pool "), parent, cap_kw))
        return self._index[key]


def _may_use(dwell: Dwell, station: ChargingStation) -> bool:
    return (
        dwell.pool in (None, station.pool)
        and dwell.station_id in (None, station.station_id)
        and (
            dwell.connector_id is None
            or any(c.connector_id == dwell.connector_id for c in station.connectors())
        )
    )


def _wish(dwell: Dwell) -> str:
    wishes = {"pool": dwell.pool, "station": dwell.station_id, "connector": dwell.connector_id}
    named = [f"{noun} {name!r}" for noun, name in wishes.items() if name is not None]
    return " with ".join(named) or "a station"


def _circuit_nodes(depot: Depot, grid: TimeGrid) -> tuple[list[_Node], dict[str, int]]:
    """Return the limits that can bind and the lowest of them for each station.

    A circuit that may always carry all that hangs below it, and a station that may feed all its
    plugs at once, limit nothing: their children hang on the node above.
    """
    nodes: list[_Node] = [("site_limit", "", -1, np.full(grid.count, math.inf))]
    node_of: dict[str | None, int] = {None: SITE}
    below: dict[str | None, float] = defaultdict(float)
    for station in depot.stations:
        below[station.circuit_id] += station_most_kw(station)
    deepest = deepest_first(depot)
    for circuit in deepest:
        below[circuit.parent_id] += min(circuit.limit_kw, below[circuit.circuit_id])
    for circuit in reversed(deepest):
        node_of[circuit.circuit_id] = node_of[circuit.parent_id]
        limit_kw = derated_kw(circuit.limit_kw, circuit.deratings, grid=grid)
        if limit_kw.min() < below[circuit.circuit_id]:
            node_of[circuit.circuit_id] = len(nodes)
            nodes.append(
                ("circuit_limit", circuit.circuit_id, node_of[circuit.parent_id], limit_kw)
            )
    node_of_station: dict[str, int] = {}
    for station in depot.stations:
        node = node_of[station.circuit_id]
        limit_kw = derated_kw(station.max_kw, station.deratings, grid=grid)
        if limit_kw.min() < sum(connector.max_kw for connector in station.connectors()):
            nodes.append(("station_limit", station.station_id, node, limit_kw))
            node = len(nodes) - 1
        node_of_station[station.station_id] = node
    return nodes, node_of_station


def _tree(nodes: list[_Node], site_room_kw: FloatArray) -> LimitTree:
    cap_kw = np.array([cap_kw for _, _, _, cap_kw in nodes], dtype=np.float64)
    cap_kw[SITE] = np.maximum(0.0, site_room_kw)
    return LimitTree(
        kinds=tuple(kind for kind, _, _, _ in nodes),
        ids=tuple(node_id for _, node_id, _, _ in nodes),
        parent=np.array([parent for _, _, parent, _ in nodes], dtype=np.int64),
        cap_kw=cap_kw,
    )


def _refuse_double_stays(dwells: Sequence[Dwell]) -> None:
    """Refuse a vehicle that would be at the depot twice at the same time."""
    in_turn = sorted(dwells, key=lambda dwell: (dwell.vehicle_id, dwell.arrival))
    for one, after in pairwise(in_turn):
        if one.vehicle_id == after.vehicle_id and after.arrival < one.departure:
            raise ProblemError(
                f"{one.vehicle_id!r} arrives at {after.arrival} while it is still there until "
                f"{one.departure}",
                where=f"dwell of {one.vehicle_id}",
                hint="correct one of its two stays, or give the vehicles different names",
            )


def _needs(dwells: Sequence[Dwell], grid: TimeGrid) -> Needs:
    _refuse_double_stays(dwells)
    spans = [_span(dwell.arrival, dwell.departure, grid=grid) for dwell in dwells]
    return Needs(
        vehicle_ids=tuple(dwell.vehicle_id for dwell in dwells),
        energy_must_kwh=np.array([d.energy_must_kwh for d in dwells], dtype=np.float64),
        energy_target_kwh=np.array([d.energy_target_kwh for d in dwells], dtype=np.float64),
        priority=np.array([dwell.priority for dwell in dwells], dtype=np.int64),
        first=np.array([first for first, _ in spans], dtype=np.int64),
        last=np.array([last for _, last in spans], dtype=np.int64),
        traits=traits_of(dwells, grid),
    )


def _span(start: datetime, end: datetime, *, grid: TimeGrid) -> tuple[int, int]:
    """Return the whole intervals of the grid inside [start, end), half-open."""
    first = min(max(0, grid.first_whole_interval(start)), grid.count)
    return first, max(first, min(grid.interval_of(end), grid.count))


def _load(base_load_kw: FloatArray, grid: TimeGrid) -> FloatArray:
    if np.shape(base_load_kw) != (grid.count,):
        raise ProblemError(
            f"the base load has the shape {np.shape(base_load_kw)}, the grid {grid.count} "
            "intervals",
            where="base_load_kw",
        )
    return np.asarray(base_load_kw, dtype=np.float64)


def _need_of(window: ConnectorWindow, dwells: Sequence[Dwell]) -> int:
    """Return the dwell that a window belongs to: the one of its vehicle that overlaps it."""
    for index, dwell in enumerate(dwells):
        if (
            dwell.vehicle_id == window.vehicle_id
            and dwell.arrival < window.end
            and window.start < dwell.departure
        ):
            return index
    raise ProblemError(
        f"{window.vehicle_id!r} has no dwell in its window on {window.connector_id!r} from "
        f"{window.start} to {window.end}",
        where=f"window on {window.connector_id}",
    )


def _window_row(
    window: ConnectorWindow,
    dwell: Dwell,
    *,
    stations: Mapping[str, tuple[ChargingStation, Connector]],
) -> tuple[str, float, float]:
    """Return a window's station, its most and its least power [kW]."""
    if window.connector_id not in stations:
        raise ProblemError(
            f"the depot has no connector {window.connector_id!r}",
            where=f"window of {window.vehicle_id}",
        )
    station, connector = stations[window.connector_id]
    max_kw = min(dwell.max_kw, connector.max_kw, station_most_kw(station))
    min_kw = max(dwell.min_kw, connector.min_kw)
    # A vehicle that takes less than the connector's least can never be served there.
    return station.station_id, (max_kw if min_kw <= max_kw else 0.0), min_kw
