"""OCPP 2.0.1 block K, smart charging, and the calls of F: asserted on frames on the wire."""

from copy import deepcopy
from datetime import UTC, datetime

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.gateway_process import gateway, station
from tests.conformance.ocpp201_frames import BOOT, STATION_201, TAG, status, told
from tests.conformance.pushing import push_limit, push_states

pytestmark = pytest.mark.conformance


@pytest.fixture
def home(tmp_path):
    return tmp_path


@pytest.fixture
def url(home):
    with gateway(home) as address:
        yield address


@pytest.fixture(scope="module")
def shared_url(tmp_path_factory):
    """A gateway for tests that put nothing into force."""
    with gateway(tmp_path_factory.mktemp("gateway")) as address:
        yield address


@pytest.fixture(scope="module")
def armed_calls(shared_url):
    """Everything that arming asks of a station, in order."""
    with station(shared_url, "CP-1", **STATION_201) as cp:
        arm(cp)
        return list(cp.calls)


HIGHER = "the station tells a higher limit than was sent"


def arm(cp):
    cp.ask("BootNotification", BOOT)
    cp.hear(lambda: bool(cp.asked("GetCompositeSchedule")))  # the last of what arming asks


def of(cp):
    return [payload["chargingProfile"] for payload in cp.asked("SetChargingProfile")]


def leases(cp):
    """Return the profiles above the safe limit."""
    return [one for one in of(cp) if one["stackLevel"] > 0]


def now_text():
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def start(cp, name="tx-a"):
    event = told("Started", name, 0, idToken=TAG, evse={"id": 1}, at=now_text(), register_wh=0)
    return cp.ask("TransactionEvent", event)


def sent(calls, action):
    return [payload for _, name, payload in calls if name == action]


# --- arming ---------------------------------------------------------------------------------


def test_tc_k_01_the_safe_limit_is_the_first_thing_a_station_hears(armed_calls):
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


def test_tc_k_22_constraints_from_outside_are_never_ours_to_set(armed_calls):
    purposes = {
        one["chargingProfile"]["chargingProfilePurpose"]
        for one in sent(armed_calls, "SetChargingProfile")
    }

    assert purposes == {"ChargingStationMaxProfile", "TxDefaultProfile"}  # K01.FR.22


# --- limits ---------------------------------------------------------------------------------


def test_tc_k_60_a_transaction_gets_its_limit_under_the_stations_own_name(url, home):
    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        cp.hear(lambda: bool(leases(cp)))
        default = leases(cp)[0]
        start(cp, "a-name-of-its-own")
        cp.hear(lambda: any("transactionId" in one for one in leases(cp)))
        profile = next(one for one in leases(cp) if "transactionId" in one)
        places = [
            (payload["evseId"], payload["chargingProfile"]["stackLevel"])
            for payload in cp.asked("SetChargingProfile")
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


def test_tc_k_29_what_was_accepted_is_read_back_from_the_station_itself(url, home):
    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        cp.hear(lambda: bool(cp.asked("GetChargingProfiles")))
        (asked,) = cp.asked("GetChargingProfiles")
        right, higher = leases(cp)[-1], deepcopy(leases(cp)[-1])
        higher["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"] = 32.0
        report = {
            "requestId": asked["requestId"],
            "chargingLimitSource": "CSO",
            "evseId": 1,
        }
        # A station that tells more than was sent has proven nothing, and somebody has to see it.
        assert cp.ask("ReportChargingProfiles", report | {"chargingProfile": [higher]}) == {}
        cp.hear(lambda: ("accepted", HIGHER) in push_states(home))
        assert cp.ask("ReportChargingProfiles", report | {"chargingProfile": [right]}) == {}
        cp.hear(lambda: "read_back" in {state for state, _ in push_states(home)})

    assert asked["evseId"] == 1


def test_tc_k_31_a_station_that_holds_no_profile_is_told_of(url, home):
    def forget(action, _payload):
        return {"status": "NoProfiles" if action == "GetChargingProfiles" else "Accepted"}

    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        cp.hear(
            lambda: ("accepted", "the station holds no profile") in push_states(home),
            answer=forget,
        )


def test_tc_k_01_a_refused_limit_is_a_refused_push(url, home):
    def refuse(_action, payload):
        level = payload.get("chargingProfile", {}).get("stackLevel", 0)
        refusal = {"status": "Rejected", "statusInfo": {"reasonCode": "Duplicate"}}
        return refusal if level else {"status": "Accepted"}

    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        cp.hear(lambda: ("rejected", "Rejected Duplicate") in push_states(home), answer=refuse)


# --- negotiated charging (K15 to K17) -----------------------------------------------------------


NEEDS = {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "AC_single_phase"}}


def needed_schedule(limit, *, evse=1):
    periods = [{"startPeriod": 0, "limit": limit}]
    return {
        "timeBase": now_text(),
        "evseId": evse,
        "chargingSchedule": {
            "id": 1,
            "chargingRateUnit": "A",
            "chargingSchedulePeriod": periods,
        },
    }


def test_tc_k_53_a_vehicle_that_tells_its_needs_gets_a_profile(url, home):
    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        start(cp)
        cp.hear(lambda: any("transactionId" in one for one in leases(cp)))
        before = len(leases(cp))

        answer = cp.ask("NotifyEVChargingNeeds", NEEDS)
        cp.hear(lambda: len(leases(cp)) > before)  # K15.FR.08: within 60 s; heard within 20
        within, above = (
            cp.ask("NotifyEVChargingSchedule", needed_schedule(limit)) for limit in (20.0, 25.0)
        )

    assert answer == {"status": "Accepted"}
    assert leases(cp)[-1]["transactionId"] == "tx-a"
    assert within == {"status": "Accepted"}  # the limit is 21.7 A
    assert above == {"status": "Rejected"}


def test_tc_k_53_needs_without_a_transaction_are_rejected(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        assert cp.ask("NotifyEVChargingNeeds", NEEDS) == {"status": "Rejected"}


def test_tc_k_53_needs_on_an_evse_that_is_not_there_are_rejected(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        assert cp.ask("NotifyEVChargingNeeds", NEEDS | {"evseId": 9}) == {"status": "Rejected"}


def test_tc_k_53_needs_of_no_evse_are_refused(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        needs = {"chargingNeeds": NEEDS["chargingNeeds"]}

        assert cp.refused("NotifyEVChargingNeeds", needs) == "OccurrenceConstraintViolation"


def test_tc_k_55_without_a_limit_a_vehicle_may_draw_the_safe_one_only(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        within, above = (
            cp.ask("NotifyEVChargingSchedule", needed_schedule(limit)) for limit in (6.0, 7.0)
        )

    assert within == {"status": "Accepted"}  # the safe limit is 6 A
    assert above == {"status": "Rejected"}


def test_tc_k_55_a_schedule_on_an_evse_that_is_not_there_is_rejected(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        answer = cp.ask("NotifyEVChargingSchedule", needed_schedule(6.0, evse=9))

    assert answer == {"status": "Rejected"}


# --- limits from elsewhere (K11 to K14) -----------------------------------------------------------


def test_tc_k_48_a_limit_from_elsewhere_is_taken_note_of(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 1}

        assert cp.ask("NotifyChargingLimit", limit) == {}
        assert cp.ask("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}


def test_tc_k_52_profiles_that_nobody_asked_for_are_answered(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        report = {"requestId": 77, "chargingLimitSource": "SO", "evseId": 1, "chargingProfile": []}

        assert cp.ask("ReportChargingProfiles", report) == {}


def test_tc_k_52_a_report_of_no_request_is_refused(shared_url):
    with station(shared_url, "CP-1", **STATION_201) as cp:
        report = {"chargingLimitSource": "SO", "evseId": 1, "chargingProfile": []}

        assert cp.refused("ReportChargingProfiles", report) == "OccurrenceConstraintViolation"


# --- 2.1 ----------------------------------------------------------------------------------------


def test_a_2_1_lease_also_ends_by_the_stations_own_stopwatch(url, home):
    with station(url, "CP-1", subprotocols=["ocpp2.1"]) as cp:
        arm(cp)
        push_limit(home, limit_kw=5.0)
        cp.hear(lambda: bool(leases(cp)))
        lease = leases(cp)[0]
        fallback = of(cp)[0]

    # The push is valid for two hours; a schedule begins up to a minute before now.
    assert 7100 <= lease["maxOfflineDuration"] <= 7260
    assert "maxOfflineDuration" not in fallback  # the safe limit never lapses


def test_an_occupied_plug_keeps_the_word_that_its_transaction_told(url, home):
    with station(url, "CP-1", **STATION_201) as cp:
        arm(cp)
        start(cp)
        cp.ask(
            "TransactionEvent",
            told("Updated", "tx-a", 1, charging_state="Charging", at=now_text(), power_w=1300.0),
        )
        cp.ask("StatusNotification", status("Occupied"))

        cp.hear(lambda: _status_of(home) == "Charging")


def _status_of(home):
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        states = {one.station_id: one for one in mailbox.station_states()}
    return states["CP-1"].connectors[0].status
