"""The table `ChargeEvents2` of Geotab's SQL adapter: ticks of 100 ns, times in UTC."""

import csv
import io
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.writers import geotab_charge_events

SOURCE = "geotab_tables"
FILE = "ChargeEvents2.csv"
ALIASES = geotab_charge_events.ALIASES
CARRIES = geotab_charge_events.CARRIES


def write(night: SimpleNamespace) -> bytes:
    """Return the sessions as rows of the table."""
    rows = [
        {
            "id": number,
            "GeotabId": f"b{number:X}",
            "ChargeIsEstimated": "f",
            "ChargeType": "AC",
            "DeviceId": session.vehicle_id,
            "DurationTicks": round(
                (session.charge_end - session.charge_start).total_seconds() * 10_000_000
            ),
            "EndStateOfCharge": f"{session.end_soc * 100:.4f}",
            "EnergyConsumedKwh": session.energy_wall_kwh,
            "MeasuredBatteryEnergyInKwh": session.energy_battery_kwh,
            "PeakPowerKw": session.peak_kw,
            "StartStateOfCharge": f"{session.start_soc * 100:.4f}",
            "StartTime": session.charge_start.strftime("%Y-%m-%d %H:%M:%S"),
            "TripStop": "",
            "Version": number,
            "RecordLastChangedUtc": "2026-11-03 00:00:00",
        }
        for number, session in enumerate(night.sessions, start=1)
    ]
    text = io.StringIO()
    table = csv.DictWriter(text, fieldnames=list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return text.getvalue().encode()
