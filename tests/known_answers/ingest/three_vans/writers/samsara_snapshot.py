"""Samsara vehicle stats of now: one object a stat, the last reading of each van."""

import json
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.writers import samsara_history

SOURCE = "samsara"
FILE = "stats.json"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "is_charging": None,
        "temperature_c": 0.001,
    }
}
LAST = {"van-1": "2026-11-02T11:30:45", "van-2": "2026-11-02T11:05:10", "van-3": "2026-11-02T10:59"}
ROWS = {
    "telematics": lambda row: row["at"].isoformat().startswith(LAST[row["vehicle_id"]]),
}


def write(night: SimpleNamespace) -> bytes:
    """Return the last readings as the reply of ``/fleet/vehicles/stats``."""
    last = {reading.vehicle_id: reading for reading in night.readings}
    vehicles = [
        {
            "id": vehicle.vehicle_id,
            "name": vehicle.name,
            **{
                stat: {"time": f"{last[vehicle.vehicle_id].at:%Y-%m-%dT%H:%M:%SZ}", "value": value}
                for stat, value in samsara_history.stats(last[vehicle.vehicle_id]).items()
            },
        }
        for vehicle in night.vehicles
    ]
    return json.dumps({"data": vehicles}).encode()
