"""Samsara vehicles."""

import json
from types import SimpleNamespace

SOURCE = "samsara_fleet"
FILE = "vehicles.json"
CARRIES = {
    "vehicles": {
        "vehicle_id": None,
        "name": None,
        "vin": None,
        "licence_plate": None,
        "model": None,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the vehicles as the reply of ``/fleet/vehicles``."""
    vehicles = [
        {
            "id": vehicle.vehicle_id,
            "name": vehicle.name,
            "vin": vehicle.vin,
            "licensePlate": vehicle.licence_plate,
            "make": "FORD",
            "model": vehicle.model,
            "year": "2024",
            "externalIds": {"samsara.vin": vehicle.vin},
            "tags": [],
        }
        for vehicle in night.vehicles
    ]
    return json.dumps({"data": vehicles}).encode()
