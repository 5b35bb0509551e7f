"""Local time of many instants at once: `calendar`'s facts as arrays.

Apart from `calendar`, whose callers ask for single instants and need no arrays.
"""

from bisect import bisect_left
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
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
NO_TIME = timedelta(0)
ONE_SECOND = timedelta(seconds=1)
PROBE_STEP_S = 5 * SECONDS_PER_DAY
"""Between two probes an offset changes once at most: since 1970 no zone changed twice in a week."""


@dataclass(frozen=True, slots=True)
class LocalDays:
    """Facts of consecutive local days, looked up by many instants of each.

    Parameters
    ----------
    first : int
        The first day, as days since 1970-01-01.
    month_number, month_index : ndarray of int
        (d,), as in `LocalTimes`.
    is_weekend : ndarray of bool
        (d,), as in `LocalTimes`.
    """

    first: int
    month_number: IntArray
    month_index: IntArray
    is_weekend: BoolArray

    @classmethod
    def between(cls, day_number: IntArray, *, holidays: Collection[date]) -> "LocalDays":
        """Return the days from the earliest to the latest of some instants."""
        if day_number.size == 0:
            return cls(0, day_number, day_number, day_number > 0)
        numbers = np.arange(day_number.min(), day_number.max() + 1, dtype=np.int64)
        months = numbers.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
        month_number = months + EPOCH_YEAR * MONTHS_PER_YEAR
        off_days = [day.toordinal() - EPOCH_ORDINAL for day in holidays]
        weekday = (numbers + THURSDAY) % DAYS_PER_WEEK
        return cls(
            first=int(numbers[0]),
            month_number=month_number,
            month_index=month_number % MONTHS_PER_YEAR,
            is_weekend=(weekday >= SATURDAY) | np.isin(numbers, off_days),
        )

    @property
    def first_cell(self) -> IntArray:
        """Return the schedule cell of each day's first hour, (d,)."""
        return (self.is_weekend * MONTHS_PER_YEAR + self.month_index) * HOURS_PER_DAY


@dataclass(frozen=True, slots=True)
class LocalTimes:
    """What a tariff's schedules ask of many instants, in local time.

    What every bill asks is kept; the rest is worked out for the few that ask for it.

    Parameters
    ----------
    day_number : ndarray of int
        (n,), local date as days since 1970-01-01.
    schedule_cell : ndarray of int
        (n,), position in a flat schedule of 2 x 12 x 24: weekday or weekend, month, hour.
    offset_s : ndarray of int
        (n,), local time less UTC [s].
    days : LocalDays
        All local days from the first instant's to the last one's.
    """

    day_number: IntArray
    schedule_cell: IntArray
    offset_s: IntArray
    days: LocalDays

    @property
    def hour(self) -> IntArray:
        """Return the hour of each instant, 0 to 23, (n,)."""
        return self.schedule_cell % HOURS_PER_DAY

    @property
    def is_weekend(self) -> BoolArray:
        """Return whether each instant lies on a Saturday, a Sunday or a holiday, (n,)."""
        return self.schedule_cell >= MONTHS_PER_YEAR * HOURS_PER_DAY

    @property
    def month_index(self) -> IntArray:
        """Return the month of each instant, 0 to 11, (n,)."""
        return self.days.month_index[self.day_number - self.days.first]

    @property
    def month_number(self) -> IntArray:
        """Return year x 12 + month - 1 of each instant, so that years differ, (n,)."""
        return self.days.month_number[self.day_number - self.days.first]

    def month_index_at(self, position: int) -> int:
        """Return the month of one instant, 0 to 11."""
        return int(self.days.month_index[self.day_number[position] - self.days.first])

    def only(self, chosen: BoolArray | IntArray | slice) -> "LocalTimes":
        """Return the facts of some of the instants, by mask, by position or by slice (no copy)."""
        return LocalTimes(
            day_number=self.day_number[chosen],
            schedule_cell=self.schedule_cell[chosen],
            offset_s=self.offset_s[chosen],
            days=self.days,
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
    # A floor division and a product are several times as fast as a remainder.
    local_hour = (start_s + offset_s) // SECONDS_PER_HOUR
    day_number = local_hour // HOURS_PER_DAY
    days = LocalDays.between(day_number, holidays=holidays)
    cell = days.first_cell[day_number - days.first]
    cell += local_hour
    cell -= day_number * HOURS_PER_DAY
    return LocalTimes(day_number=day_number, schedule_cell=cell, offset_s=offset_s, days=days)


def _offset_s(start_s: IntArray, time_zone: ZoneInfo) -> IntArray:
    """Return local time less UTC at some instants [s]."""
    if start_s.size == 0:
        return start_s
    found = _offsets(int(start_s.min()), int(start_s.max()), time_zone=time_zone)
    changes_s, offsets_s = np.array(list(found)), np.array(list(found.values()))
    if len(found) == 1:
        # One value seen by all instants: nothing is written.
        return np.broadcast_to(offsets_s, start_s.shape)
    return offsets_s[np.searchsorted(changes_s, start_s, side="right") - 1]


def _offsets(first_s: int, last_s: int, *, time_zone: ZoneInfo) -> dict[int, int]:
    """Return the offsets in force from an instant to another, by the second each begins [s]."""

    def at(second: int) -> int:
        return (datetime.fromtimestamp(second, time_zone).utcoffset() or NO_TIME) // ONE_SECOND

    found = {first_s: at(first_s)}
    probes_s = [*range(first_s, last_s, PROBE_STEP_S), last_s]
    for (known_s, before_s), (probe_s, after_s) in pairwise((each, at(each)) for each in probes_s):
        if before_s != after_s:
            seconds = range(known_s, probe_s + 1)
            change = bisect_left(seconds, 1, key=lambda second: int(at(second) == after_s))
            found[seconds[change]] = after_s
    return found
