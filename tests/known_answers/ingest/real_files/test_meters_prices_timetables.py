"""Real meter, price, timetable and GPS files are told as plain counting tells them.

Everything here is counted with the standard library and nothing of depotlib. The month of a meter,
the day of prices and the timetables' own rules are tried always; the whole files where the client's
folder lies beside the checkout.
"""

import csv
import io
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from depotlib.ingest.content import read_content
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources import SOURCES
from tests.places import DATA, ROOT, TEST_DATA

SHARED = ROOT.parent / "shared" / "data"
whole = pytest.mark.skipif(not SHARED.is_dir(), reason="the whole files are not beside us")


def read(path: Path, **options) -> tuple[str, SourceRows]:
    content = read_content(path)
    source = recognise(content, sources=SOURCES).source
    return source.name, source.read(content, ReadOptions(**options))


def findings(rows: SourceRows) -> dict[str, int]:
    return {each.kind: each.count for each in rows.findings}


def table(path: Path, delimiter: str = ",") -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return list(csv.DictReader(file, delimiter=delimiter))


@pytest.mark.parametrize(
    "path",
    [
        DATA / "meter" / "steel_plant_15min_2018_01.csv",
        pytest.param(SHARED / "load" / "steel_plant_15min_2018.csv",
                     marks=[whole, pytest.mark.full]),
    ],
    ids=lambda path: path.stem,
)  # fmt: skip
def test_a_meter_whose_midnights_carry_the_wrong_date_loses_no_energy(path: Path):
    told = table(path)
    midnights = sum(row["date"].endswith((" 0:00", " 00:00")) for row in told)

    source, rows = read(path, time_zone="Asia/Seoul")

    assert source == "meter_csv"
    assert (rows.rows_in, rows.kept, rows.duplicates) == (len(told), len(told), 0)
    assert findings(rows)["midnight_of_wrong_date"] == midnights
    kwh = rows.meter["power_kw"].sum() / 4
    assert kwh == pytest.approx(sum(float(row["Usage_kWh"]) for row in told))
    starts = rows.meter["interval_start"].sort().to_list()
    assert {after - before for before, after in pairwise(starts)} == {timedelta(minutes=15)}


@pytest.mark.parametrize(
    "path",
    [
        TEST_DATA / "prices" / "smard_2025-03-30.csv",
        pytest.param(SHARED / "prices" / "smard_day_ahead_hourly_2025H1.csv", marks=whole),
    ],
    ids=lambda path: path.stem,
)
def test_every_price_of_every_zone_is_stored_and_the_wrong_end_counted(path: Path):
    told = table(path, delimiter=";")
    zones = [name for name in told[0] if "€/MWh" in name]
    cells = [row[name].strip() for row in told for name in zones]
    form = "%d.%m.%Y %H:%M"
    lengths = Counter(
        datetime.strptime(row["Datum bis"], form) - datetime.strptime(row["Datum von"], form)  # noqa: DTZ007 - lengths by the wall clock, as the file tells them
        for row in told
    )
    usual = lengths.most_common(1)[0][1]

    source, rows = read(path)

    assert source == "market_prices"
    assert (rows.rows_in, rows.kept, rows.rejections) == (len(told), len(told), ())
    assert rows.prices.height == sum(cell not in {"", "-"} for cell in cells)
    found = findings(rows)
    assert found.get("missing_value", 0) == sum(cell in {"", "-"} for cell in cells)
    assert found.get("negative_price", 0) == sum(
        cell.startswith("-") and cell != "-" for cell in cells
    )
    assert found["wrong_interval_end"] == len(told) - usual == 1


@whole
def test_a_bare_column_of_a_year_is_a_year_of_hours():
    path = SHARED / "load" / "ssc_commercial_hourly.csv"
    kw = [float(line) for line in path.read_text().split()]

    source, rows = read(path, series_start="2018-01-01T00:00Z", interval_s=3600)

    assert source == "meter_column"
    assert rows.kept == len(kw) == 8760
    assert rows.meter["power_kw"].to_list() == pytest.approx(kw)
    assert rows.meter["interval_start"].max() == datetime(2018, 12, 31, 23, tzinfo=UTC)


def running_days(archive: zipfile.ZipFile) -> dict[str, set[date]]:
    weekdays = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]

    def day(text: str) -> date:
        return date(int(text[:4]), int(text[4:6]), int(text[6:]))

    runs: dict[str, set[date]] = defaultdict(set)
    for row in rows_of(archive, "calendar.txt"):
        at = day(row["start_date"])
        while at <= day(row["end_date"]):
            if row[weekdays[at.weekday()]] == "1":
                runs[row["service_id"]].add(at)
            at += timedelta(days=1)
    for row in rows_of(archive, "calendar_dates.txt"):
        change = runs[row["service_id"]].add if row["exception_type"] == "1" else (
            runs[row["service_id"]].discard)  # fmt: skip
        change(day(row["date"]))
    return runs


def rows_of(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(archive.read(name).decode("utf-8-sig"))))


@whole
@pytest.mark.parametrize("name", ["gtfs_nantucket_2025_blocks", "gtfs_trimet_5blocks_2018"])
def test_every_block_of_a_real_timetable_is_a_duty_on_every_day_it_runs(name: str):
    path = SHARED / "depots" / f"{name}.zip"
    with zipfile.ZipFile(path) as archive:
        runs = running_days(archive)
        trips = rows_of(archive, "trips.txt")
    wanted = {
        f"{trip['block_id']} {day.isoformat()}"
        for trip in trips
        for day in runs[trip["service_id"]]
        if trip["block_id"]
    }

    source, rows = read(path)

    assert source == "gtfs"
    assert rows.rows_in == len(trips) == rows.kept + len(rows.rejections)
    assert set(rows.duties["duty_id"]) == wanted
    assert rows.duties.height == len(wanted)


@whole
def test_the_speeds_of_a_real_log_give_its_published_trips():
    folder = SHARED / "telematics" / "cmap_gps_2007" / "4105836_2"
    published = table(folder / "trips.csv")

    source, rows = read(folder / "2007-05-31.csv", time_zone="America/Chicago")
    told_source, told = read(folder / "trips.csv")

    assert (source, told_source) == ("gps_speed", "cmap_trips")
    assert rows.kept == rows.rows_in == len(table(folder / "2007-05-31.csv"))
    miles = [float(row["distance_total"]) for row in published]
    km = [each * 1.609344 for each in miles]
    assert rows.trips.sort("start")["distance_km"].to_list() == pytest.approx(km, abs=0.01)
    assert told.trips.sort("start")["distance_km"].to_list() == pytest.approx(km)
    assert set(rows.trips["vehicle_id"]) == set(told.trips["vehicle_id"]) == {"4105836_2"}


@whole
def test_every_file_of_the_depots_is_recognised_and_its_account_closes():
    for path in sorted((SHARED / "depots" / "spice_ev").iterdir()):
        source, rows = read(path, time_zone="Europe/Berlin")

        assert source == "spice_ev", path.name
        assert rows.rows_in == rows.kept + rows.duplicates + len(rows.rejections)
        assert {each.reason for each in rows.rejections} <= {"not_used"}, path.name
