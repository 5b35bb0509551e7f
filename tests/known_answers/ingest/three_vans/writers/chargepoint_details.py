"""ChargePoint's session details (`formats.md` §12): a summary and its quarter hours, by the event."""

import csv
import io
from datetime import datetime, timedelta
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "chargepoint"
FILE = "details.csv"
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "id_tag": None,
        "plug_start": 1,
        "charge_start": 1,
        "charge_end": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
        "peak_kw": 0.01,
    }
}
TIMES = ("Plug Connect Time", "Plug Disconnect Time", "Power Start Time", "Power End Time",
         "Start Time", "End Time")  # fmt: skip
HEADER = [
    "EVSE ID", "Port", "Station Name", "Plug In Event Id",
    *(name for time in TIMES for name in (time, f"{time} Zone")),
    "Peak Power (AC kW)", "Rolling Avg. Power (AC kW)", "Energy Consumed (AC kWh)",
    "Energy (kWh)", "User ID",
]  # fmt: skip


def times(**at: datetime) -> dict[str, str]:
    found = {}
    for name, instant in at.items():
        there = instant.astimezone(DEPOT_ZONE)
        found[name.replace("_", " ")] = there.strftime("%Y-%m-%d %H:%M:%S")
        found[f"{name.replace('_', ' ')} Zone"] = there.strftime("%Z")
    return found


def write(night: SimpleNamespace) -> bytes:
    """Return summaries of every other session, and the quarter hours of all."""
    out = io.StringIO()
    table = csv.DictWriter(out, HEADER, restval="")
    table.writeheader()
    for number, session in enumerate(night.sessions, start=900):
        stay = {
            "EVSE ID": 17, "Port": session.connector_id, "Station Name": session.station_id,
            "Plug In Event Id": number, "User ID": session.id_tag,
            **times(
                Plug_Connect_Time=session.plug_start, Plug_Disconnect_Time=session.plug_end,
                Power_Start_Time=session.charge_start, Power_End_Time=session.charge_end,
            ),
        }  # fmt: skip
        if number % 2:
            table.writerow({**stay, "Energy (kWh)": session.energy_wall_kwh})
        at, power_h = session.charge_start, session.charge_end - session.charge_start
        while at < session.charge_end:
            until = min(session.charge_end, at + timedelta(minutes=15))
            energy_kwh = session.energy_wall_kwh * ((until - at) / power_h)
            table.writerow({
                **stay, **times(Start_Time=at, End_Time=until),
                "Peak Power (AC kW)": session.peak_kw,
                "Energy Consumed (AC kWh)": round(energy_kwh, 6),
            })  # fmt: skip
            at = until
    return out.getvalue().encode()
