"""Enode vehicles, polled: a whole percent, so charges agree to half of one."""

import json
from types import SimpleNamespace

SOURCE = "enode"
FILE = "vehicles.json"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.005,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
    },
    "sessions": {
        "vehicle_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "start_soc": 0.005,
        "end_soc": 0.005,
    },
    "vehicles": {"vehicle_id": None, "vin": None, "model": None},
}


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as the pages that polling gave, one vehicle each."""
    models = {vehicle.vehicle_id: vehicle.model for vehicle in night.vehicles}
    pages = [
        {
            "data": [
                {
                    "id": reading.vehicle_id,
                    "userId": "fleet",
                    "vendor": "FORD",
                    "isReachable": True,
                    "lastSeen": f"{reading.at:%Y-%m-%dT%H:%M:%S.000Z}",
                    "information": {
                        "brand": "Ford",
                        "model": models[reading.vehicle_id],
                        "vin": night.vin_of[reading.vehicle_id],
                    },
                    "chargeState": {
                        "batteryLevel": round(reading.soc * 100),
                        "isCharging": reading.is_charging,
                        "isPluggedIn": reading.is_plugged,
                        "chargeRate": reading.power_kw,
                        "lastUpdated": f"{reading.at:%Y-%m-%dT%H:%M:%S.000Z}",
                    },
                    "odometer": {"distance": reading.odometer_km},
                }
            ],
            "pagination": {"after": None},
        }
        for reading in night.readings
    ]
    return "\n".join(map(json.dumps, pages)).encode()
