"""Charging behind a depot: a session of every vehicle on every day, from a fixed seed."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

FULL_KW: Final = 7.2
SEED: Final = 60


def daily_sessions(*, vehicles: int, days: int, before: datetime) -> pl.DataFrame:
    """Return `SessionFrame` of a session of every vehicle on each of some days.

    Parameters
    ----------
    vehicles, days : int
    before : datetime
        In local time; the last sessions begin on the day before the day before.
    """
    random = np.random.default_rng(SEED)
    count = vehicles * days
    number = np.arange(count)
    vehicle, day = number % vehicles, number // vehicles
    last = before.replace(hour=17, minute=0) - timedelta(days=2)
    start_s = (day - days) * 86_400 + random.integers(0, 3 * 3600, count)
    stay_s = random.integers(10 * 3600, 13 * 3600, count)
    energy_kwh = random.uniform(15.0, 60.0, count).round(3)
    names = pl.DataFrame({"vehicle": vehicle, "start_s": start_s}).select(
        pl.format("van-{}", "vehicle").alias("vehicle_id"),
        pl.format("CP-{}", pl.col("vehicle") * 4 // 5).alias("station_id"),
        (pl.lit(last.astimezone(UTC)) + pl.duration(seconds="start_s")).alias("plug_start"),
    )
    charged = pl.Series((energy_kwh / FULL_KW * 3_600_000_000).astype(np.int64))
    stay = pl.Series(stay_s * 1_000_000)
    return names.with_columns(
        pl.format("{} {}", "vehicle_id", "plug_start").alias("session_key"),
        pl.lit("benchmark").alias("source"),
        pl.lit("Yard").alias("site"),
        pl.lit("1").alias("connector_id"),
        pl.lit(None, pl.String).alias("id_tag"),
        (pl.col("plug_start") + stay.cast(pl.Duration("us"))).alias("plug_end"),
        pl.col("plug_start").alias("charge_start"),
        (pl.col("plug_start") + charged.cast(pl.Duration("us"))).alias("charge_end"),
        pl.Series("energy_wall_kwh", energy_kwh),
        pl.lit(None, pl.Float64).alias("energy_battery_kwh"),
        pl.lit(FULL_KW).alias("peak_kw"),
        pl.lit(None, pl.Float64).alias("start_soc"),
        pl.lit(None, pl.Float64).alias("end_soc"),
        pl.lit(value=False).alias("is_estimated"),
        pl.lit("benchmark").alias("src_file"),
        pl.Series("src_row", number + 1),
    )
