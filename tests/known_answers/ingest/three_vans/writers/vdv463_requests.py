"""VDV 463 `ProvideChargingRequests`: complete lists in percent (`formats.md` §3).

The second list, an hour after the first, says it all again.
"""

import json
from types import SimpleNamespace

SOURCE = "vdv463"
FILE = "requests.json"
CARRIES = {
    "duties": {
        "duty_id": None,
        "vehicle_id": None,
        "departure": 1,
        "must_soc": 0.0001,
        "target_soc": 0.0001,
        "priority": None,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the duties as two messages, the second of which says it all again."""
    requests = [
        {
            "vehicleId": duty.vehicle_id,
            "chargingRequestId": duty.duty_id,
            "priority": duty.priority,
            "chargingRequestData": {
                "minTargetSoc": duty.must_soc * 100,
                "maxTargetSoc": duty.target_soc * 100,
                "requestedTimeForDeparture": f"{duty.departure:%Y-%m-%dT%H:%M:%SZ}",
                "adHocCharging": False,
            },
        }
        for duty in night.duties
    ]
    messages = [
        [1, "DMS", "depot-1", sent, message_id, "ProvideChargingRequests",
         {"chargingRequestList": requests}]
        for message_id, sent in (("m1", "2026-10-31T20:00:00Z"), ("m2", "2026-10-31T21:00:00Z"))
    ]  # fmt: skip
    return json.dumps(messages).encode()
