"""Connectors that charge nobody tonight, and why: on paper, so that nobody is plugged in there."""

from collections.abc import Iterable
from dataclasses import dataclass

from depotlib.dispatch.stranded import NOT_SERVING
from depotlib.model.depot import Depot
from depotlib.model.live import Distrust, StationState


@dataclass(frozen=True, slots=True)
class ClosedPlace:
    """A connector at which nobody is to be plugged in.

    Parameters
    ----------
    connector_id, why : str
    """

    connector_id: str
    why: str


def closed_places(
    depot: Depot, *, states: Iterable[StationState], distrusts: Iterable[Distrust]
) -> tuple[ClosedPlace, ...]:
    """Return the connectors that dispatch plans nobody on, in the depot's order.

    Parameters
    ----------
    depot : Depot
    states : iterable of StationState
    distrusts : iterable of Distrust
        Until an operator says that the station may be trusted again.
    """
    said = {
        plug.connector_id: f"its station says {plug.status}"
        for state in states
        for plug in state.connectors
        if state.is_connected and plug.status in NOT_SERVING and plug.power_kw <= 0.0
    }
    caught = {one.station_id: _caught(one) for one in distrusts}
    return tuple(
        ClosedPlace(plug.connector_id, why)
        for station in depot.stations
        for plug in station.connectors()
        if (why := caught.get(station.station_id) or said.get(plug.connector_id))
    )


def _caught(one: Distrust) -> str:
    drew = f"it drew {one.power_kw:.1f} kW where it was permitted {one.limit_kw:.1f} kW"
    return f"{drew}; its breaker is to be opened" if one.rung == "person" else drew
