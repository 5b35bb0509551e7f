"""SteVe's transactions table (`formats.md` §17): register values in watt-hours, as text."""

import csv
import io
from types import SimpleNamespace

SOURCE = "steve"
FILE = "transactions.csv"
CARRIES = {
    "sessions": {
        "station_id": None,
        "connector_id": None,
        "id_tag": None,
        "plug_start": 1,
        "plug_end": 1,
        "energy_wall_kwh": 0.01,
    }
}
HEADER = (
    "transaction_pk,charge_box_id,connector_id,id_tag,start_timestamp,start_value,"
    "stop_timestamp,stop_value"
)


def write(night: SimpleNamespace) -> bytes:
    """Return the transactions; the first station's register begins each of them at 0."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(HEADER.split(","))
    for number, session in enumerate(night.sessions, start=51):
        begin_wh = 0 if session.station_id == "CP-01" else 700_000 + 1_000 * number
        table.writerow([
            number, session.station_id, session.connector_id, session.id_tag,
            session.plug_start.isoformat(), begin_wh,
            session.plug_end.isoformat(), begin_wh + round(session.energy_wall_kwh * 1000),
        ])  # fmt: skip
    return out.getvalue().encode()
