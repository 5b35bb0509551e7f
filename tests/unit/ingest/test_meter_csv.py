import csv
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.errors import MalformedFileError, ModelError, TimeZoneNeededError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.meter_columns import meter_columns
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.meter_csv import MeterCsv
from tests.places import DATA, TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "meter_csv"
STEEL = DATA / "meter" / "steel_plant_15min_2018_01.csv"


def read(text: str, **options):
    return MeterCsv().read(content_of("meter", text.encode()), ReadOptions(**options))


def starts(rows) -> list[str]:
    return [at.strftime("%d %H:%M") for at in rows.meter["interval_start"]]


def test_a_month_of_a_real_meter_is_a_month_of_quarter_hours():
    with STEEL.open(newline="", encoding="utf-8-sig") as file:
        energies_kwh = [float(row["Usage_kWh"]) for row in csv.DictReader(file)]

    rows = MeterCsv().read(read_content(STEEL), ReadOptions(time_zone="Asia/Seoul"))

    # January 2018 in Korea (UTC+9): 31 days of 96 quarter hours, in order although the file's
    # midnights carry the date of the day before
    first = datetime(2017, 12, 31, 15, tzinfo=UTC)
    expected = [first + n * timedelta(minutes=15) for n in range(31 * 96)]
    assert rows.meter["interval_start"].to_list() == expected
    assert rows.meter["power_kw"].to_list() == pytest.approx([each * 4 for each in energies_kwh])
    assert {each.kind: each.count for each in rows.findings}["midnight_of_wrong_date"] == 31
    assert set(rows.meter["interval_s"]) == {900}


def test_the_repeated_hour_is_told_apart_by_the_order_of_its_readings():
    rows = MeterCsv().read(
        read_content(SAMPLES / "clock_change.csv"), ReadOptions(time_zone="Europe/London")
    )

    # 00:30 to 02:00 local on 25 October 2026 are eleven quarters from 23:30 UTC the day before
    assert starts(rows)[:2] == ["24 23:30", "24 23:45"]
    assert starts(rows)[2:11] == [
        "25 00:00", "25 00:15", "25 00:30", "25 00:45", "25 01:00", "25 01:15", "25 01:30",
        "25 01:45", "25 02:00",
    ]  # fmt: skip
    assert rows.meter["power_kw"].to_list() == [10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 22]


def test_energy_with_decimal_commas_and_end_stamps_becomes_mean_power_of_each_meter():
    rows = MeterCsv().read(read_content(SAMPLES / "energy_at_end.csv"), ReadOptions())

    # kWh in a quarter of an hour x 4; 17:15+01:00 ends the interval from 16:00 UTC
    assert rows.meter.select("meter_id", "power_kw").rows() == [
        ("hall", 10.0), ("hall", 4009.0), ("yard", 3.0), ("yard", -6.0),
    ]  # fmt: skip
    assert starts(rows) == ["02 16:00", "02 16:15", "02 16:00", "02 16:15"]


def test_a_local_time_needs_a_zone():
    with pytest.raises(TimeZoneNeededError, match="local") as refused:
        read("interval_start,power_kw\n2026-11-02 17:00,5\n2026-11-02 17:15,5\n")

    assert "--time-zone" in refused.value.hint


def test_a_zone_that_is_none_is_refused():
    text = "interval_start,power_kw\n2026-11-02 17:00,5\n2026-11-02 17:15,5\n"

    with pytest.raises(ModelError, match="Mars/Base"):
        read(text, time_zone="Mars/Base")


def test_one_reading_does_not_show_its_length():
    with pytest.raises(MalformedFileError, match="how long"):
        read("interval_start,power_kw\n2026-11-02T17:00Z,5\n")


def test_a_person_says_which_end_is_stamped_and_which_meter_it_is():
    text = "timestamp,power_w\n2026-11-02T17:15Z,5000\n2026-11-02T17:30Z,6000\n"

    judged, given = read(text), read(text, stamps="end", meter_id="main")

    assert starts(judged) == ["02 17:15", "02 17:30"]
    assert {each.kind for each in judged.findings} == {"stamps_judged"}
    assert starts(given) == ["02 17:00", "02 17:15"]
    assert given.meter.select("meter_id", "power_kw").rows() == [("main", 5.0), ("main", 6.0)]


def test_a_file_from_a_quarter_past_midnight_to_midnight_is_stamped_at_ends():
    day = datetime(2026, 11, 2, tzinfo=UTC)
    lines = [f"{(day + n * timedelta(minutes=15)).isoformat()},1" for n in range(1, 97)]

    rows = read("timestamp,kw\n" + "\n".join(lines) + "\n")

    assert starts(rows)[0] == "02 00:00"
    assert rows.meter.height == 96


def test_a_restated_interval_is_a_duplicate_and_it_is_said():
    text = "interval_start,kw\n" + "".join(
        f"2026-11-02T17:{minute:02d}Z,{kw}\n" for minute, kw in ((0, 1), (15, 2), (15, 3))
    )

    rows = read(text)

    assert rows.meter["power_kw"].to_list() == [1.0, 3.0]
    assert rows.duplicates == 1
    assert {each.kind for each in rows.findings} == {"restated"}


@pytest.mark.parametrize(
    ("header", "stamp", "quantity", "unit"),
    [
        (("interval_start", "power_kw"), "interval_start", "power_kw", "kw"),
        (("Date", "Usage_kWh", "Note"), "Date", "Usage_kWh", "kwh"),
        (("Start", "End", "Energy (Wh)"), "Start", "Energy (Wh)", "wh"),
        (("timestamp", "energy_kwh", "power_kw"), "timestamp", "power_kw", "kw"),
    ],
)
def test_a_time_and_a_quantity_make_a_meter(header, stamp, quantity, unit):
    columns = meter_columns(header)

    assert columns is not None
    assert (columns.stamp, columns.quantity, columns.unit) == (stamp, quantity, unit)


@pytest.mark.parametrize(
    "header",
    [
        ("interval_start", "price"),
        ("power_kw", "note"),
        ("start", "end", "energy_kwh", "session_id"),
        ("timestamp", "vehicle_id", "power_kw"),
        (),
    ],
)
def test_other_tables_are_no_meter(header):
    assert meter_columns(header) is None


def test_title_rows_separate_date_and_time_and_what_flowed_back():
    options = ReadOptions(time_zone="America/Los_Angeles")

    rows = MeterCsv().read(read_content(SAMPLES / "title_rows.csv"), options)

    # kWh in a quarter of an hour x 4: 10, 9.5 - 0.25, 9; midnight in California is 08:00 UTC
    assert rows.meter["power_kw"].to_list()[:4] == [40.0, 37.0, 36.0, 32.0]
    assert starts(rows)[:3] == ["02 08:00", "02 08:15", "02 08:45"]


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        # hours counted by their ends, 24 as the last of the day
        ("Date,Hour Ending,kWh\n11/2/2026,1,5\n11/2/2026,2,6\n11/2/2026,24,7\n",
         ["02 00:00", "02 01:00", "02 23:00"]),
        ("Date,Time,kW\n13.11.2026,23:30,5\n13.11.2026,23:45,6\n13.11.2026,24:00,7\n",
         ["13 23:30", "13 23:45", "14 00:00"]),
        ("Date,Start Time,kW\n11/14/2026,11:00 PM,5\n11/15/2026,12:00 AM,6\n",
         ["14 23:00", "15 00:00"]),
    ],
)  # fmt: skip
def test_a_date_and_a_time_of_day_in_two_columns_make_a_stamp(lines, expected):
    rows = read(lines, time_zone="America/New_York")

    local = rows.meter["interval_start"].dt.convert_time_zone("America/New_York")
    assert local.dt.strftime("%d %H:%M").to_list() == expected


def test_a_column_tells_the_unit_and_reactive_energy_is_not_used():
    rows = read(
        "start,usage,units\n2026-11-02T17:00Z,5,kWh\n2026-11-02T17:00Z,2,kvarh\n"
        "2026-11-02T18:00Z,6000,Wh\n"
    )

    assert rows.meter["power_kw"].to_list() == [5.0, 6.0]
    assert [each.reason for each in rows.rejections] == ["not_used"]
