"""Where something stands on the ground."""

import math
from dataclasses import dataclass
from typing import Final

from depotlib.errors import ModelError
from depotlib.units import metres_to_km

EARTH_RADIUS_KM: Final = metres_to_km(6_371_009.0)
"""Mean radius (IUGG)."""
POLE_DEGREES: Final = 90.0
HALF_TURN_DEGREES: Final = 180.0
DEGREE_DECIMALS: Final = 8
"""The last of them is a millimetre."""


@dataclass(frozen=True, slots=True)
class Position:
    """A place, as satellites tell it (WGS 84).

    Parameters
    ----------
    latitude_degrees : float
        North is positive.
    longitude_degrees : float
        East is positive.
    """

    latitude_degrees: float
    longitude_degrees: float

    def __post_init__(self) -> None:
        """Refuse a place that is not on the globe."""
        is_on_it = abs(self.latitude_degrees) <= POLE_DEGREES
        if not (is_on_it and abs(self.longitude_degrees) <= HALF_TURN_DEGREES):
            raise ModelError(
                f"{self.latitude_degrees}, {self.longitude_degrees} is no place on the globe",
                where="Position",
                hint="give degrees: latitude -90 to 90, longitude -180 to 180",
            )

    def offset_km(self, other: "Position") -> tuple[float, float]:
        """Return how far east and north another place lies [km]; exact enough within a yard."""
        north = math.radians(other.latitude_degrees - self.latitude_degrees)
        turn_degrees = (other.longitude_degrees - self.longitude_degrees + HALF_TURN_DEGREES) % (
            2 * HALF_TURN_DEGREES
        ) - HALF_TURN_DEGREES
        east = math.radians(turn_degrees) * math.cos(math.radians(self.latitude_degrees))
        return EARTH_RADIUS_KM * east, EARTH_RADIUS_KM * north

    def beside(self, east_km: float, north_km: float) -> "Position":
        """Return the place so far east and north of this one, to the millimetre.

        The way back of `offset_km`: ``latitude + north / R`` and ``longitude + east / (R cos
        latitude)``.

        Raises
        ------
        ModelError
            If that is beyond a pole.
        """
        north_degrees = math.degrees(north_km / EARTH_RADIUS_KM)
        around_km = EARTH_RADIUS_KM * math.cos(math.radians(self.latitude_degrees))
        longitude_degrees = self.longitude_degrees + math.degrees(east_km / around_km)
        if abs(longitude_degrees) > HALF_TURN_DEGREES:
            longitude_degrees = math.remainder(longitude_degrees, 2 * HALF_TURN_DEGREES)
        return Position(
            round(self.latitude_degrees + north_degrees, DEGREE_DECIMALS),
            round(longitude_degrees, DEGREE_DECIMALS),
        )

    def distance_km(self, other: "Position") -> float:
        """Return how far another place is [km]; exact enough within a yard."""
        return math.hypot(*self.offset_km(other))
