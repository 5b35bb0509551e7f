from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from depotlib.ingest.normalise.times import (
    BadTime,
    ReadTime,
    have_offsets,
    judge_date_order,
    read_time,
    second_of_repeat,
)

LONDON = ZoneInfo("Europe/London")


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-11-02T10:30:00Z", utc(2026, 11, 2, 10, 30)),
        ("2026-11-02T10:30:00.250Z", utc(2026, 11, 2, 10, 30, 0, 250_000)),
        ("2026-11-02T10:30:00.1234567Z", utc(2026, 11, 2, 10, 30, 0, 123_457)),
        ("2026-11-02 10:30+01:00", utc(2026, 11, 2, 9, 30)),
        ("2026-11-02T10:30:00-0500", utc(2026, 11, 2, 15, 30)),
        ("2026-11-02T10:30:00+05", utc(2026, 11, 2, 5, 30)),
    ],
)
def test_an_offset_in_the_text_decides(text: str, instant: datetime):
    assert read_time(text, order="year_month_day", time_zone=LONDON) == ReadTime(instant)


@pytest.mark.parametrize(
    ("text", "order", "instant"),
    [
        ("03/02/2026 08:05", "day_month_year", utc(2026, 2, 3, 8, 5)),
        ("03/02/2026 08:05", "month_day_year", utc(2026, 3, 2, 8, 5)),
        ("3.2.26 8:05", "day_month_year", utc(2026, 2, 3, 8, 5)),
        ("2/3/2026 8:05:30 PM", "month_day_year", utc(2026, 2, 3, 20, 5, 30)),
        ("2/3/2026 12:05 am", "month_day_year", utc(2026, 2, 3, 0, 5)),
        ("2026-02-03", "day_month_year", utc(2026, 2, 3)),
    ],
)
def test_a_local_time_is_read_in_its_order_and_zone(text: str, order, instant: datetime):
    # London is on UTC in February and March
    assert read_time(text, order=order, time_zone=LONDON) == ReadTime(instant)


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("yesterday", "bad_time"),
        ("", "bad_time"),
        ("31/02/2026 08:00", "bad_time"),
        ("03/02/2026 25:00", "bad_time"),
        ("03/02/2026 13:00 PM", "bad_time"),
        ("02/25/2026 08:00", "contradicting_date"),
        ("01/01/1970 00:00", "implausible_time"),
    ],
)
def test_a_text_that_is_no_instant_says_why(text: str, reason: str):
    read = read_time(text, order="day_month_year", time_zone=LONDON)

    assert isinstance(read, BadTime)
    assert read.reason == reason


def test_a_local_time_without_zone_is_no_instant():
    read = read_time("2026-02-03 08:00", order="year_month_day", time_zone=None)

    assert isinstance(read, BadTime)
    assert read.reason == "no_time_zone"


def test_the_repeated_hour_is_taken_first_and_told():
    # Britain goes back on 25 October 2026: 01:30 is 00:30 UTC and then 01:30 UTC
    first = read_time("2026-10-25 01:30", order="year_month_day", time_zone=LONDON)

    assert first == ReadTime(utc(2026, 10, 25, 0, 30), "repeat")
    assert second_of_repeat(utc(2026, 10, 25, 0, 30), LONDON) == utc(2026, 10, 25, 1, 30)


def test_the_skipped_hour_moves_forward_and_is_told():
    # Britain goes forward on 29 March 2026: 01:30 never happens, 02:30 summer time is 01:30 UTC
    read = read_time("2026-03-29 01:30", order="year_month_day", time_zone=LONDON)

    assert read == ReadTime(utc(2026, 3, 29, 1, 30), "gap")


@pytest.mark.parametrize(
    ("texts", "order", "is_assumed"),
    [
        (["01/02/2026", "13/02/2026"], "day_month_year", False),
        (["01/02/2026", "02/13/2026"], "month_day_year", False),
        (["01/02/2026", "02/03/2026"], "day_month_year", True),
        (["13/02/2026", "14/02/2026", "02/13/2026"], "day_month_year", False),
        (["2026-02-13", "2026-02-14"], "year_month_day", False),
        ([], "day_month_year", True),
    ],
)
def test_the_order_of_day_and_month_is_judged_over_the_file(texts, order: str, is_assumed: bool):
    verdict = judge_date_order(texts, assumed="day_month_year")

    assert (verdict.order, verdict.is_assumed) == (order, is_assumed)


def test_offsets_count_only_if_every_time_has_one():
    assert have_offsets(["2026-11-02T10:30Z", "2026-11-02T10:30+01:00"])
    assert not have_offsets(["2026-11-02T10:30Z", "2026-11-02T10:30"])
    assert not have_offsets([])
