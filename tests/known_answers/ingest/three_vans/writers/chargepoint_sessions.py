"""ChargePoint's session export (`formats.md` §12): minutes, zone abbreviations, dashes for nothing.

Start and end are cut to the minute; the duration has the seconds.
"""

import csv
import io
from datetime import datetime, timedelta
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "chargepoint"
FILE = "sessions.csv"
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "id_tag": None,
        "plug_start": 60,
        "plug_end": 60,
        "energy_wall_kwh": 0.01,
    }
}
NOTHING = " -   "


def local(at: datetime) -> tuple[str, str]:
    there = at.astimezone(DEPOT_ZONE)
    return there.strftime("%m/%d/%Y %H:%M"), there.strftime("%Z")


def clock(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}"


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as the vendor's table."""
    rows = []
    for number, session in enumerate(night.sessions, start=900):
        start, start_zone = local(session.plug_start)
        end, end_zone = local(session.plug_end)
        rows.append({
            "Station Name": session.station_id, "MAC Address": NOTHING, "Org Name": "Depot",
            "Start Date": start, "Start Time Zone": start_zone,
            "End Date": end, "End Time Zone": end_zone,
            "Transaction Date (Pacific Time)": NOTHING,
            "Total Duration (hh:mm:ss)": clock(session.plug_end - session.plug_start),
            "Charging Time (hh:mm:ss)": clock(session.charge_end - session.charge_start),
            "Energy (kWh)": session.energy_wall_kwh, "GHG Savings (kg)": NOTHING,
            "Port Type": "Level 2", "Port Number": session.connector_id, "Fee": NOTHING,
            "Ended By": "Plug Out at Vehicle", "Plug In Event Id": number,
            "Driver Postal Code": NOTHING, "User ID": session.id_tag,
        })  # fmt: skip
    out = io.StringIO()
    table = csv.DictWriter(out, list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return out.getvalue().encode()
