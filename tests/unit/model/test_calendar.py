"""Local time: clock changes, months, days."""

from datetime import UTC, date, datetime, time

import pytest

from depotlib.errors import ModelError
from depotlib.model.calendar import (
    BillingPeriod,
    is_in_gap,
    is_repeated_hour,
    local_days,
    local_instant,
    local_to_utc,
    month_periods,
    to_local_text,
    wall_clock,
    wall_clocks,
    zone,
)

NEW_YORK = zone("America/New_York")


def test_a_summer_evening_is_four_hours_behind_utc():
    # Eastern Daylight Time is UTC-4.
    assert local_instant(date(2026, 7, 1), time(20), time_zone=NEW_YORK) == datetime(
        2026, 7, 2, 0, tzinfo=UTC
    )


def test_wall_clock_facts_are_local():
    # 2026-11-01 is a Sunday; 03:30 UTC is 23:30 EDT of the Saturday before.
    facts = wall_clock(datetime(2026, 11, 1, 3, 30, tzinfo=UTC), NEW_YORK)

    assert (facts.day, facts.hour, facts.is_weekend) == (date(2026, 10, 31), 23, True)
    assert wall_clocks([datetime(2026, 11, 2, 12, tzinfo=UTC)], NEW_YORK)[0].is_weekend is False


def test_the_hour_that_comes_twice_is_known_and_the_first_is_taken():
    twice = datetime(2026, 11, 1, 1, 30)

    assert is_repeated_hour(twice, NEW_YORK)
    # First pass: still daylight time, UTC-4.
    assert local_to_utc(twice, NEW_YORK) == datetime(2026, 11, 1, 5, 30, tzinfo=UTC)
    assert not is_repeated_hour(datetime(2026, 11, 1, 3, 30), NEW_YORK)


def test_the_hour_that_never_comes_is_known():
    # 2026-03-08 02:00 to 03:00 does not exist in New York.
    assert is_in_gap(datetime(2026, 3, 8, 2, 30), NEW_YORK)
    assert not is_in_gap(datetime(2026, 3, 8, 3, 30), NEW_YORK)


def test_months_are_cut_at_local_midnight():
    start = local_instant(date(2026, 10, 15), time(0), time_zone=NEW_YORK)
    end = local_instant(date(2026, 12, 2), time(0), time_zone=NEW_YORK)

    october, november, december = month_periods(start, end, time_zone=NEW_YORK)

    # Daylight time ends on 1 November: October ends at 04:00 UTC, November at 05:00 UTC.
    assert (october.end, november.end) == (
        datetime(2026, 11, 1, 4, tzinfo=UTC),
        datetime(2026, 12, 1, 5, tzinfo=UTC),
    )
    # 30 days and the hour that comes twice.
    assert (november.end - november.start).total_seconds() == (30 * 24 + 1) * 3600
    assert december.end == end


def test_local_days_counts_dates_touched():
    start = local_instant(date(2026, 11, 2), time(17), time_zone=NEW_YORK)

    assert (
        local_days(
            start, local_instant(date(2026, 11, 3), time(0), time_zone=NEW_YORK), time_zone=NEW_YORK
        )
        == 1
    )
    assert (
        local_days(
            start, local_instant(date(2026, 11, 3), time(8), time_zone=NEW_YORK), time_zone=NEW_YORK
        )
        == 2
    )


def test_texts_name_their_offset():
    assert (
        to_local_text(datetime(2026, 11, 2, 22, tzinfo=UTC), NEW_YORK) == "2026-11-02 17:00 -0500"
    )


def test_an_unknown_zone_is_refused_with_an_example():
    with pytest.raises(ModelError, match="America/New_York"):
        zone("Mars/Olympus")


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (datetime(2026, 11, 2, tzinfo=UTC), datetime(2026, 11, 2, tzinfo=UTC)),
        (datetime(2026, 11, 2), datetime(2026, 11, 3)),
    ],
)
def test_a_period_that_is_empty_or_without_zone_is_refused(start: datetime, end: datetime):
    with pytest.raises(ModelError):
        BillingPeriod(start=start, end=end)
