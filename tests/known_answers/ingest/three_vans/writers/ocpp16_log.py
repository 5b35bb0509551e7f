"""A central system's log of OCPP 1.6 frames (`formats.md` §10.1), with its own local times.

The stations differ as stations do: CP-01 counts on, CP-02 begins each transaction at 0, CP-03
states energy in kWh and power by phase.
"""

import json
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "ocpp_log"
FILE = "messages.jsonl"
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
FIRST_WH = {"CP-01": 1_250_000, "CP-02": 0, "CP-03": 88_000}


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def sampled(
    session: SimpleNamespace, register_wh: float, power_kw: float, soc: float
) -> list[dict]:
    soc_value = {"value": f"{soc * 100:.2f}", "measurand": "SoC", "unit": "Percent"}
    if session.station_id != "CP-03":
        return [
            {"value": f"{register_wh:.0f}"},
            {"value": f" {power_kw:.2f}", "measurand": "Power.Active.Import", "unit": "kW"},
            soc_value,
        ]
    phases = [
        {"value": f"{power_kw * 1000 / 3:.4f}", "measurand": "Power.Active.Import", "phase": phase}
        for phase in ("L1", "L2", "L3")
    ]
    register = {
        "value": f"{register_wh / 1000:.5f}",
        "measurand": "Energy.Active.Import.Register",
        "unit": "kWh",
    }
    return [register, *phases, soc_value]


def calls(
    session: SimpleNamespace, number: int, *, begin_wh: int
) -> list[tuple[datetime, str, dict]]:
    connector = int(session.connector_id)
    energy_wh = session.energy_wall_kwh * 1000

    def status(at: datetime, word: str) -> tuple[datetime, str, dict]:
        fields = {"connectorId": connector, "status": word, "errorCode": "NoError"}
        return at, "StatusNotification", {**fields, "timestamp": stamp(at)}

    def meter(at: datetime, *, energy_share: float, power_kw: float, soc: float) -> tuple:
        values = sampled(session, begin_wh + energy_share * energy_wh, power_kw, soc)
        entry = {"timestamp": stamp(at), "sampledValue": values}
        return at, "MeterValues", {
            "connectorId": connector, "transactionId": number, "meterValue": [entry],
        }  # fmt: skip

    middle = session.charge_start + (session.charge_end - session.charge_start) / 2
    begin = {
        "connectorId": connector, "idTag": session.id_tag, "meterStart": begin_wh,
        "timestamp": stamp(session.plug_start),
    }  # fmt: skip
    end = {
        "transactionId": number, "meterStop": begin_wh + round(energy_wh),
        "timestamp": stamp(session.plug_end), "reason": "EVDisconnected",
    }  # fmt: skip
    return [
        (session.plug_start, "StartTransaction", begin),
        status(session.charge_start, "Charging"),
        meter(session.charge_start, energy_share=0.0, power_kw=0.0, soc=session.start_soc),
        meter(middle, energy_share=0.5, power_kw=session.peak_kw,
              soc=(session.start_soc + session.end_soc) / 2),
        meter(session.charge_end, energy_share=1.0, power_kw=0.0, soc=session.end_soc),
        status(session.charge_end, "SuspendedEV"),
        (session.plug_end, "StopTransaction", end),
        status(session.plug_end + timedelta(seconds=2), "Available"),
    ]  # fmt: skip


def line(at: datetime, station: str, frame: list[Any]) -> str:
    local = at.astimezone(DEPOT_ZONE).strftime("%Y-%m-%d %H:%M:%S")
    return json.dumps({"timestamp": local, "station": station, "direction": "in", "frame": frame})


def write(night: SimpleNamespace) -> bytes:
    """Return the log of all stations, in order of time, as JSON lines."""
    entries: list[tuple[datetime, str, str, dict, int]] = []
    register_wh = dict(FIRST_WH)
    for number, session in enumerate(night.sessions, start=701):
        station = session.station_id
        for at, action, payload in calls(session, number, begin_wh=register_wh[station]):
            entries.append((at, station, action, payload, number))
        if station != "CP-02":
            register_wh[station] += round(session.energy_wall_kwh * 1000)
    lines = [line(night.sessions[0].plug_start, "CP-01", [2, "b", "BootNotification", {}])]
    for count, (at, station, action, payload, number) in enumerate(
        sorted(entries, key=lambda each: each[0])
    ):
        lines.append(line(at, station, [2, str(count), action, payload]))
        answer = {"transactionId": number, "idTagInfo": {"status": "Accepted"}}
        if action == "StartTransaction":
            lines.append(line(at, station, [3, str(count), answer]))
    return "\n".join(lines).encode() + b"\n"
