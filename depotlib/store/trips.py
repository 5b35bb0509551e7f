"""Trips that vehicles made."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def trips(
    path: Path,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    vehicle_ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Return trips by vehicle and start, a `TripFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    start, end : datetime, optional
        Only those that touch the half-open span; a trip without end counts as still running.
    vehicle_ids : sequence of str
        Only those of these vehicles; empty: of all.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT * FROM trip
            WHERE ($1 IS NULL OR "end" IS NULL OR "end" > $1 OR "start" >= $1)
              AND ($2 IS NULL OR "start" < $2)
              AND (len($3) = 0 OR list_contains($3, vehicle_id))
            ORDER BY vehicle_id, "start"
            """,
            start,
            end,
            list(vehicle_ids),
        )
