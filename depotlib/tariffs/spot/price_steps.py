"""Market prices as steps over time, asked by interval: a gap is a gap, never 0."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import numpy as np
import polars as pl

from depotlib.errors import SpotPriceError
from depotlib.model.frames import PriceFrame
from depotlib.model.local_time import FloatArray, IntArray

SECOND_US: Final = timedelta(seconds=1) // timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class PriceSteps:
    """One market's prices, each constant over its interval; intervals do not overlap.

    Parameters
    ----------
    series : str
        The market's own name of its zone or node.
    currency : str
        ISO 4217.
    start_us, end_us : ndarray of int
        (n,), bounds of the intervals, microseconds since the epoch, UTC, rising.
    price_per_kwh : ndarray of float
        (n,).
    """

    series: str
    currency: str
    start_us: IntArray
    end_us: IntArray
    price_per_kwh: FloatArray

    def mean_per_kwh(self, start_us: IntArray, *, interval_s: int) -> FloatArray:
        """Return the mean price over intervals, NaN where a part of one has no price.

        Parameters
        ----------
        start_us : ndarray of int
            (m,), starts of the intervals.
        interval_s : int
            Length of every interval [s]; may be finer or coarser than the prices'.
        """
        edges = np.column_stack((self.start_us, self.end_us)).ravel()
        length_s = (self.end_us - self.start_us) / SECOND_US
        covered_s = _running(length_s)
        value = _running(length_s * self.price_per_kwh)
        end_us = start_us + interval_s * SECOND_US
        whole_s = np.interp(end_us, edges, covered_s) - np.interp(start_us, edges, covered_s)
        total = np.interp(end_us, edges, value) - np.interp(start_us, edges, value)
        # Seconds are whole: half a microsecond is float noise, not a gap.
        is_whole = np.abs(whole_s - interval_s) < 1 / SECOND_US
        return np.where(is_whole, total / interval_s, np.nan)


def price_steps(prices: pl.DataFrame, *, series: str = "") -> PriceSteps:
    """Return the prices of one series of a frame.

    Parameters
    ----------
    prices : polars.DataFrame
        `PriceFrame`.
    series : str
        Which; "" takes the only one.

    Raises
    ------
    SpotPriceError
        If the series is not there, several are and none is named, or its prices overlap.
    """
    frame = PriceFrame.validate(prices, cast=True)
    names = frame["series"].unique().sort().to_list()
    if series not in names and (series or len(names) != 1):
        raise SpotPriceError(
            f"the prices hold no series {series!r}" if series else "no series is named",
            where="prices",
            hint=f"there are {', '.join(names)}" if names else "the prices are empty",
        )
    chosen = frame.filter(pl.col("series") == (series or names[0])).sort("interval_start")
    start_us = chosen["interval_start"].dt.epoch("us").to_numpy()
    end_us = start_us + chosen["interval_s"].cast(pl.Int64).to_numpy() * SECOND_US
    _refuse_overlap(chosen, start_us, end_us=end_us)
    return PriceSteps(
        series=series or names[0],
        currency=chosen["currency"][0],
        start_us=start_us,
        end_us=end_us,
        price_per_kwh=chosen["price_per_kwh"].to_numpy(),
    )


def _running(part: FloatArray) -> FloatArray:
    after = np.cumsum(part)
    return np.column_stack((after - part, after)).ravel()


def _refuse_overlap(chosen: pl.DataFrame, start_us: IntArray, *, end_us: IntArray) -> None:
    overlapping = np.flatnonzero(start_us[1:] < end_us[:-1])
    if overlapping.size:
        at = int(overlapping[0])
        raise SpotPriceError(
            f"two prices hold at {chosen['interval_start'][at + 1].isoformat()}, of "
            f"{chosen['interval_s'][at]} and {chosen['interval_s'][at + 1]} s",
            where=str(chosen["series"][0]),
            hint="give the prices of one auction, in one resolution for each day",
        )
    if chosen["currency"].n_unique() > 1:
        raise SpotPriceError(
            "the prices are in several currencies",
            where=chosen["series"][0],
            hint="choose a series of one currency",
        )
