"""Sources by the names that people know them by."""

from typing import Final

import polars as pl

SOURCE_WORDS: Final[dict[str, str]] = {
    "acn_data": "ACN-Data",
    "chargepilot": "ChargePilot",
    "chargepoint": "ChargePoint",
    "cmap_trips": "CMAP trips",
    "column_mapping": "Mapped table",
    "enode": "Enode",
    "ev_charging_use": "EV Charging Use",
    "flipturn": "Flipturn",
    "geotab": "Geotab",
    "geotab_excel": "Geotab report",
    "geotab_tables": "Geotab tables",
    "gps_speed": "GPS speed log",
    "green_button": "Green Button",
    "gtfs": "GTFS timetable",
    "high_mobility": "High Mobility",
    "journal": "Gateway journal",
    "leeds_depot": "Leeds depot log",
    "market_prices": "Market prices",
    "meter_column": "Meter, one column",
    "meter_csv": "Meter readings",
    "meter_wide": "Meter, a day a row",
    "ocpi": "OCPI",
    "ocpp_log": "OCPP log",
    "rfms": "rFMS",
    "samsara": "Samsara",
    "samsara_fleet": "Samsara fleet",
    "smartcar": "Smartcar",
    "spice_ev": "SpiceEV",
    "steve": "SteVe",
    "tariff_file": "Tariff file",
    "urdb": "URDB tariff",
    "vdv463": "VDV 463",
    "virta": "Virta",
}


def source_words(name: str) -> str:
    """Return a source's name for people; one that is no longer known keeps its own."""
    return SOURCE_WORDS.get(name, name.replace("_", " "))


def source_column(name: str) -> pl.Expr:
    """Return a column of source names in words."""
    return pl.col(name).replace(SOURCE_WORDS)
