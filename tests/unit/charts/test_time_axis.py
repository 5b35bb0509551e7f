"""Instants on an axis: even in elapsed time, labelled by the local clock."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.charts.time_axis import (
    MOST_TICKS,
    all_plotted,
    local_label,
    local_labels,
    plotted,
    time_axis,
)

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
KOLKATA = ZoneInfo("Asia/Kolkata")


def labels(start, end, zone=AMSTERDAM):
    axis = time_axis(start, end, time_zone=zone)
    return dict(zip(axis.tickvals, axis.ticktext, strict=True))


def test_an_instant_is_placed_in_utc_and_named_in_local_time():
    instant = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)

    # Summer in Amsterdam is UTC+2: half past midnight of the next day.
    assert plotted(instant) == "2026-07-01T22:30:00"
    assert local_label(instant, AMSTERDAM) == "Thu 2 Jul 00:30"


def test_the_repeated_hour_of_autumn_has_two_places_and_one_name():
    start = datetime(2026, 10, 24, 22, tzinfo=UTC)

    shown = labels(start, start + timedelta(hours=5))

    # Local midnight is 22:00 UTC; clocks go back at 01:00 UTC, so 02:00 comes twice.
    assert shown["2026-10-25T00:00:00"] == "02:00"
    assert shown["2026-10-25T01:00:00"] == "02:00"
    assert len(shown) > len(set(shown.values()))


def test_the_missing_hour_of_spring_has_no_name():
    start = datetime(2026, 3, 28, 23, tzinfo=UTC)

    shown = labels(start, start + timedelta(hours=5))

    # Clocks go forward at 01:00 UTC: 01:00 is followed by 03:00.
    assert not any(label.startswith("02:") for label in shown.values())
    assert shown["2026-03-29T01:00:00"] == "03:00"


def test_a_zone_of_half_hours_has_its_ticks_on_its_own_round_hours():
    start = datetime(2026, 11, 2, 12, tzinfo=UTC)

    shown = labels(start, start + timedelta(hours=10), KOLKATA)

    # UTC+5:30: the first round hour after 12:00 UTC is 18:00 there, at 12:30 UTC.
    assert next(iter(shown)) == "2026-11-02T12:30:00"
    assert all(label.startswith(tuple("012")) and ":00" in label for label in shown.values())


def test_a_night_is_dated_where_it_begins_and_at_midnight():
    start = datetime(2026, 11, 2, 17, tzinfo=UTC)

    dated = [text for text in labels(start, start + timedelta(hours=14)).values() if "<br>" in text]

    assert dated == ["18:00<br>Mon 2 Nov", "00:00<br>Tue 3 Nov"]


def test_a_month_has_its_ticks_at_local_midnights():
    start = datetime(2026, 9, 30, 22, tzinfo=UTC)

    shown = labels(start, datetime(2026, 10, 31, 23, tzinfo=UTC))

    assert shown["2026-09-30T22:00:00"].startswith("1 Oct")
    # After the clocks went back, midnight is at 23:00 UTC.
    assert "2026-10-30T23:00:00" in shown
    assert len(shown) <= MOST_TICKS


def test_the_axis_names_its_zone():
    start = datetime(2026, 11, 2, tzinfo=UTC)

    axis = time_axis(start, start + timedelta(days=400), time_zone=AMSTERDAM)

    assert axis.title.text == "Local time (Europe/Amsterdam)"


def test_many_instants_are_written_as_each_is_alone_through_both_clock_changes():
    # Europe's clocks of 2026 change on 29 March and 25 October, at 01:00 UTC.
    instants = [
        datetime(2026, month, day, hour, 30 * half, tzinfo=UTC).astimezone(AMSTERDAM)
        for month, day in ((3, 28), (3, 29), (10, 24), (10, 25))
        for hour in range(24)
        for half in (0, 1)
    ]
    column = pl.Series(instants, dtype=pl.Datetime("us", "UTC"))

    for many in (instants, column):
        assert all_plotted(many) == [plotted(one) for one in instants]
        assert local_labels(many, AMSTERDAM) == [local_label(one, AMSTERDAM) for one in instants]
    assert (all_plotted([]), local_labels([], AMSTERDAM)) == ([], [])
