"""Local facts of many instants, against Python's own clock of each."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.model.local_time import local_times

ZONES = ["UTC", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu"]
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


@pytest.mark.parametrize("zone", ZONES)
@settings(max_examples=max(settings().max_examples // 3, 5))
@given(
    first=st.datetimes(datetime(1975, 1, 1), datetime(2036, 1, 1)),
    step_s=st.sampled_from([1, 300, 900, 1800, 3600, 86_400]),
)
def test_every_fact_is_that_of_the_wall_clock(zone, first, step_s):
    instants = [first.replace(tzinfo=UTC) + timedelta(seconds=step_s * step) for step in range(60)]
    clocks = [instant.astimezone(ZoneInfo(zone)) for instant in instants]
    holiday = clocks[30].date()

    found = local_times(
        np.array([(instant - EPOCH) // MICROSECOND for instant in instants]),
        ZoneInfo(zone),
        holidays=[holiday],
    )

    assert found.hour.tolist() == [clock.hour for clock in clocks]
    assert found.month_number.tolist() == [clock.year * 12 + clock.month - 1 for clock in clocks]
    assert found.offset_s.tolist() == [
        clock.utcoffset() // timedelta(seconds=1) for clock in clocks
    ]
    assert found.month_index.tolist() == [clock.month - 1 for clock in clocks]
    assert found.day_number.tolist() == [(clock.date() - date(1970, 1, 1)).days for clock in clocks]
    assert found.is_weekend.tolist() == [
        clock.weekday() >= 5 or clock.date() == holiday for clock in clocks
    ]
    # A schedule counts day types, then months, then hours.
    assert found.schedule_cell.tolist() == [
        int(is_weekend) * 288 + (clock.month - 1) * 24 + clock.hour
        for is_weekend, clock in zip(found.is_weekend.tolist(), clocks, strict=True)
    ]


def test_no_instants_have_no_facts():
    assert local_times(np.zeros(0, dtype=np.int64), ZoneInfo("UTC")).hour.size == 0


@pytest.mark.parametrize(
    ("zone", "first", "days", "changes"),
    [
        ("America/New_York", datetime(2018, 1, 1), 366, 2),
        ("Australia/Lord_Howe", datetime(2018, 1, 1), 366, 2),
        # tz database: summer time of 8 to 15 October 2000, the shortest of any zone since 1970.
        ("America/Recife", datetime(2000, 10, 1), 30, 2),
    ],
)
def test_every_clock_change_of_a_long_load_is_found(zone, first, days, changes):
    instants = [first.replace(tzinfo=UTC) + timedelta(minutes=30) * at for at in range(48 * days)]
    expected_s = [
        instant.astimezone(ZoneInfo(zone)).utcoffset() // timedelta(seconds=1)
        for instant in instants
    ]

    found = local_times(
        np.array([(instant - EPOCH) // MICROSECOND for instant in instants]), ZoneInfo(zone)
    )

    assert found.offset_s.tolist() == expected_s
    assert np.count_nonzero(np.diff(found.offset_s)) == changes
