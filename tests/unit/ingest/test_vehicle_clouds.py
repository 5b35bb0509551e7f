"""What makers and their clouds tell: rFMS, Smartcar, Enode, High Mobility."""

import json
from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions, Source, SourceRows
from depotlib.ingest.sources.enode import Enode
from depotlib.ingest.sources.high_mobility import HighMobility
from depotlib.ingest.sources.rfms import Rfms
from depotlib.ingest.sources.smartcar import Smartcar
from tests.places import TEST_DATA

SAMPLES = TEST_DATA / "ingest"
AT = "2026-11-02T17:00:00Z"
VIN = "1FTBW1YK0NK000001"


def sample(source: Source, name: str) -> SourceRows:
    return source.read(read_content(SAMPLES / source.name / name), ReadOptions())


def read(source: Source, reply: object) -> SourceRows:
    return source.read(content_of("reply", json.dumps(reply).encode()), ReadOptions())


def status(**snapshot: object) -> dict:
    return {"vin": VIN, "createdDateTime": AT, "snapshotData": snapshot}


def signal(code: str, body: object, *, at: str | None = AT) -> dict:
    signals = [{"code": code, "body": body, "meta": {"oemUpdatedAt": at}}]
    return {"data": {"vehicle": {"id": "sc"}, "signals": signals}}


def stream(vin: str = VIN, **charging: object) -> list:
    told = {name: [{"data": data, "timestamp": AT}] for name, data in charging.items()}
    return [{"vin": vin, "data": {"charging": told}}]


def test_rfms_words_mean_the_same_however_they_are_spelled():
    readings = sample(Rfms(), "statuses.json").telematics

    first = readings.filter(readings["vehicle_id"] == VIN)
    assert first["is_charging"].to_list() == [False, True, False]
    assert first["is_plugged"].to_list() == [False, True, True]
    # 60 000 W and 51 000 000 m
    assert first["power_kw"].to_list() == [None, 60.0, None]
    assert first["odometer_km"].to_list() == [51_000.0, None, None]


def test_rfms_takes_the_fuel_level_for_the_charge_only_where_a_battery_says_nothing():
    readings = sample(Rfms(), "statuses.json").telematics

    # 55 % in fuelLevel1; the truck that also fills the battery's field has 12 % there
    second = readings.filter(readings["vehicle_id"] == "1FTBW1YK0NK000002")
    assert second["soc"].to_list() == [0.55]
    assert 0.12 not in readings["soc"].to_list()


def test_rfms_charging_is_a_session():
    session = sample(Rfms(), "statuses.json").sessions.row(0, named=True)

    assert session["charge_start"] == datetime(2026, 11, 2, 18, tzinfo=UTC)
    assert (session["start_soc"], session["end_soc"], session["peak_kw"]) == (0.41, 0.9, 60.0)


def test_smartcar_states_charges_in_percent_now_and_in_fractions_before():
    # trap 1: both occur, each judged as its own column
    now, before = sample(Smartcar(), "signals.json"), sample(Smartcar(), "batch.json")

    assert now.telematics.select("soc", "charge_limit_soc").rows() == [(0.78, 0.8)]
    assert before.telematics.select("soc", "charge_limit_soc").rows() == [(0.78, 0.8)]


def test_smartcar_miles_are_those_of_the_header():
    assert sample(Smartcar(), "batch.json").telematics["odometer_km"].to_list() == [
        pytest.approx(160.9344)
    ]


def test_a_smartcar_charge_is_energy_into_the_battery():
    session = sample(Smartcar(), "signals.json").sessions.row(0, named=True)

    assert (session["vehicle_id"], session["energy_battery_kwh"]) == ("sc-1", 14.5)
    assert session["energy_wall_kwh"] is None


def test_enode_keeps_what_a_silent_vehicle_last_said_at_that_time():
    rows = sample(Enode(), "vehicles.json")

    silent = rows.telematics.filter(rows.telematics["vehicle_id"] == "e2").row(0, named=True)
    assert silent["at"] == datetime(2026, 10, 2, 17, tzinfo=UTC)
    assert (silent["soc"], silent["power_kw"]) == (0.12, None)


def test_enode_tells_the_limit_that_a_vehicle_keeps():
    # trap 14: no plan can go beyond it
    rows = sample(Enode(), "vehicles.json")

    assert rows.telematics["charge_limit_soc"].to_list() == [0.8, None]
    assert rows.vehicles["vin"].to_list() == [VIN, None]


def test_high_mobility_current_is_negative_while_it_charges():
    # trap 4: -18 A at 400 V are 7.2 kW into the vehicle
    rows = sample(HighMobility(), "stream.json")

    assert rows.telematics["power_kw"].drop_nulls().to_list() == [7.2]
    assert rows.sessions["peak_kw"].to_list() == [7.2]


def test_high_mobility_takes_a_charging_rate_rather_than_a_current():
    rows = read(HighMobility(), stream(
        charging_rate={"unit": "kilowatts", "value": 7.0},
        battery_current={"unit": "amperes", "value": -18.0},
        battery_voltage={"unit": "volts", "value": 400.0},
    ))  # fmt: skip

    assert rows.telematics["power_kw"].to_list() == [7.0]
    assert [each.reason for each in rows.rejections] == ["not_used", "not_used"]


@pytest.mark.parametrize(
    ("source", "reply", "reason"),
    [
        (Rfms(), status(hybridBatteryPackRemainingCharge=-5), "bad_soc"),
        (Rfms(), status(wheelBasedSpeed=80), "says_nothing"),
        (Rfms(), {**status(ambientAirTemperature=5), "vin": ""}, "missing_field"),
        (Smartcar(), signal("charge-voltage", {"value": 230}), "not_used"),
        (Smartcar(), signal("tractionbattery-stateofcharge", {"value": None}), "missing_field"),
        (Smartcar(), signal("charge-ischarging", {"value": True}, at=None), "missing_field"),
        (Smartcar(), signal("charge-ischarging", {"value": "so"}), "bad_claim"),
        (Smartcar(), signal("odometer-traveleddistance", {"unit": "km", "value": -1}),
         "negative_odometer"),
        (Smartcar(), [5], "not_used"),
        (Enode(), {"id": "e", "lastSeen": AT, "chargeState": {"batteryLevel": None}},
         "says_nothing"),
        (Enode(), {"id": "e", "chargeState": {"batteryLevel": 5}}, "missing_field"),
        (HighMobility(), stream(battery_level=-0.1), "bad_soc"),
        (HighMobility(), stream(status="dreaming"), "unknown_state"),
        (HighMobility(), stream(odometer={"unit": "kilometers", "value": -1}),
         "negative_odometer"),
        (HighMobility(), stream(battery_level=0.5, vin=""), "missing_field"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_rejected_with_its_reason(source, reply, reason: str):
    rows = read(source, reply)

    assert [each.reason for each in rows.rejections] == [reason]
