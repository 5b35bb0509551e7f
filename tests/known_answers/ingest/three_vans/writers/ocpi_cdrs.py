"""OCPI 2.2.1 CDRs, as `formats.md` §11 lists their fields: kWh, hours, periods by what flowed.

One CDR is credited and written again, as a correction is: it must count once.
"""

import json
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

SOURCE = "ocpi"
FILE = "cdrs.json"
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


def stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def cdr(session: SimpleNamespace, number: int) -> dict[str, Any]:
    stay_h = (session.plug_end - session.plug_start).total_seconds() / 3600
    charging_h = (session.charge_end - session.charge_start).total_seconds() / 3600
    return {
        "country_code": "US", "party_id": "DEP", "id": f"CDR-{number}", "session_id": f"S-{number}",
        "start_date_time": stamp(session.plug_start), "end_date_time": stamp(session.plug_end),
        "cdr_token": {"uid": session.id_tag, "type": "RFID", "contract_id": "US-DEP-C1"},
        "auth_method": "WHITELIST",
        "cdr_location": {
            "id": "LOC1", "name": "Depot", "evse_uid": session.station_id,
            "evse_id": "US*DEP*E1", "connector_id": session.connector_id,
        },
        "currency": "USD",
        "charging_periods": [
            {"start_date_time": stamp(session.plug_start),
             "dimensions": [{"type": "PARKING_TIME", "volume": stay_h - charging_h}]},
            {"start_date_time": stamp(session.charge_start),
             "dimensions": [{"type": "ENERGY", "volume": session.energy_wall_kwh},
                            {"type": "MAX_POWER", "volume": session.peak_kw}]},
            {"start_date_time": stamp(session.charge_end),
             "dimensions": [{"type": "PARKING_TIME", "volume": 0.0}]},
        ],
        "total_cost": {"excl_vat": 4.0}, "total_energy": session.energy_wall_kwh,
        "total_time": stay_h, "last_updated": stamp(session.plug_end),
    }  # fmt: skip


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a reply with CDRs."""
    cdrs = [cdr(session, number) for number, session in enumerate(night.sessions, start=1)]
    wrong = {**cdrs[0], "id": "CDR-0", "total_energy": 99.0}
    credit = {
        **wrong, "id": "CDR-0C", "credit": True, "credit_reference_id": "CDR-0",
        "total_cost": {"excl_vat": -4.0},
    }  # fmt: skip
    return json.dumps({"data": [wrong, credit, *cdrs], "status_code": 1000}).encode()
