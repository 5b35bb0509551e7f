"""What a flat plant gives under a clear sky, from date, hour and place alone: a bound, no forecast.

Irradiance on the level by B. Haurwitz, "Insolation in relation to cloudiness and cloud density",
Journal of Meteorology 2 (1945); the sun's place by P. I. Cooper's declination (1969) and the usual
equation of time. Good to a few percent of the plant's peak.
"""

import math
from datetime import UTC, datetime
from typing import Final

from depotlib.model.position import Position
from depotlib.units import duration_h, minutes_to_s, s_to_h

TILT_DEGREES: Final = 23.45
DAYS_A_YEAR: Final = 365.0
DEGREES_AN_HOUR: Final = 15.0
NOON_H: Final = 12.0
CLEAR_KW_PER_M2: Final = 1.098
EXTINCTION: Final = 0.057
PERFORMANCE_SHARE: Final = 0.85
"""Of what the modules are rated for under 1 kW on a square metre: heat, wiring, inverter."""


def clear_sky_share(at: datetime, place: Position) -> float:
    """Return the power of a flat plant at an instant, as a share of its peak; 0 at night.

    Parameters
    ----------
    at : datetime
        Aware.
    place : Position
    """
    height = _sine_of_height(at, place)
    if height <= 0.0:
        return 0.0
    return PERFORMANCE_SHARE * CLEAR_KW_PER_M2 * height * math.exp(-EXTINCTION / height)


def _sine_of_height(at: datetime, place: Position) -> float:
    """Return the sine of the sun's height above the horizon."""
    utc = at.astimezone(UTC)
    day = utc.timetuple().tm_yday
    year_angle = 2.0 * math.pi * (day - 81) / 364.0
    declination = math.radians(TILT_DEGREES * math.sin(2.0 * math.pi * (284 + day) / DAYS_A_YEAR))
    late_by_minutes = (
        9.87 * math.sin(2.0 * year_angle) - 7.53 * math.cos(year_angle) - 1.5 * math.sin(year_angle)
    )
    midnight = utc.replace(hour=0, minute=0, second=0, microsecond=0)
    sun_h = (
        duration_h(utc - midnight)
        + place.longitude_degrees / DEGREES_AN_HOUR
        + s_to_h(minutes_to_s(late_by_minutes))
    )
    hour_angle = math.radians(DEGREES_AN_HOUR * (sun_h - NOON_H))
    latitude = math.radians(place.latitude_degrees)
    return math.sin(latitude) * math.sin(declination) + math.cos(latitude) * math.cos(
        declination
    ) * math.cos(hour_angle)
