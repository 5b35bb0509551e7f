"""Locational prices as CAISO's OASIS gives them: CSV, one row a node, interval and part of price."""

from typing import Final

import polars as pl

from depotlib.errors import SpotPriceError
from depotlib.model.frames import PriceFrame
from depotlib.tariffs.spot.reading import (
    SpotReading,
    rejected,
    table_of,
    text_of,
    without_duplicates,
)
from depotlib.units import per_mwh_to_per_kwh

START: Final = "INTERVALSTARTTIME_GMT"
END: Final = "INTERVALENDTIME_GMT"
PART: Final = "LMP_TYPE"
WHOLE_PRICE: Final = "LMP"
PRICE_COLUMNS: Final = ("MW", "VALUE", "PRC")
"""Where the price stands: day-ahead files call the column MW, and it is $/MWh all the same."""


def is_mine(head: str) -> bool:
    """Return whether the head of a document is that of such a file."""
    return START in head and PART in head


def read(document: bytes, *, where: str) -> SpotReading:
    """Return the whole prices (LMP) of a file; its congestion and loss parts are counted as other.

    Raises
    ------
    SpotPriceError
        If it is no such table.
    """
    table = table_of(text_of(document, where), where, separator=",")
    price_column = _price_column(table, where)
    is_whole = pl.col(PART).str.strip_chars() == WHOLE_PRICE
    rows = table.filter(is_whole).with_columns(
        interval_start=_instant(START),
        interval_end=_instant(END),
        price=pl.col(price_column).str.strip_chars().cast(pl.Float64, strict=False),
    )
    interval = (pl.col("interval_end") - pl.col("interval_start")).dt.total_seconds()
    bad_time = rows.filter(~(interval > 0).fill_null(value=False))
    timed = rows.filter(interval > 0)
    bad_price = timed.filter(~pl.col("price").is_finite().fill_null(value=False))
    good = timed.filter(pl.col("price").is_finite())
    prices, duplicates = without_duplicates(
        PriceFrame.validate(
            good.select(
                pl.col("NODE").str.strip_chars().alias("series"),
                "interval_start",
                interval.alias("interval_s"),
                (pl.col("price") * per_mwh_to_per_kwh(1.0)).alias("price_per_kwh"),
                pl.lit("USD").alias("currency"),
                "src_row",
            ),
            cast=True,
        )
    )
    return SpotReading(
        prices=prices,
        values_in=table.height,
        other=table.height - rows.height,
        unpriced_rows=tuple(table.filter(~is_whole.fill_null(value=False))["src_row"].to_list()),
        duplicates=duplicates,
        rejections=(
            *rejected(
                bad_time.select("src_row", START, END),
                "bad_time",
                detail={START: "begins no interval"},
            ),
            *rejected(
                bad_price.select("src_row", price_column),
                "bad_price",
                detail={price_column: "is no price"},
            ),
        ),
    )


def _price_column(table: pl.DataFrame, where: str) -> str:
    found = [name for name in PRICE_COLUMNS if name in table.columns]
    lacking = [name for name in (START, END, PART, "NODE") if name not in table.columns]
    if lacking or not found:
        raise SpotPriceError(
            f"the column {(lacking or ['MW'])[0]} is not there",
            where=where,
            hint="download PRC_LMP as CSV from OASIS",
        )
    return found[0]


def _instant(column: str) -> pl.Expr:
    text = pl.col(column).str.strip_chars().str.replace(r"(-00:00|Z)$", "+00:00")
    return text.str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%z", strict=False, time_zone="UTC", time_unit="us"
    )
