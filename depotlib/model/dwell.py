"""A dwell: a stay at the depot that we plan for."""

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import ModelError

STAY_REACH: Final = timedelta(hours=12)
"""Sessions and changes count for a stay from so long before its expected arrival on."""


@dataclass(frozen=True, slots=True)
class DwellBattery:
    """The battery of a dwell's vehicle: how it tapers, and what it may give back.

    Parameters
    ----------
    usable_kwh : float
    arrival_soc : float
        0-1.
    wall_efficiency_share : float
        Battery energy gained per energy drawn at the wall, 0-1.
    taper_share : float
        Share of power lost at 100 % of a linear taper from 80 % on (DC); 0: none.
    discharge_max_kw : float
        The most it may feed back at the wall; 0: nothing.
    round_trip_share : float
        Energy given back per energy taken for it, both at the wall, 0-1.
    floor_soc : float
        State of charge below which nothing is fed back.
    wear_per_kwh : float
        What a kWh fed back at the wall costs the battery.
    spare_kwh : float
        At the wall: what it holds beyond its need and need not take again once it has given it;
        only of a stay that needs nothing.
    """

    usable_kwh: float
    arrival_soc: float
    wall_efficiency_share: float = 1.0
    taper_share: float = 0.0
    discharge_max_kw: float = 0.0
    round_trip_share: float = 0.8
    floor_soc: float = 0.2
    wear_per_kwh: float = 0.0
    # Out of the representation: digests of plans tell batteries by it, and most have nothing spare.
    spare_kwh: float = field(default=0.0, repr=False)

    def __post_init__(self) -> None:
        """Refuse a battery that cannot exist."""
        shares = (self.arrival_soc, self.taper_share, self.floor_soc)
        efficiencies = (self.wall_efficiency_share, self.round_trip_share)
        if not (
            0 < self.usable_kwh < math.inf
            and all(0 <= share <= 1 for share in shares)
            and all(0 < share <= 1 for share in efficiencies)
            and 0 <= self.discharge_max_kw < math.inf
            and 0 <= self.wear_per_kwh < math.inf
            and 0 <= self.spare_kwh < math.inf
        ):
            raise ModelError(
                f"a battery of {self.usable_kwh} kWh at {self.arrival_soc} of full, with shares "
                f"{shares} and efficiencies {efficiencies}, cannot be",
                where="DwellBattery",
                hint="shares are 0 to 1, efficiencies above 0, powers and prices 0 or more",
            )


@dataclass(frozen=True, slots=True)
class Dwell:
    """A stay of one vehicle between arrival and departure, and what it needs at the wall.

    Parameters
    ----------
    vehicle_id : str
    arrival, departure : datetime
        Half-open stay, aware.
    energy_must_kwh : float
        At the wall: what the next duty with its least reserve needs.
    energy_target_kwh : float
        At the wall: what one would like; at least the must.
    connector_id : str or None
        Fixed connector, if any.
    pool : str or None
        Pool of stations it may use; None: any.
    max_kw : float
        Most the vehicle takes at the wall; infinite: only the connector limits it.
    min_kw : float
        Least it takes when it takes anything.
    priority : int
        Larger is more important.
    energy_sigma_kwh : float
        Standard deviation of the need.
    station_id : str or None
        Station it must use, if any.
    precondition_kwh : float
        Part of the target, at the wall, that warms battery and cabin in the last
        `precondition_s` before departure and cannot be drawn earlier.
    precondition_s : int
        How long before departure that may begin [s].
    most_starts : int or None
        How often it may start to charge; 1: it does not wake from a pause. None: as often as one
        likes.
    ac_phases : int
        Phases of its on-board charger; 0: not known, its power counts on all alike.
    battery : DwellBattery or None
        What its battery is like; None: neither taper nor feeding back.
    arrival_spread_s : float
        Standard deviation of the arrival [s]; 0: taken as certain.
    arrival_soc : float or None
        State of charge on arrival that the energies rest on, 0-1; None: they rest on none.
    """

    vehicle_id: str
    arrival: datetime
    departure: datetime
    energy_must_kwh: float
    energy_target_kwh: float
    connector_id: str | None = None
    pool: str | None = None
    max_kw: float = math.inf
    min_kw: float = 0.0
    priority: int = 0
    energy_sigma_kwh: float = 0.0
    station_id: str | None = None
    precondition_kwh: float = 0.0
    precondition_s: int = 1800
    most_starts: int | None = None
    ac_phases: int = 0
    battery: DwellBattery | None = None
    arrival_spread_s: float = 0.0
    arrival_soc: float | None = None

    def __post_init__(self) -> None:
        """Refuse a stay that cannot be."""
        if self.arrival.tzinfo is None or self.departure.tzinfo is None:
            raise ModelError(
                f"the stay of {self.vehicle_id!r} needs times with an offset from UTC",
                where=f"dwell of {self.vehicle_id}",
            )
        if self.departure <= self.arrival:
            raise ModelError(
                f"{self.vehicle_id!r} departs at {self.departure} before it arrives at "
                f"{self.arrival}",
                where=f"dwell of {self.vehicle_id}",
                hint="correct arrival or departure",
            )
        if not (
            0 <= self.energy_must_kwh <= self.energy_target_kwh < math.inf
            and 0 <= self.min_kw <= self.max_kw
            and self.max_kw > 0
        ):
            raise ModelError(
                f"{self.vehicle_id!r} needs {self.energy_must_kwh} of {self.energy_target_kwh} kWh "
                f"at {self.min_kw} to {self.max_kw} kW",
                where=f"dwell of {self.vehicle_id}",
                hint="give 0 <= must <= target and 0 <= min_kw <= max_kw",
            )
        if not 0 <= self.precondition_kwh <= self.energy_target_kwh or self.precondition_s <= 0:
            raise ModelError(
                f"{self.vehicle_id!r} takes {self.precondition_kwh} kWh of "
                f"{self.energy_target_kwh} kWh in the last {self.precondition_s} s",
                where=f"dwell of {self.vehicle_id}",
                hint="preconditioning is a part of the target, in a span of more than 0 s",
            )
        self._refuse_spare_and_need()
        if self.arrival_soc is not None and not 0 <= self.arrival_soc <= 1:
            raise ModelError(
                f"{self.vehicle_id!r} arrives with {self.arrival_soc} of a full battery",
                where=f"dwell of {self.vehicle_id}",
                hint="give a fraction from 0 to 1",
            )
        if self.most_starts is not None and self.most_starts < 1:
            raise ModelError(
                f"{self.vehicle_id!r} may start {self.most_starts} times",
                where=f"dwell of {self.vehicle_id}",
                hint="give 1 or more, or nothing for as often as one likes",
            )

    def _refuse_spare_and_need(self) -> None:
        if self.battery is not None and self.battery.spare_kwh and self.energy_target_kwh:
            raise ModelError(
                f"{self.vehicle_id!r} needs {self.energy_target_kwh} kWh and has "
                f"{self.battery.spare_kwh} kWh to spare",
                where=f"dwell of {self.vehicle_id}",
                hint="give the difference, as the one or as the other",
            )


@dataclass(frozen=True, slots=True)
class NeedLine:
    """One line of a need's arithmetic.

    Parameters
    ----------
    what : str
        For instance ``duty``, ``reserve``, ``in the battery``, ``at the wall``.
    energy_kwh : float
        What it adds (negative: takes off); of a total its value.
    how : str
        Quantities with their units: ``180.0 km x 0.30 kWh/km``.
    source : str
        Where the quantities come from.
    is_total : bool
        Whether it sums up the lines above.
    """

    what: str
    energy_kwh: float
    how: str
    source: str
    is_total: bool = False


@dataclass(frozen=True, slots=True)
class Need:
    """A dwell with the arithmetic behind its energy, in words, and what is missing.

    Parameters
    ----------
    dwell : Dwell
    arithmetic : str
        For instance ``180.0 km x 0.30 + 6.8 reserve - 21.8 in the battery = 39.0 kWh, / 0.90 =
        43.4 kWh at the wall``.
    missing : tuple of str
        Facts that had to be assumed, each a short sentence.
    arrival_soc : float
        State of charge on arrival that it rests on, 0-1.
    lines : tuple of NeedLine
        The arithmetic of the target line by line, each with its source.
    arrival_low_soc, arrival_high_soc : float or None
        The band that holds the state of charge on arrival in 95 of 100 cases; None: the reading
        is fresh.
    least_charge_s : float
        The shortest time in which the vehicle can take its target alone, taper included [s].
    """

    dwell: Dwell
    arithmetic: str
    missing: tuple[str, ...] = ()
    arrival_soc: float = 0.0
    lines: tuple[NeedLine, ...] = ()
    arrival_low_soc: float | None = None
    arrival_high_soc: float | None = None
    least_charge_s: float = 0.0


def reach_of(dwell: Dwell, *, others: Iterable[Dwell]) -> datetime:
    """Return the instant after which sessions of a vehicle belong to this stay of it.

    Parameters
    ----------
    dwell : Dwell
    others : iterable of Dwell
        Those of the same vehicle count.
    """
    earlier = [
        other.departure
        for other in others
        if other.vehicle_id == dwell.vehicle_id and other.departure <= dwell.arrival
    ]
    return max([dwell.arrival - STAY_REACH, *earlier])
