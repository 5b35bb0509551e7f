"""The CMAP survey's table of trips: a household and a number for each vehicle, miles, local time."""

from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "cmap_trips"
FILE = "trips.csv"
OPTIONS = {"time_zone": "America/New_York"}
# The survey's ids are its own; starts tell the trips apart.
CARRIES = {
    "trips": {"start": 0, "end": 0, "distance_km": 0.01},
}

_ZONE = ZoneInfo("America/New_York")
_KM_PER_MILE = 1.609344


def write(night: SimpleNamespace) -> bytes:
    """Return the trips of all vans."""
    lines = ["sampno,vehno,day_id,trip_id,start_ts,end_ts,distance_total,total_stops"]
    lines += [
        f"7,{trip.vehicle_id.removeprefix('van-')},1,{number},"
        f"{trip.start.astimezone(_ZONE):%Y-%m-%d %H:%M:%S},"
        f"{trip.end.astimezone(_ZONE):%Y-%m-%d %H:%M:%S},{trip.distance_km / _KM_PER_MILE:.6f},3.0"
        for number, trip in enumerate(night.trips, start=1)
    ]
    return ("\n".join(lines) + "\n").encode()
