"""Windows on the local clock."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depotlib.model.local_time import local_times
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.load_grid import SECOND_US
from depotlib.units import SECONDS_PER_HOUR

BERLIN = ZoneInfo("Europe/Berlin")
QUARTER_US = 900 * SECOND_US


def covered(window, first, last, holidays=()):
    """Return how many quarter-hours of local days a window covers."""
    start, end = (
        int(datetime(*day, tzinfo=BERLIN).timestamp()) * SECOND_US for day in (first, last)
    )
    start_us = np.arange(start, end, QUARTER_US, dtype=np.int64)
    local = local_times(start_us, BERLIN, holidays=holidays)
    return int(window.covers(start_us, local).sum())


@pytest.mark.parametrize(
    ("window", "quarters"),
    [
        # Monday 5 to Sunday 11 January 2026.
        (ClockWindow(), 7 * 96),
        (ClockWindow(start=time(16, 30), end=time(20)), 7 * 14),
        (ClockWindow(start=time(16, 30), end=time(20), days="weekday"), 5 * 14),
        (ClockWindow(start=time(22), days="weekend"), 2 * 8),
        (ClockWindow(start=time(22), end=time(6)), 7 * 32),
        (ClockWindow(start=time(22), end=time(6), days="weekend"), 2 * 32),
        (ClockWindow(months=(2, 12)), 0),
        (ClockWindow(months=(1,), end=time(0, 15)), 7),
    ],
)
def test_a_window_covers_its_hours_days_and_months(window, quarters):
    assert covered(window, (2026, 1, 5), (2026, 1, 12)) == quarters


def test_the_days_of_a_clock_change_have_the_hours_that_the_clock_shows():
    night = ClockWindow(start=time(2), end=time(3))

    # On 29 March there is no 02:00, on 25 October there are two.
    assert covered(night, (2026, 3, 29), (2026, 3, 30)) == 0
    assert covered(night, (2026, 10, 25), (2026, 10, 26)) == 8


def test_a_holiday_is_no_weekday():
    working_day = ClockWindow(days="weekday")
    friday = datetime(2026, 5, 1, tzinfo=UTC).date()

    assert covered(working_day, (2026, 5, 1), (2026, 5, 2)) == 96
    assert covered(working_day, (2026, 5, 1), (2026, 5, 2), holidays=[friday]) == 0


def test_no_window_is_always_and_several_add_up():
    start_us = np.arange(24, dtype=np.int64) * SECONDS_PER_HOUR * SECOND_US
    local = local_times(start_us, ZoneInfo("Etc/UTC"))
    morning, evening = (
        ClockWindow(start=time(hour), end=(datetime(2026, 1, 1, hour) + timedelta(hours=2)).time())
        for hour in (7, 17)
    )

    assert in_any((), start_us, local=local).all()
    assert np.flatnonzero(in_any((morning, evening), start_us, local=local)).tolist() == [
        7, 8, 17, 18,
    ]  # fmt: skip
