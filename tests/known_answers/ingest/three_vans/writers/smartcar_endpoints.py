"""Smartcar endpoints of version 2, as scheduled webhooks deliver them: fractions of 1, miles."""

import json
from types import SimpleNamespace

SOURCE = "smartcar"
FILE = "scheduled.json"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "is_charging": None,
        "is_plugged": None,
    }
}


def answers(reading: SimpleNamespace) -> list[dict]:
    """Return the endpoints' answers of one instant."""
    bodies = {
        "/battery": {"percentRemaining": reading.soc, "range": 100.0},
        "/charge": {
            "isPluggedIn": reading.is_plugged,
            "state": "CHARGING" if reading.is_charging else "NOT_CHARGING",
        },
        "/odometer": {"distance": reading.odometer_km / 1.609344},
    }
    age = f"{reading.at:%Y-%m-%dT%H:%M:%S.000Z}"
    headers = {"sc-data-age": age, "sc-unit-system": "imperial"}
    return [
        {"path": path, "code": 200, "body": body, "headers": headers}
        for path, body in bodies.items()
    ]


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as a list of webhooks."""
    hooks = [
        {
            "version": "2.0",
            "eventName": "schedule",
            "payload": {
                "vehicles": [{"vehicleId": reading.vehicle_id, "data": answers(reading)}],
            },
        }
        for reading in night.readings
    ]
    return json.dumps(hooks).encode()
