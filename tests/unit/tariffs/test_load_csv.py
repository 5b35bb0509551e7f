from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import LoadError, TimeZoneNeededError
from depotlib.model.calendar import zone
from depotlib.tariffs.load_csv import load_from_csv

NEW_YORK = zone("America/New_York")


def read(*lines, header="interval_start,power_kw", **options):
    return load_from_csv("\n".join([header, *lines]).encode(), where="L.csv", **options)


def first_start(reading):
    return reading.load["interval_start"][0]


def test_local_times_are_read_in_the_meters_zone():
    reading = read("2026-06-01T00:00,5", "2026-06-01T00:15,7.5", time_zone=NEW_YORK)

    # New York is 4 h behind in June.
    assert first_start(reading) == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert reading.load["power_kw"].to_list() == [5.0, 7.5]
    assert reading.interval_s == 900


@pytest.mark.parametrize("stamp", ["2026-06-01T00:00-0400", "2026-06-01 00:00:00.000-04:00"])
def test_an_offset_is_enough_to_know_the_instant(stamp):
    reading = read(f"{stamp},5", interval_s=900)

    assert first_start(reading) == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert reading.time_zone.key == "Etc/GMT+4"
    assert "no time zone is given" in reading.assumptions[0]


def test_times_in_utc_take_the_zone_that_is_given():
    reading = read("2026-06-01T04:00Z,5", interval_s=900, time_zone=NEW_YORK)

    assert first_start(reading) == datetime(2026, 6, 1, 4, tzinfo=UTC)
    assert reading.time_zone is NEW_YORK
    assert reading.assumptions == ()


def test_the_hour_that_comes_twice_is_told_apart_by_its_order():
    hours = ["00:00", "01:00", "01:00", "02:00"]

    reading = read(*(f"2026-11-01T{hour},1" for hour in hours), time_zone=NEW_YORK)

    # Midnight is 04:00 UTC; the four hours follow one another.
    assert reading.load["interval_start"].to_list() == [
        datetime(2026, 11, 1, 4, tzinfo=UTC) + timedelta(hours=step) for step in range(4)
    ]


def test_end_stamps_name_the_interval_before_them():
    reading = read("2026-06-01T00:15,5", "2026-06-01T00:30,5", time_zone=NEW_YORK, stamps="end")

    assert first_start(reading) == datetime(2026, 6, 1, 4, tzinfo=UTC)


def test_energy_becomes_the_mean_power_of_its_interval():
    reading = read(
        "2026-06-01T00:00,5",
        header="Interval_Start, Energy_kWh",
        interval_s=900,
        time_zone=NEW_YORK,
    )

    # 5 kWh in a quarter of an hour
    assert reading.load["power_kw"].to_list() == [20.0]


def test_an_empty_value_is_a_gap():
    reading = read(
        "2026-06-01T00:00,", "2026-06-01T00:15,nan", "2026-06-01T00:30,1", time_zone=NEW_YORK
    )

    assert reading.load["power_kw"].to_list() == [None, None, 1.0]


@pytest.mark.parametrize(
    ("lines", "word", "where"),
    [
        (["2026-06-01T00:00,five"], "'five' is not a number", "L.csv, line 2"),
        (["2026-06-01T00:00,1", "2026-06-01T00:15,inf"], "'inf'", "L.csv, line 3"),
        (["2026-06-01T00:00,1", "1/6/2026 00:15,1"], "is not a time", "L.csv, line 3"),
        (["2026-03-08T02:30,1"], "does not exist", "L.csv, line 2"),
        (["2026-06-01T00:00,1", "2026-06-01T00:15Z,1"], "some have none", "L.csv"),
        (["2026-06-01T00:00,1"], "length of its interval", "L.csv"),
        (["2026-06-01T00:00,1,2,3"], "not a table", "L.csv"),
        ([], "no readings", "L.csv"),
    ],
)
def test_what_cannot_be_read_is_named_with_its_line(lines, word, where):
    with pytest.raises(LoadError, match=word) as caught:
        read(*lines, time_zone=NEW_YORK)

    assert caught.value.where == where


@pytest.mark.parametrize("header", ["interval_start,load", "interval_start,power_kw,energy_kwh"])
def test_one_value_column_is_needed(header):
    with pytest.raises(LoadError, match="power_kw and energy_kwh"):
        read("2026-06-01T00:00,1", header=header, time_zone=NEW_YORK)


@pytest.mark.parametrize(
    "stamps",
    [
        ["2026-06-01T00:00"],
        ["2026-06-01T00:00+05:30"],
        ["2026-10-31T00:00-04:00", "2026-11-02T00:00-05:00"],
    ],
)
def test_times_that_do_not_tell_the_zone_need_it(stamps):
    with pytest.raises(TimeZoneNeededError):
        read(*(f"{stamp},1" for stamp in stamps))


def test_bytes_that_are_no_text_are_refused():
    with pytest.raises(LoadError, match="not a table"):
        load_from_csv(b"\xff\xfe\x00\x01", where="L.csv")
