"""ChargePilot's push of completed sessions (`formats.md` §15), in kilowatt-hours."""

import json
from types import SimpleNamespace
from typing import Any

SOURCE = "chargepilot"
FILE = "push.json"
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    }
}


def rows(night: SimpleNamespace, *, energy_factor: float) -> list[dict[str, Any]]:
    return [
        {
            "TransactionID": number, "ChargerID": session.station_id,
            "ConnectorID": int(session.connector_id),
            "StartAt": session.plug_start.isoformat(), "EndAt": session.plug_end.isoformat(),
            "Id": f"0000-{number}", "EnergyDelivered": session.energy_wall_kwh * energy_factor,
            "InitialSoC": round(session.start_soc * 100, 2),
            "EndSoC": round(session.end_soc * 100, 2),
        }
        for number, session in enumerate(night.sessions, start=1)
    ]  # fmt: skip


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a list of objects."""
    return json.dumps(rows(night, energy_factor=1.0)).encode()
