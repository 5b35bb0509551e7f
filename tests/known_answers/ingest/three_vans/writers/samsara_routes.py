"""Samsara routes: the scheduled start is the deadline of a departure."""

import json
from types import SimpleNamespace

SOURCE = "samsara_fleet"
FILE = "routes.json"
CARRIES = {"duties": {"duty_id": None, "vehicle_id": None, "departure": 1, "return_at": 1}}


def write(night: SimpleNamespace) -> bytes:
    """Return the duties as the reply of ``/fleet/routes``."""
    routes = [
        {
            "id": duty.duty_id,
            "name": f"Round {duty.duty_id}",
            "scheduledRouteStartTime": f"{duty.departure:%Y-%m-%dT%H:%M:%SZ}",
            "scheduledRouteEndTime": f"{duty.return_at:%Y-%m-%dT%H:%M:%SZ}",
            "vehicle": {"id": duty.vehicle_id, "name": duty.vehicle_id.title()},
            "stops": [{"id": "1", "state": "scheduled"}],
        }
        for duty in night.duties
    ]
    return json.dumps({"data": routes, "pagination": {"hasNextPage": False}}).encode()
