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

FloatArray = NDArray[np.float64]


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
    is_within = pl.col("plug_start").is_between(night.start, night.end, closed="left")
    chosen = plannable(sessions.filter(is_within))
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


def plannable(sessions: pl.DataFrame) -> pl.DataFrame:
    """Return the sessions that can be planned again, by plug-in.

    Parameters
    ----------
    sessions : polars.DataFrame
        `SessionFrame`. Those without an end, without energy or without length are left out.
    """
    return sessions.filter(
        pl.col("plug_end").is_not_null()
        & (pl.col("plug_end") > pl.col("plug_start"))
        & (pl.col("energy_wall_kwh") > 0)
    ).sort("plug_start", "session_key")


def load_at_plug_in(dwells: Sequence[Dwell], *, grid: TimeGrid, max_kw: float) -> FloatArray:
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
    return drawn_at_plug_in_kw(
        np.array([duration_h(dwell.arrival - grid.start) for dwell in dwells], dtype=np.float64),
        np.array([dwell.energy_target_kwh for dwell in dwells], dtype=np.float64),
        stay_h=np.array([duration_h(d.departure - d.arrival) for d in dwells], dtype=np.float64),
        grid=grid,
        max_kw=max_kw,
    )


def drawn_at_plug_in_kw(
    begin_h: FloatArray,
    energy_kwh: FloatArray,
    *,
    stay_h: FloatArray,
    grid: TimeGrid,
    max_kw: float,
) -> FloatArray:
    """Return the load of stays that each charged from plug-in on, as `load_at_plug_in` says.

    Parameters
    ----------
    begin_h : ndarray
        Plug-in, from the grid's start on, (stays,).
    energy_kwh, stay_h : ndarray
        More than 0, (stays,).
    grid : TimeGrid
        Must hold every stay.
    max_kw : float
        Power of a charging vehicle.

    Returns
    -------
    ndarray
        Mean power of each interval [kW], (intervals,).
    """
    charge_h = np.minimum(stay_h, energy_kwh / max_kw)
    power_kw = energy_kwh / charge_h
    begin, end = begin_h / grid.interval_h, (begin_h + charge_h) / grid.interval_h
    first, last = np.floor(begin).astype(np.int64), np.floor(end).astype(np.int64)
    # Parts of the first and the last interval; whole ones between them as steps up and down.
    drawn_kw = np.zeros(grid.count + 2)
    np.add.at(drawn_kw, first, power_kw * (np.minimum(end, first + 1) - begin))
    is_longer = last > first
    np.add.at(drawn_kw, last[is_longer], (power_kw * (end - last))[is_longer])
    step_kw = np.zeros(grid.count + 2)
    np.add.at(step_kw, first[is_longer] + 1, power_kw[is_longer])
    np.add.at(step_kw, last[is_longer], -power_kw[is_longer])
    # Steps that cancel leave a rounding, and nothing may be left where nothing charges.
    busy = np.zeros(grid.count + 2, dtype=np.int64)
    np.add.at(busy, first[is_longer] + 1, 1)
    np.add.at(busy, last[is_longer], -1)
    drawn_kw += np.where(np.cumsum(busy) > 0, np.cumsum(step_kw), 0.0)
    return drawn_kw[: grid.count]


def _names(rows: Sequence[dict[str, object]]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for row in rows:
        name = f"{row['station_id']} {row['plug_start']:%d %b %H:%M}"
        seen[name] += 1
        yield name if seen[name] == 1 else f"{name} ({seen[name]})"
