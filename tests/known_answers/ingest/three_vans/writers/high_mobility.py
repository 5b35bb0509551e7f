"""High Mobility streams: every property a list of values with times, fractions of 1, units named."""

import json
from types import SimpleNamespace

SOURCE = "high_mobility"
FILE = "stream.json"
IDENTITY = "vin"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
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
    },
    "sessions": {
        "vehicle_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    },
}


def capabilities(reading: SimpleNamespace) -> dict[str, dict]:
    """Return the properties of one instant; a battery's current is negative while it charges."""
    at = f"{reading.at:%Y-%m-%dT%H:%M:%S.000Z}"

    def said(value: object) -> list[dict]:
        return [{"data": value, "timestamp": at}]

    charging = {
        "battery_level": said(reading.soc),
        "status": said("charging" if reading.is_charging else "not_charging"),
        "plugged_in": said("plugged_in" if reading.is_plugged else "disconnected"),
    }
    if reading.power_kw is not None:
        charging["battery_voltage"] = said({"unit": "volts", "value": 400.0})
        current_a = -reading.power_kw * 1000 / 400.0
        charging["battery_current"] = said({"unit": "amperes", "value": current_a})
    odometer = {"unit": "miles", "value": reading.odometer_km / 1.609344}
    temperature = {"unit": "fahrenheit", "value": reading.temperature_c * 1.8 + 32}
    return {
        "charging": charging,
        "diagnostics": {"odometer": said(odometer)},
        "climate": {"outside_temperature": said(temperature)},
    }


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as a list of messages."""
    messages = [
        {
            "message_id": f"m{number}",
            "version": 1,
            "vin": night.vin_of[reading.vehicle_id],
            "data": capabilities(reading),
        }
        for number, reading in enumerate(night.readings)
    ]
    return json.dumps(messages).encode()
