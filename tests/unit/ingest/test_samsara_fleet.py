import json
from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources.samsara_fleet import SamsaraFleet
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "samsara_fleet"


def sample(name: str) -> SourceRows:
    return SamsaraFleet().read(read_content(SAMPLES / name), ReadOptions())


def read(reply: object) -> SourceRows:
    return SamsaraFleet().read(content_of("reply", json.dumps(reply).encode()), ReadOptions())


def test_a_route_is_a_duty_that_departs_at_its_scheduled_start():
    first = sample("routes.json").duties.row(0, named=True)

    assert (first["duty_id"], first["vehicle_id"]) == ("r1", "281")
    assert first["departure"] == datetime(2026, 11, 2, 6, 15, tzinfo=UTC)


def test_a_route_without_a_vehicle_is_a_duty_of_nobody():
    last = sample("routes.json").duties.row(1, named=True)

    # 08:00 +01:00
    assert (last["vehicle_id"], last["departure"].hour, last["return_at"]) == (None, 7, None)


def test_a_trip_that_still_runs_has_no_end():
    # trap 9: endMs is the largest 64-bit number
    trips = sample("trips.json").trips

    assert trips["end"].to_list() == [datetime(2026, 11, 2, 8, tzinfo=UTC), None]
    assert trips["vehicle_id"].to_list() == ["281", "281"]
    assert trips["distance_km"].to_list() == [31.5, 0.0]


def test_a_trip_leaves_its_odometer_as_a_reading():
    rows = sample("trips.json")

    assert rows.telematics.select("at", "odometer_km").rows() == [
        (datetime(2026, 11, 2, 8, tzinfo=UTC), 51_000.0)
    ]


def test_an_assignment_stands_as_it_ended():
    assignment = sample("assignments.json").assignments.row(0, named=True)

    assert (assignment["driver_id"], assignment["vehicle_id"]) == ("d7", "281")
    assert assignment["end"] == datetime(2026, 11, 2, 14, tzinfo=UTC)


def test_a_vehicle_has_its_number_in_capitals():
    vehicles = sample("vehicles.json").vehicles

    assert vehicles["vin"].to_list() == ["1FTBW1YK0NK000001", None]
    assert vehicles["model"].to_list() == ["E-Transit", "FORD"]


@pytest.mark.parametrize(
    ("reply", "reason"),
    [
        ({"trips": [{"startMs": 1793602800000, "endMs": 1793606400000}]}, "no_vehicle"),
        ({"vehicleId": "1", "trips": [{"startMs": None, "endMs": 1793606400000}]}, "missing_field"),
        ({"vehicleId": "1", "trips": [{"startMs": 1793602800000, "endMs": 1793602700000}]},
         "ends_before_start"),
        ({"data": [{"something": 1}]}, "not_used"),
        ({"data": [5]}, "not_used"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_rejected_with_its_reason(reply, reason: str):
    assert [each.reason for each in read(reply).rejections] == [reason]
