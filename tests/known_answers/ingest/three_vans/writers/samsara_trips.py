"""Samsara trips of ``/v1/fleet/trips``: milliseconds since 1970, metres; its reply is of one vehicle.

The reply names no vehicle, so whoever keeps several of them puts the id beside each trip.
"""

import json
from types import SimpleNamespace

SOURCE = "samsara_fleet"
FILE = "trips.json"
CARRIES = {
    "trips": {
        "vehicle_id": None,
        "start": 1,
        "end": 1,
        "distance_km": 0.01,
        "start_odometer_km": 0.001,
        "end_odometer_km": 0.001,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the trips as kept from three replies."""
    trips = [
        {
            "vehicleId": trip.vehicle_id,
            "startMs": round(trip.start.timestamp() * 1000),
            "endMs": round(trip.end.timestamp() * 1000),
            "distanceMeters": round(trip.distance_km * 1000),
            "startOdometer": round(trip.start_odometer_km * 1000),
            "endOdometer": round(trip.end_odometer_km * 1000),
            "driverId": 7,
        }
        for trip in night.trips
    ]
    return json.dumps({"trips": trips}).encode()
