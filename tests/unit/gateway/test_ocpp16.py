import json

import pytest

from depotlib.errors import FrameError
from depotlib.gateway.guard import read_frame
from depotlib.gateway.messages import (
    AnswerBoot,
    AnswerEmpty,
    AnswerHeartbeat,
    AnswerStart,
    AnswerToken,
    AskFor,
    Booted,
    ChangeConfiguration,
    InstallProfile,
    MeterReported,
    MeterSample,
    NoticeGiven,
    ReadComposite,
    ReadConfiguration,
    StatusReported,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.gateway.profiles import Period, lease_profile
from depotlib.gateway.quirks import Dialect
from depotlib.gateway.versions import VERSIONS
from depotlib.gateway.versions.ocpp16 import NOTICES, OCPP16, profile_payload
from depotlib.model.release import LimitStep
from tests.gateway_cases import T0, at

AC = Dialect(unit="A", phases=3, voltage_v=230.0, current_type="AC")


def read(action, payload):
    return OCPP16.read_call(read_frame(json.dumps([2, "1", action, payload])), T0)


def meter(*sampled, timestamp="2026-11-20T20:00:00Z", **more):
    values = [{"timestamp": timestamp, "sampledValue": list(sampled)}]
    event = read("MeterValues", {"connectorId": 1, "meterValue": values, **more})
    assert isinstance(event, MeterReported)
    return event.samples


def test_the_registry_knows_the_versions_by_subprotocol_the_newest_first():
    assert [version.subprotocol for version in VERSIONS] == ["ocpp2.1", "ocpp2.0.1", "ocpp1.6"]


def test_a_boot_is_read():
    event = read("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})

    assert event == Booted("1", "V", "M")


def test_a_status_without_time_or_error_code_is_read():
    event = read("StatusNotification", {"connectorId": "1", "status": "Charging"})

    assert event == StatusReported("1", 1, "Charging", "", None)


def test_a_start_is_read_with_its_meter_in_kwh():
    payload = {
        "connectorId": 1,
        "idTag": "04A1B2C3D4E5F6",
        "timestamp": "2026-11-20T20:23:02Z",
        "meterStart": 1500,
    }

    assert read("StartTransaction", payload) == TransactionStarted(
        "1", 1, "04A1B2C3D4E5F6", 1.5, at(1382)
    )


def test_a_time_without_zone_is_taken_as_utc_and_an_unreadable_one_as_now():
    naive = read("StartTransaction", {"connectorId": 1, "timestamp": "2026-11-20T20:00:05.377"})
    broken = read("StartTransaction", {"connectorId": 1, "timestamp": "yesterday"})

    assert isinstance(naive, TransactionStarted)
    assert isinstance(broken, TransactionStarted)
    assert (naive.at - T0).total_seconds() == 5.377
    assert broken.at == T0


def test_a_stop_without_tag_and_reason_is_read():
    event = read(
        "StopTransaction",
        {"transactionId": -1, "meterStop": 18230, "timestamp": "2026-11-20T20:00:00Z"},
    )

    assert event == TransactionEnded("1", -1, 18.23, T0, "Local")


# Shapes as real chargers were reported to send them; values are made up
# (tests/data has none of them verbatim).
def test_energy_in_wh_and_power_in_kw_mix_in_one_frame():
    samples = meter(
        {"value": "251920", "measurand": "Energy.Active.Import.Register", "unit": "Wh"},
        {"value": "3.4", "measurand": "Power.Active.Import", "unit": "kW"},
        {"value": "15.2", "measurand": "Current.Import", "phase": "N", "unit": "A"},
    )

    assert samples == (MeterSample(T0, power_kw=3.4, register_kwh=251.92),)


def test_the_register_at_the_transactions_begin_is_not_the_present_one():
    samples = meter({"value": "0", "context": "Transaction.Begin"}, {"value": "412", "unit": "Wh"})

    assert samples[0].register_kwh == 0.412


def test_a_power_told_by_phase_is_summed_and_the_total_goes_before():
    by_phase = [
        {"value": "1000", "measurand": "Power.Active.Import", "phase": f"L{n}", "unit": "W"}
        for n in (1, 2, 3)
    ]
    total = {"value": "2.5", "measurand": "Power.Active.Import", "unit": "kW"}

    assert meter(*by_phase)[0].power_kw == 3.0
    assert meter(*by_phase, total)[0].power_kw == 2.5


def test_empty_values_and_absurd_states_of_charge_say_nothing():
    samples = meter(
        {"value": "", "measurand": "Power.Active.Import"},
        {"value": "", "measurand": "Energy.Active.Import.Register"},
        {"value": "400", "measurand": "SoC", "unit": "V"},
    )

    assert samples == ()


def test_a_state_of_charge_is_a_fraction_inside():
    assert meter({"value": "55", "measurand": "SoC", "unit": "Percent"})[0].soc == 0.55


@pytest.mark.parametrize("action", sorted(NOTICES))
def test_notices_are_answered_in_the_shape_of_their_schema(action):
    event = read(action, {"status": "Idle"})

    assert event == NoticeGiven("1", action, "Idle")
    assert OCPP16.write_answer(AnswerEmpty("1", action)) == {}


def test_a_vendors_own_words_are_answered_so():
    event = read("DataTransfer", {"vendorId": "EXAMPLE", "data": "x"})

    assert event == NoticeGiven("1", "DataTransfer")
    answer = OCPP16.write_answer(AnswerEmpty("1", "DataTransfer"))
    assert answer == {"status": "UnknownVendorId"}


def test_a_meter_without_its_connector_is_known_by_its_transaction():
    values = [{"timestamp": "2026-11-20T20:00:00Z", "sampledValue": [{"value": "10"}]}]

    event = read("MeterValues", {"transactionId": 7, "meterValue": values})

    assert isinstance(event, MeterReported)
    assert (event.connector, event.transaction_id) == (0, 7)


def test_a_register_that_is_not_told_is_no_zero():
    start = read("StartTransaction", {"connectorId": 1, "idTag": "A"})
    stop = read("StopTransaction", {"transactionId": 1})

    assert isinstance(start, TransactionStarted)
    assert isinstance(stop, TransactionEnded)
    assert (start.meter_start_kwh, stop.meter_stop_kwh) == (None, None)


@pytest.mark.parametrize(
    ("refusal", "word"), [("invalid", "Invalid"), ("expired", "Expired"), ("blocked", "Blocked")]
)
def test_a_refused_token_is_told_why(refusal, word):
    said = OCPP16.write_answer(AnswerToken("1", is_accepted=False, refusal=refusal))

    assert said == {"idTagInfo": {"status": word}}


@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("Abracadabra", {}, "NotImplemented"),
        ("RemoteStartTransaction", {}, "NotSupported"),
        ("BootNotification", {"chargePointVendor": "V"}, "OccurenceConstraintViolation"),
        ("StatusNotification", {"connectorId": "x", "status": "y"}, "TypeConstraintViolation"),
        ("Authorize", {"idTag": ["a"]}, "TypeConstraintViolation"),
        ("StopTransaction", {"meterStop": 1}, "OccurenceConstraintViolation"),
        (
            "StatusNotification",
            {"connectorId": -1, "status": "Available"},
            "PropertyConstraintViolation",
        ),
        (
            "StatusNotification",
            {"connectorId": 1, "status": "Asleep"},
            "PropertyConstraintViolation",
        ),
        ("StartTransaction", {"connectorId": -1, "idTag": "A"}, "PropertyConstraintViolation"),
        ("FirmwareStatusNotification", {"status": "Asleep"}, "PropertyConstraintViolation"),
        ("DiagnosticsStatusNotification", {}, "OccurenceConstraintViolation"),
        ("DataTransfer", {"data": "x"}, "OccurenceConstraintViolation"),
        ("MeterValues", {"meterValue": []}, "OccurenceConstraintViolation"),
        ("MeterValues", {"connectorId": 1}, "OccurenceConstraintViolation"),
        ("MeterValues", {"connectorId": 1, "meterValue": {}}, "TypeConstraintViolation"),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_protocols_word(action, payload, code):
    with pytest.raises(FrameError) as refused:
        read(action, payload)

    assert (refused.value.code, refused.value.call_id) == (code, "1")


def test_every_answer_passes_its_schema():
    answers = [
        AnswerBoot("1", T0, 300),
        AnswerHeartbeat("1", T0),
        AnswerToken("1", is_accepted=False),
        AnswerStart("1", 2**31 - 1, is_accepted=True),
        AnswerEmpty("1", "StatusNotification"),
        AnswerEmpty("1", "MeterValues"),
        AnswerEmpty("1", "StopTransaction"),
    ]

    payloads = [OCPP16.write_answer(answer) for answer in answers]

    assert payloads[0]["currentTime"] == "2026-11-20T20:00:00Z"  # no milliseconds: quirk 14
    assert payloads[2]["idTagInfo"] == {"status": "Invalid"}


def test_a_lease_is_written_with_all_that_certification_asks_of_an_absolute_profile():
    profile = lease_profile(
        (LimitStep(T0, 7.35),), AC, connector=1, transaction_id=7, valid_to=at(3600), now=T0
    )

    action, payload = OCPP16.write_call(InstallProfile("lease 1 S0/1", profile, rank=0))

    # TC_057: validFrom, validTo, startSchedule and duration; no recurrencyKind; transactionId.
    assert action == "SetChargingProfile"
    assert payload == {
        "connectorId": 1,
        "csChargingProfiles": {
            "chargingProfileId": 21,
            "stackLevel": 1,
            "chargingProfilePurpose": "TxProfile",
            "chargingProfileKind": "Absolute",
            "transactionId": 7,
            "validFrom": "2026-11-20T19:59:00Z",
            "validTo": "2026-11-20T21:00:00Z",
            "chargingSchedule": {
                "startSchedule": "2026-11-20T19:59:00Z",
                "duration": 3660,
                "chargingRateUnit": "A",
                # 7350 / (3 x 230) = 10.65 A, cut to tenths
                "chargingSchedulePeriod": [{"startPeriod": 0, "limit": 10.6, "numberPhases": 3}],
            },
        },
    }
    assert payload == profile_payload(profile)


def test_every_other_call_passes_its_schema():
    calls = [
        ReadComposite("r", connector=1, duration_s=3600, unit="A"),
        ReadConfiguration("c", keys=("ChargeProfileMaxStackLevel",)),
        ChangeConfiguration("s", "MeterValueSampleInterval", "60"),
        AskFor("s", "MeterValues"),
    ]

    actions = [OCPP16.write_call(call)[0] for call in calls]

    assert actions == [
        "GetCompositeSchedule", "GetConfiguration", "ChangeConfiguration", "TriggerMessage"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("payload", "outcome"),
    [({"status": "Accepted"}, "accepted"), ({"status": "Rejected"}, "rejected"),
     ({"status": "NotSupported"}, "rejected"), ({}, "rejected"), ({"status": 1}, "rejected")],
)  # fmt: skip
def test_only_a_plain_acceptance_counts_as_one(payload, outcome):
    call = AskFor("reference", "MeterValues")

    assert OCPP16.read_reply(call, payload).outcome == outcome


def test_a_composite_schedule_is_read_leniently():
    call = ReadComposite("r", connector=1, duration_s=60, unit="A")
    schedule = {
        "chargingRateUnit": "A",
        "chargingSchedulePeriod": [
            {"startPeriod": 0, "limit": 16.0003},
            {"startPeriod": 30, "limit": -1},
        ],
    }

    told = OCPP16.read_reply(
        call,
        {
            "status": "Accepted",
            "scheduleStart": "2026-11-20T20:00:00Z",
            "chargingSchedule": schedule,
        },
    )
    empty = OCPP16.read_reply(call, {"status": "Accepted", "chargingSchedule": {}})

    assert (told.periods, told.periods_from) == ((Period(0, 160),), T0)
    assert (empty.outcome, empty.note) == ("rejected", "Accepted without a schedule")


def test_configuration_is_read_leniently():
    call = ReadConfiguration("c", keys=())

    reply = OCPP16.read_reply(
        call,
        {
            "configurationKey": [
                {"key": "A", "value": "1"},
                {"key": "B"},
                {"key": "C", "value": 2},
                3,
            ]
        },
    )

    assert dict(reply.facts) == {"A": "1", "B": "", "C": "2"}
