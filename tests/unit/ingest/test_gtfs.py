import io
import zipfile

import pytest

from depotlib.errors import ArchiveError, MalformedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.gtfs import MOST_DAYS, Gtfs
from tests.places import TEST_DATA

SAMPLE = TEST_DATA / "ingest" / "gtfs" / "feed.zip"


def tables() -> dict[str, str]:
    with zipfile.ZipFile(SAMPLE) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


def read(changed: dict[str, str] | None = None, **options):
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        for name, text in {**tables(), **(changed or {})}.items():
            archive.writestr(name, text)
    return Gtfs().read(content_of("feed.zip", held.getvalue()), ReadOptions(**options))


def found(rows) -> dict[str, int]:
    return {each.kind: each.count for each in rows.findings}


def test_a_block_is_a_duty_on_every_day_that_its_service_runs():
    rows = Gtfs().read(read_content(SAMPLE), ReadOptions())

    # the week of 2 November 2026 without Wednesday, and a Saturday that was added
    assert sorted(rows.duties["duty_id"]) == [
        "7 2026-11-02", "7 2026-11-03", "7 2026-11-05", "7 2026-11-06", "7 2026-11-07",
    ]  # fmt: skip
    assert set(rows.duties["vehicle_id"]) == {None}


def test_times_past_24_hours_belong_to_the_day_that_began_the_service():
    rows = Gtfs().read(read_content(SAMPLE), ReadOptions())

    # Lisbon is on UTC in November: 22:05 to 25:10 of Monday
    first = rows.duties.sort("departure").row(0, named=True)
    assert first["departure"].isoformat() == "2026-11-02T22:05:00+00:00"
    assert first["return_at"].isoformat() == "2026-11-03T01:10:00+00:00"


def test_a_service_day_counts_from_noon_less_twelve_hours_when_clocks_change():
    # Portugal leaves summer time on 25 October 2026 at 02:00: noon is 12:00 UTC
    calendar = "service_id,date,exception_type\nSAT,20261025,1\n"

    rows = read({"calendar_dates.txt": calendar})

    duty = rows.duties.filter(rows.duties["duty_id"] == "7 2026-10-25").row(0, named=True)
    assert duty["departure"].isoformat() == "2026-10-25T08:00:00+00:00"


def test_without_distances_great_circles_are_taken_and_that_is_said():
    rows = Gtfs().read(read_content(SAMPLE), ReadOptions())

    # 0.09 degrees of a meridian are 0.09 x 111.195 km = 10.0075 km (sphere of 6371.0088 km), twice
    assert rows.duties["distance_km"].to_list()[0] == pytest.approx(20.015, abs=0.001)
    sentences = [each.sentence for each in rows.findings if each.kind == "distance_without_depot"]
    assert "great circles" in sentences[0]


@pytest.mark.parametrize(
    ("told", "unit"), [(12_000, "metres"), (12.0, "km"), (7.4565, "miles"), (39_370, "feet")]
)
def test_the_unit_of_distances_is_judged_against_great_circles(told, unit):
    lines = tables()["stop_times.txt"].splitlines()
    shaped = [f"{lines[0]},shape_dist_traveled"]
    shaped += [f"{line},{0 if line.endswith('1') else told}" for line in lines[1:]]

    rows = read({"stop_times.txt": "\n".join(shaped) + "\n"})

    # 12 km of street for 10 km of great circle, in any unit; both trips of the block
    assert rows.duties["distance_km"].to_list()[0] == pytest.approx(24.0, abs=0.01)
    assert any(unit in each.sentence for each in rows.findings)


def test_trips_of_a_block_that_cross_are_told():
    stop_times = tables()["stop_times.txt"].replace("t2,24:10:00,24:10:00", "t2,22:10:00,22:10:00")

    assert found(read({"stop_times.txt": stop_times}))["overlap"] == 4


def test_a_feed_of_two_years_is_cut_at_the_bound_and_the_days_counted():
    calendar = tables()["calendar.txt"].replace("20261106", "20281101")
    every_day = calendar.replace("1,1,1,1,1,0,0", "1,1,1,1,1,1,1")

    rows = read({"calendar.txt": every_day, "calendar_dates.txt": ""})

    # 2 November 2026 to 1 November 2028 are 731 days (2028 has a 29 February)
    assert rows.duties.height == MOST_DAYS
    assert found(rows)["beyond_bound"] == 731 - MOST_DAYS


def test_an_agency_of_two_zones_needs_a_person():
    two = tables()["agency.txt"] + "B,Other,https://example.org,Europe/Madrid\n"

    with pytest.raises(MalformedFileError, match="2 time zones"):
        read({"agency.txt": two})

    assert read({"agency.txt": two}, time_zone="Europe/Madrid").kept == 3


def test_a_feed_without_a_column_is_refused_by_its_name():
    with pytest.raises(MalformedFileError, match=r"stop_times\.txt has no column stop_sequence"):
        read({"stop_times.txt": "trip_id,arrival_time,departure_time,stop_id\n"})


def test_half_an_archive_is_refused():
    with pytest.raises(ArchiveError):
        Gtfs().read(content_of("feed.zip", SAMPLE.read_bytes()[:400]), ReadOptions())
