"""How much time a vehicle has to spare where it stands."""

from depotlib.dispatch.night import LiveNight
from depotlib.model.dwell import Dwell
from depotlib.units import duration_h


def places_kw(night: LiveNight) -> dict[str, float]:
    """Return what the connector of everybody plugged in gives at the most, by vehicle [kW]."""
    most_kw = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    return {
        state.vehicle_id: most_kw.get(state.connector_id, float("inf"))
        for station in night.stations
        for state in station.connectors
        if state.session_id is not None and state.vehicle_id is not None
    }


def spare_h(
    night: LiveNight, stay: Dwell, *, energy_kwh: float, place_kw: float | None = None
) -> float:
    """Return the time until somebody leaves less what an energy takes at full power [h].

    It leaves at its departure, or where the release in force has it make room for another.

    Parameters
    ----------
    night : LiveNight
    stay : Dwell
        Of a vehicle that is plugged in.
    energy_kwh : float
        At the wall.
    place_kw : float, optional
        What its connector gives at the most, of `places_kw`: for who asks of many.
    """
    if place_kw is None:
        place_kw = places_kw(night)[stay.vehicle_id]
    most_kw = min(stay.max_kw, place_kw)
    needed_h = energy_kwh / most_kw if most_kw > 0.0 else float("inf")
    ends = [one.valid_to for one in night.current.schedules if one.vehicle_id == stay.vehicle_id]
    leaves_at = min(
        stay.departure, max([one for one in ends if one > night.now] or [stay.departure])
    )
    return duration_h(leaves_at - night.now) - (needed_h if energy_kwh > 0.0 else 0.0)
