"""Columns of readings as expressions over whole blocks of text: the quick way for what is clear.

An expression gives null for every text that it is not sure of, also where a text would be a fault:
such rows are then read one by one, as small files are. So the quick way knows no rules of its own.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, cast

import polars as pl

from depotlib.ingest.mapping.mapped_table import MAINS_V, MappedTable
from depotlib.ingest.normalise.quantities import full_soc
from depotlib.ingest.normalise.times import FIRST_YEAR, LAST_YEAR
from depotlib.ingest.record import CLAIMS
from depotlib.model.column_mapping import FLAG_COLUMNS, ColumnField
from depotlib.model.unit import NUMERIC_UNITS, dimension_of
from depotlib.units import ac_power_kw, millipercent_to_soc, percent_to_soc

_DATES: Final = {
    "year_month_day": ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d"),
    "day_month_year": ("%d/%m/%Y", "%d.%m.%Y", "%d-%m-%Y"),
    "month_day_year": ("%m/%d/%Y", "%m-%d-%Y", "%m.%d.%Y"),
}
_CLOCKS: Final = ("%H:%M:%S", "%H:%M", "%H:%M:%S%.f")
_OFFSETS: Final = ("", "%#z", " %#z")
_FIRST: Final = datetime(FIRST_YEAR, 1, 2, tzinfo=UTC)
_LAST: Final = datetime(LAST_YEAR, 12, 30, tzinfo=UTC)
"""Within these, an instant lies in a plausible year on every clock."""
_SURE_SHARE: Final = 0.9
_MOST: Final = 1e15
_CLAIMS: Final = {form: claim for word, claim in CLAIMS.items()
                  for form in (word, word.upper(), word.capitalize())}  # fmt: skip
_AMOUNTS: Final = frozenset({"odometer_km"})
_SHARES: Final = {"percent": percent_to_soc, "milli_percent": millipercent_to_soc}


@dataclass(frozen=True, slots=True)
class FastColumns:
    """The columns of readings of one file.

    Parameters
    ----------
    values : mapping of str to polars.Expr
        By canonical column.
    is_sure : polars.Expr
        Whether a row can be taken as the expressions read it.
    soc_texts : tuple of polars.Expr
        The numbers of the columns that hold a state of charge, as they stand.
    """

    values: dict[str, pl.Expr]
    is_sure: pl.Expr
    soc_numbers: tuple[pl.Expr, ...]


def fast_columns(table: MappedTable, sample: pl.DataFrame) -> FastColumns | None:
    """Return the columns of a file, None where its times have no shape that can be read quickly.

    Parameters
    ----------
    table : MappedTable
        A sample of the file, with all that was judged.
    sample : polars.DataFrame
        The sample's texts, by column.
    """
    time = _time(table, sample)
    if time is None:
        return None
    mapping = table.mapping
    vehicle_id = _text(table, "vehicle_id")
    is_padded = vehicle_id.str.starts_with(" ") | vehicle_id.str.ends_with(" ")
    values: dict[str, pl.Expr] = {"vehicle_id": vehicle_id, "at": time}
    doubts: list[pl.Expr] = [is_padded, ~time.is_between(_FIRST, _LAST)]
    numbers: list[pl.Expr] = []
    for name, filled in mapping.fields.items():
        if name in values:
            continue
        text = _text(table, name)
        if name in FLAG_COLUMNS:
            values[name], is_clear = _flag(text, filled)
        else:
            number = _number(table, text)
            numbers += [number] if dimension_of(name) == "soc" else []
            values[name] = _quantity(table, name, number=number)
            is_clear = number.is_between(*_range(table, name))
        doubts.append(text.is_not_null() & ~is_clear.fill_null(value=False))
    measured = pl.any_horizontal(values[name].is_not_null() for name in values if name not in
                                 {"vehicle_id", "at"})  # fmt: skip
    is_sure = vehicle_id.is_not_null() & time.is_not_null() & measured & ~pl.any_horizontal(doubts)
    return FastColumns(values, is_sure, tuple(numbers))


def _text(table: MappedTable, name: str) -> pl.Expr:
    """Return the texts of a column, null where they mean nothing."""
    filled = table.mapping.fields[name]
    if filled.column is None:
        return pl.lit(filled.constant)
    return _known(pl.col(filled.column), (*table.mapping.unknown, *filled.unknown))


def _known(text: pl.Expr, unknown: Sequence[str]) -> pl.Expr:
    return pl.when(~text.is_in(list(unknown))).then(text) if unknown else text


def _number(table: MappedTable, text: pl.Expr) -> pl.Expr:
    if table.opened.reading.decimal_mark == ",":
        plain = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        text = pl.when(text.str.contains(",", literal=True)).then(plain).otherwise(text)
    return text.cast(pl.Float64, strict=False)


def _range(table: MappedTable, name: str) -> tuple[float, float]:
    """Return the least and the most that a number as it stands may be; infinity is no number."""
    if dimension_of(name) == "soc":
        return 0.0, full_soc(table.units.socs[name].scale)
    return (0.0 if name in _AMOUNTS else -_MOST), _MOST


def _quantity(table: MappedTable, name: str, *, number: pl.Expr) -> pl.Expr:
    filled = table.mapping.fields[name]
    if dimension_of(name) == "soc":
        scale = table.units.socs[name].scale
        return _converted(number, _SHARES[scale]) if scale in _SHARES else number
    unit = NUMERIC_UNITS[table.units.units[name]]
    value = -number if filled.is_negated else number
    if unit.to_canonical is not float:
        value = _converted(value, unit.to_canonical)
    if unit.dimension == "current":
        voltage_v = filled.voltage_v or MAINS_V
        value = _converted(value, lambda a: ac_power_kw(a, voltage_v, phases=filled.phases))
    return value


def _converted(number: pl.Expr, convert: Callable[[float], float]) -> pl.Expr:
    """Return a column of quantities in another unit, each rounded as a single one would be.

    An expression would divide by multiplying with the inverse, which rounds otherwise; then the
    same reading from two files would be two that differ.
    """
    over_array = cast("Callable[[object], list[float]]", convert)  # arrays know arithmetic, too

    def quantities(column: pl.Series) -> pl.Series:
        return pl.Series(over_array(column.fill_null(math.nan).to_numpy()), nan_to_null=True)

    return number.map_batches(quantities, return_dtype=pl.Float64, is_elementwise=True)


def _flag(text: pl.Expr, filled: ColumnField) -> tuple[pl.Expr, pl.Expr]:
    """Return whether a text means yes, and whether it means yes or no at all."""
    if filled.true_texts:
        return text.is_in(list(filled.true_texts)), pl.lit(value=True)
    yes = text.is_in([word for word, claim in _CLAIMS.items() if claim])
    return yes, yes | text.is_in([word for word, claim in _CLAIMS.items() if not claim])


def _time(table: MappedTable, sample: pl.DataFrame) -> pl.Expr | None:
    """Return the instants of a file, by the one shape that nearly all of its times have."""
    filled = table.mapping.fields["at"]
    if filled.zone_column or table.mapping.ignore_offset or filled.unit == "javascript":
        return None
    if filled.unit:
        return _counted(table, filled)
    text = _text(table, "at")
    if filled.time_column is not None:
        text = pl.concat_str([text, pl.col(filled.time_column)], separator=" ")
    dates = dict.fromkeys((*_DATES["year_month_day"], *_DATES[table.opened.reading.date_order]))
    forms = [
        f"{date}{between}{clock}{offset}"
        for date in dates
        for between in ("T", " ")
        for clock in _CLOCKS
        for offset in _OFFSETS
    ]
    rows = sample.select(text.is_not_null().sum()).item()
    for form in forms:
        instants = _instants(table, text, form=form)
        if instants is not None and sample.select(instants.count()).item() > _SURE_SHARE * rows:
            return instants
    return None


def _instants(table: MappedTable, text: pl.Expr, *, form: str) -> pl.Expr | None:
    """Return texts of one shape as instants; doubtful local times are null."""
    read = text.str.to_datetime(form, strict=False, time_unit="us")
    zone = table.opened.reading.time_zone
    if not form.endswith("z"):
        if zone is None:
            return None
        local = read.dt.replace_time_zone(zone.key, ambiguous="null", non_existent="null")
        read = local.dt.convert_time_zone("UTC")
    return read


def _counted(table: MappedTable, filled: ColumnField) -> pl.Expr:
    ticks = {"s-epoch": ("ms", 1000), "ms-epoch": ("ms", 1), "us-epoch": ("us", 1)}
    unit, factor = ticks[filled.unit]
    count = _text(table, "at").cast(pl.Int64, strict=False) * factor
    read = count.cast(pl.Datetime("us" if unit == "us" else "ms")).cast(pl.Datetime("us"))
    return read.dt.replace_time_zone("UTC")
