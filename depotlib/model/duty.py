"""A duty: the work a vehicle leaves for."""

from dataclasses import dataclass
from datetime import datetime

from depotlib.errors import ModelError


@dataclass(frozen=True, slots=True)
class Duty:
    """One outing of one vehicle: when it leaves, when it returns, how far it goes.

    Parameters
    ----------
    duty_id, vehicle_id : str
    departure, return_at : datetime
        Aware; the vehicle is away in [departure, return_at).
    distance_km : float
    payload_share : float
        Share of the permitted load, 0-1.
    must_soc, target_soc : float
        State of charge asked for at departure, 0-1, where a system states that beside or instead
        of a distance; 0: it states none.
    """

    duty_id: str
    vehicle_id: str
    departure: datetime
    return_at: datetime
    distance_km: float
    payload_share: float = 0.0
    must_soc: float = 0.0
    target_soc: float = 0.0

    def __post_init__(self) -> None:
        """Refuse a duty that cannot be driven."""
        if self.departure.tzinfo is None or self.return_at.tzinfo is None:
            raise ModelError(
                f"duty {self.duty_id!r} needs times with an offset from UTC",
                where=f"duty {self.duty_id}",
            )
        if self.return_at <= self.departure:
            raise ModelError(
                f"duty {self.duty_id!r} of {self.vehicle_id!r} returns at {self.return_at} before "
                f"it leaves at {self.departure}",
                where=f"duty {self.duty_id}",
                hint="correct the return time",
            )
        if not (0 <= self.must_soc <= 1 and 0 <= self.target_soc <= 1):
            raise ModelError(
                f"duty {self.duty_id!r} of {self.vehicle_id!r} asks for {self.must_soc} and "
                f"{self.target_soc} of a full battery",
                where=f"duty {self.duty_id}",
                hint="states of charge are 0 to 1",
            )
        if not self.distance_km >= 0:
            raise ModelError(
                f"duty {self.duty_id!r} of {self.vehicle_id!r} covers {self.distance_km} km",
                where=f"duty {self.duty_id}",
                hint="give a distance of 0 or more",
            )
