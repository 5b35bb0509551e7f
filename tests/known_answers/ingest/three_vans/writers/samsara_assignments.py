"""Samsara assignments of drivers to vehicles."""

import json
from types import SimpleNamespace

SOURCE = "samsara_fleet"
FILE = "assignments.json"
CARRIES = {"assignments": {"driver_id": None, "vehicle_id": None, "start": 1, "end": 1}}


def write(night: SimpleNamespace) -> bytes:
    """Return the assignments as the reply of ``/fleet/driver-vehicle-assignments``."""
    assignments = [
        {
            "assignmentType": "idCard",
            "startTime": f"{each.start:%Y-%m-%dT%H:%M:%SZ}",
            "endTime": f"{each.end:%Y-%m-%dT%H:%M:%SZ}",
            "driver": {"id": each.driver_id, "name": each.driver_id.title()},
            "vehicle": {"id": each.vehicle_id, "name": each.vehicle_id.title()},
            "isPassenger": False,
        }
        for each in night.assignments
    ]
    return json.dumps({"data": assignments}).encode()
