"""A dwell: a stay at the depot that we plan for."""

import math
from dataclasses import dataclass
from datetime import datetime

from depotlib.errors import ModelError


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
    """

    dwell: Dwell
    arithmetic: str
    missing: tuple[str, ...] = ()
    arrival_soc: float = 0.0
