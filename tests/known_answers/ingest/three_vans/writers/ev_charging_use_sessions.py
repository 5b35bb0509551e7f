"""Sessions of the EV Charging Use Data Specification (`formats.md` §16): four times with offsets."""

import csv
import io
from datetime import datetime
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "ev_charging_use"
FILE = "session.csv"
CARRIES = {
    "sessions": {
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


def stamp(at: datetime) -> str:
    """Return a date and time as the specification writes it: ``20220101 01:01:01 [-5:00]``."""
    there = at.astimezone(DEPOT_ZONE)
    offset = there.strftime("%z")
    return f"{there:%Y%m%d %H:%M:%S} [{offset[0]}{int(offset[1:3])}:{offset[3:]}]"


def write(night: SimpleNamespace) -> bytes:
    """Return the session table."""
    rows = [
        {
            "session_id": number, "port_id": f"{session.station_id}-{session.connector_id}",
            "plug_start_datetime": stamp(session.plug_start),
            "plug_end_datetime": stamp(session.plug_end),
            "charge_start_datetime": stamp(session.charge_start),
            "charge_end_datetime": stamp(session.charge_end),
            "session_duration": str(session.plug_end - session.plug_start),
            "charging_duration": str(session.charge_end - session.charge_start),
            "energy_kwh": session.energy_wall_kwh, "peak_kw": session.peak_kw,
            "total_fee_charged": "NA", "energy_fee": "NA", "user_id": session.id_tag,
            "successful_completion": "TRUE", "ended_by": "NULL",
            "start_soc": session.start_soc, "end_soc": session.end_soc, "error_code": "NULL",
            "payment_type": "NULL",
        }
        for number, session in enumerate(night.sessions, start=1)
    ]  # fmt: skip
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode()
