"""Stays from the past: sessions that happened become dwells that can be planned again."""

from collections import Counter
from collections.abc import Collection, Iterator, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from depotlib.model.calendar import BillingPeriod
from depotlib.model.dwell import Dwell
from depotlib.model.timegrid import TimeGrid
from depotlib.units import duration_h


def dwells_from_sessions(
    sessions: pl.DataFrame,
    *,
    night: BillingPeriod,
    pool: str | None = None,
    stations: Collection[str] = (),
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
    stations : collection of str, optional
        Whoever stood at one of these must stand there again; default: anywhere.

    Returns
    -------
    tuple of Dwell
        By plug-in. A session without vehicle is named after its station and start, and numbered
        where two began there in one minute.
    """
    chosen = sessions.filter(
        pl.col("plug_start").is_between(night.start, night.end, closed="left")
        & pl.col("plug_end").is_not_null()
        & (pl.col("plug_end") > pl.col("plug_start"))
        & (pl.col("energy_wall_kwh") > 0)
    ).sort("plug_start", "session_key")
    rows = list(chosen.iter_rows(named=True))
    return tuple(
        Dwell(
            vehicle_id=row["vehicle_id"] or name,
            arrival=row["plug_start"],
            departure=row["plug_end"],
            energy_must_kwh=row["energy_wall_kwh"],
            energy_target_kwh=row["energy_wall_kwh"],
            pool=pool,
            station_id=row["station_id"] if row["station_id"] in stations else None,
        )
        for row, name in zip(rows, _names(rows), strict=True)
    )


def load_at_plug_in(
    dwells: Sequence[Dwell], *, grid: TimeGrid, max_kw: float
) -> NDArray[np.float64]:
    """Return the load that past stays made, if each charged from plug-in on.

    At the given power until its energy was drawn; over the whole stay where that is too short.

    Parameters
    ----------
    dwells : sequence of Dwell
    grid : TimeGrid
        Must hold every stay.
    max_kw : float
        Power of a charging vehicle.

    Returns
    -------
    ndarray
        Mean power of each interval [kW], (intervals,).
    """
    load_kw = np.zeros(grid.count)
    edges_h = np.arange(grid.count + 1) * grid.interval_h
    for dwell in dwells:
        begin_h = duration_h(dwell.arrival - grid.start)
        stay_h = duration_h(dwell.departure - dwell.arrival)
        charge_h = min(stay_h, dwell.energy_target_kwh / max_kw)
        drawn_kwh = np.clip((edges_h - begin_h) / charge_h, 0, 1) * dwell.energy_target_kwh
        load_kw += np.diff(drawn_kwh) / grid.interval_h
    return load_kw


def _names(rows: Sequence[dict[str, object]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for row in rows:
        name = f"{row['station_id']} {row['plug_start']:%d %b %H:%M}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"
