"""Traps of session exports (numbers as in the reference on formats); each test names its defence.

Every test was seen to fail once with its defence switched off.
"""

import json
from datetime import UTC, datetime

import pytest

from depotlib.errors import TimeZoneNeededError
from depotlib.ingest.content import content_of
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.ingest.sources import SOURCES

NEW_YORK = ReadOptions(time_zone="America/New_York")


def read(text: str, options: ReadOptions = NEW_YORK) -> SourceRows:
    content = content_of("file", text.encode())
    return recognise(content, sources=SOURCES).source.read(content, options)


def findings(rows: SourceRows) -> dict[str, int]:
    return {each.kind: each.count for each in rows.findings}


def only(rows: SourceRows) -> dict:
    assert rows.sessions is not None
    (session,) = rows.sessions.to_dicts()
    return session


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def table(header: str, *rows: str) -> str:
    return "\n".join((header, *rows)) + "\n"


VIRTA = "Charge ID,Station ID,EVSE-ID,Start time,Stop time,Energy (Wh)"
STEVE = (
    "transaction_pk,charge_box_id,connector_id,id_tag,start_timestamp,start_value,"
    "stop_timestamp,stop_value"
)
PILOT = "TransactionID,ChargerID,ConnectorID,StartAt,EndAt,EnergyDelivered"
POINT = (
    "Station Name,Start Date,Start Time Zone,End Date,End Time Zone,Total Duration (hh:mm:ss),"
    "Energy (kWh),Port Number,User ID,Plug In Event Id"
)


def log(*calls: tuple[str, str, dict], answered: dict[int, int] | None = None) -> str:
    """Return a 1.6 log; `answered` maps places of calls to the transaction ids of their answers."""
    lines = []
    for place, (station, action, payload) in enumerate(calls):
        lines.append({"station": station, "frame": [2, f"m{place}", action, payload]})
        if answered and place in answered:
            answer = {"transactionId": answered[place], "idTagInfo": {"status": "Accepted"}}
            lines.append({"station": station, "frame": [3, f"m{place}", answer]})
    return "\n".join(map(json.dumps, lines)) + "\n"


def start(time: str, register_wh: int, *, tag: str = "CARD-1", connector: int = 1) -> dict:
    return {
        "connectorId": connector, "idTag": tag, "meterStart": register_wh,
        "timestamp": f"2026-11-02T{time}Z",
    }  # fmt: skip


def stop(time: str, register_wh: int, *, transaction: int) -> dict:
    return {
        "transactionId": transaction, "meterStop": register_wh,
        "timestamp": f"2026-11-02T{time}Z",
    }  # fmt: skip


def sampled(time: str, register_wh: int, *, transaction: int, connector: int = 1) -> dict:
    entry = {"timestamp": f"2026-11-02T{time}Z", "sampledValue": [{"value": str(register_wh)}]}
    return {"connectorId": connector, "transactionId": transaction, "meterValue": [entry]}


# 2. Watt-hours or kilowatt-hours. Defence: `energy_column`, over the whole column and never a row.


def test_2_energies_that_a_vendor_documents_in_watt_hours_are_stored_in_kilowatt_hours():
    rows = read(table(VIRTA, "1,S1,E1,2026-11-02 18:00,2026-11-03 06:00,34560"))

    assert only(rows)["energy_wall_kwh"] == pytest.approx(34.56)
    assert "energy_unit" not in findings(rows)


def test_2_a_column_in_another_unit_than_documented_is_read_so_and_said_even_where_a_row_is_small():
    # 12 h at 34,560 kWh would be 2,880 kW. The last row alone could be 12 kWh: it is 12 Wh.
    rows = read(table(
        PILOT,
        "1,CP-01,1,2026-11-02T18:00Z,2026-11-03T06:00Z,34560",
        "2,CP-01,1,2026-11-03T18:00Z,2026-11-04T06:00Z,41040",
        "3,CP-01,1,2026-11-04T18:00Z,2026-11-05T06:00Z,12",
    ))  # fmt: skip

    assert rows.sessions is not None
    assert rows.sessions["energy_wall_kwh"].to_list() == pytest.approx([34.56, 41.04, 0.012])
    assert findings(rows)["energy_unit"] == 3


def test_2_kilowatt_hours_under_a_heading_of_watt_hours_are_read_as_such():
    # 34.56 Wh in 12 h would be 3 W.
    rows = read(table(VIRTA, "1,S1,E1,2026-11-02 18:00,2026-11-03 06:00,34.56"))

    assert only(rows)["energy_wall_kwh"] == pytest.approx(34.56)
    assert findings(rows)["energy_unit"] == 1


# 5. Local times. Defence: `choose_zone` asks; `zone_words` places what a column's abbreviation names.


def test_5_local_times_without_a_zone_are_asked_for():
    text = table(VIRTA, "1,S1,E1,2026-11-02 18:00,2026-11-03 06:00,34560")

    with pytest.raises(TimeZoneNeededError):
        read(text, ReadOptions())


def test_5_the_zone_column_tells_the_two_readings_of_the_repeated_hour_apart():
    # Clocks in New York went back at 06:00 UTC on 1 November 2026: 01:30 EDT is 05:30 UTC.
    rows = read(table(
        POINT,
        "A,11/01/2026 01:30,EDT,11/01/2026 01:30,EST,01:00:00,6.6,1,7,1",
        "A,11/01/2026 01:30,EST,11/01/2026 02:30,EST,01:00:00,6.6,2,8,2",
        "A,11/20/2026 01:30,EST,11/20/2026 02:30,EST,01:00:00,6.6,2,8,3",
    ), ReadOptions())  # fmt: skip

    assert rows.sessions is not None
    assert rows.sessions["plug_start"].to_list()[:2] == [
        at("2026-11-01 05:30"), at("2026-11-01 06:30"),
    ]  # fmt: skip
    assert "end_disagrees_with_duration" not in findings(rows)


def test_5_a_local_time_that_happened_twice_is_flagged_where_nothing_tells_which():
    rows = read(table(VIRTA, "1,S1,E1,2026-11-01 01:30,2026-11-01 06:00,20000"))

    assert only(rows)["plug_start"] == at("2026-11-01 05:30")
    assert findings(rows)["clock_repeat"] == 1


# 6. Durations. Defence: `read_duration_s` (hours past 24, days); the duration counts over the end.


@pytest.mark.parametrize(
    ("duration", "hours"), [("37:30:00", 37.5), ("1.13:30:00", 37.5), ("00:30:00", 0.5)]
)
def test_6_a_duration_of_more_than_a_day_is_as_long_as_it_says(duration: str, hours: float):
    rows = read(table(POINT, f"A,11/20/2026 01:30,EST,11/20/2026 02:30,EST,{duration},6.6,1,7,1"))

    session = only(rows)
    assert (session["plug_end"] - session["plug_start"]).total_seconds() == hours * 3600
    assert findings(rows)["end_disagrees_with_duration"] == 1


# 9. Open sessions. Defence: an end that is empty stays so, and the key does not depend on it.


def test_9_a_session_without_end_is_open_and_is_replaced_when_it_has_one():
    running = read(table(STEVE, "7,CP-01,1,C,2026-10-31T21:00:00Z,0,,"))
    ended = read(table(STEVE, "7,CP-01,1,C,2026-10-31T21:00:00Z,0,2026-11-01T05:00:00Z,30000"))

    assert only(running)["plug_end"] is None
    assert only(running)["energy_wall_kwh"] is None
    assert findings(running)["open"] == 1
    assert only(ended)["session_key"] == only(running)["session_key"]
    # Across midnight and the end of the month: 8 h.
    assert (only(ended)["plug_end"] - only(ended)["plug_start"]).total_seconds() == 8 * 3600


def test_9_a_transaction_of_a_log_keeps_its_key_when_a_longer_log_has_its_stop():
    begun = ("CP-01", "StartTransaction", start("17:00:00", 0))
    over = ("CP-01", "StopTransaction", stop("18:00:00", 7000, transaction=41))

    running, ended = read(log(begun, answered={0: 41})), read(log(begun, over, answered={0: 41}))

    assert only(running)["plug_end"] is None
    assert only(ended)["plug_end"] == at("2026-11-02 18:00")
    assert only(ended)["session_key"] == only(running)["session_key"]


# 10. Registers. Defence: `registers.gained`; ids of 0 and below are none; samples in order of time.


def test_10_a_register_that_is_reset_loses_only_what_nobody_saw():
    # 3.0 kWh before the reset, 0.5 and 2.0 kWh after it.
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", 5000)),
        ("CP-01", "MeterValues", sampled("17:30:00", 8000, transaction=41)),
        ("CP-01", "MeterValues", sampled("18:00:00", 500, transaction=41)),
        ("CP-01", "StopTransaction", stop("18:30:00", 2500, transaction=41)),
        answered={0: 41},
    ))  # fmt: skip

    assert only(rows)["energy_wall_kwh"] == pytest.approx(5.5)
    assert findings(rows)["register_reset"] == 1


@pytest.mark.parametrize("begin_wh", [0, 1_250_000])
def test_10_a_register_may_begin_at_zero_or_count_on(begin_wh: int):
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", begin_wh)),
        ("CP-01", "StopTransaction", stop("18:00:00", begin_wh + 7000, transaction=41)),
        answered={0: 41},
    ))  # fmt: skip

    assert only(rows)["energy_wall_kwh"] == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("end_wh", "energy_kwh"),
    # The station's register counts on; its start says 0. Counting on at the end: from the first
    # sample on, 1.8 + 0.6 kWh. From 0 at the end, too: what it says itself.
    [(254_320, 2.4), (2_900, 2.9)],
)
def test_10_a_start_of_zero_beside_a_register_that_counts_on_is_not_a_delivery(
    end_wh: int, energy_kwh: float
):
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", 0)),
        ("CP-01", "MeterValues", sampled("17:10:00", 251_920, transaction=41)),
        ("CP-01", "MeterValues", sampled("17:40:00", 253_720, transaction=41)),
        ("CP-01", "StopTransaction", stop("18:00:00", end_wh, transaction=41)),
        answered={0: 41},
    ))  # fmt: skip

    assert only(rows)["energy_wall_kwh"] == pytest.approx(energy_kwh)
    assert findings(rows)["register_base"] == 1


def test_10_a_stop_of_transaction_minus_one_ends_the_only_one_that_runs():
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", 0)),
        ("CP-02", "StartTransaction", start("17:00:00", 0, tag="CARD-2")),
        ("CP-01", "StopTransaction", stop("18:00:00", 7000, transaction=-1)),
        answered={0: 41},
    ))  # fmt: skip

    assert rows.sessions is not None
    ends = dict(zip(rows.sessions["station_id"], rows.sessions["plug_end"], strict=True))
    assert ends == {"CP-01": at("2026-11-02 18:00"), "CP-02": None}
    assert rows.rejections == ()


def test_10_a_stop_of_transaction_minus_one_that_could_end_either_of_two_is_refused():
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", 0)),
        ("CP-01", "StartTransaction", start("17:05:00", 0, tag="CARD-2", connector=2)),
        ("CP-01", "StopTransaction", stop("18:00:00", 7000, transaction=-1)),
    ))  # fmt: skip

    assert [each.reason for each in rows.rejections] == ["no_start"]
    assert findings(rows)["open"] == 2


def test_10_samples_replayed_after_an_offline_spell_count_at_their_own_time_and_once():
    late = ("CP-01", "MeterValues", sampled("17:20:00", 2000, transaction=41))
    rows = read(log(
        ("CP-01", "StartTransaction", start("17:00:00", 0)),
        ("CP-01", "MeterValues", sampled("17:40:00", 4000, transaction=41)),
        late,
        late,
        ("CP-01", "StopTransaction", stop("18:00:00", 6000, transaction=41)),
        answered={0: 41},
    ))  # fmt: skip

    assert only(rows)["energy_wall_kwh"] == pytest.approx(6.0)
    assert "register_reset" not in findings(rows)
    assert rows.duplicates == 1
    # 2 kWh in 20 min are 6 kW.
    assert rows.meter is not None
    assert rows.meter["power_kw"].to_list() == pytest.approx([6.0])


def test_10_the_same_start_again_after_a_lost_connection_is_no_second_session():
    begun = ("CP-01", "StartTransaction", start("17:00:00", 0))
    rows = read(log(
        begun, begun, ("CP-01", "StopTransaction", stop("18:00:00", 7000, transaction=42)),
        answered={0: 41, 1: 42},
    ))  # fmt: skip

    assert only(rows)["energy_wall_kwh"] == pytest.approx(7.0)
    assert findings(rows)["repeated_start"] == 1


def test_10_a_register_that_fell_between_two_values_tells_no_energy():
    rows = read(table(STEVE, "7,CP-01,1,C,2026-10-31T21:00:00Z,88000,2026-11-01T05:00:00Z,1200"))

    assert only(rows)["energy_wall_kwh"] is None
    assert findings(rows)["register_reset"] == 1


# 11. Identities. Defence: `identity.known_tag` and `identity_findings`.


@pytest.mark.parametrize("tag", ["", "0", "00000000", "anonymous", "FREEVEND", "unknown"])
def test_11_a_tag_that_stands_for_nobody_is_no_identity(tag: str):
    rows = read(table(STEVE, f"7,CP-01,1,{tag},2026-11-02T21:00:00Z,0,2026-11-03T05:00:00Z,1200"))

    assert only(rows)["id_tag"] is None
    assert findings(rows)["missing_identity"] == 1


def test_11_one_card_at_two_stations_at_once_is_flagged():
    rows = read(table(
        STEVE,
        "7,CP-01,1,C,2026-11-02T21:00:00Z,0,2026-11-03T05:00:00Z,1200",
        "8,CP-02,1,C,2026-11-03T04:00:00Z,0,2026-11-03T06:00:00Z,1200",
        "9,CP-02,1,C,2026-11-03T06:00:00Z,0,2026-11-03T07:00:00Z,1200",
    ))  # fmt: skip

    assert findings(rows)["card_twice_at_once"] == 1


def test_11_a_card_that_two_vehicles_share_is_flagged():
    session = {
        "startTime": "2026-11-02T18:00:00Z", "endTime": "2026-11-02T19:00:00Z",
        "durationSeconds": 3600, "energyDeliveredKwh": 5.0, "ocppIdTag": "C",
    }  # fmt: skip
    other = {"startTime": "2026-11-03T18:00:00Z", "endTime": "2026-11-03T19:00:00Z"}
    rows = read(json.dumps([
        {**session, "id": "1", "vehicle": {"id": "van-1"}},
        {**session, **other, "id": "2", "vehicle": {"id": "van-2"}},
    ]))  # fmt: skip

    assert findings(rows)["shared_card"] == 1
    assert "card_twice_at_once" not in findings(rows)


@pytest.mark.parametrize("tag", ["VID:0024B1000003", "00:24:B1:00:00:03"])
def test_11_a_hardware_address_as_tag_is_a_vehicle_that_names_itself(tag: str):
    rows = read(table(STEVE, f"7,CP-01,1,{tag},2026-11-02T21:00:00Z,0,2026-11-03T05:00:00Z,1200"))

    assert findings(rows)["vehicle_as_tag"] == 1


# 8, of charge detail records. Defence: the versions of a session in `sources/ocpi.py`.


def test_8_a_credited_and_corrected_cdr_counts_once():
    cdr = {
        "country_code": "DE", "party_id": "DEP", "id": "A", "total_energy": 99.0,
        "start_date_time": "2026-11-02T18:00:00Z", "end_date_time": "2026-11-02T20:00:00Z",
        "cdr_token": {"uid": "C"}, "cdr_location": {"evse_uid": "CP-01", "connector_id": "1"},
    }  # fmt: skip
    credit = {**cdr, "id": "B", "credit": True, "credit_reference_id": "A"}
    corrected = {**cdr, "id": "D", "total_energy": 9.9}

    for order in ([cdr, credit, corrected], [corrected, credit, cdr], [credit, cdr, corrected]):
        rows = read(json.dumps({"data": order}))

        assert only(rows)["energy_wall_kwh"] == 9.9
        assert rows.duplicates == 2
        assert findings(rows)["credited"] == 1


def test_8_a_credit_that_comes_without_its_cdr_takes_the_session_back_by_the_same_key():
    cdr = {
        "country_code": "DE", "party_id": "DEP", "id": "A", "session_id": "S", "total_energy": 99.0,
        "start_date_time": "2026-11-02T18:00:00Z", "end_date_time": "2026-11-02T20:00:00Z",
        "cdr_token": {"uid": "C"}, "cdr_location": {"evse_uid": "CP-01", "connector_id": "1"},
    }  # fmt: skip
    billed = only(read(json.dumps([cdr])))

    credited = only(
        read(json.dumps([{**cdr, "id": "B", "credit": True, "credit_reference_id": "A"}]))
    )

    assert credited["session_key"] == billed["session_key"]
    assert (billed["energy_wall_kwh"], credited["energy_wall_kwh"]) == (99.0, 0.0)
