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

from depotlib.units import HOURS_PER_DAY, SECONDS_PER_DAY, SECONDS_PER_HOUR

IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
FloatArray = NDArray[np.float64]

SATURDAY = 5
THURSDAY = 3
"""Weekday of 1 January 1970, Monday being 0."""
DAYS_PER_WEEK = 7
MONTHS_PER_YEAR = 12
EPOCH_YEAR = 1970
EPOCH_ORDINAL = date(EPOCH_YEAR, 1, 1).toordinal()
MICROSECONDS_PER_SECOND = 1_000_000


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
    month_index : ndarray of int
        (n,), 0 to 11.
    schedule_cell : ndarray of int
        (n,), position in a flat schedule of 2 x 12 x 24: weekday or weekend, month, hour.
    """

    month_number: IntArray
    hour: IntArray
    is_weekend: BoolArray
    offset_s: IntArray
    day_number: IntArray
    month_index: IntArray
    schedule_cell: IntArray

    def only(self, chosen: BoolArray | IntArray | slice) -> "LocalTimes":
        """Return the facts of some of the instants, by mask, by position or by slice (no copy)."""
        return LocalTimes(
            month_number=self.month_number[chosen],
            hour=self.hour[chosen],
            is_weekend=self.is_weekend[chosen],
            offset_s=self.offset_s[chosen],
            day_number=self.day_number[chosen],
            month_index=self.month_index[chosen],
            schedule_cell=self.schedule_cell[chosen],
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
    start_s = start_us // MICROSECONDS_PER_SECOND
    offset_s = _offset_s(start_s, time_zone)
    local_s = start_s + offset_s
    # A floor division and a product are several times as fast as a remainder.
    day_number = local_s // SECONDS_PER_DAY
    second_of_day = local_s - day_number * SECONDS_PER_DAY
    days = _Days.between(day_number, holidays=holidays)
    position = day_number - days.first
    hour = second_of_day // SECONDS_PER_HOUR
    month_index = days.month_number % MONTHS_PER_YEAR
    first_cell = (days.is_weekend * MONTHS_PER_YEAR + month_index) * HOURS_PER_DAY
    return LocalTimes(
        month_number=days.month_number[position],
        hour=hour,
        is_weekend=days.is_weekend[position],
        offset_s=offset_s,
        day_number=day_number,
        month_index=month_index[position],
        schedule_cell=first_cell[position] + hour,
    )


def _offset_s(start_s: IntArray, time_zone: ZoneInfo) -> IntArray:
    """Return local time less UTC at some instants [s], from the days between which it changes.

    No zone changes its offset twice in a day, so that a day which ends as it began has one.
    """
    day = start_s // SECONDS_PER_DAY
    first = int(day.min()) if day.size else 0
    count = int(day.max()) - first + 1 if day.size else 0
    midnight_s = (first + np.arange(count + 1, dtype=np.int64)) * SECONDS_PER_DAY
    at_midnight_s = _converted_offset_s(midnight_s, time_zone)
    position = day - first
    offset_s = at_midnight_s[position]
    is_change = np.diff(at_midnight_s) != 0
    if is_change.any():
        changes = np.flatnonzero(is_change[position])
        offset_s[changes] = _converted_offset_s(start_s[changes], time_zone)
    return offset_s


def _converted_offset_s(start_s: IntArray, time_zone: ZoneInfo) -> IntArray:
    utc = pl.Series("instant", start_s * MICROSECONDS_PER_SECOND).cast(pl.Datetime("us", "UTC"))
    # One expression, evaluated once: each step by itself costs more than all the conversions.
    local = pl.col("instant").dt.convert_time_zone(time_zone.key).dt.replace_time_zone(None)
    local_us = utc.to_frame().select(local.cast(pl.Int64)).to_series().to_numpy()
    return local_us // MICROSECONDS_PER_SECOND - start_s


@dataclass(frozen=True, slots=True)
class _Days:
    """Facts of consecutive local days, looked up by many instants of each."""

    first: int
    month_number: IntArray
    is_weekend: BoolArray

    @classmethod
    def between(cls, day_number: IntArray, *, holidays: Collection[date]) -> "_Days":
        if day_number.size == 0:
            return cls(0, np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.bool_))
        numbers = np.arange(day_number.min(), day_number.max() + 1, dtype=np.int64)
        months = numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        off_days = [day.toordinal() - EPOCH_ORDINAL for day in holidays]
        weekday = (numbers + THURSDAY) % DAYS_PER_WEEK
        return cls(
            first=int(numbers[0]),
            month_number=months + EPOCH_YEAR * MONTHS_PER_YEAR,
            is_weekend=(weekday >= SATURDAY) | np.isin(numbers, off_days),
        )
