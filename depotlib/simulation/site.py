"""The site in a play: its places, and the limits above each, as plain lists for a fast loop."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.problem import FloatArray
from depotlib.planning.site_assets import with_assets
from depotlib.planning.yard.stays import Place, places_of


@dataclass(frozen=True, slots=True)
class Fit:
    """What a vehicle and a place can do together.

    Parameters
    ----------
    connector : Connector
    max_kw, min_kw : float
    """

    connector: Connector
    max_kw: float
    min_kw: float


@dataclass(frozen=True, slots=True)
class Site:
    """Places and limits.

    Parameters
    ----------
    places : tuple of Place
    paths : tuple of tuple of int
        The limits above each place, lowest first, the site last.
    room_kw : list of list of float
        What each limit leaves for charging, by interval and limit.
    storage_paths : tuple of tuple of int
        The limits above each storage, lowest first, the site last.
    works : list of tuple of bool, or None
        Whether the station of each place is in service, by interval; None: all are, always.
    """

    places: tuple[Place, ...]
    paths: tuple[tuple[int, ...], ...]
    room_kw: list[list[float]]
    storage_paths: tuple[tuple[int, ...], ...]
    works: list[tuple[bool, ...]] | None

    def is_working(self, place: int, interval: int) -> bool:
        """Return whether a place's station is in service."""
        return self.works is None or self.works[interval][place]


def site_of(depot: Depot, grid: TimeGrid, *, base_load_kw: FloatArray) -> Site:
    """Return the site of a depot: the limits that plans of the same depot obey.

    Parameters
    ----------
    depot : Depot
        With the outages that are going to be.
    grid : TimeGrid
    base_load_kw : ndarray
        (intervals,).
    """
    places = places_of(depot)
    names = [f"at place {number}" for number in range(len(places))]
    connectors = [place.evse.connectors[0] for place in places]
    # The limit tree of plans, asked for by one stay at each place.
    problem = windowed_problem(
        [
            Dwell(name, grid.start, grid.end, energy_must_kwh=0.0, energy_target_kwh=0.0)
            for name in names
        ],
        depot,
        windows=[
            ConnectorWindow(name, connector.connector_id, grid.start, grid.end)
            for name, connector in zip(names, connectors, strict=True)
        ],
        grid=grid,
        prices=PriceTerms(currency=depot.currency),
        base_load_kw=base_load_kw,
    )
    problem = with_assets(problem, depot)
    return Site(
        places=places,
        paths=tuple(problem.tree.path(int(node)) for node in problem.tasks.node),
        room_kw=problem.tree.cap_kw.T.tolist(),
        storage_paths=tuple(problem.tree.path(node) for node in problem.storage_nodes),
        works=_works([place.station for place in places], grid),
    )


def fit(place: Place, dwell: Dwell) -> Fit | None:
    """Return what a vehicle and a place can do together; None where it cannot charge there.

    A vehicle of fewer phases than the station's draws, and needs, that part of the connector's
    powers: its current is the same.
    """
    connector = place.connector_for(dwell)
    if connector is None:
        return None
    share = _phases_share(place.station, dwell)
    max_kw = min(dwell.max_kw, connector.max_kw * share, place.station.max_kw)
    return Fit(connector, max_kw=max_kw, min_kw=max(dwell.min_kw, connector.min_kw * share))


def _phases_share(station: ChargingStation, dwell: Dwell) -> float:
    if station.current_type == "DC" or not dwell.ac_phases:
        return 1.0
    return min(dwell.ac_phases, station.phases) / station.phases


def _works(stations: Sequence[ChargingStation], grid: TimeGrid) -> list[tuple[bool, ...]] | None:
    if not any(one.limit_kw == 0 for station in stations for one in station.deratings):
        return None
    works = np.ones((len(stations), grid.count), dtype=np.bool_)
    for row, station in enumerate(stations):
        for one in station.deratings:
            if one.limit_kw == 0:
                first = max(0, grid.interval_of(one.start))
                works[row, first : max(first, grid.first_whole_interval(one.end))] = False
    return [tuple(column) for column in works.T.tolist()]
