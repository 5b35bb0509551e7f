"""Windows on the meter's clock: months, kind of day and times of day, to the minute."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Final, Literal

import numpy as np

from depotlib.errors import TariffFormatError
from depotlib.model.local_time import BoolArray, IntArray, LocalTimes
from depotlib.tariffs.load_grid import SECOND_US
from depotlib.units import SECONDS_PER_DAY, SECONDS_PER_HOUR, SECONDS_PER_MINUTE

DayKind = Literal["all", "weekday", "weekend"]
ALL_MONTHS: Final = tuple(range(1, 13))
MIDNIGHT: Final = time(0)


@dataclass(frozen=True, slots=True)
class ClockWindow:
    """A window on the local clock.

    Parameters
    ----------
    start, end : time
        Local, half-open; an end of 00:00 is the end of the day, an end before the start lies on
        the next day.
    months : tuple of int
        1 to 12.
    days : {'all', 'weekday', 'weekend'}
        Holidays are weekend days where the bill is given holidays.
    """

    start: time = MIDNIGHT
    end: time = MIDNIGHT
    months: tuple[int, ...] = ALL_MONTHS
    days: DayKind = "all"

    def __post_init__(self) -> None:
        """Refuse a month that no year has."""
        if not self.months or not set(self.months) <= set(ALL_MONTHS):
            raise TariffFormatError(
                f"a window in the months {self.months}", where="months", hint="use 1 to 12"
            )

    def covers(self, start_us: IntArray, local: LocalTimes) -> BoolArray:
        """Return which instants lie in the window, (n,).

        Parameters
        ----------
        start_us : ndarray of int
            (n,), microseconds since the epoch.
        local : LocalTimes
            (n,), of the same instants; a window over midnight belongs to the day of each instant.
        """
        second = (start_us // SECOND_US + local.offset_s) % SECONDS_PER_DAY
        start, end = _second_of(self.start), _second_of(self.end) or SECONDS_PER_DAY
        if start < end:
            in_hours = (second >= start) & (second < end)
        else:
            in_hours = (second >= start) | (second < end)
        in_months = np.isin(local.month_index + 1, self.months)
        if self.days == "all":
            return in_hours & in_months
        return in_hours & in_months & (local.is_weekend == (self.days == "weekend"))


def in_any(windows: Sequence[ClockWindow], start_us: IntArray, *, local: LocalTimes) -> BoolArray:
    """Return which instants lie in any of the windows, all of them where there is no window, (n,)."""
    if not windows:
        return np.ones(start_us.size, dtype=np.bool_)
    inside = np.zeros(start_us.size, dtype=np.bool_)
    for window in windows:
        inside |= window.covers(start_us, local)
    return inside


def _second_of(at: time) -> int:
    return at.hour * SECONDS_PER_HOUR + at.minute * SECONDS_PER_MINUTE + at.second
