"""The table `StatusData2` of Geotab's SQL adapter: one number a row, its unit by the diagnostic."""

import csv
import io
from types import SimpleNamespace

from tests.known_answers.ingest.three_vans.writers import geotab_status_data

SOURCE = "geotab_tables"
FILE = "StatusData2.csv"
CARRIES = geotab_status_data.CARRIES


def write(night: SimpleNamespace) -> bytes:
    """Return the readings as rows of the table."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["id", "GeotabId", "Data", "DateTime", "DeviceId", "DiagnosticId"])
    for number, reading in enumerate(night.readings):
        for name, value in geotab_status_data.diagnostics(reading).items():
            at = f"{reading.at:%Y-%m-%d %H:%M:%S}.000"
            table.writerow([number, f"b{number}", f"{value:.6f}", at, reading.vehicle_id, name])
    return text.getvalue().encode()
