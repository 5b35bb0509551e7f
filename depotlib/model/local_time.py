"""Local time of many instants at once: `calendar`'s facts as arrays.

Apart from `calendar`, because the live side reads clocks too and must start without polars.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

SATURDAY = 6
MONTHS_PER_YEAR = 12
EPOCH_ORDINAL = date(1970, 1, 1).toordinal()


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """What a tariff's schedules ask of many instants, in local time.

    Parameters
    ----------
    month_number : ndarray of int
        (n,), months since the year 0: year x 12 + month - 1, so that years differ.
    hour : ndarray of int
        (n,), 0 to 23.
    is_weekend : ndarray of bool
        (n,), Saturday, Sunday or a holiday.
    offset_s : ndarray of int
        (n,), local time less UTC [s].
    day_number : ndarray of int
        (n,), local date as days since 1970-01-01.
    """

    month_number: IntArray
    hour: IntArray
    is_weekend: BoolArray
    offset_s: IntArray
    day_number: IntArray

    @property
    def month_index(self) -> IntArray:
        """Return the month of each instant as 0 to 11, (n,)."""
        return self.month_number % MONTHS_PER_YEAR

    def only(self, chosen: BoolArray | IntArray) -> "LocalTimes":
        """Return the facts of some of the instants, by mask or by position."""
        return LocalTimes(
            month_number=self.month_number[chosen],
            hour=self.hour[chosen],
            is_weekend=self.is_weekend[chosen],
            offset_s=self.offset_s[chosen],
            day_number=self.day_number[chosen],
        )


def local_times(
    start_us: IntArray, time_zone: ZoneInfo, *, holidays: Collection[date] = ()
) -> LocalTimes:
    """Return the local facts of instants given as microseconds since the epoch (UTC).

    Parameters
    ----------
    start_us : ndarray of int
        (n,), microseconds since 1970-01-01 UTC.
    time_zone : ZoneInfo
        Zone of the meter.
    holidays : collection of date
        Local dates that count as a weekend.

    Returns
    -------
    LocalTimes
        In the order of the instants.
    """
    utc = pl.Series("instant", start_us).cast(pl.Datetime("us", "UTC"))
    local = utc.dt.convert_time_zone(time_zone.key)
    offset = local.dt.base_utc_offset() + local.dt.dst_offset()
    day_number = _whole(local.dt.date())
    off_days = [day.toordinal() - EPOCH_ORDINAL for day in holidays]
    is_weekend = (_whole(local.dt.weekday()) >= SATURDAY) | np.isin(day_number, off_days)
    return LocalTimes(
        month_number=_whole(local.dt.year()) * MONTHS_PER_YEAR + _whole(local.dt.month()) - 1,
        hour=_whole(local.dt.hour()),
        is_weekend=is_weekend,
        offset_s=_whole(offset.dt.total_seconds()),
        day_number=day_number,
    )


def _whole(series: pl.Series) -> IntArray:
    return series.cast(pl.Int64).to_numpy()
