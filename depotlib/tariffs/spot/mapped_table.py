"""Prices from any table with a start and a price: exchanges and suppliers each have their own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import SpotPriceError, TimeZoneNeededError
from depotlib.model.calendar import is_in_gap, is_repeated_hour, local_to_utc
from depotlib.model.frames import PriceFrame
from depotlib.tariffs.spot.reading import (
    SpotReading,
    rejected,
    table_of,
    text_of,
    without_duplicates,
)
from depotlib.units import hundredths_to_whole, per_mwh_to_per_kwh

START_NAMES: Final = ("interval_start", "start", "time", "datetime", "timestamp")
PRICE_NAMES: Final = ("price_per_kwh", "price_per_mwh", "price")
MINOR_CURRENCIES: Final[Mapping[str, str]] = {
    "ct": "EUR", "cent": "EUR", "c": "EUR", "p": "GBP", "öre": "SEK", "øre": "NOK", "¢": "USD",
}  # fmt: skip
"""Hundredths of a currency; name the currency itself where one of these means another."""
SYMBOLS: Final[Mapping[str, str]] = {"€": "EUR", "£": "GBP", "$": "USD"}
UNIT: Final = re.compile(r"(?P<money>\S+?)\s*/\s*(?P<energy>[kKmM][wW][hH])")
ISO_CURRENCY: Final = re.compile(r"[A-Z]{3}")


@dataclass(frozen=True, slots=True)
class PriceColumns:
    """Which columns of a table mean what, and what the table does not say itself.

    Parameters
    ----------
    start, price : str
        Columns; "" finds those with a usual name.
    unit : str
        Such as ``EUR/MWh``, ``ct/kWh``, ``p/kWh``; "" reads a column ``unit``, or takes the
        currency and the energy that the names of the columns tell.
    currency : str
        ISO 4217; "" reads it from the unit or a column ``currency``.
    interval_s : int, optional
        Length of every interval [s]; default: the most frequent distance of two rows.
    time_zone : ZoneInfo, optional
        Of times without an offset.
    series : str
        What to call the prices.
    """

    start: str = ""
    price: str = ""
    unit: str = ""
    currency: str = ""
    interval_s: int | None = None
    time_zone: ZoneInfo | None = None
    series: str = "spot"


USUAL_COLUMNS: Final = PriceColumns()


def read(document: bytes, *, where: str, columns: PriceColumns = USUAL_COLUMNS) -> SpotReading:
    """Return the prices of a table with one row an interval.

    Raises
    ------
    SpotPriceError
        If a column, the unit or the currency is not there.
    TimeZoneNeededError
        If its times are local and `columns` names no zone.
    """
    text = text_of(document, where)
    head = text.partition("\n")[0]
    separator = ";" if head.count(";") > head.count(",") else ","
    table = table_of(text, where, separator=separator)
    start = _column(table, columns.start, usual=START_NAMES, where=where)
    price = _column(table, columns.price, usual=PRICE_NAMES, where=where)
    factor, currency = _unit(table, price, columns=columns, where=where)
    rows = table.with_columns(
        _instants(table[start], columns.time_zone, where=where),
        number=_number(pl.col(price), separator),
    )
    is_absent = pl.col(price).fill_null("").str.strip_chars().is_in(["", "-"])
    bad_time = rows.filter(pl.col("interval_start").is_null())
    timed = rows.filter(pl.col("interval_start").is_not_null())
    is_number = pl.col("number").is_finite().fill_null(value=False)
    bad_price = timed.filter(~is_absent & ~is_number)
    interval_s = columns.interval_s or _usual_step_s(timed["interval_start"], where)
    prices, duplicates = without_duplicates(
        PriceFrame.validate(
            timed.filter(is_number & ~is_absent).select(
                pl.lit(columns.series).alias("series"),
                "interval_start",
                pl.lit(interval_s).alias("interval_s"),
                (pl.col("number") * factor).alias("price_per_kwh"),
                pl.lit(currency).alias("currency"),
                "src_row",
            ),
            cast=True,
        )
    )
    return SpotReading(
        prices=prices,
        values_in=table.height,
        missing=timed.filter(is_absent).height,
        unpriced_rows=tuple(timed.filter(is_absent)["src_row"].to_list()),
        duplicates=duplicates,
        rejections=(
            *rejected(
                bad_time.select("src_row", start), "bad_time", detail={start: "is no such time"}
            ),
            *rejected(
                bad_price.select("src_row", price), "bad_price", detail={price: "is no price"}
            ),
        ),
    )


def price_unit(text: str, where: str) -> tuple[float, str]:
    """Return what makes a price in a unit one per kWh, and the unit's currency ("" if unnamed).

    Raises
    ------
    SpotPriceError
        If the unit is no money per kWh or MWh.
    """
    found = UNIT.fullmatch(text.strip())
    money = "" if found is None else SYMBOLS.get(found["money"], found["money"])
    minor = MINOR_CURRENCIES.get(money.lower())
    if found is None or (minor is None and ISO_CURRENCY.fullmatch(money) is None):
        raise SpotPriceError(
            f"{text!r} is no unit of a price", where=where, hint="write EUR/MWh or ct/kWh"
        )
    factor = 1.0 if found["energy"].lower() == "kwh" else per_mwh_to_per_kwh(1.0)
    return (hundredths_to_whole(factor), minor) if minor else (factor, money)


def _column(table: pl.DataFrame, named: str, *, usual: tuple[str, ...], where: str) -> str:
    by_lower_case = {name.lower(): name for name in reversed(table.columns)}
    wanted = (named.lower(),) if named else usual
    found = [by_lower_case[name] for name in wanted if name in by_lower_case]
    if not found:
        raise SpotPriceError(
            f"the table has no column {' or '.join(wanted)}",
            where=where,
            hint=f"name one of {', '.join(name for name in table.columns if name != 'src_row')}",
        )
    return found[0]


def _unit(
    table: pl.DataFrame, price: str, *, columns: PriceColumns, where: str
) -> tuple[float, str]:
    unit = columns.unit or _single(table, "unit", where=where)
    currency = columns.currency or _single(table, "currency", where=where)
    if unit:
        factor, of_unit = price_unit(unit, where)
        currency = currency or of_unit
    elif price.lower() in {"price_per_kwh", "price_per_mwh"}:
        factor = 1.0 if price.lower().endswith("kwh") else per_mwh_to_per_kwh(1.0)
    else:
        raise SpotPriceError(
            "the prices have no unit", where=where, hint="say one, such as EUR/MWh"
        )
    if ISO_CURRENCY.fullmatch(currency) is None:
        raise SpotPriceError(
            f"the prices have no currency: {currency!r}", where=where, hint="say one, such as EUR"
        )
    return factor, currency


def _single(table: pl.DataFrame, name: str, *, where: str) -> str:
    found = [column for column in table.columns if column.lower() == name]
    values = table[found[0]].drop_nulls().unique().to_list() if found else []
    if len(values) > 1:
        raise SpotPriceError(
            f"the column {found[0]} holds {len(values)} different values",
            where=where,
            hint="give one table for each",
        )
    return str(values[0]).strip() if values else ""


def _instants(column: pl.Series, time_zone: ZoneInfo | None, *, where: str) -> pl.Series:
    read_times = [_time(text) for text in column.fill_null("").to_list()]
    if time_zone is None and any(read and read.tzinfo is None for read in read_times):
        raise TimeZoneNeededError(
            "the times of the prices are local, and their zone is not given",
            where=where,
            hint="name the market's zone",
        )
    seen: set[datetime] = set()
    instants: list[datetime | None] = []
    for read in read_times:
        if read is None or time_zone is None or read.tzinfo is not None:
            instants.append(None if read is None else read.astimezone(UTC))
        elif is_in_gap(read, time_zone):
            instants.append(None)
        else:
            # The second of two equal times is the later one where clocks go back.
            is_second = read in seen and is_repeated_hour(read, time_zone)
            seen.add(read)
            instants.append(local_to_utc(read.replace(fold=1 if is_second else 0), time_zone))
    return pl.Series("interval_start", instants, dtype=pl.Datetime("us", "UTC"))


def _time(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text.strip())
    except ValueError:
        return None


def _usual_step_s(instants: pl.Series, where: str) -> int:
    steps = instants.unique().sort().diff().drop_nulls().dt.total_seconds()
    if len(steps) == 0:
        raise SpotPriceError(
            "one price does not tell how long it holds", where=where, hint="name the interval"
        )
    return int(steps.mode().sort()[0])


def _number(column: pl.Expr, separator: str) -> pl.Expr:
    text = column.str.strip_chars()
    if separator == ";":
        # Beside a semicolon a comma is the decimal mark, as in most of Europe.
        is_comma = text.str.contains(",", literal=True)
        comma = text.str.replace_all(".", "", literal=True).str.replace(",", ".", literal=True)
        text = pl.when(is_comma).then(comma).otherwise(text)
    return text.cast(pl.Float64, strict=False)
