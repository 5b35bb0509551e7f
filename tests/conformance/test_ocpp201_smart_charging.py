"""OCPP 2.0.1 block K, smart charging, and the calls of F: asserted on frames on the wire."""

from copy import deepcopy

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.cases import negative
from tests.conformance.gateway_process import ACCEPTED, gateway
from tests.conformance.ocpp201_frames import status, told
from tests.conformance.one_level import OneLevel
from tests.conformance.roomy201 import ROOMY_SITE, now_text, own_station

pytestmark = pytest.mark.conformance


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("gateway")


@pytest.fixture(scope="module")
def url(home):
    with gateway(home, site=ROOMY_SITE) as address:
        yield address


@pytest.fixture
def own(url, home):
    with own_station(url, home) as one:
        yield one


@pytest.fixture(scope="module")
def armed_calls(url, home):
    """Everything that arming asks of a station, in order."""
    with own_station(url, home) as one:
        one.arm()
        return list(one.cp.calls)


HIGHER = "the station tells a higher limit than was sent"


def sent(calls, action):
    return [payload for _, name, payload in calls if name == action]


# --- arming ---------------------------------------------------------------------------------


def test_tc_k_10_the_safe_limit_of_all_evses_is_the_first_thing_a_station_hears(armed_calls):
    _, action, first = armed_calls[0]

    assert action == "SetChargingProfile"
    assert first["evseId"] == 0
    profile = first["chargingProfile"]
    assert (profile["chargingProfilePurpose"], profile["stackLevel"]) == ("TxDefaultProfile", 0)
    assert "validTo" not in profile
    assert profile["chargingSchedule"][0]["chargingSchedulePeriod"] == [
        {"startPeriod": 0, "limit": 6.0, "numberPhases": 1}  # 1380 W / 230 V
    ]


def test_tc_k_03_the_stations_own_maximum_goes_to_evse_0_and_is_absolute(armed_calls):
    maxima = [
        payload
        for payload in sent(armed_calls, "SetChargingProfile")
        if payload["chargingProfile"]["chargingProfilePurpose"] == "ChargingStationMaxProfile"
    ]

    assert [one["evseId"] for one in maxima] == [0]  # K04.FR.03
    assert maxima[0]["chargingProfile"]["chargingProfileKind"] == "Absolute"  # K01.FR.38


def test_tc_k_43_each_evse_is_asked_for_its_composite_schedule(armed_calls):
    asked = sent(armed_calls, "GetCompositeSchedule")

    assert [(one["evseId"], one["chargingRateUnit"]) for one in asked] == [(1, "A")]


def test_tc_f_20_a_status_is_asked_for_by_connector_and_a_transaction_by_evse(armed_calls):
    assert sent(armed_calls, "TriggerMessage") == [
        # F06.FR.12: a status belongs to a connector
        {"requestedMessage": "StatusNotification", "evse": {"id": 1, "connectorId": 1}},
        {"requestedMessage": "TransactionEvent", "evse": {"id": 1}},
    ]


@negative
def test_tc_k_02_no_limit_of_a_transaction_is_sent_where_none_runs(armed_calls):
    profiles = [one["chargingProfile"] for one in sent(armed_calls, "SetChargingProfile")]

    assert profiles
    assert all("transactionId" not in one for one in profiles)
    assert all(one["chargingProfilePurpose"] != "TxProfile" for one in profiles)


@negative
def test_tc_k_19_nothing_of_ours_recurs(armed_calls):
    profiles = [one["chargingProfile"] for one in sent(armed_calls, "SetChargingProfile")]

    # Local time and its changes never matter, since everything is absolute.
    assert {one["chargingProfileKind"] for one in profiles} == {"Absolute"}
    assert all("recurrencyKind" not in one for one in profiles)


@negative
def test_tc_k_22_constraints_from_outside_are_never_ours_to_set(armed_calls):
    purposes = {
        one["chargingProfile"]["chargingProfilePurpose"]
        for one in sent(armed_calls, "SetChargingProfile")
    }

    assert purposes == {"ChargingStationMaxProfile", "TxDefaultProfile"}  # K01.FR.22


# --- limits ---------------------------------------------------------------------------------


def test_tc_k_01_a_limit_ahead_of_a_session_is_the_default_of_its_evse(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.leases()))
    default = own.leases()[0]

    assert (default["chargingProfilePurpose"], default["stackLevel"]) == ("TxDefaultProfile", 1)
    assert "transactionId" not in default
    (place,) = {
        one["evseId"]
        for one in own.cp.asked("SetChargingProfile")
        if one["chargingProfile"]["stackLevel"] > 0
    }
    assert place == 1


def test_tc_k_70_two_profiles_on_two_levels_stand_one_above_the_other(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.leases()))

    defaults = [
        one for one in own.profiles() if one["chargingProfilePurpose"] == "TxDefaultProfile"
    ]
    assert {one["stackLevel"] for one in defaults} == {0, 1}
    assert len({one["id"] for one in defaults}) == 2


@negative
def test_tc_k_15_a_station_that_takes_no_profiles_is_a_refused_push(own):
    def refuse(action, payload):
        level = payload.get("chargingProfile", {}).get("stackLevel", 0)
        return "NotSupported" if action == "SetChargingProfile" and level else ACCEPTED

    own.arm()
    own.push()
    own.cp.hear(lambda: ("rejected", "error NotSupported") in own.states(), answer=refuse)


def test_tc_k_60_a_transaction_gets_its_limit_under_the_stations_own_name(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.leases()))
    default = own.leases()[0]
    own.start("a-name-of-its-own")
    own.cp.hear(lambda: any("transactionId" in one for one in own.leases()))
    profile = next(one for one in own.leases() if "transactionId" in one)
    places = [
        (payload["evseId"], payload["chargingProfile"]["stackLevel"])
        for payload in own.cp.asked("SetChargingProfile")
    ]

    assert default["chargingProfilePurpose"] == "TxDefaultProfile"
    assert "transactionId" not in default
    assert profile["chargingProfilePurpose"] == "TxProfile"
    assert profile["transactionId"] == "a-name-of-its-own"  # K01.FR.03
    assert profile["chargingProfileKind"] == "Absolute"
    assert "recurrencyKind" not in profile
    (schedule,) = profile["chargingSchedule"]  # K01.FR.34: one without negotiation
    assert schedule["startSchedule"] == profile["validFrom"]  # K01.FR.40
    assert schedule["chargingSchedulePeriod"][0]["startPeriod"] == 0  # K01.FR.31
    # 5000 W / 230 V = 21.74 A, cut to tenths
    assert schedule["chargingSchedulePeriod"][0]["limit"] == 21.7
    # K01.FR.52 and 53: no level is used on EVSE 0 and on an EVSE
    levels = {evse: {level for place, level in places if place == evse} for evse in (0, 1)}
    assert levels[0].isdisjoint(levels[1])


def test_tc_k_29_what_was_accepted_is_read_back_from_the_station_itself(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.cp.asked("GetChargingProfiles")))
    (asked,) = own.cp.asked("GetChargingProfiles")
    right, higher = own.leases()[-1], deepcopy(own.leases()[-1])
    higher["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] = 32.0
    report = {
        "requestId": asked["requestId"],
        "chargingLimitSource": "CSO",
        "evseId": 1,
    }
    # A station that tells more than was sent has proven nothing, and somebody has to see it.
    assert own.cp.ask("ReportChargingProfiles", report | {"chargingProfile": [higher]}) == {}
    own.cp.hear(lambda: ("accepted", HIGHER) in own.states())
    assert own.cp.ask("ReportChargingProfiles", report | {"chargingProfile": [right]}) == {}
    own.cp.hear(lambda: "read_back" in {state for state, _ in own.states()})

    assert asked["evseId"] == 1


def test_tc_k_04_a_newer_limit_takes_the_place_of_the_older_one(own):
    own.arm()
    own.push(5.0)
    own.cp.hear(lambda: bool(own.leases()))
    own.push(6.0, name="again")
    own.cp.hear(lambda: len(own.leases()) > 1)

    first, second = own.leases()[:2]
    assert first["id"] == second["id"]  # K01.FR.05: the same id takes its place
    assert (first["stackLevel"], first["chargingProfilePurpose"]) == (1, "TxDefaultProfile")
    assert (second["stackLevel"], second["chargingProfilePurpose"]) == (1, "TxDefaultProfile")


@negative
def test_tc_k_29_profiles_of_another_question_prove_nothing(own):
    own.arm()
    own.push()
    own.cp.hear(lambda: bool(own.cp.asked("GetChargingProfiles")))
    report = {"requestId": 4711, "chargingLimitSource": "CSO", "evseId": 1}

    assert (
        own.cp.ask("ReportChargingProfiles", report | {"chargingProfile": [own.leases()[-1]]}) == {}
    )

    assert "read_back" not in {state for state, _ in own.states()}


@negative
def test_tc_k_03_a_station_that_refuses_its_maximum_is_armed_all_the_same(own):
    def refuse(_action, payload):
        purpose = payload.get("chargingProfile", {}).get("chargingProfilePurpose")
        return {"status": "Rejected"} if purpose == "ChargingStationMaxProfile" else ACCEPTED

    own.arm(answer=refuse)
    own.push()
    own.cp.hear(lambda: bool(own.leases()), answer=refuse)

    assert own.leases()[0]["chargingProfilePurpose"] == "TxDefaultProfile"


@negative
def test_tc_k_31_a_station_that_holds_no_profile_is_told_of(own):
    def forget(action, _payload):
        return {"status": "NoProfiles" if action == "GetChargingProfiles" else "Accepted"}

    own.arm()
    own.push()
    own.cp.hear(
        lambda: ("accepted", "the station holds no profile") in own.states(),
        answer=forget,
    )


@negative
def test_tc_k_01_a_refused_limit_is_a_refused_push(own):
    def refuse(_action, payload):
        level = payload.get("chargingProfile", {}).get("stackLevel", 0)
        refusal = {"status": "Rejected", "statusInfo": {"reasonCode": "Duplicate"}}
        return refusal if level else {"status": "Accepted"}

    own.arm()
    own.push()
    own.cp.hear(lambda: ("rejected", "Rejected Duplicate") in own.states(), answer=refuse)


# --- a station that keeps one level -------------------------------------------------------------


def test_a_station_of_one_level_gets_its_limit_where_its_safe_limit_lies_and_falls_back(own):
    one_level = OneLevel()
    own.arm(answer=one_level)
    own.cp.hear(one_level.is_by_evse, answer=one_level)
    own.push()
    own.cp.hear(lambda: one_level.limits(evse=1)[:1] == [21.7], answer=one_level)

    # By the letter of K01.FR.52 and 53 it refuses a default on an EVSE above one on the station:
    # what lay in the way was cleared only while the station as a whole was held to its safe limit.
    assert one_level.was_never_unlimited
    assert own.leases() == []  # nothing above level 0
    assert one_level.limits(evse=1) == [21.7, 6.0]  # then the safe limit again, for good
    assert "validTo" not in own.profiles()[-1]


def test_a_station_of_one_level_that_comes_back_is_told_its_limit_again(own, url):
    one_level = OneLevel()
    own.arm(answer=one_level)
    own.cp.hear(one_level.is_by_evse, answer=one_level)
    own.push()
    own.cp.hear(lambda: one_level.limits(evse=1)[:1] == [21.7], answer=one_level)
    # A limit whose answer the gateway has not heard yet is sent again before anything else.
    own.cp.hear(lambda: "accepted" in {state for state, _ in own.states()}, answer=one_level)
    with own.again(url) as back:
        one_level.held.clear()  # it has lost everything
        back.arm(answer=one_level)
        back.cp.hear(lambda: one_level.limits(evse=1)[:1] == [21.7], answer=one_level)

    first = back.profiles()[0]
    assert first["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] == 6.0


@negative
def test_a_station_of_one_level_that_cannot_be_held_keeps_its_safe_limit(own):
    stubborn = OneLevel(takes_cap=False)
    own.arm(answer=stubborn)
    own.cp.hear(lambda: len(stubborn.refused) > 1, answer=stubborn)  # EVSE, then the cap
    own.cp.hear(lambda: stubborn.arms_of_station > 1, answer=stubborn)

    assert stubborn.was_never_unlimited
    assert own.cp.asked("ClearChargingProfile") == []
    assert stubborn.limits(evse=0) == [6.0]


def test_an_occupied_plug_keeps_the_word_that_its_transaction_told(own):
    own.arm()
    own.start()
    own.cp.ask(
        "TransactionEvent",
        told("Updated", "tx-a", 1, charging_state="Charging", at=now_text(), power_w=1300.0),
    )
    own.cp.ask("StatusNotification", status("Occupied"))

    own.cp.hear(lambda: _status_of(own) == "Charging")


def _status_of(own):
    with open_mailbox(own.home / "exchange.sqlite", create=False) as mailbox:
        states = {one.station_id: one for one in mailbox.station_states()}
    return states[own.name].connectors[0].status
