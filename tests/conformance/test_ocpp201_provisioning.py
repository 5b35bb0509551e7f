"""OCPP 2.0.1 blocks B, C and G: provisioning, tokens, availability; frames on the wire."""

import sqlite3
from contextlib import closing, contextmanager

import pytest
from websockets.exceptions import InvalidStatus

from tests.conformance.cases import negative
from tests.conformance.gateway_process import SITE, WAIT_S, gateway, station
from tests.conformance.ocpp201_frames import BOOT, STATION_201, TAG, status, told

pytestmark = pytest.mark.conformance

STRICT_SITE = (
    SITE
    + """
[[identity]]
token = "TAG-2"
vehicle_id = "van-2"
parent = "FLEET"

[[identity]]
token = "LOST"
vehicle_id = "van-3"
is_blocked = true

[[identity]]
token = "OLD"
vehicle_id = "van-4"
valid_to = 2026-01-01T00:00:00Z

[[identity]]
token = "EARLY"
vehicle_id = "van-5"
valid_from = 2046-01-01T00:00:00Z

[gateway]
unknown_policy = "require_known"
"""
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home, site=STRICT_SITE) as address:
        yield address


@pytest.fixture
def cp(url):
    with station(url, "CP-1", **STATION_201) as connected:
        yield connected


# --- B: provisioning ------------------------------------------------------------------------


def test_tc_b_01_cold_boot_is_accepted_with_time_and_interval(cp):
    answer = cp.ask("BootNotification", BOOT)

    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    assert answer["currentTime"].endswith("Z")


@contextmanager
def unwritable(home):
    """Let nobody else write into the mailbox, as a disk that is full would."""
    with closing(sqlite3.connect(home / "exchange.sqlite", timeout=WAIT_S)) as other:
        other.isolation_level = None
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@negative
def test_tc_b_02_b_30_b_31_while_nothing_can_be_recorded_a_boot_is_pending(home, cp):
    with unwritable(home):
        pending = cp.ask("BootNotification", BOOT)
        told = cp.refused("StatusNotification", status("Available"))
        # No limit is sent, and no session begins, that would not be in the journal.
        before = [action for _, action, _ in cp.calls]

    cp.hear(lambda: bool(cp.asked("TriggerMessage")))
    asked = cp.asked("TriggerMessage")[0]
    accepted = cp.ask("BootNotification", BOOT)

    assert (pending["status"], accepted["status"]) == ("Pending", "Accepted")
    assert pending["interval"] > 0
    assert told == "SecurityError"  # B02.FR.09
    assert before == []
    assert asked == {"requestedMessage": "BootNotification"}
    assert cp.ask("StatusNotification", status("Available")) == {}


@negative
def test_tc_b_01_a_boot_without_a_model_is_refused_by_the_right_name(cp):
    payload = {"reason": "PowerUp", "chargingStation": {"vendorName": "V"}}

    # Spelled otherwise than 1.6 spells it (OCPP-J 2.0.1 table 9).
    assert cp.refused("BootNotification", payload) == "OccurrenceConstraintViolation"


@negative
def test_tc_b_01_a_boot_in_the_words_of_1_6_is_refused(cp):
    payload = {"chargePointVendor": "V", "chargePointModel": "M"}

    assert cp.refused("BootNotification", payload) == "OccurrenceConstraintViolation"


def test_tc_b_58_version_2_0_1_is_spoken_where_1_6_is_offered_too(url):
    with station(url, "CP-1", subprotocols=["ocpp1.6", "ocpp2.0.1"]) as cp:
        assert cp.socket.subprotocol == "ocpp2.0.1"


def test_the_newest_common_version_is_spoken(url):
    with station(url, "CP-1", subprotocols=["ocpp1.6", "ocpp2.0.1", "ocpp2.1"]) as cp:
        assert cp.socket.subprotocol == "ocpp2.1"


@negative
def test_tc_b_58_version_2_0_alone_is_not_spoken(url):
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

    assert values["TxUpdatedInterval"] == "30"  # a disobedient one is caught within a minute
    # ocpp.md section 4: 5, 20, 3, so that a restart of ours brings no storm.
    assert values["RetryBackOffWaitMinimum"] == "5"
    assert values["RetryBackOffRandomRange"] == "20"
    assert values["RetryBackOffRepeatTimes"] == "3"


def test_tc_b_12_a_report_is_taken(cp):
    report = {"requestId": 1, "generatedAt": "2026-11-20T20:00:00Z", "seqNo": 0}

    assert cp.ask("NotifyReport", report) == {}


@negative
def test_tc_b_03_a_station_that_nobody_knows_gets_no_connection(url):
    with pytest.raises(InvalidStatus) as refused, station(url, "STRANGER", **STATION_201):
        pass

    assert refused.value.response.status_code == 404


@negative
@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("NotifyReport", {"generatedAt": "2026-11-20T20:00:00Z", "seqNo": 0},
         "OccurrenceConstraintViolation"),
        ("NotifyReport", {"requestId": "one", "generatedAt": "x", "seqNo": 0},
         "TypeConstraintViolation"),
        ("FirmwareStatusNotification", {"status": "Sleeping"}, "PropertyConstraintViolation"),
        ("LogStatusNotification", {}, "OccurrenceConstraintViolation"),
        ("ReservationStatusUpdate", {"reservationId": 1}, "OccurrenceConstraintViolation"),
        ("DataTransfer", {}, "OccurrenceConstraintViolation"),
    ],
)  # fmt: skip
def test_tc_b_12_a_notice_that_breaks_the_rules_is_refused_by_the_right_name(
    cp, action, payload, code
):
    assert cp.refused(action, payload) == code


# --- C: tokens ------------------------------------------------------------------------------


def test_tc_c_02_a_known_token_may_charge(cp):
    assert cp.ask("Authorize", {"idToken": TAG}) == {"idTokenInfo": {"status": "Accepted"}}


@negative
def test_tc_c_02_an_authorization_without_a_token_is_refused(cp):
    assert cp.refused("Authorize", {}) == "OccurrenceConstraintViolation"


@negative
@pytest.mark.parametrize(
    ("token", "status"),
    [
        pytest.param("NOBODY", "Invalid", id="TC_C_02-unknown"),
        pytest.param("EARLY", "Invalid", id="TC_C_02-early"),
        pytest.param("LOST", "Blocked", id="TC_C_06"),
        pytest.param("OLD", "Expired", id="TC_C_07"),
    ],
)
def test_tc_c_a_token_that_may_not_charge_is_told_why(cp, token, status):
    offered = {"idToken": token, "type": "ISO14443"}

    assert cp.ask("Authorize", {"idToken": offered}) == {"idTokenInfo": {"status": status}}


@negative
def test_tc_c_06_a_blocked_token_begins_a_session_that_may_not_charge(cp):
    start = told("Started", "blocked", 0, idToken={"idToken": "LOST", "type": "ISO14443"},
                 evse={"id": 1})  # fmt: skip

    assert cp.ask("TransactionEvent", start) == {"idTokenInfo": {"status": "Blocked"}}
    assert cp.ask("TransactionEvent", told("Ended", "blocked", 1)) == {}


@negative
@pytest.mark.parametrize("token", ["TAG-1", ["TAG-1"], 7])
def test_tc_c_02_a_token_that_is_no_token_is_refused(cp, token):
    assert cp.refused("Authorize", {"idToken": token}) == "OccurrenceConstraintViolation"


@negative
@pytest.mark.parametrize(
    "shown",
    [
        {"certificate": "-----BEGIN CERTIFICATE-----"},
        {"iso15118CertificateHashData": [{"hashAlgorithm": "SHA256", "issuerNameHash": "a",
                                          "issuerKeyHash": "b", "serialNumber": "1",
                                          "responderURL": "https://ocsp.example"}]},
    ],
)  # fmt: skip
def test_tc_c_51_a_contract_certificate_is_told_to_be_unknown_whatever_its_name(cp, shown):
    offered = {"idToken": "TAG-1", "type": "eMAID"}

    answer = cp.ask("Authorize", {"idToken": offered, **shown})

    # Nobody here can look through it, so the name in it proves nothing.
    assert answer == {
        "idTokenInfo": {"status": "Invalid"},
        "certificateStatus": "NoCertificateAvailable",
    }


def test_tc_c_39_a_token_of_a_group_is_told_its_group(cp):
    offered = {"idToken": "TAG-2", "type": "ISO14443"}

    answer = cp.ask("Authorize", {"idToken": offered})

    group = {"idToken": "FLEET", "type": "Central"}
    assert answer["idTokenInfo"] == {"status": "Accepted", "groupIdToken": group}  # C09.FR.03


# --- G: availability ------------------------------------------------------------------------


def test_tc_g_01_a_status_is_taken(cp):
    assert cp.ask("StatusNotification", status("Faulted")) == {}
    assert cp.ask("StatusNotification", status("Available")) == {}


@negative
def test_tc_g_01_a_status_without_a_connector_status_is_refused(cp):
    payload = status("Available")
    del payload["connectorStatus"]

    assert cp.refused("StatusNotification", payload) == "OccurrenceConstraintViolation"


@pytest.mark.parametrize("word", ["Available", "Occupied", "Reserved", "Unavailable", "Faulted"])
def test_tc_g_01_every_status_of_a_connector_is_taken(cp, word):
    assert cp.ask("StatusNotification", status(word)) == {}


@negative
@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"connectorStatus": "Charging"}, "PropertyConstraintViolation"),  # a word of 1.6
        ({"connectorStatus": ["Available"]}, "TypeConstraintViolation"),
        ({"evseId": None}, "OccurrenceConstraintViolation"),
        ({"evseId": -1}, "PropertyConstraintViolation"),
    ],
)
def test_tc_g_01_a_status_that_breaks_the_rules_is_refused(cp, changed, code):
    assert cp.refused("StatusNotification", status("Available") | changed) == code


# --- what is not for us, or not from a station ------------------------------------------------


@negative
def test_an_unknown_action_is_not_implemented(cp):
    assert cp.refused("Abracadabra", {}) == "NotImplemented"


@negative
def test_a_1_6_action_is_not_implemented(cp):
    assert cp.refused("StartTransaction", {"connectorId": 1}) == "NotImplemented"


@negative
def test_an_action_of_ours_is_not_supported(cp):
    assert cp.refused("SetChargingProfile", {}) == "NotSupported"


@negative
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
