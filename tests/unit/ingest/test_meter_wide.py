import pytest

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.day_columns import day_columns
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.meter_column import MeterColumn
from depotlib.ingest.sources.meter_wide import MeterWide
from tests.places import TEST_DATA

SAMPLE = TEST_DATA / "ingest" / "meter_wide" / "half_hours.csv"
HOURS = [f"{hour:02d}:00" for hour in range(24)]
ENDS = [f"{hour % 24:02d}:00" for hour in range(1, 25)]


def read(header: list[str], cells: list[object], *, day: str = "2026-11-02", **options):
    text = f"date,{','.join(header)}\n{day},{','.join(map(str, cells))}\n"
    return MeterWide().read(content_of("days.csv", text.encode()), ReadOptions(**options))


def local_hours(rows, zone: str) -> list[str]:
    stamps = rows.meter["interval_start"].dt.convert_time_zone(zone)
    return stamps.dt.strftime("%d %H:%M%z").to_list()


def test_a_day_of_half_hours_is_48_intervals_and_a_day_of_a_clock_change_fewer():
    rows = MeterWide().read(read_content(SAMPLE), ReadOptions(time_zone="Europe/London"))

    days = rows.meter["interval_start"].dt.convert_time_zone("Europe/London").dt.date()
    # 26 October has one empty cell; 28 March 2027 has no hour from 01:00 to 02:00
    assert [days.to_list().count(day) for day in days.unique().sort()] == [48, 48, 47, 46]
    # kWh in half an hour x 2
    assert rows.meter["power_kw"].to_list()[:2] == [1.0, 3.0]
    assert set(rows.meter["meter_id"]) == {"M-1"}


@pytest.mark.parametrize(
    ("header", "first"),
    [
        ([f"kWh {clock}" for clock in HOURS], "02 00:00+0000"),
        ([f"{clock} kWh"[:5] for clock in ENDS], "02 00:00+0000"),
        ([f"{hour % 12 or 12}:00 {'AM' if hour < 12 else 'PM'}" for hour in range(24)],
         "02 00:00+0000"),
        ([f"{hour:02d}:00 - {hour + 1:02d}:00" for hour in range(24)], "02 00:00+0000"),
        ([f"H{number}" for number in range(1, 25)], "02 00:00+0000"),
        ([f"{hour:02d}00" for hour in range(24)], "02 00:00+0000"),
    ],
)  # fmt: skip
def test_columns_of_a_day_are_named_in_many_ways(header, first):
    rows = read([*header, "total kWh"], [*range(24), ""], time_zone="UTC")

    assert rows.meter["power_kw"].to_list() == [float(value) for value in range(24)]
    assert local_hours(rows, "UTC")[0] == first


def test_numbered_hours_count_from_midnight_through_a_clock_change():
    header = [f"kWh {number}" for number in range(1, 26)]

    rows = read(header, list(range(25)), day="2026-11-01", time_zone="America/New_York")

    # on 1 November 2026 New York repeats 01:00: 25 hours, the third of them again from 01:00
    assert local_hours(rows, "America/New_York")[:4] == [
        "01 00:00-0400", "01 01:00-0400", "01 01:00-0500", "01 02:00-0500",
    ]  # fmt: skip
    assert rows.meter.height == 25


def test_a_value_in_an_hour_that_the_day_does_not_have_is_no_silent_loss():
    header = [f"kW {clock}" for clock in HOURS]

    rows = read(header, [5] * 24, day="2026-03-29", time_zone="Europe/Berlin")

    assert [each.reason for each in rows.rejections] == ["no_such_time"]
    assert rows.meter.height == 0


def test_a_file_that_does_not_say_kw_or_kwh_is_refused():
    with pytest.raises(MalformedFileError, match="names no unit") as refused:
        read(HOURS, list(range(24)), time_zone="UTC")

    assert "kWh" in refused.value.hint


def test_a_row_of_reactive_energy_is_not_used():
    rows = read([*HOURS, "unit"], [*range(24), "kvarh"], time_zone="UTC")

    assert [each.reason for each in rows.rejections] == ["not_used"]


@pytest.mark.parametrize("header", [HOURS[:20], [f"x{n * 7}" for n in range(40)], ["date"]])
def test_other_columns_are_no_day(header):
    assert day_columns(header) is None


def test_a_bare_column_is_refused_until_a_person_says_when_it_begins():
    content = content_of("kw.txt", b"1.5\n" * 24)

    with pytest.raises(MalformedFileError, match="when it begins") as refused:
        MeterColumn().read(content, ReadOptions())

    assert "--series-start" in refused.value.hint


def test_a_bare_column_runs_on_from_its_start_in_local_time():
    content = content_of("kw.txt", b"1,5\n2,5\n" * 12)
    options = ReadOptions(
        series_start="2026-10-25T00:00", interval_s=3600, time_zone="Europe/London"
    )

    rows = MeterColumn().read(content, options)

    # midnight of 25 October in London is 23:00 UTC of the day before, and hours elapse
    assert rows.meter["interval_start"].dt.strftime("%d %H:%M").to_list()[:2] == [
        "24 23:00", "25 00:00",
    ]  # fmt: skip
    assert rows.meter["power_kw"].to_list()[:2] == [1.5, 2.5]


def test_a_start_that_is_no_time_is_refused():
    content = content_of("kw.txt", b"1.5\n" * 24)

    with pytest.raises(MalformedFileError, match="start is not readable"):
        MeterColumn().read(content, ReadOptions(series_start="noon", interval_s=3600,
                                                time_zone="UTC"))  # fmt: skip
