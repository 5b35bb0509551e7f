import pytest

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.gps_speed import GpsSpeed
from tests.places import TEST_DATA

SAMPLE = TEST_DATA / "ingest" / "gps_speed" / "2026-05-31.csv"
CHICAGO = ReadOptions(time_zone="America/Chicago")


def test_a_gap_ends_a_trip_and_speeds_add_up_to_its_length():
    rows = GpsSpeed().read(read_content(SAMPLE), CHICAGO)

    # six seconds at 30 mph and one at 36: (180 + 36) / 3600 miles x 1.609344 km; 08:00 in Chicago
    # is 13:00 UTC in May
    shown = rows.trips.select("vehicle_id", "start", "end", "distance_km").rows()
    assert [
        (vehicle, start.strftime("%H:%M:%S"), end.strftime("%H:%M:%S"), round(distance_km, 6))
        for vehicle, start, end, distance_km in shown
    ] == [
        ("gps_speed", "13:00:00", "13:04:05", 0.096561),
        ("gps_speed", "13:10:00", "13:10:01", 0.0),
    ]


def test_a_person_names_the_vehicle_of_a_file_without_a_folder():
    content = content_of("log.csv", SAMPLE.read_bytes())

    with pytest.raises(MalformedFileError, match="names no vehicle"):
        GpsSpeed().read(content, CHICAGO)

    rows = GpsSpeed().read(content, ReadOptions(time_zone="America/Chicago", vehicle_id="van-7"))
    assert set(rows.trips["vehicle_id"]) == {"van-7"}
    assert "vehicle_from_folder" not in {each.kind for each in rows.findings}
