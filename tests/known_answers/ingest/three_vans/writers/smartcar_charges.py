"""Smartcar charge records: energy added to the battery, percents."""

import json
from types import SimpleNamespace

SOURCE = "smartcar"
FILE = "charges.json"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
CARRIES = {
    "sessions": {
        "vehicle_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "energy_battery_kwh": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as kept from three vehicles' replies."""
    values = [
        {
            "vehicleId": session.vehicle_id,
            "id": f"r{number}",
            "startTime": f"{session.charge_start:%Y-%m-%dT%H:%M:%SZ}",
            "endTime": f"{session.charge_end:%Y-%m-%dT%H:%M:%SZ}",
            "energyAdded": session.energy_battery_kwh,
            "startStateOfCharge": session.start_soc * 100,
            "endStateOfCharge": session.end_soc * 100,
            "connectorType": "J1772",
            "isPublicCharger": False,
        }
        for number, session in enumerate(night.sessions)
    ]
    return json.dumps({"values": values}).encode()
