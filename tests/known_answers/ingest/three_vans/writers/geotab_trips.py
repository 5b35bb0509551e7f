"""Geotab `Trip` objects: kilometres, the odometer at the end in metres."""

import json
from types import SimpleNamespace

SOURCE = "geotab"
FILE = "trips.json"
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
    """Return the trips as a list of objects, with ids that a recalculation would change."""
    trips = [
        {
            "id": f"b{number:X}{trip.start:%H%M}",
            "device": {"id": trip.vehicle_id},
            "start": trip.start.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "stop": trip.end.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "distance": trip.distance_km,
            "odometer": round(trip.end_odometer_km * 1000),
            "drivingDuration": "01:30:00",
            "stopPoint": {"x": -74.0, "y": 40.7},
        }
        for number, trip in enumerate(night.trips)
    ]
    return json.dumps(trips).encode()
