"""Stays from the past: sessions that happened become dwells that can be planned again."""

import polars as pl

from depotlib.model.calendar import BillingPeriod
from depotlib.model.dwell import Dwell


def dwells_from_sessions(
    sessions: pl.DataFrame, *, night: BillingPeriod, pool: str | None = None
) -> tuple[Dwell, ...]:
    """Return the sessions that began in a night as stays with the energy they took.

    What was delivered is both must and target: a plan of the past night has to deliver the same.
    Sessions without an end, without energy or without length cannot be planned and are left out.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`.
    night : BillingPeriod
        Sessions that plug in within [start, end) count; later ends are kept.
    pool : str, optional
        Pool of stations they may use.

    Returns
    -------
    tuple of Dwell
        By plug-in. A session without vehicle is named after its station and start.
    """
    chosen = sessions.filter(
        pl.col("plug_start").is_between(night.start, night.end, closed="left")
        & pl.col("plug_end").is_not_null()
        & (pl.col("plug_end") > pl.col("plug_start"))
        & (pl.col("energy_wall_kwh") > 0)
    ).sort("plug_start", "session_key")
    return tuple(
        Dwell(
            vehicle_id=row["vehicle_id"] or f"{row['station_id']} {row['plug_start']:%d %b %H:%M}",
            arrival=row["plug_start"],
            departure=row["plug_end"],
            energy_must_kwh=row["energy_wall_kwh"],
            energy_target_kwh=row["energy_wall_kwh"],
            pool=pool,
        )
        for row in chosen.iter_rows(named=True)
    )
