"""The load that sessions made, under a stated assumption on when they drew their energy."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import polars as pl

from depotlib.errors import ModelError
from depotlib.model.timegrid import TimeGrid, grid_over
from depotlib.store.connection import reading
from depotlib.store.matching import match_sessions
from depotlib.store.query import Parameter, frame

ChargingShape = Literal["at_plug_in", "spread"]
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class ChargingAssumption:
    """When a session drew its energy, where its log does not say.

    Parameters
    ----------
    max_kw : float
        Power of a charging vehicle. A lower peak that the log gives is used instead.
    shape : {'at_plug_in', 'spread'}
        ``at_plug_in``: at that power from plug-in on, until the energy is drawn; over the whole
        stay where the stay is too short for it. ``spread``: evenly over the stay.
    """

    max_kw: float
    shape: ChargingShape = "at_plug_in"

    def __post_init__(self) -> None:
        """Refuse a power at which nothing would ever charge."""
        if not 0 < self.max_kw < float("inf"):
            raise ModelError(
                f"sessions cannot be charged at {self.max_kw} kW",
                where="ChargingAssumption",
                hint="give the power of a charging vehicle, more than 0",
            )

    @property
    def sentence(self) -> str:
        """Return the assumption in words, to stand beside every figure that rests on it."""
        if self.shape == "spread":
            return "where the log has no charging times, energy is spread evenly over the stay"
        return (
            f"where the log has no charging times, energy is drawn from plug-in on at "
            f"{self.max_kw:g} kW or the session's own lower peak"
        )


def load_profile(
    path: Path,
    *,
    assumption: ChargingAssumption,
    start: datetime,
    end: datetime,
    site: str | None = None,
    interval_s: int = 900,
) -> pl.DataFrame:
    """Return the load that sessions made, a `LoadFrame` over all intervals of the span.

    A session whose charging times are both known drew its energy evenly between them; of the
    others the assumption says when. An interval is a piece of UTC, so the clock change neither
    loses nor doubles one. No session means 0.

    Parameters
    ----------
    path : Path
        The database file.
    assumption : ChargingAssumption
    start, end : datetime
        Half-open span, widened to whole intervals.
    site : str, optional
        Only sessions of one site.
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
        match_sessions(connection)
        return frame(connection, LOAD_SQL, *_parameters(grid, assumption, site=site))


def use_profile(
    path: Path,
    *,
    assumption: ChargingAssumption,
    start: datetime,
    end: datetime,
    site: str | None = None,
    interval_s: int = 900,
) -> pl.DataFrame:
    """Return who drew the load that sessions made: a `UseFrame`, summing to `load_profile`.

    Parameters
    ----------
    path : Path
        The database file.
    assumption : ChargingAssumption
    start, end : datetime
        Half-open span, widened to whole intervals.
    site : str, optional
        Only sessions of one site.
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
        match_sessions(connection)
        return frame(connection, USE_SQL, *_parameters(grid, assumption, site=site))


def _parameters(
    grid: TimeGrid, assumption: ChargingAssumption, *, site: str | None
) -> tuple[Parameter, ...]:
    return (
        site,
        grid.start,
        grid.end,
        grid.step // MICROSECOND,
        assumption.max_kw,
        assumption.shape == "at_plug_in",
        timedelta(hours=1) // MICROSECOND,
    )


PART_SQL: Final = """
known AS (
    SELECT
        vehicle_id,
        station_id,
        energy_wall_kwh AS energy,
        epoch_us(plug_start) AS plug_us,
        epoch_us(plug_end) AS unplug_us,
        epoch_us(charge_start) AS begin_us,
        epoch_us(charge_end) AS finish_us,
        -- how long the energy takes at the power of the assumption
        greatest(1, ceil(
            energy_wall_kwh / least(coalesce(nullif(peak_kw, 0), $5), $5) * $7
        ))::BIGINT AS needed_us
    FROM counted_session
    WHERE energy_wall_kwh > 0 AND plug_start < $3 AND ($1 IS NULL OR site = $1)
),
charging AS (
    SELECT
        vehicle_id,
        station_id,
        energy,
        CASE WHEN finish_us > begin_us THEN begin_us ELSE plug_us END AS from_us,
        CASE
            WHEN finish_us > begin_us THEN finish_us
            WHEN unplug_us > plug_us AND NOT $6 THEN unplug_us
            WHEN unplug_us > plug_us THEN least(unplug_us, plug_us + needed_us)
            ELSE plug_us + needed_us
        END AS to_us
    FROM known
),
part AS (
    SELECT
        *,
        unnest(range(
            greatest(from_us, epoch_us($2)) // $4,
            (least(to_us, epoch_us($3)) - 1) // $4 + 1
        )) AS bucket
    FROM charging
    WHERE to_us > epoch_us($2) AND from_us < epoch_us($3)
),
power AS (
    SELECT
        *,
        energy * $7 / (to_us - from_us)
        * (least(to_us, (bucket + 1) * $4) - greatest(from_us, bucket * $4)) / $4 AS part_kw
    FROM part
)
"""
"""Which session drew which mean power in which interval; parameters as `load_profile` gives them."""

LOAD_SQL: Final = f"""
WITH {PART_SQL},
load AS (
    SELECT bucket, sum(part_kw) AS power_kw FROM power GROUP BY bucket
),
grid AS (
    SELECT unnest(range(epoch_us($2) // $4, epoch_us($3) // $4)) AS bucket
)
SELECT make_timestamptz(bucket * $4) AS interval_start, coalesce(power_kw, 0) AS power_kw
FROM grid LEFT JOIN load USING (bucket) ORDER BY bucket
"""  # noqa: S608 - both parts are constants of this file

# A session that names neither vehicle nor station is use all the same, not base load.
USE_SQL: Final = f"""
WITH {PART_SQL}
SELECT
    make_timestamptz(bucket * $4) AS interval_start,
    vehicle_id,
    coalesce(station_id, CASE WHEN vehicle_id IS NULL THEN 'unknown station' END) AS station_id,
    sum(part_kw) AS power_kw
FROM power
GROUP BY ALL
HAVING sum(part_kw) > 0
ORDER BY interval_start, vehicle_id, station_id
"""  # noqa: S608 - both parts are constants of this file
