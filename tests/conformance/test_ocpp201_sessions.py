"""OCPP 2.0.1 blocks B, C, E, G, J: provisioning, tokens, transactions, meters; frames on the wire."""

import uuid

import pytest
from websockets.exceptions import InvalidStatus

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import BOOT, STATION_201, TAG, status, told

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home) as address:
        yield address


@pytest.fixture
def cp(url):
    with station(url, "CP-1", **STATION_201) as connected:
        yield connected


@pytest.fixture
def name():
    """A transaction's name that no other test has."""
    return uuid.uuid4().hex


def sessions(home, name):
    """Return the journal of one transaction, in order, until another starts at the same second."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        entries = [record.entry for record in mailbox.journal(limit=100_000)]
    begun = [at for at, one in enumerate(entries) if one.payload.get("transaction_name") == name]
    if not begun:
        return []
    session_id = entries[begun[0]].payload["session_id"]
    own = [one for one in entries[begun[0] :] if one.payload.get("session_id") == session_id]
    others = [
        at
        for at, one in enumerate(own)
        if one.kind == "session_started" and one.payload["transaction_name"] != name
    ]
    return own[: others[0]] if others else own


def of_kind(entries, kind):
    return [one for one in entries if one.kind == kind]


# --- B: provisioning ------------------------------------------------------------------------


def test_tc_b_01_cold_boot_is_accepted_with_time_and_interval(cp):
    answer = cp.ask("BootNotification", BOOT)

    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    assert answer["currentTime"].endswith("Z")


def test_tc_b_01_a_boot_without_a_model_is_refused_by_the_right_name(cp):
    payload = {"reason": "PowerUp", "chargingStation": {"vendorName": "V"}}

    # Spelled otherwise than 1.6 spells it (OCPP-J 2.0.1 table 9).
    assert cp.refused("BootNotification", payload) == "OccurrenceConstraintViolation"


def test_tc_b_01_a_boot_in_the_words_of_1_6_is_refused(cp):
    payload = {"chargePointVendor": "V", "chargePointModel": "M"}

    assert cp.refused("BootNotification", payload) == "OccurrenceConstraintViolation"


def test_tc_b_02_2_0_1_is_spoken_where_1_6_is_offered_too(url):
    with station(url, "CP-1", subprotocols=["ocpp1.6", "ocpp2.0.1"]) as cp:
        assert cp.socket.subprotocol == "ocpp2.0.1"


def test_the_newest_common_version_is_spoken(url):
    with station(url, "CP-1", subprotocols=["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]) as cp:
        assert cp.socket.subprotocol == "ocpp2.1"


def test_2_0_alone_is_not_spoken(url):
    with pytest.raises(InvalidStatus), station(url, "CP-1", subprotocols=["ocpp2.0"]):
        pass


def test_tc_b_06_a_station_is_asked_for_its_variables_after_its_boot(cp):
    cp.ask("BootNotification", BOOT)
    cp.hear(lambda: bool(cp.asked("GetVariables")))

    asked = [
        (one["component"]["name"], one["variable"]["name"])
        for one in cp.asked("GetVariables")[0]["getVariableData"]
    ]

    assert ("SmartChargingCtrlr", "ProfileStackLevel") in asked
    assert ("SmartChargingCtrlr", "RateUnit") in asked


def test_tc_b_09_a_station_is_told_how_to_measure_and_how_to_come_back(cp):
    cp.ask("BootNotification", BOOT)
    cp.hear(lambda: len(cp.asked("SetVariables")) == 5)

    values = {
        one["setVariableData"][0]["variable"]["name"]: one["setVariableData"][0]["attributeValue"]
        for one in cp.asked("SetVariables")
    }

    assert values["TxUpdatedInterval"] == "60"
    # ocpp.md section 4: 5, 20, 3, so that a restart of ours brings no storm.
    assert values["RetryBackOffWaitMinimum"] == "5"
    assert values["RetryBackOffRandomRange"] == "20"
    assert values["RetryBackOffRepeatTimes"] == "3"


def test_tc_b_12_a_report_is_taken(cp):
    report = {"requestId": 1, "generatedAt": "2026-11-20T20:00:00Z", "seqNo": 0}

    assert cp.ask("NotifyReport", report) == {}


# --- C: tokens ------------------------------------------------------------------------------


def test_tc_c_02_a_known_token_may_charge(cp):
    assert cp.ask("Authorize", {"idToken": TAG}) == {"idTokenInfo": {"status": "Accepted"}}


def test_tc_c_02_an_authorization_without_a_token_is_refused(cp):
    assert cp.refused("Authorize", {}) == "OccurrenceConstraintViolation"


def test_tc_c_08_a_token_is_known_whatever_its_case(cp, name, home):
    offered = {"idToken": "tag-1", "type": "Central"}
    start = told("Started", name, 0, idToken=offered, evse={"id": 1}, at="2026-11-20T10:00:00Z")

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert of_kind(sessions(home, name), "session_started")[0].payload["vehicle_id"] == "van-1"
    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T10:01:00Z"))


# --- E: transactions ------------------------------------------------------------------------


def test_tc_e_01_a_whole_session_is_told_once(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 1, "connectorId": 1}, register_wh=500)
    update = told("Updated", name, 1, at="2026-11-20T20:09:00Z", register_wh=800, power_w=3500.0)
    end = told("Ended", name, 2, at="2026-11-20T20:20:00Z", register_wh=1400)

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert cp.ask("TransactionEvent", update) == {}
    assert cp.ask("TransactionEvent", end) == {}

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    (ended,) = of_kind(entries, "session_ended")
    assert ended.payload["energy_kwh"] == pytest.approx(0.9)  # 1400 - 500 Wh
    powers = [one.payload["power_kw"] for one in of_kind(entries, "meter")]
    assert 3.5 in powers


def test_tc_e_03_a_token_after_the_start_says_who_it_is(cp, name, home):
    plugged = told("Started", name, 0, trigger="CablePluggedIn", evse={"id": 1})
    authorized = told(
        "Updated", name, 1, trigger="Authorized", idToken=TAG, at="2026-11-20T20:04:00Z"
    )

    assert cp.ask("TransactionEvent", plugged) == {}
    assert cp.ask("TransactionEvent", authorized) == {"idTokenInfo": {"status": "Accepted"}}

    entries = sessions(home, name)
    (resolved,) = of_kind(entries, "identity_resolved")
    assert resolved.payload["vehicle_id"] == "van-1"
    assert of_kind(entries, "identity_exception") == []
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


def test_tc_e_03_charging_without_any_token_is_somebody_to_look_at(cp, name, home):
    plugged = told("Started", name, 0, evse={"id": 1})
    charging = told("Updated", name, 1, charging_state="Charging", at="2026-11-20T20:04:00Z")
    cp.ask("TransactionEvent", plugged)
    cp.ask("TransactionEvent", charging)

    assert len(of_kind(sessions(home, name), "identity_exception")) == 1
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


def test_tc_e_04_a_start_without_a_place_waits_for_one_where_there_are_several(url, name, home):
    with station(url, "CP-3", **STATION_201) as cp:
        start = told("Started", name, 0, idToken=TAG, register_wh=100)
        assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
        assert sessions(home, name) == []

        place = told("Updated", name, 1, evse={"id": 2}, at="2026-11-20T20:04:00Z")
        assert cp.ask("TransactionEvent", place) == {}

    (started,) = of_kind(sessions(home, name), "session_started")
    assert started.connector_id == "CP-3/2"
    assert started.payload["vehicle_id"] == "van-1"
    assert started.payload["meter_start_kwh"] == 0.1
    with station(url, "CP-3", **STATION_201) as cp:
        cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:05:00Z"))


def test_tc_e_09_the_token_of_whoever_stops_is_not_that_of_whoever_charges(cp, name, home):
    stranger = {"idToken": "STRANGER", "type": "ISO14443"}
    cp.ask("TransactionEvent", told("Started", name, 0, evse={"id": 1}))
    end = told(
        "Ended", name, 1, trigger="StopAuthorized", idToken=stranger, at="2026-11-20T20:05:00Z"
    )

    cp.ask("TransactionEvent", end)

    (started,) = of_kind(sessions(home, name), "session_started")
    assert started.payload["id_tag"] == ""
    assert of_kind(sessions(home, name), "identity_resolved") == []


def test_tc_e_29_an_event_that_is_repeated_is_answered_and_counted_once(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 1}, register_wh=0)
    update = told("Updated", name, 1, at="2026-11-20T20:09:00Z", register_wh=800)
    for _ in range(2):
        assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
        assert cp.ask("TransactionEvent", update) == {}
    cp.ask("TransactionEvent", told("Ended", name, 2, at="2026-11-20T20:20:00Z"))

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    # One for the start, one for the update.
    assert [one.payload["energy_kwh"] for one in of_kind(entries, "meter")] == [0.0, 0.8]


def test_tc_e_40_offline_history_in_any_order_is_one_session(url, name, home):
    events = [
        told("Ended", name, 3, offline=True, at="2026-11-20T12:30:00Z", register_wh=3000),
        told("Started", name, 1, offline=True, idToken=TAG, evse={"id": 1},
             at="2026-11-20T12:00:00Z", register_wh=1000),
        told("Updated", name, 2, offline=True, at="2026-11-20T12:10:00Z", register_wh=2000),
    ]  # fmt: skip

    with station(url, "CP-1", **STATION_201) as cp:
        for event in events:
            assert "idTokenInfo" in cp.ask("TransactionEvent", event) or "idToken" not in event

    entries = sessions(home, name)
    assert len(of_kind(entries, "session_started")) == 1
    assert len(of_kind(entries, "session_ended")) == 1


def test_tc_e_40_an_old_start_does_not_end_the_session_that_runs(cp, name, home):
    running, old = name, name[::-1]
    cp.ask("TransactionEvent", told("Started", running, 0, idToken=TAG, evse={"id": 1}))

    cp.ask(
        "TransactionEvent",
        told("Started", old, 0, offline=True, evse={"id": 1}, at="2026-11-20T08:00:00Z"),
    )
    cp.ask("TransactionEvent", told("Ended", old, 1, offline=True, at="2026-11-20T09:00:00Z"))

    assert of_kind(sessions(home, running), "session_ended") == []
    assert len(of_kind(sessions(home, old), "session_ended")) == 1
    cp.ask("TransactionEvent", told("Ended", running, 1, at="2026-11-20T20:05:00Z"))


def test_an_update_whose_start_was_lost_is_a_session_all_the_same(cp, name, home):
    cp.ask("TransactionEvent", told("Updated", name, 7, evse={"id": 1}, register_wh=700))

    assert len(of_kind(sessions(home, name), "session_started")) == 1
    cp.ask("TransactionEvent", told("Ended", name, 8, at="2026-11-20T20:05:00Z"))


def test_a_start_on_an_evse_that_is_not_there_is_no_session(cp, name, home):
    start = told("Started", name, 0, idToken=TAG, evse={"id": 9})

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Accepted"}}
    assert sessions(home, name) == []


@pytest.mark.parametrize("missing", ["eventType", "seqNo", "transactionInfo"])
def test_tc_e_02_an_event_without_what_it_must_have_is_refused(cp, name, missing):
    event = told("Started", name, 0)
    del event[missing]

    assert cp.refused("TransactionEvent", event) == "OccurrenceConstraintViolation"


def test_tc_e_02_an_event_of_no_known_type_is_refused(cp, name):
    assert cp.refused("TransactionEvent", told("Paused", name, 0)) == "PropertyConstraintViolation"


def test_tc_e_02_an_event_whose_place_in_line_is_no_number_is_refused(cp, name):
    event = told("Started", name, 0) | {"seqNo": "first"}

    assert cp.refused("TransactionEvent", event) == "TypeConstraintViolation"


# --- G: availability ------------------------------------------------------------------------


def test_tc_g_01_a_status_is_taken(cp, home):
    assert cp.ask("StatusNotification", status("Faulted")) == {}
    assert cp.ask("StatusNotification", status("Available")) == {}


def test_tc_g_01_a_status_without_a_connector_status_is_refused(cp):
    payload = status("Available")
    del payload["connectorStatus"]

    assert cp.refused("StatusNotification", payload) == "OccurrenceConstraintViolation"


# --- J: meters ------------------------------------------------------------------------------


def test_tc_j_01_a_power_of_ten_counts(cp, name, home):
    cp.ask("TransactionEvent", told("Started", name, 0, idToken=TAG, evse={"id": 1}))
    sampled = [
        {"value": 35, "measurand": "Power.Active.Import",
         "unitOfMeasure": {"unit": "W", "multiplier": 2}},
    ]  # fmt: skip
    value = {"timestamp": "2026-11-20T20:09:00Z", "sampledValue": sampled}

    assert cp.ask("MeterValues", {"evseId": 1, "meterValue": [value]}) == {}

    meters = of_kind(sessions(home, name), "meter")
    assert [one.payload["power_kw"] for one in meters] == [3.5]  # 35 x 10^2 W
    cp.ask("TransactionEvent", told("Ended", name, 1, at="2026-11-20T20:10:00Z"))


def test_tc_j_01_meter_values_without_an_evse_are_refused(cp):
    assert cp.refused("MeterValues", {"meterValue": []}) == "OccurrenceConstraintViolation"


# --- what is not for us, or not from a station ------------------------------------------------


def test_an_unknown_action_is_not_implemented(cp):
    assert cp.refused("Abracadabra", {}) == "NotImplemented"


def test_a_1_6_action_is_not_implemented(cp):
    assert cp.refused("StartTransaction", {"connectorId": 1}) == "NotImplemented"


def test_an_action_of_ours_is_not_supported(cp):
    assert cp.refused("SetChargingProfile", {}) == "NotSupported"


def test_a_call_of_the_wrong_shape_is_a_format_violation(cp):
    cp.socket.send('[2,"1","Heartbeat"]')
    cp.hear(lambda: bool(cp.errors))

    assert cp.errors.pop()[2] == "FormatViolation"


@pytest.mark.parametrize(
    ("action", "payload", "answer"),
    [
        ("Heartbeat", {}, None),
        ("DataTransfer", {"vendorId": "X"}, {"status": "UnknownVendorId"}),
        ("SecurityEventNotification",
         {"type": "StartupOfTheDevice", "timestamp": "2026-11-20T20:00:00Z"}, {}),
        ("FirmwareStatusNotification", {"status": "Idle"}, {}),
        ("LogStatusNotification", {"status": "Idle"}, {}),
        ("ReservationStatusUpdate",
         {"reservationId": 1, "reservationUpdateStatus": "Expired"}, {}),
        ("Get15118EVCertificate",
         {"iso15118SchemaVersion": "x", "action": "Install", "exiRequest": "x"},
         {"status": "Failed", "exiResponse": ""}),
        ("GetCertificateStatus", {"ocspRequestData": {}}, {"status": "Failed"}),
    ],
)  # fmt: skip
def test_a_message_that_changes_nothing_is_answered_as_its_schema_wants(
    cp, action, payload, answer
):
    answered = cp.ask(action, payload)

    assert answered == answer if answer is not None else "currentTime" in answered


def test_a_2_1_station_is_answered_even_what_nobody_knows(url):
    with station(url, "CP-1", subprotocols=["ocpp2.1"]) as cp:
        assert cp.refused("VatNumberValidation", {"vatNumber": "X"}) == "NotImplemented"
        assert cp.ask("PullDynamicScheduleUpdate", {"chargingProfileId": 1}) == {
            "status": "Rejected"
        }
