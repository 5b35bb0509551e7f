"""Sessions by a column mapping: every time shape, units over a column, swapped days, keys."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from depotlib.errors import MappingError, TimeZoneNeededError
from depotlib.ingest.content import content_of
from depotlib.ingest.mapping.engine import read_mapped
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.column_mapping import mapping_from_toml

HEAD = """
name = "harbour"
title = "Harbour"
kind = "sessions"
header = ["start"]
"""


def read(table: str, mapping: str, options: ReadOptions | None = None) -> SourceRows:
    told = mapping_from_toml(HEAD + mapping, where="test")
    content = content_of("harbour.csv", table.encode())
    return read_mapped(content, options or ReadOptions(), mapping=told)


def starts(rows: SourceRows) -> list[datetime]:
    assert rows.sessions is not None
    return rows.sessions["plug_start"].to_list()


def found(rows: SourceRows) -> dict[str, int]:
    return {finding.kind: finding.count for finding in rows.findings}


# 2017-04-14 00:49:24 at +02:00 is 22:49:24 UTC the day before; the epochs are the same instant:
# 17,269 days of 86,400 s and 82,164 s.
INSTANT = datetime(2017, 4, 13, 22, 49, 24, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("2017-04-14T00:49:24+02:00", '{ column = "start" }'),
        ("14.04.2017 00:49:24 +0200", '{ column = "start" }'),
        ("Fri Apr 14 2017 00:49:24 GMT+0200 (CEST)", '{ column = "start", unit = "javascript" }'),
        ("1492123764", '{ column = "start", unit = "s-epoch" }'),
        ("1492123764000", '{ column = "start", unit = "ms-epoch" }'),
        ("1492123764000000", '{ column = "start", unit = "us-epoch" }'),
    ],
)
def test_a_time_of_any_shape_is_the_same_instant(text: str, field: str):
    rows = read(f"start\n{text}\n", f"[fields]\nplug_start = {field}\n")

    assert starts(rows) == [INSTANT]
    assert rows.conventions.zone_origin == "offsets in the file"


def test_a_date_and_a_time_of_day_in_two_columns_are_one_instant():
    rows = read(
        "start,clock\n2018-02-28T00:00:00,23:50\n",
        'time_zone = "Europe/London"\n[fields]\n'
        'plug_start = { column = "start", time_column = "clock" }\n',
    )

    assert starts(rows) == [datetime(2018, 2, 28, 23, 50, tzinfo=UTC)]


def test_a_zone_column_tells_the_repeated_hour_apart_and_a_wrong_offset_is_ignored():
    # Denver left -06:00 for -07:00 on 2018-11-04 at 02:00: 01:30 happened twice.
    rows = read(
        "start,zone\n2018-11-04 01:30:00+00,MDT\n2018-11-04 01:30:00+00,MST\n",
        'time_zone = "America/Denver"\nignore_offset = true\n[fields]\n'
        'plug_start = { column = "start", zone_column = "zone" }\n',
    )

    assert starts(rows) == [
        datetime(2018, 11, 4, 7, 30, tzinfo=UTC),
        datetime(2018, 11, 4, 8, 30, tzinfo=UTC),
    ]
    assert found(rows)["ignored_offset"] == 2


def test_local_times_without_a_zone_are_asked_about():
    with pytest.raises(TimeZoneNeededError):
        read("start\n2018-11-04 01:30:00\n", '[fields]\nplug_start = { column = "start" }\n')


def test_a_mapping_whose_columns_are_not_there_is_refused():
    with pytest.raises(MappingError) as refused:
        read("begin\n2018-11-04 01:30:00\n", '[fields]\nplug_start = { column = "start" }\n')

    assert "'start'" in refused.value.what


@pytest.mark.parametrize(
    ("unit", "text", "kwh"),
    [
        ("kWh", "7.5", 7.5), ("Wh", "7500", 7.5), ("MWh", "0.0075", 7.5),
        ("micro-Wh", "7500000000", 7.5), ("", "7.5", 7.5), ("", "7500", 7.5),
    ],
)  # fmt: skip
def test_an_energy_of_any_unit_is_in_kwh(unit: str, text: str, kwh: float):
    rows = read(
        f"start,end,energy\n2018-01-01T00:00:00Z,2018-01-01T02:00:00Z,{text}\n",
        '[fields]\nplug_start = { column = "start" }\nplug_end = { column = "end" }\n'
        f'energy_wall_kwh = {{ column = "energy", unit = "{unit}" }}\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["energy_wall_kwh"].to_list() == [kwh]
    assert ("assumed_unit" in found(rows)) == (unit == "")


def test_energies_in_wh_under_a_mapping_of_kwh_are_found_out_by_their_power():
    # 7,500 "kWh" in two hours would be 3,750 kW.
    rows = read(
        "start,end,energy\n2018-01-01T00:00:00Z,2018-01-01T02:00:00Z,7500\n",
        '[fields]\nplug_start = { column = "start" }\nplug_end = { column = "end" }\n'
        'energy_wall_kwh = { column = "energy", unit = "kWh" }\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["energy_wall_kwh"].to_list() == [7.5]
    assert found(rows)["energy_unit"] == 1


@pytest.mark.parametrize(
    ("unit", "text"),
    [
        ("s", "5400"), ("min", "90"), ("h", "1.5"), ("ms", "5400000"), ("ticks", "54000000000"),
        ("h:mm:ss", "1:30:00"), ("d.hh:mm:ss", "0.01:30:00"), ("", "01:30:00"),
    ],
)  # fmt: skip
def test_a_duration_of_any_unit_makes_the_end(unit: str, text: str):
    rows = read(
        f"start,length\n2018-01-01T00:00:00Z,{text}\n",
        '[fields]\nplug_start = { column = "start" }\n'
        f'duration_s = {{ column = "length", unit = "{unit}" }}\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["plug_end"].to_list() == [datetime(2018, 1, 1, 1, 30, tzinfo=UTC)]


@pytest.mark.parametrize(("counts", "minute"), [("end", 45), ("duration", 30)])
def test_the_end_is_what_the_mapping_says_counts_and_a_difference_is_told(counts: str, minute: int):
    rows = read(
        "start,end,length\n2018-01-01T00:00:00Z,2018-01-01T00:45:00Z,30\n",
        f'end_counts = "{counts}"\n[fields]\nplug_start = {{ column = "start" }}\n'
        'plug_end = { column = "end" }\nduration_s = { column = "length", unit = "min" }\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["plug_end"].to_list() == [datetime(2018, 1, 1, 0, minute, tzinfo=UTC)]
    assert found(rows)["end_disagrees_with_duration"] == 1


# Meant: 21:00 of the 9th to the 12th of April 2018, each to 05:00 of the next day. A day of 12 or
# less was taken for the month; the 13th could not be.
SWAPPED = """start,end
2018-09-04 21:00,2018-10-04 05:00
2018-10-04 21:00,2018-11-04 05:00
2018-11-04 21:00,2018-12-04 05:00
2018-12-04 21:00,2018-04-13 05:00
"""
DAYS = """time_zone = "UTC"
[fields]
plug_start = { column = "start" }
plug_end = { column = "end" }
"""


def test_swapped_days_are_found_by_what_they_make_of_stays_and_exchanged():
    rows = read(SWAPPED, f"may_swap_days = true\n{DAYS}")

    assert starts(rows) == [datetime(2018, 4, day, 21, tzinfo=UTC) for day in (9, 10, 11, 12)]
    assert rows.rejections == ()
    assert found(rows)["swapped_date"] == 4


def test_swapped_days_are_only_told_where_the_mapping_does_not_know_of_them():
    rows = read(SWAPPED, DAYS)

    assert starts(rows) == [datetime(2018, month, 4, 21, tzinfo=UTC) for month in (9, 10, 11)]
    assert [each.reason for each in rows.rejections] == ["ends_before_start"]
    assert found(rows)["maybe_swapped_date"] == 4


def test_long_stays_that_exchanging_does_not_mend_are_left_alone():
    # Two weeks, whichever way they are read: 3 to 17 April, or no date at all.
    table = "start,end\n" + "".join(f"2018-0{n}-03 21:00,2018-0{n}-17 05:00\n" for n in (4, 5, 6))

    rows = read(table, f"may_swap_days = true\n{DAYS}")

    assert starts(rows) == [datetime(2018, month, 3, 21, tzinfo=UTC) for month in (4, 5, 6)]
    assert "swapped_date" not in found(rows)


def test_dates_that_make_sense_as_they_stand_are_left_alone():
    rows = read("start,end\n2018-03-04 21:00,2018-03-05 05:00\n", DAYS)

    assert starts(rows) == [datetime(2018, 3, 4, 21, tzinfo=UTC)]


def test_sessions_without_a_number_that_start_together_are_told_apart():
    rows = read(
        "start,point,energy\n2018-01-01T00:00:00Z,7,1.5\n2018-01-01T00:00:00Z,7,2.5\n"
        "2018-01-01T00:00:00Z,7,2.5\n",
        '[fields]\nplug_start = { column = "start" }\nstation_id = { column = "point" }\n'
        'energy_wall_kwh = { column = "energy", unit = "kWh" }\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["session_key"].to_list() == [
        "harbour/7/2018-01-01T00:00:00+00:00",
        "harbour/7/2018-01-01T00:00:00+00:00#2",
    ]
    assert rows.duplicates == 1


def test_blank_rows_and_faults_are_rejections_with_their_lines():
    rows = read(
        "start,energy\n2018-01-01T00:00:00Z,1\n,\n#N/A,#N/A\n2018-01-01T00:00:00Z,-1\n,5\n",
        'unknown = ["#N/A"]\n[fields]\nplug_start = { column = "start" }\n'
        'energy_wall_kwh = { column = "energy", unit = "kWh" }\n',
    )

    assert [(each.row, each.reason) for each in rows.rejections] == [
        (3, "blank"), (4, "blank"), (5, "negative_energy"), (6, "missing_field"),
    ]  # fmt: skip
    assert Counter(each.reason for each in rows.rejections)["blank"] == 2


def test_a_value_that_nobody_knows_is_no_value_and_is_told():
    rows = read(
        "start,soc\n2018-01-01T00:00:00Z,0\n2018-01-02T00:00:00Z,55\n",
        '[fields]\nplug_start = { column = "start" }\n'
        'start_soc = { column = "soc", unit = "%", unknown = ["0"] }\n',
    )

    assert rows.sessions is not None
    assert rows.sessions["start_soc"].to_list() == [None, 0.55]
    assert found(rows)["unknown_value"] == 1
