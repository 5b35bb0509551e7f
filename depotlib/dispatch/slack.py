"""How much time a vehicle has to spare where it stands."""

from depotlib.dispatch.night import LiveNight
from depotlib.model.dwell import Dwell
from depotlib.units import duration_h


def spare_h(night: LiveNight, stay: Dwell, *, energy_kwh: float) -> float:
    """Return the time until a departure less what an energy takes at full power [h].

    Parameters
    ----------
    night : LiveNight
    stay : Dwell
        Of a vehicle that is plugged in.
    energy_kwh : float
        At the wall.
    """
    places = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    place = night.guests()[stay.vehicle_id].connector_id
    most_kw = min(stay.max_kw, places.get(place, stay.max_kw))
    needed_h = energy_kwh / most_kw if most_kw > 0.0 else float("inf")
    return duration_h(stay.departure - night.now) - (needed_h if energy_kwh > 0.0 else 0.0)
