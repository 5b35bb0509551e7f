"""Day-ahead prices as SMARD (Bundesnetzagentur) exports them: German CSV, one column a zone."""

from collections import Counter
from datetime import UTC, datetime
from typing import Final

import polars as pl

from depotlib.errors import SpotPriceError
from depotlib.model.calendar import is_in_gap, is_repeated_hour, zone
from depotlib.model.frames import PriceFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.tariffs.spot.reading import (
    SpotReading,
    rejected,
    table_of,
    text_of,
    without_duplicates,
)
from depotlib.units import per_mwh_to_per_kwh

START: Final = "Datum von"
END: Final = "Datum bis"
UNIT: Final = "[€/MWh]"
TIME_FORM: Final = "%d.%m.%Y %H:%M"
ABSENT: Final = "-"
TIME_ZONE: Final = zone("Europe/Berlin")
"""The platform's clock; the file itself names no zone."""


def is_mine(head: str) -> bool:
    """Return whether the head of a document is that of such an export."""
    return START in head and UNIT in head


def read(document: bytes, *, where: str) -> SpotReading:
    """Return the prices of a SMARD export.

    Its interval ends are not used but for their usual distance: on the day of a clock change
    they are known to be wrong. Of an hour that happens twice the first row is the earlier one.

    Raises
    ------
    SpotPriceError
        If it is no such table.
    """
    table = table_of(text_of(document, where), where, separator=";")
    zones = [name for name in table.columns if UNIT in name]
    if START not in table.columns or END not in table.columns or not zones:
        raise SpotPriceError(
            f"the columns {START}, {END} and one in {UNIT} are not all there",
            where=where,
            hint="export day-ahead prices from SMARD as CSV, in German",
        )
    stamped, bad_times = _with_instants(table, len(zones))
    cells = stamped.unpivot(zones, index=["src_row", "interval_start"], variable_name="series")
    cells = cells.with_columns(
        pl.col("series").str.split(" [").list.first(),
        price=_number(pl.col("value")),
        value=pl.col("value").str.strip_chars(),
    )
    is_absent = pl.col("value").fill_null(ABSENT).is_in([ABSENT, ""])
    missing = cells.filter(is_absent).height
    is_price = ~is_absent & pl.col("price").is_finite().fill_null(value=False)
    bad = cells.filter(~is_absent & ~is_price)
    interval_s, odd_ends = _usual_interval_s(table, where)
    prices, duplicates = without_duplicates(
        PriceFrame.validate(
            cells.filter(is_price).select(
                "series",
                "interval_start",
                pl.lit(interval_s).alias("interval_s"),
                (pl.col("price") * per_mwh_to_per_kwh(1.0)).alias("price_per_kwh"),
                pl.lit("EUR").alias("currency"),
                "src_row",
            ),
            cast=True,
        )
    )
    return SpotReading(
        prices=prices,
        values_in=table.height * len(zones),
        missing=missing,
        duplicates=duplicates,
        rejections=(
            *bad_times,
            *rejected(bad, "bad_price", detail={"value": "is no price"}),
        ),
        values_per_row=len(zones),
        unpriced_rows=_unpriced_rows(cells.filter(is_absent), len(zones)),
        findings=_odd_ends_found(odd_ends),
    )


def _with_instants(table: pl.DataFrame, zone_count: int) -> tuple[pl.DataFrame, list[Rejection]]:
    seen: Counter[str] = Counter()
    instants: list[datetime | None] = []
    for text in table[START].fill_null("").to_list():
        instants.append(_instant(text, earlier=seen[text]))
        seen[text] += 1
    stamped = table.with_columns(
        pl.Series("interval_start", instants, dtype=pl.Datetime("us", "UTC"))
    )
    lost = stamped.filter(pl.col("interval_start").is_null())
    bad = rejected(lost.select("src_row", START), "bad_time", detail={START: "is no local time"})
    # Each zone's price of that row is lost with it.
    return stamped.filter(pl.col("interval_start").is_not_null()), bad * zone_count


def _instant(text: str, *, earlier: int) -> datetime | None:
    try:
        local = datetime.strptime(text.strip(), TIME_FORM).replace(tzinfo=None)  # noqa: DTZ007 - the zone is the platform's, below
    except ValueError:
        return None
    if is_in_gap(local, TIME_ZONE):
        return None
    fold = 1 if earlier and is_repeated_hour(local, TIME_ZONE) else 0
    return local.replace(tzinfo=TIME_ZONE, fold=fold).astimezone(UTC)


def _usual_interval_s(table: pl.DataFrame, where: str) -> tuple[int, int]:
    ends, starts = (
        table[name].str.to_datetime(TIME_FORM, strict=False, time_unit="us")
        for name in (END, START)
    )
    lengths = (ends - starts).dt.total_seconds().drop_nulls()
    usual = lengths.mode().sort().to_list()
    if not usual or usual[0] <= 0:
        raise SpotPriceError(
            "no row names an interval that ends after it starts",
            where=where,
            hint="export the prices again",
        )
    return int(usual[0]), int((lengths != usual[0]).sum())


def _unpriced_rows(absent: pl.DataFrame, zone_count: int) -> tuple[int, ...]:
    counts = absent.group_by("src_row").len().filter(pl.col("len") == zone_count)
    return tuple(counts["src_row"].sort().to_list())


def _odd_ends_found(count: int) -> tuple[Finding, ...]:
    if count == 0:
        return ()
    text = (
        "rows that name an end which does not fit their start; the length of the file's other "
        f"intervals is taken: {count}"
    )
    return (Finding("wrong_interval_end", count, text),)


def _number(column: pl.Expr) -> pl.Expr:
    plain = column.str.strip_chars().str.replace_all(".", "", literal=True)
    return plain.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
