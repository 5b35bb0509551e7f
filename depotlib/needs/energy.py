"""How much energy a vehicle must take before its next duty, with the arithmetic in words."""

from dataclasses import dataclass
from typing import Final

from depotlib.model.brief import NeedPolicy
from depotlib.model.fleet import VehicleClass

SOC_RESOLUTION_SOC: Final = 0.01
"""Telematics log the state of charge on each change of one percent (Geotab, diagnostic 2118)."""


@dataclass(frozen=True, slots=True)
class EnergyNeed:
    """Energy to draw at the wall before a duty.

    Parameters
    ----------
    must_kwh, target_kwh : float
        With the policy's least and wished-for reserve, at the wall.
    sigma_kwh : float
        Standard deviation that the resolution of the state of charge alone causes.
    arithmetic : str
        How the target was reached, in words.
    """

    must_kwh: float
    target_kwh: float
    sigma_kwh: float
    arithmetic: str


def energy_before_duty(
    *,
    distance_km: float,
    arrival_soc: float,
    vehicle_class: VehicleClass,
    policy: NeedPolicy,
) -> EnergyNeed:
    """Return the wall energy that a duty needs beyond what the battery holds.

    ``(distance x consumption + reserve x usable - soc x usable) / efficiency``, never less than
    0 and never more than an empty room in the battery can take.

    Parameters
    ----------
    distance_km : float
        Of the next duty.
    arrival_soc : float
        State of charge when it plugs in, 0-1.
    vehicle_class : VehicleClass
    policy : NeedPolicy
        Reserves as shares of the usable battery.

    References
    ----------
    .. [1] Requirement 1 of the field guide: 180 km at 0.30 kWh/km, 68 kWh usable, 32 %, reserve
       10 %, efficiency 90 % needs 39.0 kWh in the pack and 43.4 kWh at the wall.
    """
    must_kwh = _wall_kwh(
        distance_km,
        arrival_soc,
        vehicle_class=vehicle_class,
        reserve_share=policy.must_reserve_share,
    )
    target_kwh = _wall_kwh(
        distance_km,
        arrival_soc,
        vehicle_class=vehicle_class,
        reserve_share=policy.target_reserve_share,
    )
    usable_kwh = vehicle_class.usable_kwh
    drive_kwh = distance_km * vehicle_class.consumption_kwh_per_km
    reserve_kwh = policy.target_reserve_share * usable_kwh
    held_kwh = arrival_soc * usable_kwh
    arithmetic = (
        f"{distance_km:.1f} km x {vehicle_class.consumption_kwh_per_km:.2f} kWh/km = "
        f"{drive_kwh:.1f}, + {reserve_kwh:.1f} reserve - {held_kwh:.1f} in the battery = "
        f"{drive_kwh + reserve_kwh - held_kwh:.1f} kWh, / {vehicle_class.wall_efficiency_share:.2f}"
        f" = {target_kwh:.1f} kWh at the wall"
    )
    # A reading rounded to one percent is uniform within it: its deviation is the width / sqrt(12).
    sigma_kwh = SOC_RESOLUTION_SOC * usable_kwh / 12**0.5 / vehicle_class.wall_efficiency_share
    return EnergyNeed(
        must_kwh=must_kwh, target_kwh=target_kwh, sigma_kwh=sigma_kwh, arithmetic=arithmetic
    )


def _wall_kwh(
    distance_km: float, arrival_soc: float, *, vehicle_class: VehicleClass, reserve_share: float
) -> float:
    usable_kwh = vehicle_class.usable_kwh
    wanted_kwh = distance_km * vehicle_class.consumption_kwh_per_km + reserve_share * usable_kwh
    # A battery cannot hold more than full: a longer duty must charge on the way.
    pack_kwh = min(wanted_kwh, usable_kwh) - arrival_soc * usable_kwh
    return max(0.0, pack_kwh) / vehicle_class.wall_efficiency_share
