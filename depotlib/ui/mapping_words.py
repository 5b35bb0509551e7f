"""What people call the kinds of tables, their columns and the units in them."""

from typing import Final

from depotlib.model.column_mapping import MappingKind
from depotlib.model.unit import NUMERIC_UNITS, TEXT_UNITS, Dimension, Unit

KINDS: Final[dict[MappingKind, str]] = {
    "sessions": "Charging sessions",
    "telematics": "Readings of vehicles",
    "meter": "Readings of a meter",
    "trips": "Trips",
    "duties": "Duties: who must leave when",
    "prices": "Market prices",
    "vehicles": "A list of vehicles",
}
COLUMNS: Final[dict[str, str]] = {
    "plug_start": "Plugged in", "plug_end": "Unplugged", "charge_start": "Charging began",
    "charge_end": "Charging ended", "duration_s": "Duration", "energy_wall_kwh": "Energy at the wall",
    "energy_battery_kwh": "Energy in the battery", "peak_kw": "Highest power",
    "start_soc": "Charge at start", "end_soc": "Charge at end", "site": "Site",
    "station_id": "Station", "connector_id": "Connector", "vehicle_id": "Vehicle",
    "id_tag": "Card or driver", "is_estimated": "Is an estimate", "at": "Time",
    "soc": "Charge", "odometer_km": "Odometer", "power_kw": "Power", "is_charging": "Is charging",
    "is_plugged": "Is plugged in", "temperature_c": "Temperature", "soh_share": "State of health",
    "charge_limit_soc": "Charge limit", "meter_id": "Meter", "interval_start": "Interval from",
    "interval_end": "Interval to", "interval_s": "Length of interval", "energy_kwh": "Energy",
    "start": "Start", "end": "End", "distance_km": "Distance", "start_odometer_km": "Odometer at start",
    "end_odometer_km": "Odometer at end", "duty_id": "Duty", "departure": "Departure",
    "return_at": "Return", "must_soc": "Charge needed", "target_soc": "Charge wanted",
    "priority": "Priority", "series": "Market zone", "price_per_kwh": "Price",
    "currency": "Currency", "name": "Name", "vin": "VIN", "licence_plate": "Licence plate",
    "model": "Model", "battery_kwh": "Battery",
}  # fmt: skip
SHARE_ENDINGS: Final = ("soc", "_share")
"""Fractions, which people read in percent."""
_ENDINGS: Final = (
    ("_per_kwh", " (per kWh)"), ("_kwh", " (kWh)"), ("_kw", " (kW)"), ("_km", " (km)"),
    ("_c", " (°C)"), ("_s", " (s)"), ("soc", " (%)"), ("_share", " (%)"),
)  # fmt: skip


def column_words(name: str) -> str:
    """Return what people call a canonical column, with its unit."""
    unit = next((text for ending, text in _ENDINGS if name.endswith(ending)), "")
    return COLUMNS.get(name, name.replace("_", " ")) + unit


def units_of(dimension: Dimension) -> list[Unit]:
    """Return the units in which a dimension may be written; empty: judged over the column."""
    numeric: list[Unit] = [
        unit for unit, one in NUMERIC_UNITS.items() if one.dimension == dimension
    ]
    texts: list[Unit] = [unit for unit, what in TEXT_UNITS.items() if what == dimension]
    return ["", *numeric, *texts]
