"""What tonight asks for: duties and telematics to dwells, with what is missing named."""

from collections.abc import Sequence
from dataclasses import replace

import polars as pl

from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.dwell import Dwell, DwellBattery, Need
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.arrival import (
    ArrivalCharge,
    Homecoming,
    departures_of,
    driving_on,
    homecoming,
    late_words,
    next_duty_of,
)
from depotlib.needs.charge_time import least_charge_s
from depotlib.needs.energy import AskedCharge, EnergyNeed, energy_before_duty
from depotlib.needs.known import NOTHING_MORE, Known
from depotlib.units import duration_h, s_to_h


def needs_for_night(
    fleet: Fleet,
    duties: Sequence[Duty],
    *,
    telematics: pl.DataFrame,
    night: BillingPeriod,
    policy: NeedPolicy,
    known: Known = NOTHING_MORE,
) -> tuple[Need, ...]:
    """Return the stay and the energy of every vehicle that leaves by the end of a night.

    A vehicle's stay runs from the return of its duty before to its departure; of several in a night
    the longest is planned, and the others are named.
    Its charge on arrival is its latest reading, less what it still drives before it is home.

    Parameters
    ----------
    fleet : Fleet
    duties : sequence of Duty
    telematics : polars.DataFrame
        `TelematicsFrame`; vehicle ids may be the vendor's, as in `Vehicle.telematics_ids`.
    night : BillingPeriod
        Departures in (start, end] count; a vehicle without an earlier duty is home at its start.
    policy : NeedPolicy
    known : Known, optional
        The hour, the weather and what past days have taught.

    Returns
    -------
    tuple of Need
        One a vehicle with a departure, in the fleet's order.
    """
    needs: list[Need] = []
    for vehicle in fleet.vehicles:
        vehicle_class = fleet.class_of(vehicle.vehicle_id)
        next_duty = next_duty_of(vehicle, duties, night=night)
        if next_duty is None:
            continue
        home = homecoming(
            vehicle, vehicle_class, duties=duties, telematics=telematics, night=night, known=known
        )
        need = need_before_duty(
            vehicle, vehicle_class, duty=next_duty, home=home, policy=policy, known=known
        )
        others = [one for one in departures_of(vehicle, duties, night=night) if one != next_duty]
        needs.append(replace(need, missing=(*need.missing, *_also_words(others, known=known))))
    return tuple(needs)


def need_before_duty(
    vehicle: Vehicle,
    vehicle_class: VehicleClass,
    *,
    duty: Duty,
    home: Homecoming,
    policy: NeedPolicy,
    known: Known = NOTHING_MORE,
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
    known : Known, optional

    Raises
    ------
    ModelError
        If the duty begins before the vehicle is home.
    """
    need = energy_before_duty(
        distance_km=duty.distance_km,
        arrival_soc=home.charge.start,
        vehicle_class=vehicle_class,
        policy=policy,
        driving=driving_on(vehicle, vehicle_class, duty=duty, known=known),
        asked_charge=AskedCharge(
            must_soc=duty.must_soc,
            target_soc=max(duty.must_soc, duty.target_soc),
            source=f"duty {duty.duty_id}",
        ),
    )
    taper_share = _taper_share(vehicle, vehicle_class)
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
        battery=_battery(vehicle_class, home.charge, taper_share=taper_share),
        arrival_spread_s=0.0 if home.habit is None else home.habit.spread_s,
        arrival_soc=home.charge.soc,
    )
    return _shown(need, dwell, home=home, vehicle_class=vehicle_class, taper_share=taper_share)


def max_wall_kw(vehicle: Vehicle, vehicle_class: VehicleClass) -> float:
    """Return the most a vehicle can draw at the wall in the pool it uses [kW]."""
    if vehicle.pool == "dc":
        return vehicle_class.dc_max_kw
    if vehicle.pool == "ac":
        return vehicle_class.ac_max_kw
    return max(vehicle_class.ac_max_kw, vehicle_class.dc_max_kw)


def _shown(
    need: EnergyNeed,
    dwell: Dwell,
    *,
    home: Homecoming,
    vehicle_class: VehicleClass,
    taper_share: float,
) -> Need:
    """Return a stay with the arithmetic of its energy and all that is missing or cannot be."""
    least_s = least_charge_s(
        home.charge.soc,
        need.target_soc,
        usable_kwh=vehicle_class.usable_kwh,
        max_kw=dwell.max_kw,
        wall_efficiency_share=vehicle_class.wall_efficiency_share,
        taper_share=taper_share,
    )
    band = home.charge.band
    return Need(
        dwell=dwell,
        arithmetic=need.arithmetic,
        missing=(
            *home.charge.missing,
            *need.missing,
            *late_words(home.habit),
            *_short_words(dwell, least_s=least_s),
        ),
        arrival_soc=home.charge.soc,
        lines=need.lines,
        arrival_low_soc=None if band is None else band.low_soc,
        arrival_high_soc=None if band is None else band.high_soc,
        least_charge_s=least_s,
    )


def _taper_share(vehicle: Vehicle, vehicle_class: VehicleClass) -> float:
    """Return how a vehicle tapers where it charges: only direct current does."""
    is_dc = max_wall_kw(vehicle, vehicle_class) == vehicle_class.dc_max_kw
    return vehicle_class.dc_taper_share if is_dc else 0.0


def _battery(
    vehicle_class: VehicleClass, charge: ArrivalCharge, *, taper_share: float
) -> DwellBattery | None:
    """Return the battery where it tapers: without a taper a plan needs to know nothing of it."""
    if taper_share <= 0:
        return None
    return DwellBattery(
        usable_kwh=vehicle_class.usable_kwh,
        arrival_soc=charge.soc,
        wall_efficiency_share=vehicle_class.wall_efficiency_share,
        taper_share=taper_share,
    )


def _also_words(others: Sequence[Duty], *, known: Known) -> tuple[str, ...]:
    return tuple(
        f"also leaves at {duty.departure.astimezone(known.time_zone):%H:%M} for {duty.duty_id}: "
        "the stay before it is not planned"
        for duty in others
    )


def _short_words(dwell: Dwell, *, least_s: float) -> tuple[str, ...]:
    stay_h, least_h = duration_h(dwell.departure - dwell.arrival), s_to_h(least_s)
    if least_h <= stay_h:
        return ()
    return (f"stays {stay_h:.1f} h; its target takes at least {least_h:.1f} h",)
