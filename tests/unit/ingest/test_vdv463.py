import json
from datetime import UTC, datetime

import pytest

from depotlib.ingest.content import content_of, read_content
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources.vdv463 import Vdv463
from tests.places import TEST_DATA

SAMPLE = TEST_DATA / "ingest" / "vdv463" / "messages.json"


def read(*messages: list) -> SourceRows:
    return Vdv463().read(content_of("log", json.dumps(messages).encode()), ReadOptions())


def request(duty: str, *, leaves: str = "2026-11-03T05:00:00Z", **fields: object) -> dict:
    wanted = {"minTargetSoc": 70, "maxTargetSoc": 90, "requestedTimeForDeparture": leaves}
    return {"vehicleId": "bus", "chargingRequestId": duty, "chargingRequestData": wanted, **fields}


def complete_list(*requests: dict, at: str, system: str = "dms") -> list:
    payload = {"chargingRequestList": list(requests)}
    return [1, "DMS", system, f"2026-11-02T{at}:00Z", "m", "ProvideChargingRequests", payload]


def withdrawn(rows: SourceRows) -> dict[str, bool]:
    return dict(rows.duties.select("duty_id", "is_withdrawn").rows())


def point(at: str, **fields: object) -> list:
    told = {"chargingPointId": "P1", "chargingPointStatus": "Occupied", **fields}
    station = {"chargingStationId": "S1", "chargingPointInfoList": [told]}
    depot = {"depotId": "D1", "chargingStationInfoList": [station]}
    return [1, "CMS", "d", f"2026-11-02T{at}:00Z", "i", "ProvideChargingInformation",
            {"depotInfoList": [depot]}]  # fmt: skip


def process(status: str, energy_wh: float, *, start: str = "17:50") -> dict:
    return {
        "processStatus": status,
        "startTime": f"2026-11-02T{start}:00Z",
        "deliveredEnergy": energy_wh,
    }


def test_a_request_is_a_duty_as_its_last_list_says():
    rows = Vdv463().read(read_content(SAMPLE), ReadOptions())

    duty = {row["duty_id"]: row for row in rows.duties.iter_rows(named=True)}["q1"]
    # the sample's second list moves the departure and asks for 95 %
    assert duty["departure"] == datetime(2026, 11, 3, 4, 15, tzinfo=UTC)
    assert (duty["must_soc"], duty["target_soc"], duty["priority"]) == (0.7, 0.95, 1)
    assert rows.duties_complete_at == datetime(2026, 11, 2, 18, tzinfo=UTC)


def test_what_the_next_list_lacks_is_withdrawn():
    rows = read(
        complete_list(request("a"), request("b"), at="17:00"),
        complete_list(request("a"), at="18:00"),
    )

    assert withdrawn(rows) == {"a": False, "b": True}


def test_an_empty_list_withdraws_all():
    rows = read(complete_list(request("a"), at="17:00"), complete_list(at="18:00"))

    assert withdrawn(rows) == {"a": True}


def test_lists_count_in_the_order_of_their_times_not_of_the_file():
    rows = read(complete_list(request("a"), at="18:00"), complete_list(at="17:00"))

    assert withdrawn(rows) == {"a": False}


def test_a_duty_whose_departure_has_passed_is_done_not_withdrawn():
    rows = read(
        complete_list(request("a", leaves="2026-11-02T17:30:00Z"), at="17:00"),
        complete_list(at="18:00"),
    )

    assert withdrawn(rows) == {"a": False}


def test_a_list_is_complete_for_its_own_system_only():
    rows = read(
        complete_list(request("a"), at="17:00", system="north"),
        complete_list(request("b"), at="18:00", system="south"),
    )

    assert withdrawn(rows) == {"a": False, "b": False}
    assert rows.duties_complete_at is None


def test_a_process_at_a_point_is_a_session_with_energy_at_the_wall():
    rows = Vdv463().read(read_content(SAMPLE), ReadOptions())

    session = rows.sessions.row(0, named=True)
    assert (session["station_id"], session["connector_id"], session["vehicle_id"]) == (
        "S1", "P1", "bus-1",
    )  # fmt: skip
    times = [session[name].strftime("%H:%M")
             for name in ("plug_start", "charge_start", "charge_end", "plug_end")]  # fmt: skip
    assert times == ["17:50", "18:00", "18:15", "18:30"]
    # 16 000 Wh, 40 % to 45 %, 60 kW
    assert (session["energy_wall_kwh"], session["start_soc"], session["end_soc"]) == (16, 0.4, 0.45)
    assert session["peak_kw"] == 60


def test_two_readings_of_a_counter_are_an_interval_in_watt_hours():
    rows = Vdv463().read(read_content(SAMPLE), ReadOptions())

    # 15 000 Wh in a quarter of an hour; the fall to 500 gives no interval
    assert rows.meter.select("meter_id", "interval_s", "power_kw").rows() == [("D1/S1/P1", 900, 60)]


def test_another_start_at_the_same_point_is_another_session():
    rows = read(
        point("18:00", chargingProcessInfo=process("Charging", 1000)),
        point("19:00", chargingProcessInfo=process("Charging", 50, start="18:55")),
    )

    assert rows.sessions["energy_wall_kwh"].to_list() == [1.0, 0.05]
    assert rows.sessions["plug_end"].to_list() == [datetime(2026, 11, 2, 19, tzinfo=UTC), None]
    assert rows.rejections == ()


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        (point("18:00", energyMeterReading=-1), "negative_energy"),
        (point("18:00", chargingProcessInfo=process("Charging", 1, start="18:30")),
         "ends_before_start"),
        (point("18:00", chargingPointStatus="Available"), "free_point"),
        (point("18:00", chargingPointId=None), "missing_field"),
        (complete_list({"chargingRequestId": "q"}, at="18:00"), "missing_field"),
        (complete_list(request("q", chargingRequestData={}), at="18:00"), "no_departure"),
        (complete_list(request("q"), at="99:00"), "bad_time"),
        ([3, "DMS", "dms", "2026-11-02T18:00:00Z", "m", "ProvideChargingRequests", "broken"],
         "not_used"),
        ({"chargingRequestId": "q"}, "not_used"),
    ],
)  # fmt: skip
def test_a_record_that_cannot_be_used_is_rejected_with_its_reason(message, reason: str):
    assert [each.reason for each in read(message).rejections] == [reason]


def test_a_message_alone_is_a_log():
    rows = Vdv463().read(
        content_of("one", json.dumps(complete_list(request("a"), at="17:00")).encode()),
        ReadOptions(),
    )

    assert rows.duties.height == 1
