"""The Leeds log against an independent count of the shipped file, made with the csv module alone."""

import csv
from collections import defaultdict
from datetime import UTC, datetime
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.leeds_depot import LeedsDepot
from tests.places import DATA

LOG = DATA / "leeds" / "leeds_fleet_depot_knowsthorpe_2020.csv"
HEADER = LOG.read_text().splitlines()[0]


def seconds(text: str) -> int:
    hours, minutes, rest = map(int, text.split(":"))
    return hours * 3600 + minutes * 60 + rest


def minute(text: str) -> datetime:
    return datetime.strptime(f"{text} +0000", "%d/%m/%Y %H:%M %z")


@pytest.fixture(scope="module")
def counted() -> dict[str, float]:
    with LOG.open(newline="", encoding="utf-8-sig") as file:
        rows = list(csv.DictReader(file))
    devices = defaultdict(list)
    for row in rows:
        devices[row["Site"]].append((minute(row["Start"]), minute(row["End"])))
    pairs = [pair for stays in devices.values() for pair in combinations(sorted(stays), 2)]
    return {
        "rows": len(rows),
        "zero_energy": sum(float(row["Total_Energy (kWh)"]) == 0 for row in rows),
        "zero_length_at_minute_resolution": sum(row["Start"] == row["End"] for row in rows),
        "longer_than_24_h": sum(seconds(row["Duration"]) > 24 * 3600 for row in rows),
        "missing_account": sum(not row["Account"].strip() for row in rows),
        # Pairs are in order of start: the later one begins before the earlier one ends.
        "overlap": sum(later[0] < earlier[1] for earlier, later in pairs),
        "energy_kwh": sum(float(row["Total_Energy (kWh)"]) for row in rows),
        "duration_s": sum(seconds(row["Duration"]) for row in rows),
    }


@pytest.fixture(scope="module")
def rows():
    return LeedsDepot().read(read_content(LOG), ReadOptions())


def test_every_session_of_the_log_is_stored(rows, counted):
    assert (rows.rows_in, rows.kept, rows.duplicates, rows.rejections) == (
        counted["rows"], counted["rows"], 0, (),
    )  # fmt: skip


@pytest.mark.parametrize(
    "kind",
    [
        "zero_energy", "zero_length_at_minute_resolution", "longer_than_24_h", "missing_account",
        "overlap",
    ],
)  # fmt: skip
def test_a_quirk_is_counted_as_a_plain_script_counts_it(rows, counted, kind: str):
    found = {finding.kind: finding.count for finding in rows.findings}

    assert found[kind] == counted[kind] > 0


def test_no_energy_and_no_second_of_the_log_is_lost(rows, counted):
    lengths = rows.sessions["plug_end"] - rows.sessions["plug_start"]

    assert rows.sessions["energy_wall_kwh"].sum() == pytest.approx(counted["energy_kwh"])
    assert lengths.dt.total_seconds().sum() == counted["duration_s"]


def test_times_are_local_in_britain_unless_somebody_says_otherwise(rows):
    first = rows.sessions.filter(rows.sessions["session_key"].str.ends_with("/42311"))
    given = LeedsDepot().read(read_content(LOG), ReadOptions(time_zone="Europe/Paris"))

    # 25/07/2020 08:00 in British Summer Time
    assert first["plug_start"].item() == datetime(2020, 7, 25, 7, tzinfo=UTC)
    assert given.conventions.time_zone == "Europe/Paris"
    assert given.sessions["plug_start"].min() == datetime(2020, 7, 25, 6, tzinfo=UTC)
    assert "assumed_time_zone" not in {finding.kind for finding in given.findings}


def log(*lines: str) -> bytes:
    return ("\r\n".join([HEADER, *lines]) + "\r\n").encode()


def test_a_duration_beyond_a_day_is_read_whole():
    line = "1,5,DEV,Yard,26/07/2020 08:00,28/07/2020 07:42,A,30.5,47:42:45,0,30.5"

    rows = LeedsDepot().read(content_of("log", log(line)), ReadOptions())

    length = rows.sessions["plug_end"].item() - rows.sessions["plug_start"].item()
    assert length.total_seconds() == 47 * 3600 + 42 * 60 + 45


def test_a_session_without_duration_ends_at_its_end():
    line = "1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,,0,3"

    rows = LeedsDepot().read(content_of("log", log(line)), ReadOptions())

    assert rows.sessions["plug_end"].item() == datetime(
        2020, 7, 26, 9, tzinfo=ZoneInfo("Europe/London")
    )


def test_a_corrected_session_later_in_the_file_replaces_the_earlier_one():
    rows = LeedsDepot().read(
        content_of(
            "log",
            log(
                "1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,01:00:00,0,3",
                "1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,4,01:00:00,0,4",
            ),
        ),
        ReadOptions(),
    )

    assert rows.sessions["energy_wall_kwh"].to_list() == [4.0]
    assert rows.duplicates == 1


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        ("1,5,DEV,Yard,25/10/2020 01:30,25/10/2020 03:00,A,3,02:30:00,0,3", "clock_repeat"),
        ("1,5,DEV,Yard,28/03/2021 01:30,28/03/2021 03:00,A,3,00:30:00,0,3", "clock_gap"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,03:00:00,0,3",
         "end_disagrees_with_duration"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,01:00:00,10,20", "meter_disagrees"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3000,01:00:00,0,3000",
         "implausible_power"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 08:00,A,0,00:00:00,0,0", "zero_length"),
        ("1,5,DEV,Yard,06/07/2020 08:00,06/07/2020 09:00,A,3,01:00:00,0,3", "assumed_date_order"),
    ],
)  # fmt: skip
def test_what_an_analyst_should_know_is_a_finding(line: str, kind: str):
    rows = LeedsDepot().read(content_of("log", log(line)), ReadOptions())

    assert {finding.kind: finding.count for finding in rows.findings}[kind] == 1
    assert rows.kept == 1


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (",5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,01:00:00,0,3", "missing_field"),
        ("1,5,DEV,Yard,,26/07/2020 09:00,A,3,01:00:00,0,3", "missing_field"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,three,01:00:00,0,3", "bad_number"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,soon,0,3", "bad_duration"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,-01:00:00,0,3", "negative_duration"),
        ("1,5,DEV,Yard,01/01/1970 00:00,26/07/2020 09:00,A,3,01:00:00,0,3", "implausible_time"),
        ("1,5,DEV,Yard", "too_few_fields"),
        ("1,5,DEV,Yard,26/07/2020 08:00,26/07/2020 09:00,A,3,01:00:00,0,3,4,5", "too_many_fields"),
    ],
)
def test_a_row_that_cannot_be_is_rejected_with_its_reason(line: str, reason: str):
    good = "9,5,DEV,Yard,26/07/2020 18:00,26/07/2020 19:00,A,3,01:00:00,0,3"

    rows = LeedsDepot().read(content_of("log", log(line, good)), ReadOptions())

    assert [(each.row, each.reason, each.raw) for each in rows.rejections] == [(2, reason, line)]
    assert rows.kept == 1
