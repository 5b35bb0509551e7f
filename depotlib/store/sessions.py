"""Sessions that happened."""

from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def sessions(
    path: Path,
    *,
    site: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pl.DataFrame:
    """Return sessions by their plug-in, a `SessionFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    site : str, optional
        Only those of one site.
    start, end : datetime, optional
        Only those that touch the half-open span; a session without end counts as still there.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT * FROM session
            WHERE ($1 IS NULL OR site = $1)
              AND ($2 IS NULL OR plug_end IS NULL OR plug_end > $2 OR plug_start >= $2)
              AND ($3 IS NULL OR plug_start < $3)
            ORDER BY plug_start, session_key
            """,
            site,
            start,
            end,
        )


def session_sites(path: Path) -> list[str]:
    """Return the sites of which sessions are known, sorted.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(
            connection,
            "SELECT DISTINCT site FROM session WHERE site IS NOT NULL ORDER BY site",
        )
    return found["site"].to_list()
