"""Geotab `Device` objects."""

import json
from types import SimpleNamespace

SOURCE = "geotab"
FILE = "devices.json"
CARRIES = {"vehicles": {"vehicle_id": None, "name": None, "vin": None, "licence_plate": None}}


def write(night: SimpleNamespace) -> bytes:
    """Return the vehicles as a list of devices; one identification number in small letters."""
    devices = [
        {
            "id": vehicle.vehicle_id,
            "name": vehicle.name,
            "serialNumber": f"G9{number:010d}",
            "vehicleIdentificationNumber": vehicle.vin.lower() if number == 1 else vehicle.vin,
            "licensePlate": vehicle.licence_plate,
            "activeTo": "2050-01-01T00:00:00.000Z",
        }
        for number, vehicle in enumerate(night.vehicles)
    ]
    return json.dumps(devices).encode()
