"""A GPS logger's speeds of one van, a reading a half minute, local time: each trip at its mean speed."""

from datetime import timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "gps_speed"
FILE = "van-1/log.csv"
OPTIONS = {"time_zone": "America/New_York"}
ROWS = {"trips": lambda row: row["vehicle_id"] == "van-1"}
CARRIES = {
    "trips": {"vehicle_id": None, "start": 0, "end": 0, "distance_km": 0.01},
}

_ZONE = ZoneInfo("America/New_York")
_STEP = timedelta(seconds=15)


def write(night: SimpleNamespace) -> bytes:
    """Return the first van's trips as speeds; at the end of a trip the van stands."""
    lines = ["timestamp,cycle_sec,timestep,speed_kmh,accel_meters_ps"]
    for trip in (trip for trip in night.trips if trip.vehicle_id == "van-1"):
        steps = (trip.end - trip.start) // _STEP
        speed_kmh = trip.distance_km / (steps * _STEP.total_seconds() / 3600)
        for step in range(steps + 1):
            at = (trip.start + step * _STEP).astimezone(_ZONE)
            shown = speed_kmh if step < steps else 0.0
            lines.append(f"{at:%Y-%m-%d %H:%M:%S},{step * 15},15,{shown:.6f},0.0")
    return ("\n".join(lines) + "\n").encode()
