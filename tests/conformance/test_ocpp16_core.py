"""What stations of OCPP 1.6J say, named by certification case, asserted on frames of a raw client."""

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from depotlib.gateway.versions.ocpp16 import OURS
from tests.conformance.cases import negative
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp16_frames import (
    STRICT_SITE,
    at,
    journalled,
    meter,
    start,
    status,
    stop,
)

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home, site=STRICT_SITE) as address:
        yield address


# --- core: a session from its beginning to its end ---------------------------------------------


def test_tc_001_cold_boot_is_accepted_with_time_and_interval(url):
    with station(url, "CP-1") as cp:
        answer = cp.boot()

    assert answer["status"] == "Accepted"
    assert answer["interval"] > 0
    assert answer["currentTime"].endswith("Z")


def test_tc_001_status_notifications_after_a_boot_are_answered_with_nothing(url):
    with station(url, "CP-1") as cp:
        cp.boot()
        for connector in (0, 1):
            assert cp.ask("StatusNotification", status("Available", connector=connector)) == {}
        assert cp.ask("Heartbeat", {})["currentTime"].endswith("Z")


def test_tc_003_a_session_is_plugged_in_metered_and_stopped(url, home):
    with station(url, "CP-1") as cp:
        assert cp.ask("StatusNotification", status("Preparing")) == {}
        assert cp.ask("Authorize", {"idTag": "TAG-1"})["idTagInfo"] == {"status": "Accepted"}
        started = cp.ask("StartTransaction", start())
        number = started["transactionId"]
        assert cp.ask("StatusNotification", status("Charging")) == {}
        power = {"value": "3.5", "measurand": "Power.Active.Import", "unit": "kW"}
        assert cp.ask("MeterValues", meter({"value": "500"}, power, transactionId=number)) == {}
        assert cp.ask("StopTransaction", stop(number, idTag="TAG-1")) == {}

    assert 0 < number < 2**31
    assert started["idTagInfo"]["status"] == "Accepted"
    (ended,) = journalled(home, "session_ended", transaction_id=number)
    assert (ended["vehicle_id"], ended["energy_kwh"]) == ("van-1", 0.9)


def test_tc_004_1_a_tag_first_then_the_cable(url):
    with station(url, "CP-1") as cp:
        assert cp.ask("Authorize", {"idTag": "tag-1"})["idTagInfo"]["status"] == "Accepted"
        cp.ask("StatusNotification", status("Preparing"))
        number = cp.ask("StartTransaction", start())["transactionId"]
        assert cp.ask("StopTransaction", stop(number)) == {}


def test_tc_004_2_a_tag_without_a_cable_is_no_session(url, home):
    before = len(journalled(home, "session_started"))
    with station(url, "CP-1") as cp:
        cp.ask("Authorize", {"idTag": "TAG-1"})
        cp.ask("StatusNotification", status("Preparing"))
        assert cp.ask("StatusNotification", status("Available")) == {}

    assert len(journalled(home, "session_started")) == before


def test_tc_005_1_a_cable_pulled_at_the_vehicle_ends_the_session_with_its_reason(url, home):
    with station(url, "CP-1") as cp:
        number = cp.ask("StartTransaction", start())["transactionId"]
        cp.ask("StatusNotification", status("SuspendedEV"))
        cp.ask("StopTransaction", stop(number, reason="EVDisconnected"))
        assert cp.ask("StatusNotification", status("Finishing")) == {}

    (ended,) = journalled(home, "session_ended", transaction_id=number)
    assert ended["reason"] == "EVDisconnected"


def test_tc_007_a_tag_known_to_the_station_needs_no_authorize(url):
    with station(url, "CP-1") as cp:
        answer = cp.ask("StartTransaction", start())
        cp.ask("StopTransaction", stop(answer["transactionId"]))

    assert answer["idTagInfo"]["status"] == "Accepted"


def test_tc_024_a_lock_that_fails_is_a_fault_and_no_session(url, home):
    with station(url, "CP-1") as cp:
        cp.ask("StatusNotification", status("Preparing"))
        told = status("Faulted", error="ConnectorLockFailure")
        assert cp.ask("StatusNotification", told) == {}
        cp.ask("StatusNotification", status("Available"))

    assert journalled(home, "status", status="Faulted", error_code="ConnectorLockFailure")


def test_tc_032_1_a_session_that_a_power_failure_ended_is_told_after_the_boot(url, home):
    with station(url, "CP-1") as cp:
        number = cp.ask("StartTransaction", start())["transactionId"]
    with station(url, "CP-1") as cp:
        assert cp.boot()["status"] == "Accepted"
        assert cp.ask("StopTransaction", stop(number, reason="PowerLoss")) == {}

    (ended,) = journalled(home, "session_ended", transaction_id=number)
    assert ended["reason"] == "PowerLoss"


def test_tc_053_a_tag_is_told_its_group_so_that_a_reservation_of_the_group_is_its_own(url):
    with station(url, "CP-1") as cp:
        assert cp.ask("Authorize", {"idTag": "CHILD"})["idTagInfo"] == {
            "status": "Accepted", "parentIdTag": "FLEET"
        }  # fmt: skip
        started = cp.ask("StartTransaction", start("CHILD", reservationId=53))
        cp.ask("StopTransaction", stop(started["transactionId"]))

    assert started["idTagInfo"]["parentIdTag"] == "FLEET"


def test_tc_046_a_session_on_a_reserved_connector_is_a_session(url):
    with station(url, "CP-1") as cp:
        cp.ask("StatusNotification", status("Reserved"))
        started = cp.ask("StartTransaction", start(reservationId=46))
        cp.ask("StopTransaction", stop(started["transactionId"]))

    assert started["idTagInfo"]["status"] == "Accepted"


def test_meters_on_the_clock_without_a_session_are_answered(url):
    with station(url, "CP-1") as cp:
        told = meter({"value": "251920", "context": "Sample.Clock", "unit": "Wh"})
        assert cp.ask("MeterValues", told) == {}
        assert cp.ask("MeterValues", told | {"connectorId": 0}) == {}


# --- authorisation -----------------------------------------------------------------------------


@negative
@pytest.mark.parametrize(
    ("tag", "word"),
    [
        pytest.param("STRANGER", "Invalid", id="TC_023_1"),
        pytest.param("OLD", "Expired", id="TC_023_2"),
        pytest.param("LOST", "Blocked", id="TC_023_3"),
    ],
)
def test_tc_023_a_tag_that_may_not_charge_is_told_why_and_its_start_still_gets_a_number(
    url, tag, word
):
    with station(url, "CP-1") as cp:
        assert cp.ask("Authorize", {"idTag": tag})["idTagInfo"] == {"status": word}
        started = cp.ask("StartTransaction", start(tag))
        cp.ask("StopTransaction", stop(started["transactionId"], reason="DeAuthorized"))

    assert started["transactionId"] > 0  # errata 3.54
    assert started["idTagInfo"] == {"status": word}


@negative
def test_a_refused_start_does_not_end_the_session_that_runs(url, home):
    with station(url, "CP-1") as cp:
        number = cp.ask("StartTransaction", start())["transactionId"]
        refused = cp.ask("StartTransaction", start("STRANGER"))
        assert journalled(home, "session_ended", transaction_id=number) == []
        cp.ask("StopTransaction", stop(number, wh=1500))

    assert refused["idTagInfo"]["status"] == "Invalid"
    assert [one["energy_kwh"] for one in journalled(home, "session_ended", transaction_id=number)]


# --- offline -----------------------------------------------------------------------------------


def test_tc_037_1_a_start_that_is_repeated_gets_the_same_number(url):
    replayed = start()
    with station(url, "CP-1") as cp:
        first = cp.ask("StartTransaction", replayed, unique_id="a")
    with station(url, "CP-1") as cp:
        second = cp.ask("StartTransaction", replayed, unique_id="b")
        cp.ask("StopTransaction", stop(first["transactionId"]))

    assert first == second


@negative
def test_tc_037_3_an_offline_start_with_a_tag_that_may_not_charge_is_told_so_when_it_comes(url):
    offline = start("OLD")
    with station(url, "CP-1") as cp:
        late = cp.ask("StartTransaction", offline)
        cp.ask("StopTransaction", stop(late["transactionId"], reason="DeAuthorized"))
        again = cp.ask("StartTransaction", offline, unique_id="b")

    assert late["idTagInfo"] == {"status": "Expired"}
    assert again == late


def test_tc_039_a_session_that_began_and_ended_offline_is_told_in_order_and_counted_once(url, home):
    offline, sample = start(), meter({"value": "700"})
    with station(url, "CP-1") as cp:
        number = cp.ask("StartTransaction", offline)["transactionId"]
        for unique_id in ("m", "n"):  # said twice: the first answer was lost
            told = sample | {"transactionId": number}
            assert cp.ask("MeterValues", told, unique_id=unique_id) == {}
        end = stop(number, wh=1400)
        assert cp.ask("StopTransaction", end, unique_id="s") == {}
        assert cp.ask("StopTransaction", end, unique_id="t") == {}

    (ended,) = journalled(home, "session_ended", transaction_id=number)
    assert ended["energy_kwh"] == 1.4


@negative
@pytest.mark.parametrize("number", [-1, 0, 2**31 - 1, 10**17])
def test_tc_039_a_stop_without_a_known_number_is_answered(url, number):
    with station(url, "CP-2") as cp:
        assert cp.ask("StopTransaction", stop(number)) == {}


# --- firmware, diagnostics, security extension, vendors' own --------------------------------------


@pytest.mark.parametrize(
    ("action", "words"),
    [
        pytest.param("FirmwareStatusNotification",
                     ("Downloading", "Downloaded", "Installing", "Installed"), id="TC_044_1"),
        pytest.param("FirmwareStatusNotification", ("Downloading", "DownloadFailed"),
                     id="TC_044_2"),
        pytest.param("FirmwareStatusNotification", ("Installing", "InstallationFailed"),
                     id="TC_044_3"),
        pytest.param("DiagnosticsStatusNotification", ("Uploading", "Uploaded"), id="TC_045_1"),
        pytest.param("DiagnosticsStatusNotification", ("Uploading", "UploadFailed"),
                     id="TC_045_2"),
        pytest.param("LogStatusNotification", ("Uploading", "Uploaded"), id="TC_079"),
        pytest.param("SignedFirmwareStatusNotification",
                     ("Downloading", "SignatureVerified", "Installed"), id="TC_080"),
        pytest.param("SignedFirmwareStatusNotification", ("Downloaded", "InvalidSignature"),
                     id="TC_081"),
    ],
)  # fmt: skip
def test_how_far_firmware_and_logs_have_come_is_answered_and_journalled(url, home, action, words):
    before = len(journalled(home, "upkeep_status", action=action))
    with station(url, "CP-1") as cp:
        for word in words:
            assert cp.ask(action, {"status": word, "requestId": 1}) == {}

    told = [one["status"] for one in journalled(home, "upkeep_status", action=action)[before:]]
    assert tuple(told) == words


def test_tc_064_data_of_an_unknown_vendor_is_answered_so(url):
    with station(url, "CP-1") as cp:
        answer = cp.ask("DataTransfer", {"vendorId": "EXAMPLE", "data": "1,Preparing"})

    assert answer == {"status": "UnknownVendorId"}


# --- what is wrong gets the right error ----------------------------------------------------------

OCCURRENCE = "OccurenceConstraintViolation"  # as OCPP 1.6 spells it
PROPERTY, TYPE = "PropertyConstraintViolation", "TypeConstraintViolation"
WRONG = {
    "a boot without its maker": ("BootNotification", {"chargePointModel": "M"}, OCCURRENCE),
    "a boot whose maker is a list": (
        "BootNotification", {"chargePointVendor": ["V"], "chargePointModel": "M"}, TYPE,
    ),
    "a tag that is not there": ("Authorize", {}, OCCURRENCE),
    "a tag that is an object": ("Authorize", {"idTag": {"a": 1}}, TYPE),
    "a status without its connector": (
        "StatusNotification", {"status": "Available", "errorCode": "NoError"}, OCCURRENCE,
    ),
    "a status that is no word": ("StatusNotification", status("Dancing"), PROPERTY),
    "a status below the station": (
        "StatusNotification", status("Available", connector=-1), PROPERTY,
    ),
    "a status on connector one, in letters": (
        "StatusNotification", status("Available", connector="one"), TYPE,
    ),
    "a start without its connector": ("StartTransaction", {"idTag": "TAG-1"}, OCCURRENCE),
    "a start below the station": ("StartTransaction", start(connectorId=-1), PROPERTY),
    "a stop without its number": ("StopTransaction", {"meterStop": 1}, OCCURRENCE),
    "a stop whose number is none": ("StopTransaction", stop("seven"), TYPE),
    "a meter without values": ("MeterValues", {"connectorId": 1}, OCCURRENCE),
    "a meter whose values are no list": (
        "MeterValues", {"connectorId": 1, "meterValue": 7}, TYPE,
    ),
    "a meter of nothing": ("MeterValues", {"meterValue": []}, OCCURRENCE),
    "data of nobody": ("DataTransfer", {"data": "x"}, OCCURRENCE),
    "a firmware status that is no word": (
        "FirmwareStatusNotification", {"status": "Half"}, PROPERTY,
    ),
    "a diagnostics status without one": ("DiagnosticsStatusNotification", {}, OCCURRENCE),
    "a log status that is a list": ("LogStatusNotification", {"status": []}, TYPE),
    "a firmware's word for a log": ("LogStatusNotification", {"status": "Installed"}, PROPERTY),
    "a request to sign nothing": ("SignCertificate", {}, OCCURRENCE),
    "an event of no kind": ("SecurityEventNotification", {"timestamp": at(1)}, OCCURRENCE),
    "an action that is none": ("Abracadabra", {}, "NotImplemented"),
    "an action of another version": ("TransactionEvent", {}, "NotImplemented"),
}  # fmt: skip


@negative
@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_gets_the_right_error_and_the_conversation_goes_on(url, wrong):
    action, payload, code = WRONG[wrong]
    with station(url, "CP-1") as cp:
        assert cp.refused(action, payload) == code
        assert cp.ask("Heartbeat", {})


@negative
def test_no_action_of_ours_is_a_stations_to_ask(url):
    with station(url, "CP-1") as cp:
        codes = {action: cp.refused(action, {}) for action in sorted(OURS)}

    assert set(codes.values()) == {"NotSupported"}
    assert len(codes) == 25  # the actions of OCPP 1.6 and its security extension that are ours


@negative
@pytest.mark.parametrize(
    "rest", ['"Heartbeat"', '"Heartbeat",[]', '"Heartbeat",null', '"Heartbeat",{},{}', "7,{}"]
)
def test_a_call_that_is_no_call_is_a_formation_violation(url, rest):
    with station(url, "CP-1") as cp:
        cp.socket.send(f'[2,"9",{rest}]')
        cp.hear(lambda: bool(cp.errors))

    assert cp.errors[0][1:3] == ["9", "FormationViolation"]


@negative
def test_broken_frames_do_not_end_the_conversation(url):
    with station(url, "CP-1") as cp:
        for text in ("[" * 5000, "nonsense", '[2,"1",{},{}]', '[3,"never-asked",{}]'):
            cp.socket.send(text)

        assert cp.ask("Heartbeat", {})["currentTime"]


@negative
def test_twenty_broken_frames_close_the_connection_with_1008(url):
    with station(url, "CP-1") as cp:
        for _ in range(20):
            cp.socket.send("nonsense")
        with pytest.raises(ConnectionClosed) as closed:
            cp.hear(lambda: False)

    assert closed.value.rcvd is not None
    assert closed.value.rcvd.code == 1008


# --- the connection ------------------------------------------------------------------------------


@negative
def test_tc_088_an_unknown_subprotocol_is_not_served(url):
    with pytest.raises(InvalidStatus) as refused, station(url, "CP-1", subprotocols=["ocpp9"]):
        pass

    assert refused.value.response.status_code == 400


def test_the_identity_is_the_last_segment_whatever_stands_before_it(url):
    with station(url.removesuffix("/ocpp"), "CP-1") as cp:
        assert cp.ask("Heartbeat", {})
