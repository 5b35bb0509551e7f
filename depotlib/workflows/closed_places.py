"""Connectors that charge nobody tonight, and why: on paper, so that nobody is plugged in there."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from depotlib.dispatch.stranded import NOT_SERVING
from depotlib.model.calendar import zone
from depotlib.model.depot import ChargingStation, Depot
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


@dataclass(frozen=True, slots=True)
class Shift:
    """The time that is looked at.

    Parameters
    ----------
    start, end : datetime
        Half-open.
    """

    start: datetime
    end: datetime


def closed_places(
    depot: Depot,
    *,
    states: Iterable[StationState],
    distrusts: Iterable[Distrust],
    shift: Shift,
) -> tuple[ClosedPlace, ...]:
    """Return the connectors that charge nobody now, or for some of a shift, in the depot's order.

    Parameters
    ----------
    depot : Depot
        With what operators ordered (`model.order.with_orders`).
    states : iterable of StationState
    distrusts : iterable of Distrust
        Until an operator says that the station may be trusted again.
    shift : Shift
    """
    said = {
        plug.connector_id: f"its station says {plug.status}"
        for state in states
        for plug in state.connectors
        if state.is_connected and plug.status in NOT_SERVING and plug.power_kw <= 0.0
    }
    caught = list(distrusts)
    return tuple(
        ClosedPlace(plug.connector_id, why)
        for station in depot.stations
        for plug in station.connectors()
        if (
            why := _caught(plug.connector_id, station, distrusts=caught)
            or said.get(plug.connector_id)
            or _out(station, shift=shift, time_zone=depot.time_zone)
        )
    )


def _caught(connector_id: str, station: ChargingStation, *, distrusts: Sequence[Distrust]) -> str:
    """Return what a connector of a station did, its own if it was it; empty: none did anything."""
    own = [one for one in distrusts if one.station_id == station.station_id]
    if not own:
        return ""
    one = max(own, key=lambda one: one.connector_id == connector_id)
    who = "it" if one.connector_id == connector_id else f"{one.connector_id} of its station"
    drew = f"{who} drew {one.power_kw:.1f} kW where it was permitted {one.limit_kw:.1f} kW"
    is_for_hands = any(one.rung == "person" for one in own)
    return f"{drew}; its station's breaker is to be opened" if is_for_hands else drew


def _out(station: ChargingStation, *, shift: Shift, time_zone: str) -> str:
    """Return when a station is out of service within a shift, as planned or ordered."""
    spans = sorted(
        (one.start, one.end)
        for one in station.deratings
        if one.limit_kw <= 0.0 and one.start < shift.end and one.end > shift.start
    )
    words = [
        f"{start.astimezone(zone(time_zone)):%a %H:%M} to {end.astimezone(zone(time_zone)):%a %H:%M}"
        for start, end in spans
    ]
    return f"out of service {', '.join(words)}" if words else ""
