"""A GTFS feed whose blocks are the duties: one trip out and back each; it names no vehicle."""

import io
import math
import zipfile
from datetime import datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

SOURCE = "gtfs"
FILE = "timetable.zip"
CARRIES = {
    "duties": {"departure": 0, "return_at": 0, "distance_km": 0.01},
}

_ZONE = ZoneInfo("America/New_York")
_KM_PER_DEGREE = 6371.0088 * math.pi / 180
_DETOUR = 1.25
"""Streets against the straight line: the feed tells its distances in metres of street."""


def write(night: SimpleNamespace) -> bytes:
    """Return the feed: a day of service for each duty, times from noon less twelve hours."""
    trips, times, dates = [], [], set()
    stops = ["depot,Depot,40.0,-74.0"]
    for number, duty in enumerate(night.duties, start=1):
        day = duty.departure.astimezone(_ZONE).date()
        far = 40.0 + duty.distance_km / 2 / _DETOUR / _KM_PER_DEGREE
        stops.append(f"far{number},Far {number},{far:.7f},-74.0")
        trips.append(f"1,{day:%Y%m%d},T{number},{duty.duty_id}")
        dates.add(f"{day:%Y%m%d},{day:%Y%m%d},1")
        middle = duty.departure + (duty.return_at - duty.departure) / 2
        calls = [(duty.departure, "depot", 0.0), (middle, f"far{number}", 0.5),
                 (duty.return_at, "depot", 1.0)]  # fmt: skip
        for order, (at, stop, share) in enumerate(calls, start=1):
            clock = _clock(at, day)
            metres = duty.distance_km * 1000 * share
            times.append(f"T{number},{clock},{clock},{stop},{order},{metres:.1f}")
    return _zipped(
        {
            "agency.txt": ["agency_name,agency_url,agency_timezone",
                           "Vans,https://vans.example,America/New_York"],
            "calendar_dates.txt": ["service_id,date,exception_type", *sorted(dates)],
            "stops.txt": ["stop_id,stop_name,stop_lat,stop_lon", *stops],
            "trips.txt": ["route_id,service_id,trip_id,block_id", *trips],
            "stop_times.txt": ["trip_id,arrival_time,departure_time,stop_id,stop_sequence,"
                               "shape_dist_traveled", *times],
        }
    )  # fmt: skip


def _clock(at: datetime, day: datetime) -> str:
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=_ZONE)
    passed = at.timestamp() - noon.timestamp() + timedelta(hours=12).total_seconds()
    minutes, seconds = divmod(round(passed), 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{seconds:02d}"


def _zipped(tables: dict[str, list[str]]) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, lines in tables.items():
            archive.writestr(f"feed/{name}", "\n".join(lines) + "\n")
    return held.getvalue()
