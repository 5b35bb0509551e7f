"""What we ask of OCPP 1.6J stations, named by certification case, asserted on frames.

All cases of a station are asked at once on one connection: each is a call of its own on the wire,
answered in its turn, and its order's end is what the station said.
"""

import pytest

from tests.conformance.cases import negative
from tests.conformance.errands import are_over, ask, became, run
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp16_frames import journalled
from tests.conformance.operations import Case, all_asked, is_of, named, numbered

pytestmark = pytest.mark.conformance

LONG_AGO = "2026-11-01T00:00:00Z"
LATER = "2046-11-01T00:00:00Z"
HASH = {
    "hashAlgorithm": "SHA256",
    "issuerNameHash": "aa",
    "issuerKeyHash": "bb",
    "serialNumber": "01",
}
DIGEST = {"algorithm": "SHA256", "issuer_name": "aa", "issuer_key": "bb", "serial": "01"}
SIGNED = {
    "location": "ftp://depot/f",
    "retrieve_at": LONG_AGO,
    "certificate": "C",
    "signature": "S",
}


def settings(**values):
    return [{"key": key, "readonly": False, "value": value} for key, value in values.items()]


def firmware(name):
    return {"location": f"ftp://depot/{name}", "retrieve_at": LONG_AGO}


def tags(version, *names, **more):
    return {"list_version": version, "tokens": ",".join(names), **more}


def listed(*names):
    return [{"idTag": name, "idTagInfo": {"status": "Accepted"}} for name in names]


# What the station takes; TC numbers of the OCTT document for central systems, 2026-02.
TAKEN = (
    Case("010", "start", "RemoteStartTransaction", {"connectorId": 1, "idTag": "TAG-1"},
         facts={"token": "TAG-1"}),
    Case("011_1", "start", "RemoteStartTransaction", {"connectorId": 1, "idTag": "EARLY"},
         facts={"token": "EARLY"}),
    Case("012", "stop", "RemoteStopTransaction"),
    Case("013", "reset", "Reset", {"type": "Hard"}, facts={"is_hard": True}),
    Case("014", "reset", "Reset", {"type": "Soft"}),
    Case("018_1", "unlock", "UnlockConnector", {"connectorId": 1}, reply={"status": "Unlocked"},
         end=("done", "Unlocked")),
    Case("019_1", "read_settings", "GetConfiguration", {"key": []},
         reply={"configurationKey": settings(A="1", B="2")}, end=("done", "2 keys; A = 1; B = 2")),
    Case("019_2", "read_settings", "GetConfiguration", {"key": ["HeartbeatInterval"]},
         facts={"keys": "HeartbeatInterval"},
         reply={"configurationKey": settings(HeartbeatInterval="300")},
         end=("done", "1 keys; HeartbeatInterval = 300")),
    Case("021", "change_setting", "ChangeConfiguration",
         {"key": "MeterValueSampleInterval", "value": "60"},
         facts={"key": "MeterValueSampleInterval", "value": "60"}),
    Case("021", "change_setting", "ChangeConfiguration", {"key": "LightIntensity", "value": "9"},
         facts={"key": "LightIntensity", "value": "9"}, reply={"status": "RebootRequired"},
         end=("done", "RebootRequired")),
    Case("availability", "availability", "ChangeAvailability", {"connectorId": 1, "type": "Inoperative"},
         facts={"is_operative": False}, reply={"status": "Scheduled"}, end=("done", "Scheduled")),
    Case("availability", "availability", "ChangeAvailability", {"connectorId": 0, "type": "Operative"},
         is_whole_station=True),
    Case("042_2", "read_tokens_version", "GetLocalListVersion", reply={"listVersion": 0},
         end=("done", "listVersion = 0")),
    Case("043_4", "send_tokens", "SendLocalList",
         {"listVersion": 1, "updateType": "Full", "localAuthorizationList": listed("A", "B")},
         facts=tags(1, "A", "B")),
    Case("043_5", "send_tokens", "SendLocalList",
         {"listVersion": 2, "updateType": "Differential",
          "localAuthorizationList": [*listed("C"), {"idTag": "A"}]},
         facts=tags(2, "C", removed="A", is_whole=False)),
    Case("044_1", "update_firmware", "UpdateFirmware",
         {"location": "ftp://depot/a", "retrieveDate": LONG_AGO}, facts=firmware("a"), reply={},
         end=("done", "fileName = ")),
    Case("045_1", "read_log", "GetDiagnostics",
         {"location": "ftp://depot", "startTime": LONG_AGO, "stopTime": LATER},
         facts={"kind": "diagnostics", "location": "ftp://depot", "since": LONG_AGO, "until": LATER},
         reply={"fileName": "log.zip"}, end=("done", "log.zip; fileName = log.zip")),
    Case("046", "reserve", "ReserveNow",
         {"connectorId": 1, "expiryDate": LATER, "idTag": "TAG-1", "reservationId": 46},
         facts={"token": "TAG-1", "until": LATER, "reservation_id": 46}),
    Case("049", "reserve", "ReserveNow", {"connectorId": 0, "reservationId": 49},
         facts={"token": "TAG-1", "until": LATER, "reservation_id": 49}, is_whole_station=True),
    Case("051", "cancel_reservation", "CancelReservation", {"reservationId": 46},
         facts={"reservation_id": 46}),
    Case("054", "tell", "TriggerMessage", {"requestedMessage": "MeterValues", "connectorId": 1},
         facts={"message": "MeterValues"}),
    Case("054", "tell", "TriggerMessage", {"requestedMessage": "Heartbeat"},
         facts={"message": "Heartbeat"}, is_whole_station=True),
    Case("061", "forget_tokens", "ClearCache"),
    Case("066", "read_limits", "GetCompositeSchedule", {"connectorId": 1, "duration": 300},
         facts={"duration_s": 300},
         reply={"status": "Accepted", "connectorId": 1, "chargingSchedule": {
             "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 6.0}],
         }},
         end=("done", "Accepted; from 0 s 6.0 A")),
    Case("067", "clear_profiles", "ClearChargingProfile", {"id": 77}, facts={"profile_id": 77}),
    Case("067", "clear_profiles", "ClearChargingProfile",
         {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 3},
         facts={"purpose": "default", "stack_level": 3}),
    Case("075_1", "install_authority", "InstallCertificate",
         {"certificateType": "ManufacturerRootCertificate", "certificate": "PEM"},
         facts={"authority": "manufacturer", "certificate": "PEM"}),
    Case("075_2", "install_authority", "InstallCertificate",
         {"certificateType": "CentralSystemRootCertificate", "certificate": "PEM"},
         facts={"authority": "central_system", "certificate": "PEM"}),
    Case("076", "read_authorities", "GetInstalledCertificateIds",
         {"certificateType": "CentralSystemRootCertificate"},
         facts={"authority": "central_system"},
         reply={"status": "Accepted", "certificateHashData": [HASH]},
         end=("done", "Accepted; 01 = SHA256 aa bb")),
    Case("076", "delete_authority", "DeleteCertificate", {"certificateHashData": HASH},
         facts=DIGEST),
    Case("079", "read_log", "GetLog",
         {"logType": "SecurityLog", "log": {"remoteLocation": "ftp://depot"}},
         facts={"kind": "security", "location": "ftp://depot"},
         reply={"status": "Accepted", "filename": "s.log"}),
    Case("080", "update_firmware", "SignedUpdateFirmware",
         {"firmware": {"location": "ftp://depot/f", "retrieveDateTime": LONG_AGO,
                       "signingCertificate": "C", "signature": "S"}}, facts=SIGNED),
    Case("074", "tell", "ExtendedTriggerMessage",
         {"requestedMessage": "SignChargePointCertificate", "connectorId": 1},
         facts={"message": "SignCertificate"}),
)  # fmt: skip

# What the station refuses, cannot do, or answers with an error.
REFUSED = (
    Case("026", "start", "RemoteStartTransaction", {"idTag": "TAG-1"}, facts={"token": "TAG-1"},
         reply={"status": "Rejected"}, end=("failed", "Rejected")),
    Case("028", "stop", "RemoteStopTransaction", reply={"status": "Rejected"},
         end=("failed", "Rejected")),
    Case("014", "reset", "Reset", {"type": "Soft"}, reply={"status": "Rejected"},
         end=("failed", "Rejected"), is_whole_station=True),
    Case("030", "unlock", "UnlockConnector", reply={"status": "UnlockFailed"},
         end=("failed", "UnlockFailed")),
    Case("031", "unlock", "UnlockConnector", {"connectorId": 0},
         reply={"status": "NotSupported"}, end=("failed", "NotSupported"), is_whole_station=True),
    Case("040_1", "change_setting", "ChangeConfiguration", {"key": "NoSuchKey", "value": "1"},
         facts={"key": "NoSuchKey", "value": "1"}, reply={"status": "NotSupported"},
         end=("failed", "NotSupported")),
    Case("040_2", "change_setting", "ChangeConfiguration",
         {"key": "MeterValueSampleInterval", "value": "-1"},
         facts={"key": "MeterValueSampleInterval", "value": "-1"}, reply={"status": "Rejected"},
         end=("failed", "Rejected")),
    Case("availability", "availability", "ChangeAvailability", {"type": "Inoperative"},
         facts={"is_operative": False}, reply={"status": "Rejected"}, end=("failed", "Rejected")),
    Case("042_1", "read_tokens_version", "GetLocalListVersion", reply={"listVersion": -1},
         end=("done", "listVersion = -1")),
    Case("043_1", "send_tokens", "SendLocalList", {"listVersion": 1}, facts=tags(1, "A"),
         reply={"status": "NotSupported"}, end=("failed", "NotSupported")),
    Case("043_2", "send_tokens", "SendLocalList", {"listVersion": 2}, facts=tags(2, "A"),
         reply={"status": "VersionMismatch"}, end=("failed", "VersionMismatch")),
    Case("043_3", "send_tokens", "SendLocalList", {"listVersion": 3}, facts=tags(3, "A"),
         reply={"status": "Failed"}, end=("failed", "Failed")),
    Case("044_2", "update_firmware", "UpdateFirmware", {"location": "ftp://depot/b"},
         facts=firmware("b"), reply="NotSupported", end=("failed", "error NotSupported")),
    Case("045_2", "read_log", "GetDiagnostics", {"location": "ftp://nowhere"},
         facts={"kind": "diagnostics", "location": "ftp://nowhere"}, reply="InternalError",
         end=("failed", "error InternalError")),
    *(
        Case(tc, "reserve", "ReserveNow", {"reservationId": number},
             facts={"token": "TAG-1", "until": LATER, "reservation_id": number},
             reply={"status": word}, end=("failed", word))
        for tc, number, word in (
            ("048_1", 481, "Faulted"), ("048_2", 482, "Occupied"),
            ("048_3", 483, "Unavailable"), ("048_4", 484, "Rejected"),
        )
    ),
    Case("052", "cancel_reservation", "CancelReservation", {"reservationId": 999},
         facts={"reservation_id": 999}, reply={"status": "Rejected"}, end=("failed", "Rejected")),
    Case("055", "tell", "TriggerMessage", {"requestedMessage": "MeterValues"},
         facts={"message": "MeterValues"}, reply={"status": "Rejected"},
         end=("failed", "Rejected")),
    Case("055", "tell", "TriggerMessage", {"requestedMessage": "DiagnosticsStatusNotification"},
         facts={"message": "DiagnosticsStatusNotification"}, reply={"status": "NotImplemented"},
         end=("failed", "NotImplemented")),
    Case("061", "forget_tokens", "ClearCache", reply={"status": "Rejected"},
         end=("failed", "Rejected")),
    Case("066", "read_limits", "GetCompositeSchedule", {"duration": 301},
         facts={"duration_s": 301}, reply={"status": "Rejected"}, end=("failed", "Rejected")),
    Case("067", "clear_profiles", "ClearChargingProfile", {"id": 78}, facts={"profile_id": 78},
         reply={"status": "Unknown"}, end=("failed", "Unknown")),
    Case("075_1", "install_authority", "InstallCertificate", {"certificate": "BAD"},
         facts={"authority": "manufacturer", "certificate": "BAD"}, reply={"status": "Rejected"},
         end=("failed", "Rejected")),
    Case("076", "delete_authority", "DeleteCertificate", facts=DIGEST,
         reply={"status": "NotFound"}, end=("failed", "NotFound")),
    Case("079", "read_log", "GetLog", {"logType": "SecurityLog"},
         facts={"kind": "security", "location": "ftp://depot"}, reply="NotImplemented",
         end=("failed", "error NotImplemented")),
    Case("081", "update_firmware", "SignedUpdateFirmware", facts=SIGNED,
         reply={"status": "InvalidCertificate"}, end=("failed", "InvalidCertificate")),
)  # fmt: skip

# What is never sent, whoever asks: the gateway refuses it with a reason, and the wire stays still.
NEVER = (
    ("014", "reset", "CP-3/1", {}, "resets every connector"),
    ("012", "stop", "CP-2/1", {}, "no session runs there"),
    ("067", "clear_profiles", "CP-1/1", {}, "safe limit away"),
    ("067", "clear_profiles", "CP-1", {"purpose": "default"}, "safe limit away"),
    ("067", "clear_profiles", "CP-1", {"profile_id": 2}, "safe limit away"),
    ("073", "change_setting", "CP-1", {"key": "AuthorizationKey", "value": "00"}, "passwords"),
    ("043_2", "send_tokens", "CP-1", {"list_version": 0, "tokens": "A"}, "list_version"),
    ("047", "reserve", "CP-1/1", {"token": "TAG-1", "until": LONG_AGO}, "until is missing or past"),
    ("043_4", "send_tokens", "CP-1", {"list_version": 1, "tokens": "T" * 21}, "too long"),
    ("081", "update_firmware", "CP-1", {"location": "ftp://x", "signature": "S"}, "half of a"),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home) as address:
        yield address


def worked(url, home, place, *, cases):
    """Ask everything of a connector that has a session; return frames and ends."""
    station_id = place.partition("/")[0]
    with station(url, station_id) as cp:
        cp.boot()
        started = cp.ask(
            "StartTransaction",
            {"connectorId": 1, "idTag": "TAG-1", "meterStart": 0, "timestamp": LONG_AGO},
        )
        ends = all_asked(cp, home, place, cases=cases)
        return cp.calls, ends, started["transactionId"]


@pytest.fixture(scope="module")
def taken(url, home):
    return worked(url, home, "CP-1/1", cases=TAKEN)


@pytest.fixture(scope="module")
def refused(url, home):
    return worked(url, home, "CP-3/1", cases=REFUSED)


@pytest.mark.parametrize("at", numbered(TAKEN))
def test_what_we_ask_is_the_cases_frame_and_its_answer_is_kept(taken, at):
    frames, ends, _ = taken

    assert any(is_of(TAKEN[at], action, payload) for _, action, payload in frames)
    assert ends[at] == TAKEN[at].end


@negative
@pytest.mark.parametrize("at", numbered(REFUSED))
def test_what_a_station_refuses_is_shown_as_refused_in_its_own_word(refused, at):
    frames, ends, _ = refused

    assert any(is_of(REFUSED[at], action, payload) for _, action, payload in frames)
    assert ends[at] == REFUSED[at].end


def test_tc_012_a_session_is_stopped_by_the_number_it_was_given(taken):
    frames, _, number = taken

    stops = [payload for _, action, payload in frames if action == "RemoteStopTransaction"]
    assert stops == [{"transactionId": number}]


def test_tc_059_a_remote_start_carries_the_safe_limit_for_the_transaction_to_come(taken):
    frames, _, _ = taken

    first = next(payload for _, action, payload in frames if action == "RemoteStartTransaction")
    profile = first["chargingProfile"]
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert "transactionId" not in profile  # OCPP 1.6 section 5.16.2
    assert profile["chargingSchedule"]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}  # 1380 W / 230 V
    ]


def test_tc_017_1_a_connector_without_a_session_is_unlocked(url, home):
    with station(url, "CP-3") as cp:
        unlocked = {"status": "Unlocked"}
        assert run(cp, home, "unlock", place="CP-3/2", answer=unlocked) == ("done", "Unlocked")

    assert cp.asked("UnlockConnector") == [{"connectorId": 2}]


@negative
def test_tc_017_2_a_cable_that_is_fixed_cannot_be_unlocked(url, home):
    with station(url, "CP-2") as cp:
        end = run(cp, home, "unlock", place="CP-2/1", answer={"status": "NotSupported"})

    assert end == ("failed", "NotSupported")


@negative
def test_tc_011_2_a_remote_start_that_no_cable_follows_is_no_session(url, home):
    with station(url, "CP-2") as cp:
        assert run(cp, home, "start", place="CP-2/1", facts={"token": "TAG-1"})[0] == "done"
        for word in ("Preparing", "Available"):
            told = {"connectorId": 1, "errorCode": "NoError", "status": word}
            assert cp.ask("StatusNotification", told) == {}

    assert journalled(home, "status", status="Available")
    assert not [one for one in journalled(home, "session_started") if "CP-2" in one["session_id"]]


@pytest.fixture(scope="module")
def never(url, home, taken):
    """Ask all of it of stations that are there and armed."""
    with station(url, "CP-1") as cp, station(url, "CP-2") as other:
        ids = [ask(home, one[1], place=one[2], facts=one[3]) for one in NEVER]
        cp.hear(lambda: are_over(home, ids))
        other.ask("Heartbeat", {})  # whatever was to be said to it has been said before the answer
        return cp.calls + other.calls, [became(home, one)[1] for one in ids]


@negative
@pytest.mark.parametrize(
    "at", [pytest.param(at, id=named(one[0], one[1])) for at, one in enumerate(NEVER)]
)
def test_what_must_never_be_sent_is_refused_with_its_reason(never, at):
    frames, notes = never

    assert NEVER[at][4] in notes[at]
    assert {action for _, action, _ in frames}.isdisjoint(
        {"ClearChargingProfile", "RemoteStopTransaction", "ReserveNow", "SendLocalList"}
    )
