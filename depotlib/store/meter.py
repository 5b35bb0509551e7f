"""Readings of meters, as a load profile."""

from datetime import datetime, timedelta
from pathlib import Path

import polars as pl

from depotlib.model.timegrid import grid_over
from depotlib.store.connection import reading
from depotlib.store.query import frame


def meter_ids(path: Path) -> list[str]:
    """Return the meters of which readings are known, sorted.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, "SELECT DISTINCT meter_id FROM meter ORDER BY meter_id")
    return found["meter_id"].to_list()


def meter_load(
    path: Path, meter_id: str, *, start: datetime, end: datetime, interval_s: int = 900
) -> pl.DataFrame:
    """Return the load that a meter saw, a `LoadFrame` over all intervals of the span.

    Shorter readings are averaged, longer ones hold in each interval they cover. Power is the
    mean over the seconds that readings cover; an interval without any is a null, never a 0.

    Parameters
    ----------
    path : Path
        The database file.
    meter_id : str
    start, end : datetime
        Half-open span, widened to whole intervals.
    interval_s : int
        Interval length [s].

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    ModelError
        If the span is empty.
    """
    grid = grid_over(start, end, interval_s=interval_s)
    with reading(path) as connection:
        return frame(
            connection,
            """
            WITH reading AS (
                SELECT epoch_us(interval_start) AS from_us,
                       epoch_us(interval_start + to_seconds(interval_s)) AS to_us,
                       power_kw
                FROM meter
                WHERE meter_id = $1
                  AND interval_start < $3
                  AND interval_start + to_seconds(interval_s) > $2
            ),
            part AS (
                SELECT unnest(range(from_us // $4, (to_us - 1) // $4 + 1)) AS bucket, *
                FROM reading
            ),
            covered AS (
                SELECT bucket, power_kw,
                       least(to_us, (bucket + 1) * $4) - greatest(from_us, bucket * $4) AS us
                FROM part
            ),
            load AS (
                SELECT bucket, sum(power_kw * us) / sum(us) AS power_kw
                FROM covered GROUP BY bucket
            ),
            grid AS (
                SELECT unnest(range(epoch_us($2) // $4, epoch_us($3) // $4)) AS bucket
            )
            SELECT make_timestamptz(bucket * $4) AS interval_start, power_kw
            FROM grid LEFT JOIN load USING (bucket) ORDER BY bucket
            """,
            meter_id,
            grid.start,
            grid.end,
            grid.step // timedelta(microseconds=1),
        )
