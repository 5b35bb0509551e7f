"""OCPP 2.0.1 block K, where others speak of limits too: vehicles that negotiate, limits from outside."""

from datetime import datetime

import pytest

from depotlib.exchange.mailbox import open_mailbox
from tests.conformance.cases import negative
from tests.conformance.gateway_process import ACCEPTED, gateway
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


# --- negotiated charging (K15 to K17) -----------------------------------------------------------


NEEDS = {"evseId": 1, "chargingNeeds": {"requestedEnergyTransfer": "AC_single_phase"}}


def limit_in(profile):
    return profile["chargingSchedule"][0]["chargingSchedulePeriod"][0]["limit"]


def is_told(own, limit):
    """Return whether the newest limit of its transaction is this one [A]."""
    of_session = [limit_in(one) for one in own.leases() if "transactionId" in one]
    return of_session[-1:] == [limit]


def is_told_again(own, before):
    """Return whether its transaction was told a limit since there were so many."""
    return any("transactionId" in one for one in own.leases()[before:])


def limits_of(own, home, kind):
    """Return by lease the instant at which the gateway's journal has a limit of a station."""
    with open_mailbox(home / "exchange.sqlite", create=False) as mailbox:
        records = mailbox.journal(limit=100_000, kinds=(kind,))
    mine = [one.entry for one in records if one.entry.station_id == own.name]
    return {one.payload["seq"]: one.at for one in mine if "seq" in one.payload}


def is_settled(own, home):
    """Return whether its session's limit was sent, and whatever was sent to it is answered."""
    sent, answered = (limits_of(own, home, kind) for kind in ("limit_sent", "limit_answered"))
    return is_told(own, 21.7) and sent.keys() == answered.keys()


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


def test_tc_k_53_a_vehicle_that_tells_its_needs_gets_a_profile(own):
    own.arm()
    own.push()
    own.start()
    own.cp.hear(lambda: is_told(own, 21.7))
    before = len(own.leases())

    answer = own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: is_told_again(own, before))  # K15.FR.08: within 60 s
    within, above = (
        own.cp.ask("NotifyEVChargingSchedule", needed_schedule(limit)) for limit in (20.0, 25.0)
    )

    assert answer == {"status": "Accepted"}
    again = next(one for one in own.leases()[before:] if "transactionId" in one)
    assert again["transactionId"] == "tx-a"
    assert len(again["chargingSchedule"]) == 1  # K15.FR.18
    assert within == {"status": "Accepted"}  # the limit is 21.7 A
    assert above == {"status": "Rejected"}


def test_tc_k_53_the_profile_follows_within_60_s_of_the_gateways_clock(own, home):
    own.arm()
    own.push()
    own.start()
    own.cp.hear(lambda: ("accepted", "Accepted") in own.states() and is_settled(own, home))
    before = limits_of(own, home, "limit_sent")

    own.cp.say("Heartbeat", {}, unique_id="beat")
    assert own.cp.ask("NotifyEVChargingNeeds", NEEDS) == ACCEPTED
    own.cp.hear(
        lambda: len(limits_of(own, home, "limit_sent")) > len(before) and is_settled(own, home)
    )

    asked_at = datetime.fromisoformat(own.cp.answers["beat"]["currentTime"])
    told = [limits_of(own, home, kind) for kind in ("limit_sent", "limit_answered")]
    new = [at for one in told for seq, at in one.items() if seq not in before]
    # K15.FR.08, by the gateway's own clock: sent, and taken, within 60 s of the needs.
    assert all(0.0 <= (at - asked_at).total_seconds() <= 60.0 for at in new)
    assert own.leases()[-1]["transactionId"] == "tx-a"


def test_tc_k_58_a_newer_limit_goes_to_a_session_that_negotiated(own):
    own.arm()
    own.push(5.0)
    own.start()
    own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: ("accepted", "Accepted") in own.states() and is_told(own, 21.7))

    own.push(4.0, name="b")
    # 4 kW at 230 V on one phase; its default was told, and may be accepted, before.
    own.cp.hear(lambda: ("accepted", "Accepted") in own.states("b") and is_told(own, 17.3))

    assert own.cp.ask("NotifyEVChargingSchedule", needed_schedule(17.0)) == ACCEPTED
    assert own.cp.ask("NotifyEVChargingSchedule", needed_schedule(19.0)) == {"status": "Rejected"}


@negative
def test_tc_k_58_what_the_session_refuses_was_not_accepted_whatever_its_default_says(own):
    own.arm()
    own.push(5.0)
    own.cp.hear(lambda: ("accepted", "Accepted") in own.states())  # its default
    own.start()
    own.cp.hear(lambda: is_settled(own, own.home))
    before = len(own.leases())
    own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: is_told_again(own, before) and is_settled(own, own.home))

    def refuse(action, payload):
        is_meant = "transactionId" in payload.get("chargingProfile", {})
        return {"status": "Rejected"} if is_meant else ACCEPTED

    own.push(4.0, name="b")
    own.cp.hear(lambda: is_told(own, 17.3), answer=refuse)
    told = [one["chargingProfilePurpose"] for one in own.leases() if limit_in(one) == 17.3]
    own.cp.hear(lambda: own.states("b") - {("sent", ""), ("queued", "")}, answer=refuse)

    assert told == ["TxDefaultProfile", "TxProfile"]
    assert {state for state, _ in own.states("b")} == {"rejected"}


def test_tc_k_57_59_a_vehicle_that_begins_again_is_told_its_limit_again(own):
    own.arm()
    own.push(5.0)
    own.start()
    own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: is_told(own, 21.7))  # 5 kW at 230 V on one phase, of its own push

    before = len(own.leases())
    assert own.cp.ask("NotifyEVChargingNeeds", NEEDS) == {"status": "Accepted"}
    own.cp.hear(lambda: is_told_again(own, before))

    assert own.cp.ask("NotifyEVChargingSchedule", needed_schedule(21.0)) == ACCEPTED
    assert own.cp.ask("NotifyEVChargingSchedule", needed_schedule(22.0)) == {"status": "Rejected"}


@negative
def test_tc_k_53_needs_without_a_transaction_are_rejected(own):
    assert own.cp.ask("NotifyEVChargingNeeds", NEEDS) == {"status": "Rejected"}


@negative
def test_tc_k_53_needs_on_an_evse_that_is_not_there_are_rejected(own):
    assert own.cp.ask("NotifyEVChargingNeeds", NEEDS | {"evseId": 9}) == {"status": "Rejected"}


@negative
@pytest.mark.parametrize(
    "needs", [{"chargingNeeds": NEEDS["chargingNeeds"]}, {"evseId": 1},
              {"evseId": 1, "chargingNeeds": {"acChargingParameters": {}}}],
    ids=["no EVSE", "no needs", "no kind of energy"],
)  # fmt: skip
def test_tc_k_53_needs_that_are_not_whole_are_refused(own, needs):
    assert own.cp.refused("NotifyEVChargingNeeds", needs) == "OccurrenceConstraintViolation"


def test_tc_k_55_without_a_limit_a_vehicle_may_draw_the_safe_one_only(own):
    within, above = (
        own.cp.ask("NotifyEVChargingSchedule", needed_schedule(limit)) for limit in (6.0, 7.0)
    )

    assert within == {"status": "Accepted"}  # the safe limit is 6 A
    assert above == {"status": "Rejected"}


@negative
def test_tc_k_55_a_schedule_on_an_evse_that_is_not_there_is_rejected(own):
    answer = own.cp.ask("NotifyEVChargingSchedule", needed_schedule(6.0, evse=9))

    assert answer == {"status": "Rejected"}


# --- limits from elsewhere (K11 to K14) -----------------------------------------------------------


def test_tc_k_48_50_51_a_limit_from_elsewhere_and_its_end_are_taken_note_of(own):
    limit = {"chargingLimit": {"chargingLimitSource": "EMS"}, "evseId": 1}

    assert own.cp.ask("NotifyChargingLimit", limit) == {}
    assert own.cp.ask("ClearedChargingLimit", {"chargingLimitSource": "EMS"}) == {}


def test_tc_k_52_profiles_that_nobody_asked_for_are_answered(own):
    report = {"requestId": 77, "chargingLimitSource": "SO", "evseId": 1, "chargingProfile": []}

    assert own.cp.ask("ReportChargingProfiles", report) == {}


@negative
@pytest.mark.parametrize(
    ("action", "payload", "code"),
    [
        ("NotifyChargingLimit", {}, "OccurrenceConstraintViolation"),
        ("NotifyChargingLimit", {"chargingLimit": "EMS"}, "TypeConstraintViolation"),
        ("ClearedChargingLimit", {"chargingLimitSource": "Grid"}, "PropertyConstraintViolation"),
        ("NotifyEVChargingSchedule", {"timeBase": "x"}, "OccurrenceConstraintViolation"),
        ("SetChargingProfile", {}, "NotSupported"),
        ("GetCompositeSchedule", {}, "NotSupported"),
    ],
)
def test_tc_k_50_what_breaks_the_rules_is_refused_by_the_right_name(own, action, payload, code):
    assert own.cp.refused(action, payload) == code


@negative
def test_tc_k_52_a_report_of_no_request_is_refused(own):
    report = {"chargingLimitSource": "SO", "evseId": 1, "chargingProfile": []}

    assert own.cp.refused("ReportChargingProfiles", report) == "OccurrenceConstraintViolation"
