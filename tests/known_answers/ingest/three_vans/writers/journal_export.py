"""The gateway's own journal as exported lines (see `tests/data/ingest/journal`)."""

import json
from types import SimpleNamespace

SOURCE = "journal"
FILE = "journal.jsonl"
CARRIES = {
    "sessions": {
        "vehicle_id": None,
        "station_id": None,
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


def entries(session: SimpleNamespace, number: int) -> list[tuple]:
    name = f"{session.station_id}/{session.connector_id}/{number}"
    who = {"vehicle_id": session.vehicle_id, "id_tag": session.id_tag}
    steps = [
        (session.plug_start, "session_started", {**who, "meter_start_kwh": 1200.5}),
        (session.charge_start, "meter",
         {"energy_kwh": 0.0, "power_kw": session.peak_kw, "soc": session.start_soc}),
        (session.charge_end, "meter",
         {"energy_kwh": session.energy_wall_kwh, "power_kw": 0.5, "soc": session.end_soc}),
        (session.plug_end, "session_ended", {"energy_kwh": session.energy_wall_kwh}),
    ]  # fmt: skip
    place = (session.station_id, f"{session.station_id}/{session.connector_id}")
    return [(at, kind, place, {"session_id": name, **said}) for at, kind, said in steps]


def write(night: SimpleNamespace) -> bytes:
    """Return the entries of all sessions in order of time, numbered."""
    said = [each for number, session in enumerate(night.sessions, start=1)
            for each in entries(session, number)]  # fmt: skip
    lines = [
        json.dumps({
            "seq": seq, "at": at.isoformat(), "kind": kind, "station_id": station,
            "connector_id": connector, "payload": payload, "hash": f"{seq:064x}",
        })
        for seq, (at, kind, (station, connector), payload) in enumerate(
            sorted(said, key=lambda each: each[0]), start=1
        )
    ]  # fmt: skip
    return "\n".join(lines).encode() + b"\n"
