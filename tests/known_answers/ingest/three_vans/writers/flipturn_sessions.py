"""Flipturn's charging sessions (`formats.md` §14): four times, percent, kWh."""

import json
from types import SimpleNamespace

SOURCE = "flipturn"
FILE = "sessions.json"
CARRIES = {
    "sessions": {
        "vehicle_id": None,
        "station_id": None,
        "connector_id": None,
        "id_tag": None,
        "plug_start": 1,
        "charge_start": 1,
        "charge_end": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
        "peak_kw": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a reply of the API."""
    sessions = [
        {
            "id": f"session-{number}", "startTime": session.plug_start.isoformat(),
            "endTime": session.plug_end.isoformat(),
            "updatedAt": session.plug_end.isoformat(),
            "durationSeconds": (session.plug_end - session.plug_start).total_seconds(),
            "chargingStartTime": session.charge_start.isoformat(),
            "chargingEndTime": session.charge_end.isoformat(),
            "socStartPercent": round(session.start_soc * 100, 2),
            "socEndPercent": round(session.end_soc * 100, 2),
            "energyDeliveredKwh": session.energy_wall_kwh, "maxDemandKw": session.peak_kw,
            "ocppIdTag": session.id_tag, "ocppTransactionId": number, "tags": [],
            "site": {"id": "site-1", "name": "Depot"}, "charger": {"id": session.station_id},
            "port": {"id": session.connector_id},
            "vehicle": {"id": session.vehicle_id, "vin": night.vin_of[session.vehicle_id]},
        }
        for number, session in enumerate(night.sessions, start=1)
    ]  # fmt: skip
    return json.dumps({"data": sessions, "nextCursor": None}).encode()
