"""The table `Trips2` of Geotab's SQL adapter: kilometres, odometer in metres, durations in ticks."""

import csv
import io
from types import SimpleNamespace

SOURCE = "geotab_tables"
FILE = "Trips2.csv"
CARRIES = {
    "trips": {
        "vehicle_id": None,
        "start": 1,
        "end": 1,
        "distance_km": 0.01,
        "end_odometer_km": 0.001,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the trips as rows of the table."""
    text = io.StringIO()
    columns = ["id", "GeotabId", "DeviceId", "Start", "Stop", "Distance", "DrivingDurationTicks",
               "Odometer", "EngineHours", "EntityStatus"]  # fmt: skip
    table = csv.writer(text)
    table.writerow(columns)
    for number, trip in enumerate(night.trips, start=1):
        seconds = (trip.end - trip.start).total_seconds()
        table.writerow([
            number, f"b{number}", trip.vehicle_id, f"{trip.start:%Y-%m-%d %H:%M:%S}",
            f"{trip.end:%Y-%m-%d %H:%M:%S}", trip.distance_km, round(seconds * 10_000_000),
            round(trip.end_odometer_km * 1000), 0, 1,
        ])  # fmt: skip
    return text.getvalue().encode()
