"""What tonight asks for: duties and telematics to dwells, with what is missing named."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell, Need
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.energy import energy_before_duty


@dataclass(frozen=True, slots=True)
class ArrivalCharge:
    """The state of charge a vehicle arrives with, and what had to be assumed for it."""

    soc: float
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Homecoming:
    """When a vehicle comes home, and with what charge."""

    arrival: datetime
    charge: ArrivalCharge


def needs_for_night(
    fleet: Fleet,
    duties: Sequence[Duty],
    *,
    telematics: pl.DataFrame,
    night: BillingPeriod,
    policy: NeedPolicy,
) -> tuple[Need, ...]:
    """Return the stay and the energy of every vehicle that leaves by the end of a night.

    A vehicle's stay runs from the return of its duty before to its first departure in the night.
    Its charge on arrival is its latest reading, less what it still drives before it is home.

    Parameters
    ----------
    fleet : Fleet
    duties : sequence of Duty
    telematics : polars.DataFrame
        `TelematicsFrame`; vehicle ids may be the vendor's, as in `Vehicle.telematics_ids`.
    night : BillingPeriod
        Departures in [start, end) count; a vehicle without an earlier duty is home at its start.
    policy : NeedPolicy

    Returns
    -------
    tuple of Need
        One a vehicle with a departure, in the fleet's order.
    """
    needs = [
        _need_of(
            vehicle,
            fleet.class_of(vehicle.vehicle_id),
            duties=duties,
            telematics=telematics,
            night=night,
            policy=policy,
        )
        for vehicle in fleet.vehicles
    ]
    return tuple(need for need in needs if need is not None)


def _need_of(
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    *,
    duties: Sequence[Duty],
    telematics: pl.DataFrame,
    night: BillingPeriod,
    policy: NeedPolicy,
) -> Need | None:
    next_duty = next_duty_of(vehicle, duties, night=night)
    if next_duty is None:
        return None
    home = homecoming(vehicle, vehicle_class, duties=duties, telematics=telematics, night=night)
    return need_before_duty(vehicle, vehicle_class, duty=next_duty, home=home, policy=policy)


def next_duty_of(vehicle: Vehicle, duties: Sequence[Duty], *, night: BillingPeriod) -> Duty | None:
    """Return the first duty for which a vehicle leaves within a night, if any."""
    leaving = [
        duty
        for duty in duties
        if duty.vehicle_id == vehicle.vehicle_id and night.start <= duty.departure < night.end
    ]
    return min(leaving, key=lambda duty: duty.departure, default=None)


def homecoming(
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    *,
    duties: Sequence[Duty],
    telematics: pl.DataFrame,
    night: BillingPeriod,
) -> Homecoming:
    """Return when a vehicle comes home before a night's duty, and with what charge.

    Parameters
    ----------
    vehicle : Vehicle
    vehicle_class : VehicleClass
    duties : sequence of Duty
    telematics : polars.DataFrame
        `TelematicsFrame`.
    night : BillingPeriod
        A vehicle without an earlier duty is home at its start; one that does not leave in the
        night is asked as if it left at its end.
    """
    next_duty = next_duty_of(vehicle, duties, night=night)
    leaves_at = night.end if next_duty is None else next_duty.departure
    before = [
        duty
        for duty in duties
        if duty.vehicle_id == vehicle.vehicle_id
        and duty.return_at <= leaves_at
        and duty != next_duty
    ]
    last_duty = max(before, key=lambda duty: duty.departure, default=None)
    arrival = max(night.start, last_duty.return_at) if last_duty else night.start
    readings = readings_of(vehicle, telematics).filter(pl.col("at") < leaves_at)
    return Homecoming(
        arrival=arrival, charge=arrival_charge(readings, last_duty, vehicle_class=vehicle_class)
    )


def need_before_duty(
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    *,
    duty: Duty,
    home: Homecoming,
    policy: NeedPolicy,
) -> Need:
    """Return the stay and the energy of a vehicle that leaves for a duty, its own or another's.

    Parameters
    ----------
    vehicle : Vehicle
    vehicle_class : VehicleClass
    duty : Duty
    home : Homecoming
        Before the duty begins.
    policy : NeedPolicy

    Raises
    ------
    ModelError
        If the duty begins before the vehicle is home.
    """
    need = energy_before_duty(
        distance_km=duty.distance_km,
        arrival_soc=home.charge.soc,
        vehicle_class=vehicle_class,
        policy=policy,
    )
    dwell = Dwell(
        vehicle_id=vehicle.vehicle_id,
        arrival=home.arrival,
        departure=duty.departure,
        energy_must_kwh=need.must_kwh,
        energy_target_kwh=need.target_kwh,
        pool=vehicle.pool,
        max_kw=max_wall_kw(vehicle, vehicle_class),
        priority=vehicle.priority,
        energy_sigma_kwh=need.sigma_kwh,
        most_starts=None if vehicle_class.wakes_from_pause else 1,
        ac_phases=0 if vehicle.pool == "dc" else vehicle_class.ac_phases,
    )
    return Need(
        dwell=dwell,
        arithmetic=need.arithmetic,
        missing=home.charge.missing,
        arrival_soc=home.charge.soc,
    )


def max_wall_kw(vehicle: Vehicle, vehicle_class: VehicleClass) -> float:
    """Return the most a vehicle can draw at the wall in the pool it uses [kW]."""
    if vehicle.pool == "dc":
        return vehicle_class.dc_max_kw
    if vehicle.pool == "ac":
        return vehicle_class.ac_max_kw
    return max(vehicle_class.ac_max_kw, vehicle_class.dc_max_kw)


def readings_of(vehicle: Vehicle, telematics: pl.DataFrame) -> pl.DataFrame:
    """Return the readings of one vehicle under any of its names, oldest first."""
    names = {vehicle.vehicle_id, *vehicle.telematics_ids}
    return telematics.filter(pl.col("vehicle_id").is_in(sorted(names))).sort("at")


def arrival_charge(
    readings: pl.DataFrame, last_duty: Duty | None, *, vehicle_class: VehicleClass
) -> ArrivalCharge:
    """Return the state of charge on arrival, from the latest reading.

    A reading taken before the return is lowered by the distance that was still to drive: by the
    odometer where both ends are known, else by the share of the duty's time that was left.

    Parameters
    ----------
    readings : polars.DataFrame
        `TelematicsFrame` of one vehicle, oldest first.
    last_duty : Duty or None
        The duty it returns from.
    vehicle_class : VehicleClass
    """
    with_soc = readings.filter(pl.col("soc").is_not_null())
    if with_soc.is_empty():
        return ArrivalCharge(soc=0.0, missing=("no state of charge: planned as if empty",))
    latest = with_soc.row(-1, named=True)
    at: datetime = latest["at"]
    soc: float = latest["soc"]
    if last_duty is None or at >= last_duty.return_at:
        return ArrivalCharge(soc=soc)
    left_km, missing = _distance_left_km(readings, last_duty, at=at)
    used_soc = left_km * vehicle_class.consumption_kwh_per_km / vehicle_class.usable_kwh
    return ArrivalCharge(soc=max(0.0, soc - used_soc), missing=missing)


def _distance_left_km(
    readings: pl.DataFrame, duty: Duty, *, at: datetime
) -> tuple[float, tuple[str, ...]]:
    odometer = readings.filter(pl.col("odometer_km").is_not_null())
    # The last reading before it left and the last one before the state of charge was read.
    out = odometer.filter(pl.col("at") <= duty.departure)
    now = odometer.filter(pl.col("at") <= at)
    if out.is_empty() or now.is_empty():
        left_share = (duty.return_at - at) / (duty.return_at - duty.departure)
        return duty.distance_km * min(1.0, left_share), (
            "no odometer: what is left of the route was taken by time",
        )
    driven_km: float = now["odometer_km"][-1] - out["odometer_km"][-1]
    return max(0.0, duty.distance_km - driven_km), ()
