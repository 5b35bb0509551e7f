"""How much energy a vehicle must take before its next duty, with the arithmetic in lines."""

from dataclasses import dataclass
from typing import Final

from depotlib.model.brief import NeedPolicy
from depotlib.model.dwell import NeedLine
from depotlib.model.fleet import VehicleClass
from depotlib.needs.driving import Driving, class_driving

SOC_RESOLUTION_SOC: Final = 0.01
"""Telematics log the state of charge on each change of one percent (Geotab, diagnostic 2118)."""
_ROUNDING_KWH: Final = 1e-9


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
class AskedCharge:
    """A state of charge that a duty asks for at departure, whatever its distance.

    Parameters
    ----------
    must_soc, target_soc : float
        0-1; 0: none.
    source : str
    """

    must_soc: float = 0.0
    target_soc: float = 0.0
    source: str = ""


NOTHING_ASKED: Final = AskedCharge()


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
    asked_charge: AskedCharge = NOTHING_ASKED,
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
    asked_charge : AskedCharge, optional
        Of the duty; the larger of this and of distance with reserve counts.

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
        policy=policy,
        asked_charge=asked_charge,
    )
    usable_kwh, efficiency_share = vehicle_class.usable_kwh, vehicle_class.wall_efficiency_share
    target_kwh = asked.wall_kwh(asked.target_pack_kwh)
    # A reading rounded to one percent is uniform within it: its deviation is the width / sqrt(12).
    parts_kwh = (
        SOC_RESOLUTION_SOC / 12**0.5 * usable_kwh,
        start.sigma_soc * usable_kwh,
        driving.spread_share * asked.drive_kwh,
    )
    return EnergyNeed(
        must_kwh=min(target_kwh, asked.wall_kwh(asked.must_pack_kwh)),
        target_kwh=target_kwh,
        sigma_kwh=sum(part_kwh**2 for part_kwh in parts_kwh) ** 0.5 / efficiency_share,
        arithmetic=_words(asked, distance_km, driving=driving),
        lines=_lines(asked, distance_km, driving=driving),
        target_soc=min(1.0, start.soc + target_kwh * efficiency_share / usable_kwh),
        missing=_cut_words(asked),
    )


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a duty takes, and what the battery holds and may hold."""

    drive_kwh: float
    start: StartCharge
    vehicle_class: VehicleClass
    policy: NeedPolicy
    asked_charge: AskedCharge

    @property
    def held_kwh(self) -> float:
        return self.start.soc * self.vehicle_class.usable_kwh

    @property
    def reserve_kwh(self) -> float:
        return self.policy.target_reserve_share * self.vehicle_class.usable_kwh

    @property
    def beyond_kwh(self) -> float:
        """What the duty asks for beyond distance and reserve."""
        asked_kwh = self.asked_charge.target_soc * self.vehicle_class.usable_kwh
        return max(0.0, asked_kwh - self.drive_kwh - self.reserve_kwh)

    @property
    def target_pack_kwh(self) -> float:
        return self.drive_kwh + self.reserve_kwh + self.beyond_kwh

    @property
    def must_pack_kwh(self) -> float:
        usable_kwh = self.vehicle_class.usable_kwh
        with_reserve_kwh = self.drive_kwh + self.policy.must_reserve_share * usable_kwh
        return max(with_reserve_kwh, self.asked_charge.must_soc * usable_kwh)

    def wall_kwh(self, wanted_kwh: float) -> float:
        # A battery cannot hold more than full: a longer duty must charge on the way.
        most_kwh = self.start.limit_soc * self.vehicle_class.usable_kwh
        pack_kwh = min(wanted_kwh, most_kwh) - self.held_kwh
        return max(0.0, pack_kwh) / self.vehicle_class.wall_efficiency_share


def _words(asked: _Asked, distance_km: float, *, driving: Driving) -> str:
    beyond = f"+ {asked.beyond_kwh:.1f} that its duty asks for " if asked.beyond_kwh else ""
    return (
        f"{distance_km:.1f} km x {driving.how} = {asked.drive_kwh:.1f}, + {asked.reserve_kwh:.1f} "
        f"reserve {beyond}- {asked.held_kwh:.1f} in the battery = "
        f"{asked.target_pack_kwh - asked.held_kwh:.1f} kWh, / "
        f"{asked.vehicle_class.wall_efficiency_share:.2f} = "
        f"{asked.wall_kwh(asked.target_pack_kwh):.1f} kWh at the wall"
    )


def _lines(asked: _Asked, distance_km: float, *, driving: Driving) -> tuple[NeedLine, ...]:
    vehicle_class = asked.vehicle_class
    usable_kwh, efficiency_share = vehicle_class.usable_kwh, vehicle_class.wall_efficiency_share
    wall_kwh = asked.wall_kwh(asked.target_pack_kwh)
    pack_kwh = wall_kwh * efficiency_share
    duty_words = f"{distance_km:.1f} km x {driving.how}"
    reserve_words = f"{asked.policy.target_reserve_share:.0%} of {usable_kwh:.1f} kWh"
    held_words = f"{asked.start.soc:.1%} of {usable_kwh:.1f} kWh"
    loss_words = f"efficiency {efficiency_share:.0%}"
    return (
        NeedLine("next duty", asked.drive_kwh, duty_words, driving.source),
        NeedLine("reserve", asked.reserve_kwh, reserve_words, "policy of the depot"),
        *_asked_line(asked),
        NeedLine("in the battery", -asked.held_kwh, held_words, asked.start.source),
        *_capped_line(asked, pack_kwh=pack_kwh),
        NeedLine("into the battery", pack_kwh, "sum of the above", "", is_total=True),
        NeedLine(
            "lost on the way in",
            wall_kwh - pack_kwh,
            loss_words,
            f"vehicle class {vehicle_class.class_id}",
        ),
        NeedLine("at the wall", wall_kwh, "sum of the above", "", is_total=True),
    )


def _asked_line(asked: _Asked) -> tuple[NeedLine, ...]:
    if asked.beyond_kwh <= 0:
        return ()
    words = f"up to {asked.asked_charge.target_soc:.0%} at departure"
    return (NeedLine("asked for by its duty", asked.beyond_kwh, words, asked.asked_charge.source),)


def _capped_line(asked: _Asked, *, pack_kwh: float) -> tuple[NeedLine, ...]:
    free_kwh = pack_kwh - (asked.target_pack_kwh - asked.held_kwh)
    if abs(free_kwh) <= _ROUNDING_KWH:
        return ()
    is_held = asked.target_pack_kwh <= asked.held_kwh
    words = "it holds more than is asked for" if is_held else "it charges up to "
    if not is_held:
        words += f"{asked.start.limit_soc:.0%}"
    return (NeedLine("more than it can take", free_kwh, words, asked.start.source),)


def _cut_words(asked: _Asked) -> tuple[str, ...]:
    """Return what the vehicle's own charge limit takes away, in words (trap 14 of the formats)."""
    limit_soc, usable_kwh = asked.start.limit_soc, asked.vehicle_class.usable_kwh
    wanted_soc = min(1.0, asked.target_pack_kwh / usable_kwh)
    must_soc = min(1.0, asked.must_pack_kwh / usable_kwh)
    if wanted_soc <= limit_soc:
        return ()
    words = (
        f"the vehicle stops charging at {limit_soc:.0%} by its own setting: the target of "
        f"{wanted_soc:.0%} is cut to that"
    )
    if must_soc > limit_soc:
        words += f"; it needs {must_soc:.0%} to go, raise the limit in the vehicle"
    return (words,)
