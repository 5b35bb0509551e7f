"""Readings of meters, as a load profile."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

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
    return meters_load(path, [meter_id], start=start, end=end, interval_s=interval_s)


def meters_load(
    path: Path,
    chosen: Sequence[str],
    *,
    start: datetime,
    end: datetime,
    interval_s: int = 900,
) -> pl.DataFrame:
    """Return the load that several meters saw together, a `LoadFrame`; see `meter_load`.

    An interval of which one of the meters has no reading is a null: part of a sum is not the sum.

    Parameters
    ----------
    path : Path
        The database file.
    chosen : sequence of str
        Meters.
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
            METERS_SQL,
            list(chosen),
            grid.start,
            grid.end,
            grid.step // timedelta(microseconds=1),
        )


METERS_SQL: Final = """
WITH chosen AS (
    SELECT unnest($1) AS meter_id, unnest(range(len($1))) AS meter
),
reading AS (
    SELECT meter,
           epoch_us(interval_start) AS from_us,
           epoch_us(interval_start) + interval_s * 1000000::BIGINT AS to_us,
           power_kw
    FROM meter JOIN chosen USING (meter_id)
    WHERE interval_start < $3
      AND interval_start + to_seconds(interval_s) > $2
),
covered AS (
    -- most readings lie within one interval; the others are cut at its bounds
    SELECT meter, from_us // $4 AS bucket, power_kw, to_us - from_us AS us
    FROM reading WHERE from_us // $4 = (to_us - 1) // $4
    UNION ALL
    SELECT meter, bucket, power_kw,
           least(to_us, (bucket + 1) * $4) - greatest(from_us, bucket * $4) AS us
    FROM (
        SELECT unnest(range(from_us // $4, (to_us - 1) // $4 + 1)) AS bucket, *
        FROM reading WHERE from_us // $4 <> (to_us - 1) // $4
    )
),
load AS (
    SELECT bucket, sum(power_kw * us) / sum(us) AS power_kw
    FROM covered GROUP BY meter, bucket
),
total AS (
    SELECT bucket, CASE WHEN count(*) = len($1) THEN sum(power_kw) END AS power_kw
    FROM load GROUP BY bucket
),
grid AS (
    SELECT unnest(range(epoch_us($2) // $4, epoch_us($3) // $4)) AS bucket
)
SELECT make_timestamptz(bucket * $4) AS interval_start, power_kw
FROM grid LEFT JOIN total USING (bucket) ORDER BY bucket
"""
