"""OCPP 2.0.1 frames (`formats.md` §10.2) in a table with a column of messages."""

import csv
import io
import json
from datetime import UTC, datetime
from types import SimpleNamespace

SOURCE = "ocpp_log"
FILE = "frames.csv"
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
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    }
}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def meter_value(at: datetime, register_kwh: float, power_kw: float, soc: float) -> list[dict]:
    return [
        {
            "timestamp": stamp(at),
            "sampledValue": [
                {"value": round(register_kwh, 4), "measurand": "Energy.Active.Import.Register",
                 "unitOfMeasure": {"unit": "Wh", "multiplier": 3}},
                {"value": round(power_kw * 1000, 2), "measurand": "Power.Active.Import",
                 "unitOfMeasure": {"unit": "W"}},
                {"value": round(soc * 100, 2), "measurand": "SoC",
                 "unitOfMeasure": {"unit": "Percent"}},
            ],
        }
    ]  # fmt: skip


def events(session: SimpleNamespace, number: int) -> list[tuple[datetime, dict]]:
    first_kwh, power_kw = 4_000.0 + 100 * number, session.peak_kw
    last_kwh = first_kwh + session.energy_wall_kwh
    steps = [
        (session.plug_start, "Started", "EVConnected", (first_kwh, 0.0, session.start_soc)),
        (session.charge_start, "Updated", "Charging", (first_kwh, power_kw, session.start_soc)),
        (session.charge_end, "Updated", "SuspendedEV", (last_kwh, 0.0, session.end_soc)),
        (session.plug_end, "Ended", "Idle", (last_kwh, 0.0, session.end_soc)),
    ]
    return [
        (at, {
            "eventType": kind, "timestamp": stamp(at), "triggerReason": "ChargingStateChanged",
            "seqNo": seq, "evse": {"id": int(session.connector_id), "connectorId": 1},
            "idToken": {"idToken": session.id_tag, "type": "ISO14443"},
            "transactionInfo": {"transactionId": f"tx-{number}", "chargingState": state},
            "meterValue": meter_value(at, *measured),
        })
        for seq, (at, kind, state, measured) in enumerate(steps)
    ]  # fmt: skip


def write(night: SimpleNamespace) -> bytes:
    """Return the events of all stations as a table."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(["logged_at", "charging_station_id", "message"])
    for number, session in enumerate(night.sessions, start=1):
        for count, (at, payload) in enumerate(events(session, number)):
            frame = [2, f"{number}-{count}", "TransactionEvent", payload]
            table.writerow([at.isoformat(), session.station_id, json.dumps(frame)])
    return out.getvalue().encode()
