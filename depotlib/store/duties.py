"""Duties as schedules and fleet systems announced them."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def announced_duties(
    path: Path,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    vehicle_ids: Sequence[str] = (),
    with_withdrawn: bool = False,
) -> pl.DataFrame:
    """Return duties by departure, a `DutyFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    start, end : datetime, optional
        Only those that touch the half-open span; one without return counts from its departure.
    vehicle_ids : sequence of str
        Only those of these vehicles; empty: of all.
    with_withdrawn : bool
        Whether those that were withdrawn are wanted too.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT * FROM duty
            WHERE ($1 IS NULL OR coalesce(return_at, departure) > $1 OR departure >= $1)
              AND ($2 IS NULL OR departure < $2)
              AND (len($3) = 0 OR list_contains($3, vehicle_id))
              AND ($4 OR NOT is_withdrawn)
            ORDER BY departure, source, duty_id
            """,
            start,
            end,
            list(vehicle_ids),
            with_withdrawn,
        )
