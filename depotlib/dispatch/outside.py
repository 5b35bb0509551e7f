"""Limits as a plan obeys them: what charging may use of circuits, and of nodes limited from outside.

The gateway's ledger reserves more than a plan asks for: every connector at least its safe limit, and
amperes at the highest voltage. A plan that knew nothing of it would be cut down on the way, and come
short without saying so. So a plan is looked at as the ledger will, and made again with less where it
does not fit.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.dispatch.horizon import Horizon
from depotlib.dispatch.night import LiveNight
from depotlib.model.depot import ChargingStation, Circuit, Depot, Derating
from depotlib.model.grid_limit import (
    CHARGING_NODE,
    SITE_NODE,
    GridLimit,
    GridLimitImpact,
    VehicleImpact,
)
from depotlib.model.plan import Plan, Shortfall
from depotlib.model.timegrid import TimeGrid

FloatArray = NDArray[np.float64]
HIGHEST_VOLTAGE_FACTOR: Final = 1.1
"""Amperes draw so much more at the highest voltage that the mains may have (EN 50160)."""
TOP: Final = "limited from outside"
"""The circuit above all others that stands for limits on the site and on all that charges."""
MOST_PASSES: Final = 4
WORTH_KW: Final = 0.1
WORTH_KWH: Final = 0.05
"""Less energy than that is no loss."""


@dataclass(frozen=True, slots=True)
class Room:
    """What charging may use of a limited node.

    Parameters
    ----------
    node_id : str
    reserve_kw : ndarray
        The most that the ledger may reserve below it, infinite while nothing limits it,
        (intervals,).
    cap_kw : ndarray
        What a plan is given, so that it fits, (intervals,).
    """

    node_id: str
    reserve_kw: FloatArray
    cap_kw: FloatArray


def rooms_of(night: LiveNight, *, horizon: Horizon, beside_kw: FloatArray) -> tuple[Room, ...]:
    """Return what charging may use of circuits in kW, and of every node limited from outside.

    Parameters
    ----------
    night : LiveNight
    horizon : Horizon
    beside_kw : ndarray
        What charges beside the plan, (intervals,).
    """
    grid, connection = horizon.grid, night.brief.depot.grid
    # Ahead of now the base load may be all that it can be: the ledger reckons with it.
    base_kw = np.maximum(horizon.base_load_kw, connection.base_load_max_kw) + connection.margin_kw
    rooms = {
        one.circuit_id: np.full(grid.count, one.limit_kw)
        for one in night.brief.depot.circuits
        if not one.is_in_amperes
    }
    for limit in night.grid_limits:
        line_kw = _line_kw(limit, grid)
        if limit.node_id == SITE_NODE:
            line_kw = line_kw - base_kw
        if limit.node_id in {SITE_NODE, CHARGING_NODE}:
            line_kw = line_kw - beside_kw
        held_kw = rooms.get(limit.node_id, np.full(grid.count, np.inf))
        rooms[limit.node_id] = np.minimum(held_kw, line_kw)
    return tuple(
        Room(node_id, reserve_kw, np.maximum(reserve_kw, 0.0))
        for node_id, reserve_kw in rooms.items()
        if np.isfinite(reserve_kw).any()
    )


def tightened(rooms: Sequence[Room], plan: Plan, *, depot: Depot) -> tuple[Room, ...] | None:
    """Return rooms with less for a plan that the ledger would cut, or None: it fits.

    Parameters
    ----------
    rooms : sequence of Room
    plan : Plan
        As it was made with them.
    depot : Depot
        As it is built.
    """
    tighter: list[Room] = []
    for room in rooms:
        over_kw = np.maximum(_reserved_kw(plan, depot, node_id=room.node_id) - room.reserve_kw, 0.0)
        # Where a cap is at 0 already, stations are told nothing less.
        over_kw = np.where(room.cap_kw > 0.0, over_kw, 0.0)
        tighter.append(replace(room, cap_kw=np.maximum(room.cap_kw - over_kw, 0.0)))
    is_worth = any(
        (one.cap_kw < room.cap_kw - WORTH_KW).any()
        for one, room in zip(tighter, rooms, strict=True)
    )
    return tuple(tighter) if is_worth else None


def limited_depot(depot: Depot, rooms: Iterable[Room], *, grid: TimeGrid) -> Depot:
    """Return a depot whose circuits carry no more than rooms leave; one above all for the site."""
    caps = {room.node_id: room.cap_kw for room in rooms}
    of_all = [caps.pop(name) for name in (SITE_NODE, CHARGING_NODE) if name in caps]
    circuits = tuple(
        replace(one, deratings=(*one.deratings, *_spans(caps[one.circuit_id], grid)))
        if one.circuit_id in caps
        else one
        for one in depot.circuits
    )
    if not of_all:
        return replace(depot, circuits=circuits)
    top = Circuit(TOP, None, depot.grid.service_kw, deratings=_spans(np.min(of_all, axis=0), grid))
    return replace(
        depot,
        circuits=(top, *(replace(one, parent_id=one.parent_id or TOP) for one in circuits)),
        stations=tuple(replace(one, circuit_id=one.circuit_id or TOP) for one in depot.stations),
    )


def impact_of(
    night: LiveNight, *, release_id: str, with_it: Sequence[Shortfall], without: Sequence[Shortfall]
) -> GridLimitImpact:
    """Return what the limits of a night cost: who lacks how much with them, and without.

    Parameters
    ----------
    night : LiveNight
    release_id : str
        That obeys them; empty: what is in force already does.
    with_it, without : sequence of Shortfall
        Of the plans made with the limits and without.
    """
    before_kwh = {one.vehicle_id: one.unmet_kwh for one in without}
    vehicles = [
        VehicleImpact(
            vehicle_id=one.vehicle_id,
            missing_kwh=one.unmet_kwh,
            missing_before_kwh=before_kwh.get(one.vehicle_id, 0.0),
            is_short=one.unmet_must_kwh > 0.0,
        )
        for one in with_it
        if one.unmet_kwh > before_kwh.get(one.vehicle_id, 0.0) + WORTH_KWH
    ]
    vehicles.sort(key=lambda one: (one.missing_before_kwh - one.missing_kwh, one.vehicle_id))
    return GridLimitImpact(
        limit_ids=tuple(one.limit_id for one in night.grid_limits),
        at=night.now,
        release_id=release_id,
        vehicles=tuple(vehicles),
    )


def _line_kw(limit: GridLimit, grid: TimeGrid) -> FloatArray:
    """Return a limit in every interval that it touches, infinite elsewhere, (intervals,)."""
    line_kw = np.full(grid.count, np.inf)
    first = max(0, grid.interval_of(limit.start))
    last = max(first, min(grid.count, grid.first_whole_interval(limit.until)))
    line_kw[first:last] = limit.limit_kw
    return line_kw


def _reserved_kw(plan: Plan, depot: Depot, *, node_id: str) -> FloatArray:
    """Return what the ledger reserves below a node for a plan, (intervals,)."""
    reserved_kw = np.zeros(plan.grid.count)
    power_kw: dict[str, FloatArray] = {}
    for connector_id, start, set_kw in plan.setpoints.select(
        "connector_id", "interval_start", "power_kw"
    ).iter_rows():
        line_kw = power_kw.setdefault(connector_id, np.zeros(plan.grid.count))
        line_kw[plan.grid.interval_of(start)] += set_kw
    nothing = np.zeros(plan.grid.count)
    for station in depot.stations:
        factor = _factor(station, depot, node_id=node_id)
        connectors = list(station.connectors()) if factor else []
        for connector in connectors:
            safe_kw = station.safe_limit_kw / len(connectors)
            wanted_kw = power_kw.get(connector.connector_id, nothing)
            reserved_kw += factor * np.maximum(wanted_kw, safe_kw)
    return reserved_kw


def _factor(station: ChargingStation, depot: Depot, *, node_id: str) -> float:
    """Return how much more than asked for is reserved on a node; 0: a station hangs elsewhere."""
    path = {one.circuit_id: one for one in depot.path_to_site(station.circuit_id)}
    if node_id not in {SITE_NODE, CHARGING_NODE, *path}:
        return 0.0
    is_in_amperes = node_id in path and path[node_id].is_in_amperes
    return 1.0 if station.current_type == "DC" or is_in_amperes else HIGHEST_VOLTAGE_FACTOR


def _spans(cap_kw: FloatArray, grid: TimeGrid) -> tuple[Derating, ...]:
    """Return the spans in which a cap holds, equal neighbours as one."""
    spans: list[Derating] = []
    for place, power_kw in enumerate(cap_kw.tolist()):
        start = grid.start + place * grid.step
        if not np.isfinite(power_kw):
            continue
        if spans and spans[-1].end == start and spans[-1].limit_kw == power_kw:
            spans[-1] = replace(spans[-1], end=start + grid.step)
        else:
            spans.append(Derating(start=start, end=start + grid.step, limit_kw=power_kw))
    return tuple(spans)
