"""How late vehicles come home beside their duties, learned from what happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from depotlib.model.duty import Duty
from depotlib.model.fleet import Fleet
from depotlib.needs.effects import FloatArray

LEAST_RETURNS: Final = 20
"""Fewer returns of the whole fleet teach nothing."""
OWN_DRAWN_COUNT: Final = 5.0
"""Returns of the fleet's mean that a vehicle's own is drawn by."""
MOST_EARLY: Final = timedelta(hours=3)
MOST_LATE: Final = timedelta(hours=6)
"""An arrival further from the duty's end belongs to another outing."""

RETURNS_SCHEMA: Final = {
    "vehicle_id": pl.String,
    "weekday": pl.Int64,
    "late_s": pl.Float64,
}


@dataclass(frozen=True, slots=True)
class ReturnHabit:
    """How late one vehicle comes home.

    Parameters
    ----------
    mean_s : float
        Later than planned (negative: earlier) [s].
    spread_s : float
        Standard deviation [s].
    low_s, high_s : float
        5 % and 95 % of past returns lie below [s].
    returns : int
        Its own that were seen.
    """

    mean_s: float
    spread_s: float
    low_s: float
    high_s: float
    returns: int


@dataclass(frozen=True, slots=True)
class ReturnHistory:
    """Past returns: ``vehicle_id``, ``weekday``, ``late_s``."""

    returns: pl.DataFrame

    def habit(self, vehicle_id: str, *, weekday: int) -> ReturnHabit:
        """Return how late a vehicle comes home on a weekday, drawn to its own and the fleet's.

        The mean is that of the vehicle on the weekday, drawn to the vehicle's, drawn to the
        fleet's; spread and quantiles are those of what the means miss.

        Parameters
        ----------
        vehicle_id : str
        weekday : int
            Local, Monday 0.
        """
        fleet_s = self.returns["late_s"].to_numpy()
        fleet_mean_s = float(fleet_s.mean())
        own = self.returns.filter(pl.col("vehicle_id") == vehicle_id)
        own_s = own["late_s"].to_numpy()
        own_mean_s = _drawn_s(own_s, to_s=fleet_mean_s)
        same_s = own.filter(pl.col("weekday") == weekday)["late_s"].to_numpy()
        mean_s = _drawn_s(same_s, to_s=own_mean_s)
        enough = len(own_s) >= LEAST_RETURNS
        missed_s = own_s - own_mean_s if enough else fleet_s - fleet_mean_s
        low_s, high_s = np.quantile(missed_s, [0.05, 0.95])
        return ReturnHabit(
            mean_s=mean_s,
            spread_s=float(missed_s.std()),
            low_s=mean_s + float(low_s),
            high_s=mean_s + float(high_s),
            returns=len(own_s),
        )


def return_history(
    duties: Sequence[Duty], arrivals: pl.DataFrame, *, fleet: Fleet, time_zone: str
) -> ReturnHistory | None:
    """Return how late vehicles came home from past duties; None with too few returns.

    Parameters
    ----------
    duties : sequence of Duty
    arrivals : polars.DataFrame
        ``vehicle_id`` (any of its names) and ``at``: plug-ins of sessions or ends of trips.
    fleet : Fleet
    time_zone : str
        Of the depot, an IANA name.
    """
    own_id = {
        name: vehicle.vehicle_id
        for vehicle in fleet.vehicles
        for name in (vehicle.vehicle_id, *vehicle.telematics_ids)
    }
    came = arrivals.drop_nulls(["vehicle_id", "at"]).with_columns(
        pl.col("vehicle_id").replace_strict(own_id, default=None, return_dtype=pl.String)
    )
    planned = pl.DataFrame(
        [(duty.vehicle_id, duty.departure, duty.return_at) for duty in duties],
        schema={"vehicle_id": pl.String, "departure": _INSTANT, "return_at": _INSTANT},
        orient="row",
    )
    late = (
        planned.join(came.drop_nulls("vehicle_id"), on="vehicle_id", how="inner")
        .filter(
            (pl.col("at") > pl.col("departure"))
            & (pl.col("at") - pl.col("return_at")).is_between(-MOST_EARLY, MOST_LATE)
        )
        .with_columns(late=pl.col("at") - pl.col("return_at"))
        # Of several plug-ins or trips about the time, the one nearest to it is the return.
        .sort(pl.col("late").abs())
        .unique(["vehicle_id", "return_at"], keep="first", maintain_order=True)
        .select(
            "vehicle_id",
            weekday=(pl.col("return_at").dt.convert_time_zone(time_zone).dt.weekday() - 1).cast(
                pl.Int64
            ),
            late_s=pl.col("late") / pl.duration(seconds=1),
        )
    )
    return ReturnHistory(late) if late.height >= LEAST_RETURNS else None


_INSTANT: Final = pl.Datetime("us", "UTC")


def _drawn_s(values_s: FloatArray, *, to_s: float) -> float:
    return float((values_s.sum() + OWN_DRAWN_COUNT * to_s) / (len(values_s) + OWN_DRAWN_COUNT))
