import json
from dataclasses import replace

import pytest

from depotlib.errors import FrameError
from depotlib.gateway.calls import (
    ClearProfiles,
    ReadInventory,
    ReadProfiles,
    ReadTokensVersion,
    ReadTransaction,
    Restart,
    SendTokens,
    SetAvailability,
    StartRemotely,
    StopRemotely,
    Unlock,
)
from depotlib.gateway.guard import read_frame
from depotlib.gateway.messages import (
    AnswerEmpty,
    AskFor,
    ChangeConfiguration,
    InstallProfile,
    MeterReported,
    NoticeGiven,
    ReadComposite,
    ReadConfiguration,
    TokenOffered,
    TransactionTold,
    VehicleTold,
)
from depotlib.gateway.negotiation import ProfilesTold
from depotlib.gateway.profiles import Period, lease_profile
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.transactions import LARGEST_NUMBER, number_of
from depotlib.gateway.upkeep import ReadLog
from depotlib.gateway.versions.ocpp16 import OCPP16
from depotlib.gateway.versions.ocpp21 import OCPP21
from depotlib.gateway.versions.ocpp201 import NOTICES, OCPP201, OURS
from depotlib.model.release import LimitStep
from tests.gateway_cases import T0, at

AC = Dialect(unit="A", phases=3, voltage_v=230.0, current_type="AC")


def read(action, payload):
    return OCPP201.read_call(read_frame(json.dumps([2, "1", action, payload])), T0)


def profile(*, transaction_id=None):
    return lease_profile(
        (LimitStep(T0, 6.9), LimitStep(at(900), 13.8)),
        AC,
        connector=1,
        transaction_id=transaction_id,
        valid_to=at(3600),
        now=T0,
    )


def samples(*sampled):
    value = {"timestamp": "2026-11-20T20:00:00Z", "sampledValue": list(sampled)}
    event = read("MeterValues", {"evseId": 1, "meterValue": [value]})
    assert isinstance(event, MeterReported)
    return event.samples


# --- reading --------------------------------------------------------------------------------


def test_a_token_that_stands_for_none_is_none():
    event = read("Authorize", {"idToken": {"idToken": "", "type": "NoAuthorization"}})

    assert event == TokenOffered("1", "")


@pytest.mark.parametrize("kind", ["eMAID", "MacAddress", "ISO15693", "KeyCode", "Central"])
def test_a_token_of_every_kind_is_evidence(kind):
    event = read("Authorize", {"idToken": {"idToken": "DE8AA1234567", "type": kind}})

    assert event == TokenOffered("1", "DE8AA1234567")


def test_a_vehicle_that_names_itself_is_evidence():
    data = {
        "component": {"name": "ConnectedEV", "evse": {"id": 2}},
        "variable": {"name": "VehicleId"},
        "actualValue": "0011AABBCC",
    }

    assert read("NotifyEvent", {"eventData": [data]}) == VehicleTold("1", 2, "0011AABBCC")


def test_history_is_told_apart():
    event = read(
        "TransactionEvent",
        {
            "eventType": "Updated",
            "timestamp": "2026-11-20T19:00:00Z",
            "triggerReason": "MeterValuePeriodic",
            "seqNo": 4,
            "offline": True,
            "transactionInfo": {"transactionId": "t", "chargingState": "SuspendedEVSE"},
        },
    )

    assert isinstance(event, TransactionTold)
    assert (event.phase, event.seq, event.is_offline) == ("updated", 4, True)
    assert (event.status, event.token, event.connector) == ("SuspendedEVSE", None, None)


def test_what_is_fresh_is_no_history_whatever_it_calls_itself():
    event = read(
        "TransactionEvent",
        {
            "eventType": "Updated",
            "timestamp": "2026-11-20T19:59:30Z",  # half a minute before now
            "triggerReason": "MeterValuePeriodic",
            "seqNo": 4,
            "offline": True,
            "transactionInfo": {"transactionId": "t"},
        },
    )

    assert isinstance(event, TransactionTold)
    assert not event.is_offline


def test_the_meter_at_the_outlet_goes_before_one_elsewhere():
    power = {"measurand": "Power.Active.Import"}

    (sample,) = samples(
        {"value": 9000, "location": "Inlet", **power},
        {"value": 8000, "location": "Outlet", **power},
    )

    assert sample.power_kw == 8.0


def test_phases_are_summed_and_powers_of_ten_count():
    unit = {"unit": "W", "multiplier": 3}
    power = {"measurand": "Power.Active.Import", "unitOfMeasure": unit}

    (sample,) = samples(*({"value": 2, "phase": phase, **power} for phase in ("L1", "L2", "L3")))

    assert sample.power_kw == 6.0


def test_a_power_of_ten_beyond_reason_says_nothing():
    unit = {"multiplier": 400}

    assert samples({"value": 2, "unitOfMeasure": unit}) == ()


def test_profiles_of_others_kinds_are_left_out():
    foreign = {
        "id": 1,
        "stackLevel": 0,
        "chargingProfilePurpose": "ChargingStationExternalConstraints",
        "chargingSchedule": [{"id": 1, "chargingRateUnit": "A", "chargingSchedulePeriod": []}],
    }
    event = read(
        "ReportChargingProfiles",
        {"requestId": 3, "evseId": 1, "tbc": True, "chargingProfile": [foreign, {}]},
    )

    assert event == ProfilesTold("1", 3, 1, (), is_last=False)


@pytest.mark.parametrize("action", sorted(OURS))
def test_what_is_ours_to_ask_is_not_supported(action):
    with pytest.raises(FrameError) as refused:
        read(action, {})

    assert refused.value.code == "NotSupported"


# --- writing --------------------------------------------------------------------------------


def test_a_profile_that_a_station_tells_back_is_the_one_it_was_sent():
    name = "a-name"
    sent = replace(profile(transaction_id=number_of(name)), transaction_name=name)
    _, payload = OCPP201.write_call(InstallProfile("r", sent, rank=1))

    event = read(
        "ReportChargingProfiles",
        {"requestId": 3, "evseId": 1, "chargingProfile": [payload["chargingProfile"]]},
    )

    assert isinstance(event, ProfilesTold)
    assert event.profiles == (sent,)


def test_a_number_is_always_the_same_and_31_bit():
    assert number_of("a") == number_of("a") != number_of("b")
    assert all(0 < number_of(str(one)) <= LARGEST_NUMBER for one in range(1000))


CALLS = [
    (AskFor("r", "StatusNotification", connector=2), "TriggerMessage",
     {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}}),
    (AskFor("r", "BootNotification"), "TriggerMessage", {"requestedMessage": "BootNotification"}),
    (ChangeConfiguration("r", "MeterValueSampleInterval", "60"), "SetVariables",
     {"setVariableData": [{"attributeValue": "60", "component": {"name": "SampledDataCtrlr"},
                           "variable": {"name": "TxUpdatedInterval"}}]}),
    (ClearProfiles("r", profile_id=7, connector=1), "ClearChargingProfile",
     {"chargingProfileId": 7}),
    (ClearProfiles("r", purpose="transaction", stack_level=1), "ClearChargingProfile",
     {"chargingProfileCriteria": {"chargingProfilePurpose": "TxProfile", "stackLevel": 1}}),
    (ReadProfiles("r", 5, connector=1), "GetChargingProfiles",
     {"requestId": 5, "evseId": 1, "chargingProfile": {"chargingLimitSource": ["CSO"]}}),
    (ReadInventory("r", 5), "GetBaseReport", {"requestId": 5, "reportBase": "FullInventory"}),
    (ReadTransaction("r", "own"), "GetTransactionStatus", {"transactionId": "own"}),
    (ReadTransaction("r"), "GetTransactionStatus", {}),
    (ReadConfiguration("r", ("OCPPCommCtrlr.HeartbeatInterval", "Model")), "GetVariables",
     {"getVariableData": [
         {"component": {"name": "OCPPCommCtrlr"}, "variable": {"name": "HeartbeatInterval"}},
         {"component": {"name": "ChargingStation"}, "variable": {"name": "Model"}}]}),
    (SendTokens("r", 3, ("TAG",)), "SendLocalList",
     {"versionNumber": 3, "updateType": "Full", "localAuthorizationList": [
         {"idToken": {"idToken": "TAG", "type": "Central"}, "idTokenInfo": {"status": "Accepted"}}]}),
    (ReadTokensVersion("r"), "GetLocalListVersion", {}),
    (StartRemotely("r", 1, "TAG", 9), "RequestStartTransaction",
     {"evseId": 1, "remoteStartId": 9, "idToken": {"idToken": "TAG", "type": "Central"}}),
    (StopRemotely("r", 77, name="own"), "RequestStopTransaction", {"transactionId": "own"}),
    (Restart("r", is_hard=True), "Reset", {"type": "Immediate"}),
    (Restart("r", is_hard=False), "Reset", {"type": "OnIdle"}),
    (SetAvailability("r", 0, is_operative=False), "ChangeAvailability",
     {"operationalStatus": "Inoperative"}),
    (SetAvailability("r", 2, is_operative=True), "ChangeAvailability",
     {"operationalStatus": "Operative", "evse": {"id": 2}}),
    (Unlock("r", 2), "UnlockConnector", {"evseId": 2, "connectorId": 1}),
    (ReadComposite("r", connector=1, duration_s=60, unit="A"), "GetCompositeSchedule",
     {"evseId": 1, "duration": 60, "chargingRateUnit": "A"}),
]  # fmt: skip


@pytest.mark.parametrize("version", [OCPP201, OCPP21], ids=["2.0.1", "2.1"])
@pytest.mark.parametrize(
    ("command", "action", "payload"), CALLS, ids=lambda one: type(one).__name__
)
def test_each_of_our_calls_is_written_as_its_schema_wants(version, command, action, payload):
    assert version.write_call(command) == (action, payload)


@pytest.mark.parametrize("action", sorted(NOTICES))
def test_each_notice_has_an_answer_that_its_schema_takes(action):
    assert OCPP201.write_answer(AnswerEmpty("1", action)) == NOTICES[action]


@pytest.mark.parametrize(
    ("payload", "code"),
    [
        ({}, "OccurenceConstraintViolation"),
        ({"status": None}, "OccurenceConstraintViolation"),
        ({"status": 7}, "TypeConstraintViolation"),
        ({"status": ["Idle"]}, "TypeConstraintViolation"),
        ({"status": "Sleeping"}, "PropertyConstraintViolation"),
        ({"status": "Installed", "requestId": "seven"}, "TypeConstraintViolation"),
        ({"status": "Installed", "requestId": True}, "TypeConstraintViolation"),
    ],
)
def test_a_notice_that_breaks_the_rules_is_refused_and_says_how(payload, code):
    with pytest.raises(FrameError) as refused:
        read("FirmwareStatusNotification", payload)

    assert (refused.value.code, refused.value.call_id) == (code, "1")


def test_a_notice_may_hold_what_its_schema_does_not_know_and_data_of_any_kind():
    payload = {"vendorId": "V", "data": [1, {"a": None}], "vendorField": 1}

    assert read("DataTransfer", payload) == NoticeGiven("1", "DataTransfer")


def test_an_empty_list_of_tokens_is_said_by_leaving_it_out():
    assert OCPP201.write_call(SendTokens("r", 3, ())) == (
        "SendLocalList",
        {"versionNumber": 3, "updateType": "Full"},  # D01.FR.04: at least one, or none at all
    )


@pytest.mark.parametrize("version", [OCPP201, OCPP21, OCPP16], ids=["2.0.1", "2.1", "1.6"])
@pytest.mark.parametrize(
    "command",
    [
        ChangeConfiguration("r", "k" * 51, "v"),
        ReadLog("r", 1, "security", "x" * 2049),
        Restart("", is_hard=True),
    ],
    ids=["long key", "long place", "sayable"],
)
def test_what_a_schema_cannot_take_is_never_sent(version, command):
    if isinstance(command, Restart):
        assert version.write_call(command)
    else:
        with pytest.raises(FrameError, match="cannot say") as refused:
            version.write_call(command)
        assert refused.value.code == ""  # nobody is answered: it is ours


# --- replies --------------------------------------------------------------------------------


def test_variables_are_told_by_the_keys_that_1_6_calls_them():
    def result(component, variable, value, status="Accepted"):
        return {
            "attributeStatus": status,
            "attributeValue": value,
            "component": {"name": component},
            "variable": {"name": variable},
        }

    reply = OCPP201.read_reply(
        ReadConfiguration("r", keys=()),
        {
            "getVariableResult": [
                result("SmartChargingCtrlr", "ProfileStackLevel", "3"),
                result("SmartChargingCtrlr", "RateUnit", "W", "UnknownVariable"),
            ]
        },
    )

    assert reply.facts == {"ChargeProfileMaxStackLevel": "3"}


def test_a_variable_that_is_refused_is_refused():
    refused = {"setVariableResult": [{"attributeStatus": "Rejected"}]}

    assert OCPP201.read_reply(ChangeConfiguration("r", "k", "v"), refused).outcome == "rejected"
    assert OCPP201.read_reply(ChangeConfiguration("r", "k", "v"), {}).outcome == "rejected"


def test_an_unlocked_connector_is_a_call_that_was_taken():
    assert OCPP201.read_reply(Unlock("r", 1), {"status": "Unlocked"}).outcome == "accepted"
    assert OCPP201.read_reply(Unlock("r", 1), {"status": "UnlockFailed"}).outcome == "rejected"


@pytest.mark.parametrize(
    ("payload", "outcome", "facts"),
    [
        ({"ongoingIndicator": True, "messagesInQueue": False}, "accepted",
         {"is running": "yes", "more to be told": "no"}),
        ({"messagesInQueue": True}, "accepted", {"more to be told": "yes"}),
        ({"ongoingIndicator": True}, "rejected", {"is running": "yes"}),
        ({"messagesInQueue": "perhaps"}, "rejected", {}),
    ],
)  # fmt: skip
def test_whether_a_transaction_runs_is_told_by_what_must_be_there(payload, outcome, facts):
    reply = OCPP201.read_reply(ReadTransaction("r", "own"), payload)

    assert (reply.outcome, reply.facts) == (outcome, facts)


def test_a_log_that_takes_the_place_of_another_was_taken():
    asked = ReadLog("r", 1, "security", "https://x")

    assert OCPP201.read_reply(asked, {"status": "AcceptedCanceled"}).outcome == "accepted"
    assert OCPP201.read_reply(asked, {"status": "Rejected"}).outcome == "rejected"


def test_why_a_profile_was_refused_is_said():
    refusal = {"status": "Rejected", "statusInfo": {"reasonCode": "Duplicate"}}

    reply = OCPP201.read_reply(InstallProfile("r", profile(), rank=1), refusal)

    assert (reply.outcome, reply.note) == ("rejected", "Rejected Duplicate")


def test_a_composite_schedule_without_a_schedule_tells_nothing():
    asked = ReadComposite("r", connector=1, duration_s=60, unit="A")

    assert OCPP201.read_reply(asked, {"status": "Accepted"}).outcome == "rejected"


def test_a_composite_schedule_is_read():
    asked = ReadComposite("r", connector=1, duration_s=60, unit="A")
    schedule = {
        "chargingRateUnit": "W",
        "scheduleStart": "2026-11-20T20:00:00Z",
        "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.55}, {"limit": -1}],
    }

    reply = OCPP201.read_reply(asked, {"status": "Accepted", "schedule": schedule})

    assert (reply.periods, reply.unit, reply.periods_from) == ((Period(0, 105),), "W", T0)
