"""Market prices of energy."""

from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def price_series(path: Path) -> list[str]:
    """Return the series of which prices are known, sorted.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, "SELECT DISTINCT series FROM price ORDER BY series")
    return found["series"].to_list()


def prices(
    path: Path, series: str, *, start: datetime | None = None, end: datetime | None = None
) -> pl.DataFrame:
    """Return the prices of a series by interval, a `PriceFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    series : str
        The market's own name of its zone or node.
    start, end : datetime, optional
        Only intervals that touch the half-open span.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT * EXCLUDE (source, src_file) FROM price
            WHERE series = $1
              AND ($2 IS NULL OR interval_start + to_seconds(interval_s) > $2)
              AND ($3 IS NULL OR interval_start < $3)
            ORDER BY interval_start
            """,
            series,
            start,
            end,
        )
