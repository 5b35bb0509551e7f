"""Smartcar signals of version 3, as webhooks deliver them: a unit beside each value, percents."""

import json
from types import SimpleNamespace

SOURCE = "smartcar"
FILE = "signals.json"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
        "temperature_c": 0.01,
    }
}


def signals(reading: SimpleNamespace) -> list[dict]:
    """Return the signals of one instant."""
    bodies = {
        "tractionbattery-stateofcharge": {"unit": "percent", "value": reading.soc * 100},
        "charge-ischarging": {"value": reading.is_charging},
        "charge-ischargingcableconnected": {"value": reading.is_plugged},
        "odometer-traveleddistance": {"unit": "km", "value": reading.odometer_km},
        "climate-externaltemperature": {"unit": "celsius", "value": reading.temperature_c},
    }
    if reading.power_kw is not None:
        bodies["charge-wattage"] = {"unit": "kilowatts", "value": reading.power_kw}
    at = f"{reading.at:%Y-%m-%dT%H:%M:%SZ}"
    return [
        {"code": code, "body": body, "meta": {"oemUpdatedAt": at, "retrievedAt": at}}
        for code, body in bodies.items()
    ]


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as webhooks, one a line."""
    hooks = [
        {
            "eventId": f"e{number}",
            "eventType": "VEHICLE_STATE",
            "data": {"vehicle": {"id": reading.vehicle_id}, "signals": signals(reading)},
        }
        for number, reading in enumerate(night.readings)
    ]
    return "\n".join(map(json.dumps, hooks)).encode()
