"""How much energy a vehicle must take before its next duty, with the arithmetic in lines."""

from dataclasses import dataclass
from typing import Final

from depotlib.model.brief import NeedPolicy
from depotlib.model.dwell import NeedLine
from depotlib.model.fleet import VehicleClass
from depotlib.needs.driving import Driving, class_driving

SOC_RESOLUTION_SOC: Final = 0.01
"""Telematics log the state of charge on each change of one percent (Geotab, diagnostic 2118)."""


@dataclass(frozen=True, slots=True)
class StartCharge:
    """The state of charge that a need starts from, and how sure it is.

    Parameters
    ----------
    soc : float
        0-1.
    sigma_soc : float
        Standard deviation beyond the resolution of a reading.
    limit_soc : float
        Where the vehicle itself stops to charge, 0-1.
    source : str
    """

    soc: float
    sigma_soc: float = 0.0
    limit_soc: float = 1.0
    source: str = "telematics"


@dataclass(frozen=True, slots=True)
class EnergyNeed:
    """Energy to draw at the wall before a duty.

    Parameters
    ----------
    must_kwh, target_kwh : float
        With the policy's least and wished-for reserve, at the wall.
    sigma_kwh : float
        Standard deviation: resolution and age of the state of charge, spread of the consumption.
    arithmetic : str
        How the target was reached, in words.
    lines : tuple of NeedLine
        The same line by line.
    target_soc : float
        State of charge that the target leaves with.
    missing : tuple of str
        What does not come true of duty and reserve, in words.
    """

    must_kwh: float
    target_kwh: float
    sigma_kwh: float
    arithmetic: str
    lines: tuple[NeedLine, ...] = ()
    target_soc: float = 0.0
    missing: tuple[str, ...] = ()


def energy_before_duty(
    *,
    distance_km: float,
    arrival_soc: float | StartCharge,
    vehicle_class: VehicleClass,
    policy: NeedPolicy,
    driving: Driving | None = None,
) -> EnergyNeed:
    """Return the wall energy that a duty needs beyond what the battery holds.

    ``(distance x consumption + reserve x usable - soc x usable) / efficiency``, never less than
    0 and never more than the battery can take up to its own charge limit.

    Parameters
    ----------
    distance_km : float
        Of the next duty.
    arrival_soc : float or StartCharge
        State of charge when it plugs in, 0-1.
    vehicle_class : VehicleClass
    policy : NeedPolicy
        Reserves as shares of the usable battery.
    driving : Driving, optional
        What its kilometres take; default: the figure of the class.

    References
    ----------
    .. [1] Requirement 1 of the field guide: 180 km at 0.30 kWh/km, 68 kWh usable, 32 %, reserve
       10 %, efficiency 90 % needs 39.0 kWh in the pack and 43.4 kWh at the wall.
    """
    start = arrival_soc if isinstance(arrival_soc, StartCharge) else StartCharge(arrival_soc)
    driving = driving or class_driving(vehicle_class)
    asked = _Asked(
        drive_kwh=distance_km * driving.consumption_kwh_per_km,
        start=start,
        vehicle_class=vehicle_class,
    )
    usable_kwh, efficiency_share = vehicle_class.usable_kwh, vehicle_class.wall_efficiency_share
    target_kwh = asked.wall_kwh(policy.target_reserve_share)
    # A reading rounded to one percent is uniform within it: its deviation is the width / sqrt(12).
    parts_kwh = (
        SOC_RESOLUTION_SOC / 12**0.5 * usable_kwh,
        start.sigma_soc * usable_kwh,
        driving.spread_share * asked.drive_kwh,
    )
    lines = _lines(asked, distance_km, driving=driving, policy=policy)
    return EnergyNeed(
        must_kwh=asked.wall_kwh(policy.must_reserve_share),
        target_kwh=target_kwh,
        sigma_kwh=sum(part_kwh**2 for part_kwh in parts_kwh) ** 0.5 / efficiency_share,
        arithmetic=_words(asked, distance_km, driving=driving, policy=policy),
        lines=lines,
        target_soc=min(1.0, start.soc + target_kwh * efficiency_share / usable_kwh),
        missing=_cut_words(asked, policy),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a duty takes, and what the battery holds and may hold."""

    drive_kwh: float
    start: StartCharge
    vehicle_class: VehicleClass

    @property
    def held_kwh(self) -> float:
        return self.start.soc * self.vehicle_class.usable_kwh

    @property
    def most_kwh(self) -> float:
        return self.start.limit_soc * self.vehicle_class.usable_kwh

    def wanted_kwh(self, reserve_share: float) -> float:
        return self.drive_kwh + reserve_share * self.vehicle_class.usable_kwh

    def wall_kwh(self, reserve_share: float) -> float:
        # A battery cannot hold more than full: a longer duty must charge on the way.
        pack_kwh = min(self.wanted_kwh(reserve_share), self.most_kwh) - self.held_kwh
        return max(0.0, pack_kwh) / self.vehicle_class.wall_efficiency_share


def _words(asked: _Asked, distance_km: float, *, driving: Driving, policy: NeedPolicy) -> str:
    vehicle_class = asked.vehicle_class
    reserve_kwh = policy.target_reserve_share * vehicle_class.usable_kwh
    pack_kwh = asked.drive_kwh + reserve_kwh - asked.held_kwh
    return (
        f"{distance_km:.1f} km x {driving.how} = {asked.drive_kwh:.1f}, + {reserve_kwh:.1f} "
        f"reserve - {asked.held_kwh:.1f} in the battery = {pack_kwh:.1f} kWh, / "
        f"{vehicle_class.wall_efficiency_share:.2f} = "
        f"{asked.wall_kwh(policy.target_reserve_share):.1f} kWh at the wall"
    )


def _lines(
    asked: _Asked, distance_km: float, *, driving: Driving, policy: NeedPolicy
) -> tuple[NeedLine, ...]:
    vehicle_class, reserve_share = asked.vehicle_class, policy.target_reserve_share
    usable_kwh = vehicle_class.usable_kwh
    of_class = f"vehicle class {vehicle_class.class_id}"
    wall_kwh = asked.wall_kwh(reserve_share)
    pack_kwh = wall_kwh * vehicle_class.wall_efficiency_share
    free_kwh = pack_kwh - (asked.wanted_kwh(reserve_share) - asked.held_kwh)
    capped = (
        (NeedLine("more than it can take", free_kwh, _cap_words(asked), asked.start.source),)
        if abs(free_kwh) > 1e-9  # noqa: PLR2004 rounding of the sum itself
        else ()
    )
    return (
        NeedLine(
            "next duty", asked.drive_kwh, f"{distance_km:.1f} km x {driving.how}", driving.source
        ),
        NeedLine(
            "reserve",
            reserve_share * usable_kwh,
            f"{reserve_share:.0%} of {usable_kwh:.1f} kWh",
            "policy of the depot",
        ),
        NeedLine(
            "in the battery",
            -asked.held_kwh,
            f"{asked.start.soc:.1%} of {usable_kwh:.1f} kWh",
            asked.start.source,
        ),
        *capped,
        NeedLine("into the battery", pack_kwh, "sum of the above", "", is_total=True),
        NeedLine(
            "lost on the way in",
            wall_kwh - pack_kwh,
            f"efficiency {vehicle_class.wall_efficiency_share:.0%}",
            of_class,
        ),
        NeedLine("at the wall", wall_kwh, "sum of the above", "", is_total=True),
    )


def _cap_words(asked: _Asked) -> str:
    if asked.wanted_kwh(0.0) <= asked.held_kwh:
        return "it holds more than duty and reserve ask for"
    return f"it charges up to {asked.start.limit_soc:.0%}"


def _cut_words(asked: _Asked, policy: NeedPolicy) -> tuple[str, ...]:
    """Return what the vehicle's own charge limit takes away, in words (trap 14 of the formats)."""
    limit_soc, usable_kwh = asked.start.limit_soc, asked.vehicle_class.usable_kwh
    wanted_soc = min(1.0, asked.wanted_kwh(policy.target_reserve_share) / usable_kwh)
    must_soc = min(1.0, asked.wanted_kwh(policy.must_reserve_share) / usable_kwh)
    if wanted_soc <= limit_soc:
        return ()
    words = (
        f"the vehicle stops charging at {limit_soc:.0%} by its own setting: the target of "
        f"{wanted_soc:.0%} is cut to that"
    )
    if must_soc > limit_soc:
        words += f"; it needs {must_soc:.0%} to go, raise the limit in the vehicle"
    return (words,)
