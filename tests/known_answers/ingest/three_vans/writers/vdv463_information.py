"""VDV 463 `ProvideChargingInformation`: what every point holds, energies in Wh (`formats.md` §3).

A message is sent whenever a plugged-in van reports, and when it is unplugged. A process begins with
the plug (``startTime``); the van is named once it talks.
"""

import json
from types import SimpleNamespace

SOURCE = "vdv463"
FILE = "information.json"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.001,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
    },
    "sessions": {
        "vehicle_id": None,
        "station_id": None,
        "connector_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "energy_wall_kwh": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    },
}
ROWS = {"telematics": lambda row: row["is_plugged"]}


def stamp(at) -> str:
    """Return an instant as the messages write it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def message(at, session: SimpleNamespace, point: dict) -> list:
    """Return one message about one point."""
    point = {"chargingPointId": session.connector_id, **point}
    station = {"chargingStationId": session.station_id, "chargingPointInfoList": [point]}
    depot = {"depotId": "D1", "name": "Depot", "chargingStationInfoList": [station]}
    return [1, "CMS", "depot-1", stamp(at), f"i{at:%d%H%M%S}", "ProvideChargingInformation",
            {"depotInfoList": [depot]}]  # fmt: skip


def occupied(reading: SimpleNamespace, session: SimpleNamespace) -> dict:
    """Return the state of a point with a van that reports."""
    share = (reading.at - session.charge_start) / (session.charge_end - session.charge_start)
    electric = {} if reading.power_kw is None else {"chargingPower": reading.power_kw}
    return {
        "chargingPointStatus": "Occupied",
        "presentPowerLimit": 22.0,
        "vehicleInfo": {
            "vehicleId": reading.vehicle_id,
            "mileage": reading.odometer_km,
            "tractionBatteryInfo": {"stateOfCharge": reading.soc * 100, "batteryStatus": "OK"},
            "vehicleChargingStatus": "Charging" if reading.is_charging else "ReadyToCharge",
        },
        "chargingProcessInfo": {
            "processStatus": "Charging" if reading.is_charging else "Finishing",
            "startTime": stamp(session.plug_start),
            "electricData": electric,
            "deliveredEnergy": round(session.energy_wall_kwh * share * 1000),
        },
    }


def write(night: SimpleNamespace) -> bytes:
    """Return the stays at the points as a log of messages, in order."""
    log = []
    for session in night.sessions:
        for reading in night.readings:
            is_mine = reading.vehicle_id == session.vehicle_id and reading.is_plugged
            if is_mine and session.plug_start <= reading.at < session.plug_end:
                log.append((reading.at, message(reading.at, session, occupied(reading, session))))
        free = {"chargingPointStatus": "Available"}
        log.append((session.plug_end, message(session.plug_end, session, free)))
    log.sort(key=lambda each: each[0])
    return json.dumps([sent for _, sent in log]).encode()
