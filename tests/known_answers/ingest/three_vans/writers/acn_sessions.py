"""ACN-Data sessions (`formats.md` §13): HTTP dates in GMT, requests of which the last one counts."""

import json
from email.utils import format_datetime
from types import SimpleNamespace

SOURCE = "acn_data"
FILE = "acn.json"
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "id_tag": None,
        "plug_start": 1,
        "charge_end": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a reply of the API."""
    items = [
        {
            "_id": f"{number:024x}", "sessionID": f"s{number}", "siteID": "0002",
            "clusterID": "0039", "stationID": session.station_id, "spaceID": session.connector_id,
            "connectionTime": format_datetime(session.plug_start, usegmt=True),
            "disconnectTime": format_datetime(session.plug_end, usegmt=True),
            "doneChargingTime": format_datetime(session.charge_end, usegmt=True),
            "kWhDelivered": session.energy_wall_kwh, "timezone": "America/New_York",
            "userID": "someone else",
            "userInputs": [
                {"userID": "someone else", "kWhRequested": 5.0},
                {"userID": session.id_tag, "kWhRequested": session.energy_wall_kwh},
            ],
        }
        for number, session in enumerate(night.sessions, start=1)
    ]  # fmt: skip
    return json.dumps({"_items": items, "_meta": {"page": 1, "total": len(items)}}).encode()
