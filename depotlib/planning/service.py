"""What stations and circuits can carry in each interval: maxima, deratings, out of service."""

from collections import defaultdict
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from depotlib.model.depot import ChargingStation, Circuit, Depot, Derating
from depotlib.model.timegrid import TimeGrid

FloatArray = NDArray[np.float64]


def derated_kw(limit_kw: float, deratings: Sequence[Derating], *, grid: TimeGrid) -> FloatArray:
    """Return a limit in every interval [kW], (intervals,): the least that holds in any part of it.

    ``cap[t] = min(limit, every derating that touches t)``
    """
    limits_kw = np.full(grid.count, limit_kw)
    for derating in deratings:
        first = max(0, grid.interval_of(derating.start))
        # One that ended before the grid begins must not count from its end backwards.
        last = max(first, min(grid.count, grid.first_whole_interval(derating.end)))
        limits_kw[first:last] = np.minimum(limits_kw[first:last], derating.limit_kw)
    return limits_kw


def station_most_kw(station: ChargingStation) -> float:
    """Return the most a station draws: its own maximum or that of its EVSEs together [kW]."""
    evses_kw = sum(max(c.max_kw for c in evse.connectors) for evse in station.evses)
    return min(station.max_kw, evses_kw)


def station_kw(station: ChargingStation, grid: TimeGrid) -> FloatArray:
    """Return the most a station draws in every interval [kW], (intervals,)."""
    return derated_kw(station_most_kw(station), station.deratings, grid=grid)


def deepest_first(depot: Depot) -> list[Circuit]:
    """Return the circuits, those far from the site first."""
    return sorted(depot.circuits, key=lambda c: -len(depot.path_to_site(c.circuit_id)))


def greatest_draw_kw(
    depot: Depot, grid: TimeGrid, *, only: Callable[[ChargingStation], bool]
) -> FloatArray:
    """Return the most that some stations can draw together through their circuits [kW].

    ``carried[c] = min(limit[c], sum of all that hangs below c)``

    Returns
    -------
    ndarray
        (intervals,).
    """
    below: dict[str | None, FloatArray] = defaultdict(lambda: np.zeros(grid.count))
    for station in depot.stations:
        if only(station):
            below[station.circuit_id] = below[station.circuit_id] + station_kw(station, grid)
    for circuit in deepest_first(depot):
        limit_kw = derated_kw(circuit.limit_kw, circuit.deratings, grid=grid)
        carried_kw = np.minimum(limit_kw, below[circuit.circuit_id])
        below[circuit.parent_id] = below[circuit.parent_id] + carried_kw
    return below[None]


def in_service(depot: Depot, grid: TimeGrid) -> tuple[ChargingStation, ...]:
    """Return the stations that can give power in some interval."""
    return tuple(one for one in depot.stations if station_kw(one, grid).any())
