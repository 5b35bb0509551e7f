"""Units in which tables state quantities, and how each becomes the canonical one."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.units import (
    fahrenheit_to_c,
    feet_to_km,
    h_to_s,
    hundredths_to_whole,
    megawatthours_to_kwh,
    megawatts_to_kw,
    metres_to_km,
    microseconds_to_s,
    microwh_to_kwh,
    miles_to_km,
    milliamp_to_a,
    millicelsius_to_c,
    millipercent_to_soc,
    minutes_to_s,
    ms_to_s,
    per_mwh_to_per_kwh,
    percent_to_soc,
    ticks_to_s,
    w_to_kw,
    wh_to_kwh,
)

Unit = Literal[
    "",
    "share", "%", "milli-percent",
    "kWh", "Wh", "micro-Wh", "MWh",
    "kW", "W", "MW", "A", "mA",
    "km", "m", "mi", "ft",
    "°C", "°F", "milli-°C",
    "s", "min", "h", "ms", "ticks", "h:mm:ss", "d.hh:mm:ss",
    "s-epoch", "ms-epoch", "us-epoch", "javascript",
    "per kWh", "per MWh", "hundredths per kWh",
]  # fmt: skip
"""What a table may say; ``h:mm:ss``, ``d.hh:mm:ss`` and ``javascript`` are shapes of text."""
Dimension = Literal[
    "soc", "energy", "power", "current", "distance", "temperature", "duration", "epoch", "price"
]


@dataclass(frozen=True, slots=True)
class NumericUnit:
    """A unit of numbers: what it measures and how it becomes the canonical unit of that."""

    dimension: Dimension
    to_canonical: Callable[[float], float]


NUMERIC_UNITS: Final[dict[Unit, NumericUnit]] = {
    "share": NumericUnit("soc", float),
    "%": NumericUnit("soc", percent_to_soc),
    "milli-percent": NumericUnit("soc", millipercent_to_soc),
    "kWh": NumericUnit("energy", float),
    "Wh": NumericUnit("energy", wh_to_kwh),
    "micro-Wh": NumericUnit("energy", microwh_to_kwh),
    "MWh": NumericUnit("energy", megawatthours_to_kwh),
    "kW": NumericUnit("power", float),
    "W": NumericUnit("power", w_to_kw),
    "MW": NumericUnit("power", megawatts_to_kw),
    "A": NumericUnit("current", float),
    "mA": NumericUnit("current", milliamp_to_a),
    "km": NumericUnit("distance", float),
    "m": NumericUnit("distance", metres_to_km),
    "mi": NumericUnit("distance", miles_to_km),
    "ft": NumericUnit("distance", feet_to_km),
    "°C": NumericUnit("temperature", float),
    "°F": NumericUnit("temperature", fahrenheit_to_c),
    "milli-°C": NumericUnit("temperature", millicelsius_to_c),
    "s": NumericUnit("duration", float),
    "min": NumericUnit("duration", minutes_to_s),
    "h": NumericUnit("duration", h_to_s),
    "ms": NumericUnit("duration", ms_to_s),
    "ticks": NumericUnit("duration", ticks_to_s),
    "s-epoch": NumericUnit("epoch", float),
    "ms-epoch": NumericUnit("epoch", ms_to_s),
    "us-epoch": NumericUnit("epoch", microseconds_to_s),
    "per kWh": NumericUnit("price", float),
    "per MWh": NumericUnit("price", per_mwh_to_per_kwh),
    "hundredths per kWh": NumericUnit("price", hundredths_to_whole),
}
"""Canonical: share, kWh, kW, A, km, °C, s, seconds since 1970, price per kWh."""
TEXT_UNITS: Final[dict[Unit, Dimension]] = {
    "h:mm:ss": "duration",
    "d.hh:mm:ss": "duration",
    "javascript": "epoch",
}
COLUMN_DIMENSIONS: Final[dict[str, Dimension]] = {
    "_soc": "soc",
    "_share": "soc",
    "_per_kwh": "price",
    "_kwh": "energy",
    "_kw": "power",
    "_km": "distance",
    "_c": "temperature",
    "_s": "duration",
}
"""By the ending of a canonical column's name, the longer one first."""


def dimension_of(column: str) -> Dimension | None:
    """Return what a canonical column measures, None for texts, flags and times."""
    return next(
        (what for end, what in COLUMN_DIMENSIONS.items() if f"_{column}".endswith(end)), None
    )


def measured_by(unit: Unit) -> Dimension | None:
    """Return what a unit measures, None for the empty one."""
    numeric = NUMERIC_UNITS.get(unit)
    return numeric.dimension if numeric else TEXT_UNITS.get(unit)
