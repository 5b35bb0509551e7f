"""Whether a column can be what its name says, and in which unit its values are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from depotlib.ingest.guess.heads import NameMatch, name_match, unit_in
from depotlib.ingest.guess.shape import ColumnShape
from depotlib.model.column_mapping import FLAG_COLUMNS, TEXT_COLUMNS, TIME_COLUMNS
from depotlib.model.unit import Unit

LEAST_SHARE: Final = 0.45
"""A claim that is less sure than this is not made."""
_DIMENSIONS: Final[dict[str, str]] = {
    "energy_wall_kwh": "energy", "energy_battery_kwh": "energy", "energy_kwh": "energy",
    "battery_kwh": "energy", "peak_kw": "power", "power_kw": "power", "soc": "soc",
    "start_soc": "soc", "end_soc": "soc", "must_soc": "soc", "target_soc": "soc",
    "soh_share": "soc", "charge_limit_soc": "soc", "odometer_km": "distance",
    "distance_km": "distance", "start_odometer_km": "distance", "end_odometer_km": "distance",
    "temperature_c": "temperature", "duration_s": "duration", "interval_s": "duration",
    "price_per_kwh": "price",
}  # fmt: skip
_TAKEN_AS: Final[dict[str, Unit]] = {"distance": "km", "temperature": "°C"}
"""Where neither name nor values say it; the reason says that it was taken so."""
_DEAREST_PER_KWH: Final = 5.0
"""A price above this is for a MWh: nobody pays 5 for a kWh."""
_HIGHEST_SOC: Final = 100_000.0
_SIGNED: Final = frozenset({"power_kw", "temperature_c", "price_per_kwh"})
_READINGS: Final[dict[str, str]] = {
    "instant": "dates with a time of day", "date": "dates", "epoch": "counted seconds",
    "clock": "times of day", "duration": "durations", "number": "numbers", "flag": "yes or no",
    "zone": "zone names", "text": "words", "empty": "nothing",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claim:
    """That one column of a file is one canonical column.

    Parameters
    ----------
    fills, column : str
    share : float
        How sure, 0-1.
    unit : Unit
    reason : str
        For a person.
    """

    fills: str
    column: str
    share: float
    unit: Unit
    reason: str


def claims_of(name: str, shape: ColumnShape, *, columns: Sequence[str]) -> list[Claim]:
    """Return what a column may be, by its name, as far as its values allow it.

    Parameters
    ----------
    name : str
        Of the file's column.
    shape : ColumnShape
    columns : sequence of str
        Canonical columns in question.
    """
    return [
        _claim(fills, name, match=match, shape=shape)
        for fills in columns
        if can_be(fills, shape) and (match := name_match(name, fills)).share >= LEAST_SHARE
    ]


def can_be(fills: str, shape: ColumnShape) -> bool:
    """Return whether a column's values could be what a canonical column holds."""
    if fills in TIME_COLUMNS:
        return shape.is_time
    if fills in FLAG_COLUMNS:
        return shape.shape in {"flag", "text"}
    if fills in TEXT_COLUMNS:
        return shape.shape in {"text", "number", "flag"} and not _is_measured(shape)
    if fills in {"duration_s", "interval_s"}:
        return shape.shape in {"duration", "clock"} or _is_positive(shape)
    return _is_amount(fills, shape)


def dimension_of(fills: str) -> str:
    """Return which dimension a canonical column has; empty for none."""
    return _DIMENSIONS.get(fills, "")


def _is_amount(fills: str, shape: ColumnShape) -> bool:
    if shape.bounds is None:
        return False
    _, highest = shape.bounds
    if dimension_of(fills) == "soc":
        return _is_positive(shape) and highest <= _HIGHEST_SOC
    return fills in _SIGNED or highest > 0 or _is_positive(shape)


def _is_positive(shape: ColumnShape) -> bool:
    return shape.bounds is not None and shape.bounds[0] >= 0


def _is_measured(shape: ColumnShape) -> bool:
    """Return whether numbers are measured and not names: names have no fractions."""
    return shape.shape == "number" and not shape.is_whole


def _claim(fills: str, name: str, *, match: NameMatch, shape: ColumnShape) -> Claim:
    unit, said = _unit(fills, name, shape=shape)
    reason = f"the name says “{match.phrase}”, the values are {_READINGS[shape.shape]}"
    return Claim(fills, name, match.share, unit, f"{reason}{said}")


def _unit(fills: str, name: str, *, shape: ColumnShape) -> tuple[Unit, str]:
    if shape.unit:
        return shape.unit, ""
    dimension = dimension_of(fills)
    if not dimension or shape.shape != "number":
        return "", ""
    named = unit_in(name, dimension)
    if named:
        return named, f", {named} by its name"
    if dimension == "price":
        _, dearest = shape.bounds or (0.0, 0.0)
        unit: Unit = "per MWh" if dearest > _DEAREST_PER_KWH else "per kWh"
        return unit, f", {unit} by their size"
    taken = _TAKEN_AS.get(dimension, "")
    return taken, f", taken as {taken}" if taken else ", unit judged when the file is read"
