"""Vehicle readings."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import polars as pl

from depotlib.store.connection import reading
from depotlib.store.query import frame


def telematics(
    path: Path, *, start: datetime, end: datetime, vehicle_ids: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the readings of a half-open span by vehicle and instant, a `TelematicsFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    start, end : datetime
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
            SELECT * FROM telematics WHERE "at" >= $1 AND "at" < $2
              AND (len($3) = 0 OR list_contains($3, vehicle_id))
            ORDER BY vehicle_id, "at"
            """,
            start,
            end,
            list(vehicle_ids),
        )


def latest_telematics(path: Path, at: datetime) -> pl.DataFrame:
    """Return what is known of each vehicle at an instant, one row each, a `TelematicsFrame`.

    Each value is the last one reported at or before the instant. The row's own instant is that
    of its state of charge, since that is what a need rests on: an odometer that still ticks must
    not make an old state of charge look fresh. Of a vehicle without any, it is that of its last
    reading.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            WITH known AS (SELECT * FROM telematics WHERE "at" <= $1)
            SELECT
                vehicle_id,
                coalesce(max("at") FILTER (soc IS NOT NULL), max("at")) AS "at",
                arg_max(soc, "at") FILTER (soc IS NOT NULL) AS soc,
                arg_max(odometer_km, "at") FILTER (odometer_km IS NOT NULL) AS odometer_km,
                arg_max(power_kw, "at") FILTER (power_kw IS NOT NULL) AS power_kw,
                arg_max(is_charging, "at") FILTER (is_charging IS NOT NULL) AS is_charging,
                arg_max(is_plugged, "at") FILTER (is_plugged IS NOT NULL) AS is_plugged,
                arg_max(temperature_c, "at") FILTER (temperature_c IS NOT NULL) AS temperature_c,
                arg_max(source, "at") AS source,
                arg_max(src_file, "at") AS src_file,
                arg_max(src_row, "at") AS src_row,
                arg_max(soh_share, "at") FILTER (soh_share IS NOT NULL) AS soh_share,
                arg_max(charge_limit_soc, "at") FILTER (charge_limit_soc IS NOT NULL)
                    AS charge_limit_soc
            FROM known GROUP BY vehicle_id ORDER BY vehicle_id
            """,
            at,
        )
