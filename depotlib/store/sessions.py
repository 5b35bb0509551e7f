"""Sessions that happened: each once, whoever told of it."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.matching import match_sessions
from depotlib.store.query import frame


def sessions(
    path: Path,
    *,
    site: str | None = None,
    start: datetime | None = None,
    end: datetime | None = None,
    vehicle_ids: Sequence[str] = (),
    as_told: bool = False,
) -> pl.DataFrame:
    """Return sessions by their plug-in, a `SessionFrame`.

    One that a station and telematics both told of is one row with both halves; `matching` says
    when that is so.

    Parameters
    ----------
    path : Path
        The database file.
    site : str, optional
        Only those of one site.
    start, end : datetime, optional
        Only those that touch the half-open span; a session without end counts as still there.
    vehicle_ids : sequence of str
        Only those of these vehicles; empty: of all, and of nobody known.
    as_told : bool
        Return every telling as it was imported, the two of one session too.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    table = "session" if as_told else "counted_session"
    with reading(path) as connection:
        match_sessions(connection)
        return frame(
            connection,
            f"""
            SELECT * FROM {table}
            WHERE ($1 IS NULL OR site = $1)
              AND ($2 IS NULL OR plug_end IS NULL OR plug_end > $2 OR plug_start >= $2)
              AND ($3 IS NULL OR plug_start < $3)
              AND (len($4) = 0 OR list_contains($4, vehicle_id))
            ORDER BY plug_start, session_key
            """,  # noqa: S608 - one of two names of ours
            site,
            start,
            end,
            list(vehicle_ids),
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
