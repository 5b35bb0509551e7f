"""Virta's list of sessions, operator's view (`formats.md` §18): local times, watt-hours."""

import csv
import io
from datetime import datetime
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "virta"
FILE = "sessions.csv"
OPTIONS = {"time_zone": "America/New_York"}
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
    }
}


def local(at: datetime) -> str:
    return at.astimezone(DEPOT_ZONE).strftime("%d.%m.%Y %H:%M:%S")


def write(night: SimpleNamespace) -> bytes:
    """Return the list, cut by semicolons with decimal commas."""
    out = io.StringIO()
    table = csv.writer(out, delimiter=";")
    table.writerow([
        "Created", "Charge ID", "Station ID", "EVSE-ID", "Station name", "CPO name", "Start time",
        "Stop time", "Duration", "Energy (Wh)", "Price", "Currency",
    ])  # fmt: skip
    for number, session in enumerate(night.sessions, start=1):
        table.writerow([
            local(session.plug_end), number, session.station_id, session.connector_id, "Depot",
            "Fleet", local(session.plug_start), local(session.plug_end),
            str(session.plug_end - session.plug_start),
            f"{session.energy_wall_kwh * 1000:.1f}".replace(".", ","), "0,00", "USD",
        ])  # fmt: skip
    return out.getvalue().encode()
