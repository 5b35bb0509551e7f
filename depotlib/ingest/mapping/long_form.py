"""Tables with one measurand a row: a column that names it, and one that holds its value."""

from typing import Final

from depotlib.ingest.record import FieldReader
from depotlib.model.column_mapping import FLAG_COLUMNS, LongForm, Measurand
from depotlib.model.unit import NUMERIC_UNITS, Unit, dimension_of

_TAKEN: Final[dict[str, Unit]] = {"soc": "%", "power": "kW", "distance": "km", "temperature": "°C"}
"""Where a measurand names no unit: as `ColumnMapping` documents."""


def long_values(long: LongForm, reader: FieldReader) -> dict[str, float | bool]:
    """Return the measurand of a row by its canonical column; one that nobody maps is a fault."""
    name = reader.needed_text(long.name_column)
    measurand = next((each for each in long.measurands if each.name == name), None)
    if measurand is None:
        reader.reject("not_used", f"{long.name_column} is {name!r}, which the mapping does not use")
        return {}
    if measurand.fills in FLAG_COLUMNS:
        value = _claim(long, reader, measurand=measurand)
    else:
        value = _quantity(long, reader, measurand=measurand)
    return {} if value is None else {measurand.fills: value}


def _claim(long: LongForm, reader: FieldReader, *, measurand: Measurand) -> bool | None:
    text = reader.text(long.value_column)
    if text is not None and measurand.true_texts:
        return text in measurand.true_texts
    return reader.claim(long.value_column)


def _quantity(long: LongForm, reader: FieldReader, *, measurand: Measurand) -> float | None:
    value = reader.number(long.value_column)
    if value is None:
        return None
    dimension = dimension_of(measurand.fills) or ""
    unit = NUMERIC_UNITS[measurand.unit or _TAKEN[dimension]]
    canonical = unit.to_canonical(-value if measurand.is_negated else value)
    if dimension == "soc" and not 0 <= canonical <= 1 and measurand.fills != "soh_share":
        reader.reject("bad_soc", f"{long.value_column} is {value:g} {measurand.unit}")
    if measurand.fills == "odometer_km" and canonical < 0:
        reader.reject("negative_odometer", f"{long.value_column} is {value:g}")
    return canonical
