"""Geotab `ChargeEvent` objects, as `formats.md` §1.1 lists their fields (times UTC, .NET durations)."""

import json
from types import SimpleNamespace

SOURCE = "geotab"
FILE = "charge_events.json"
ALIASES = {"sessions": {"plug_start": "charge_start", "plug_end": "charge_end"}}
CARRIES = {
    "sessions": {
        "vehicle_id": None,
        "plug_start": 1,
        "plug_end": 1,
        "charge_start": 1,
        "charge_end": 1,
        "energy_wall_kwh": 0.01,
        "energy_battery_kwh": 0.01,
        "peak_kw": 0.01,
        "start_soc": 0.0001,
        "end_soc": 0.0001,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as a list of charge events."""
    events = [
        {
            "id": f"b{number:X}",
            "device": {"id": session.vehicle_id},
            "startTime": session.charge_start.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
            "duration": f"{session.charge_end - session.charge_start!s:0>8}.0000000",
            "chargeType": "DC" if session.peak_kw > 22 else "AC",
            "startStateOfCharge": session.start_soc * 100,
            "endStateOfCharge": session.end_soc * 100,
            "energyConsumedKwh": session.energy_wall_kwh,
            "measuredBatteryEnergyInKwh": session.energy_battery_kwh,
            "peakPowerKw": session.peak_kw,
            "chargeIsEstimated": False,
            "location": {"x": -74.0, "y": 40.7},
            "version": number,
        }
        for number, session in enumerate(night.sessions, start=1)
    ]
    return json.dumps(events).encode()
