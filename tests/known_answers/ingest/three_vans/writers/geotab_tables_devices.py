"""The table `Devices2` of Geotab's SQL adapter."""

import csv
import io
from types import SimpleNamespace

SOURCE = "geotab_tables"
FILE = "Devices2.csv"
CARRIES = {"vehicles": {"vehicle_id": None, "name": None, "vin": None, "licence_plate": None}}


def write(night: SimpleNamespace) -> bytes:
    """Return the vehicles as rows of the table."""
    text = io.StringIO()
    table = csv.writer(text)
    table.writerow(["id", "Name", "VIN", "LicensePlate", "SerialNumber", "ActiveFrom", "ActiveTo"])
    for number, vehicle in enumerate(night.vehicles):
        table.writerow([
            vehicle.vehicle_id, vehicle.name, vehicle.vin, vehicle.licence_plate,
            f"G9{number:010d}", "2025-01-01 00:00:00", "2050-01-01 00:00:00",
        ])  # fmt: skip
    return text.getvalue().encode()
