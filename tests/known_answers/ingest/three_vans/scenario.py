"""The three vans as data for the writers: rows of the committed files, with values typed.

Imports nothing from `depotlib`: what the importers are held to must not come from them.
"""

import csv
from datetime import datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

HERE = Path(__file__).parent
DEPOT_ZONE = ZoneInfo("America/New_York")
_TIMES = {
    "at", "start", "end", "departure", "return_at", "interval_start",
    "plug_start", "plug_end", "charge_start", "charge_end",
}  # fmt: skip
_TEXTS = {
    "vehicle_id", "station_id", "connector_id", "id_tag", "duty_id", "driver_id",
    "name", "vin", "licence_plate", "model", "series", "currency", "meter_id",
}  # fmt: skip
_COUNTS = {"interval_s", "priority"}


def _typed(name: str, text: str) -> Any:
    if text == "":
        return None
    if name in _TIMES:
        return datetime.fromisoformat(text)
    if name in _TEXTS:
        return text
    if name in _COUNTS:
        return int(text)
    if text in {"true", "false"}:
        return text == "true"
    return float(text)


def rows(name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the committed files: ``sessions``, ``readings``, ``trips`` …"""
    with (HERE / f"{name}.csv").open(newline="") as file:
        return [
            {column: _typed(column, text) for column, text in row.items()}
            for row in csv.DictReader(file)
        ]


def scenario() -> SimpleNamespace:
    """Return all rows, each with attributes: ``night.sessions[0].plug_start``.

    `vin_of` and `vehicle_of_vin` map vehicles.
    """
    tables = {
        file.stem: [SimpleNamespace(**row) for row in rows(file.stem)]
        for file in sorted(HERE.glob("*.csv"))
    }
    vins = {vehicle.vehicle_id: vehicle.vin for vehicle in tables["vehicles"]}
    return SimpleNamespace(
        **tables, vin_of=vins, vehicle_of_vin={vin: van for van, vin in vins.items()}
    )
