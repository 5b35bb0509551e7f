"""Past readings of vehicles, thinned out: enough for what a day took, small enough for weeks."""

from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame

EVERY_S: Final = 900


def past_readings(
    path: Path, *, start: datetime, end: datetime, every_s: int = EVERY_S
) -> pl.DataFrame:
    """Return the last state of charge and odometer of each vehicle and span of time.

    Columns as in `TelematicsFrame`: ``vehicle_id``, ``at``, ``soc``, ``odometer_km``,
    ``is_charging`` (at any time in the span), ``temperature_c`` (mean).

    Parameters
    ----------
    path : Path
        The database file.
    start, end : datetime
        Half-open.
    every_s : int
        Length of the spans [s].

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT
                vehicle_id,
                max("at") AS "at",
                arg_max(soc, "at") FILTER (soc IS NOT NULL) AS soc,
                arg_max(odometer_km, "at") FILTER (odometer_km IS NOT NULL) AS odometer_km,
                bool_or(is_charging) AS is_charging,
                avg(temperature_c) AS temperature_c
            FROM telematics
            WHERE "at" >= $1 AND "at" < $2 AND (soc IS NOT NULL OR odometer_km IS NOT NULL)
            GROUP BY vehicle_id, floor(epoch("at") / $3)
            ORDER BY vehicle_id, "at"
            """,
            start,
            end,
            every_s,
        )
