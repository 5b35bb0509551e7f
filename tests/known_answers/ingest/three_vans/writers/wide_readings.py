"""A wide table of readings with offsets, as data warehouses export them: read by a shipped mapping."""

import csv
import io
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.scenario import DEPOT_ZONE

SOURCE = "column_mapping"
FILE = "readings.csv"
CARRIES = {
    "telematics": {
        "vehicle_id": None,
        "at": 1,
        "soc": 0.0001,
        "odometer_km": 0.01,
        "power_kw": 0.01,
        "is_charging": None,
        "is_plugged": None,
        "temperature_c": 0.01,
    }
}


def write(night: SimpleNamespace) -> bytes:
    """Return the readings, local times with their offset, charge in percent."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(
        ["vehicle_id", "timestamp", "soc", "odometer_km", "power_kw", "is_charging", "is_plugged",
         "temperature_c"]
    )  # fmt: skip
    for reading in night.readings:
        table.writerow(
            [
                reading.vehicle_id,
                reading.at.astimezone(DEPOT_ZONE).isoformat(),
                f"{reading.soc * 100:.2f}",
                reading.odometer_km,
                "" if reading.power_kw is None else reading.power_kw,
                int(reading.is_charging),
                int(reading.is_plugged),
                reading.temperature_c,
            ]
        )
    return text.getvalue().encode()
