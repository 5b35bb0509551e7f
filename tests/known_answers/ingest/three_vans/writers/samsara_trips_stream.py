"""Samsara trips of ``/trips/stream``: times only, no distance."""

import json
from types import SimpleNamespace

SOURCE = "samsara_fleet"
FILE = "trips_stream.json"
CARRIES = {"trips": {"vehicle_id": None, "start": 1, "end": 1}}


def write(night: SimpleNamespace) -> bytes:
    """Return the trips as the reply of the stream."""
    trips = [
        {
            "asset": {"id": trip.vehicle_id, "vin": night.vin_of[trip.vehicle_id]},
            "tripStartTime": f"{trip.start:%Y-%m-%dT%H:%M:%SZ}",
            "tripEndTime": f"{trip.end:%Y-%m-%dT%H:%M:%SZ}",
            "completionStatus": "completed",
        }
        for trip in night.trips
    ]
    return json.dumps({"data": trips}).encode()
