"""What a distance needs: the arithmetic of a route that grows, on what the depot has published."""

from datetime import datetime

from depotlib.errors import ModelError
from depotlib.model.brief import Brief
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell


def energy_for_distance_kwh(
    brief: Brief, vehicle_id: str, *, distance_km: float, now: datetime
) -> float:
    """Return what a stay needs at the wall [kWh] where its duty has another distance.

    The stay's target for the published distance, more or less the difference at the class's
    consumption. It is absolute, so that saying the same distance twice changes nothing.

    Parameters
    ----------
    brief : Brief
    vehicle_id : str
    distance_km : float
        Of the whole duty after this stay [km].
    now : datetime

    Raises
    ------
    ModelError
        If no stay or duty is published to reckon from, or its battery is too small.
    """
    dwell = _stay(brief, vehicle_id, now=now)
    duty = _duty(brief, dwell)
    if brief.fleet is None:
        raise _unknown(vehicle_id, "vehicle class")
    kind = brief.fleet.class_of(vehicle_id)
    load_factor = 1.0 + duty.payload_share * (kind.loaded_factor - 1.0)
    consumption_kwh_per_km = kind.consumption_kwh_per_km * load_factor
    if distance_km * consumption_kwh_per_km > kind.usable_kwh:
        raise ModelError(
            f"{vehicle_id!r} cannot drive {distance_km:g} km on {kind.usable_kwh:g} kWh",
            where="distance_km",
            hint="give the route to another vehicle, or let it charge on the way",
        )
    more_kwh = (distance_km - duty.distance_km) * consumption_kwh_per_km
    return max(0.0, dwell.energy_target_kwh + more_kwh / kind.wall_efficiency_share)


def _stay(brief: Brief, vehicle_id: str, *, now: datetime) -> Dwell:
    stays = [
        dwell for dwell in brief.dwells if dwell.vehicle_id == vehicle_id and dwell.departure > now
    ]
    if not stays:
        raise _unknown(vehicle_id, "stay")
    return min(stays, key=lambda dwell: dwell.arrival)


def _duty(brief: Brief, dwell: Dwell) -> Duty:
    duties = [
        duty
        for duty in brief.duties
        if duty.vehicle_id == dwell.vehicle_id and duty.departure >= dwell.departure
    ]
    if not duties:
        raise _unknown(dwell.vehicle_id, "duty after this stay")
    return min(duties, key=lambda duty: duty.departure)


def _unknown(vehicle_id: str, what: str) -> ModelError:
    return ModelError(
        f"no {what} of {vehicle_id!r} is published, so a distance says nothing of its energy",
        where="distance_km",
        hint="give energy_kwh",
    )
