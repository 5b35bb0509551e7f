"""OCPP 2.0.1 block K, where others speak of limits too: vehicles that negotiate, limits from outside."""

import pytest

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
    own.cp.hear(lambda: any("transactionId" in one for one in own.leases()))
    before = len(own.leases())

    answer = own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: len(own.leases()) > before)  # K15.FR.08: within 60 s; heard within 20
    within, above = (
        own.cp.ask("NotifyEVChargingSchedule", needed_schedule(limit)) for limit in (20.0, 25.0)
    )

    assert answer == {"status": "Accepted"}
    assert own.leases()[-1]["transactionId"] == "tx-a"
    assert len(own.leases()[-1]["chargingSchedule"]) == 1  # K15.FR.18
    assert within == {"status": "Accepted"}  # the limit is 21.7 A
    assert above == {"status": "Rejected"}


def test_tc_k_57_59_a_vehicle_that_begins_again_is_told_its_limit_again(own):
    own.arm()
    own.push(5.0)
    own.start()
    own.cp.ask("NotifyEVChargingNeeds", NEEDS)
    own.cp.hear(lambda: any("transactionId" in one for one in own.leases()))

    before = len(own.leases())
    assert own.cp.ask("NotifyEVChargingNeeds", NEEDS) == {"status": "Accepted"}
    own.cp.hear(lambda: len(own.leases()) > before)

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
