import json
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources.geotab import Geotab
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest" / "geotab"


def read(*objects: dict):
    return Geotab().read(content_of("export", json.dumps(objects).encode()), ReadOptions())


def event(**fields: object) -> dict:
    return {
        "id": "c1",
        "device": {"id": "b1"},
        "startTime": "2026-10-25T00:40:00Z",
        "duration": "01:00:00",
        "chargeType": "AC",
        **fields,
    }


def status(diagnostic: str, value: object, *, at: str = "2026-11-02T10:30:00Z") -> dict:
    return {
        "id": "s1",
        "device": {"id": "b1"},
        "diagnostic": {"id": diagnostic},
        "dateTime": at,
        "data": value,
    }


def test_a_charge_event_is_a_session_in_its_latest_version():
    rows = Geotab().read(read_content(SAMPLES / "charge_events.json"), ReadOptions())

    # the sample's c1, version a: 00:40:00 UTC and 6:12:31 long
    first = rows.sessions.filter(rows.sessions["session_key"] == "geotab/c1").row(0, named=True)
    start = datetime(2026, 10, 25, 0, 40, tzinfo=UTC)
    assert first["plug_start"] == first["charge_start"] == start
    assert first["charge_end"] == start + timedelta(hours=6, minutes=12, seconds=31)
    assert (first["vehicle_id"], first["energy_wall_kwh"], first["energy_battery_kwh"]) == (
        "b1", 54.8, 50.9,
    )  # fmt: skip
    assert (first["start_soc"], first["end_soc"], first["peak_kw"]) == (0.23, 1.0, 9.9)


def test_an_earlier_version_that_comes_later_in_the_file_does_not_replace():
    rows = read(
        event(version="000000000000000b", energyConsumedKwh=5.0),
        event(version="000000000000000a", energyConsumedKwh=4.0),
    )

    assert rows.sessions["energy_wall_kwh"].to_list() == [5.0]
    assert rows.duplicates == 1


def test_an_estimated_event_with_nothing_measured_stays_empty_where_it_is():
    row = read(event(chargeIsEstimated=True, energyConsumedKwh=None)).sessions.row(0, named=True)

    assert row["is_estimated"]
    assert (row["energy_wall_kwh"], row["start_soc"], row["peak_kw"]) == (None, None, None)


def test_an_event_without_duration_still_runs():
    rows = read(event(duration=None))

    assert rows.sessions["plug_end"].to_list() == [None]
    assert "open" in {finding.kind for finding in rows.findings}


def test_readings_of_one_instant_become_one_row_with_all_they_say():
    rows = Geotab().read(read_content(SAMPLES / "status_data_and_trips.json"), ReadOptions())

    found = {
        (row["vehicle_id"], row["at"].hour): row for row in rows.telematics.iter_rows(named=True)
    }
    assert found["b1", 10]["soc"] == 0.83
    assert found["b1", 10]["odometer_km"] == pytest.approx(42_347.84)
    # battery power -7200 W is 7.2 kW into the vehicle
    assert (found["b1", 11]["power_kw"], found["b1", 11]["is_charging"]) == (7.2, True)
    assert found["b1", 11]["is_plugged"]
    # the odometer at the end of trip t1, 51 000 000 m
    assert found["b2", 16]["odometer_km"] == 51_000.0
    assert rows.merged_rows.rows() == [(2, 1), (5, 4)]


@pytest.mark.parametrize(
    ("diagnostic", "value", "measurand", "expected"),
    [
        ("DiagnosticElectricVehicleChargingStateId", 0, "is_charging", False),
        ("DiagnosticElectricVehicleIsChargingId", 1, "is_charging", True),
        ("DiagnosticOnBoardChargerAcInputVoltageId", 241.0, "is_plugged", True),
        ("DiagnosticOnBoardChargerAcInputVoltageId", 0, "is_plugged", False),
        ("DiagnosticOutsideTemperatureId", -4.5, "temperature_c", -4.5),
    ],
)
def test_a_diagnostic_fills_its_column(diagnostic, value, measurand, expected):
    assert read(status(diagnostic, value)).telematics[measurand].to_list() == [expected]


def test_of_two_readings_that_disagree_the_first_stands_and_it_is_said():
    rows = read(
        status("DiagnosticOdometerId", 1_000_000), status("DiagnosticOdometerId", 2_000_000)
    )

    assert rows.telematics["odometer_km"].to_list() == [1000.0]
    assert rows.duplicates == 1
    assert {finding.kind for finding in rows.findings} == {"conflicting_reading"}


def test_a_column_of_fractions_is_read_as_such_and_it_is_said():
    rows = read(
        status("DiagnosticStateOfChargeId", 0.83),
        status("DiagnosticStateOfChargeId", 0.5, at="2026-11-02T11:30:00Z"),
    )

    assert rows.telematics["soc"].to_list() == [0.83, 0.5]
    assert {finding.kind: finding.count for finding in rows.findings} == {"soc_scale": 2}


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (event(version="later"), "bad_version"),
        (event(startTime="soon"), "bad_time"),
        (event(startTime=None), "missing_field"),
        (event(peakPowerKw=-1), "negative_power"),
        (event(duration="-01:00:00"), "negative_duration"),
        (status("DiagnosticOdometerId", -1), "negative_odometer"),
        (status("DiagnosticOdometerId", None), "missing_field"),
        (status("DiagnosticOdometerId", "far"), "bad_number"),
        ({"id": "d1", "serialNumber": "G9", "device": {"id": "b1"}}, "not_used"),
        ("text", "not_used"),
    ],
)
def test_a_record_that_cannot_be_used_is_rejected_with_its_reason(given, reason: str):
    assert [each.reason for each in read(given).rejections] == [reason]


@pytest.mark.parametrize("wrapped", [lambda x: {"result": x}, lambda x: {"result": {"data": x}}])
def test_a_reply_and_a_feed_are_unwrapped(wrapped):
    content = content_of("reply", json.dumps(wrapped([event()])).encode())

    assert Geotab().read(content, ReadOptions()).kept == 1


def test_a_lone_status_reading_is_read():
    content = content_of("one", json.dumps(status("DiagnosticOdometerId", 5000)).encode())

    assert Geotab().read(content, ReadOptions()).telematics["odometer_km"].to_list() == [5.0]
