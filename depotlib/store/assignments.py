"""Who drove which vehicle when."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def assignments(
    path: Path,
    *,
    start: datetime | None = None,
    end: datetime | None = None,
    vehicle_ids: Sequence[str] = (),
) -> pl.DataFrame:
    """Return assignments by start, an `AssignmentFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    start, end : datetime, optional
        Only those that touch the half-open span; one without end still holds.
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
            SELECT * FROM assignment
            WHERE ($1 IS NULL OR "end" IS NULL OR "end" > $1 OR "start" >= $1)
              AND ($2 IS NULL OR "start" < $2)
              AND (len($3) = 0 OR list_contains($3, vehicle_id))
            ORDER BY "start", driver_id, source
            """,
            start,
            end,
            list(vehicle_ids),
        )
