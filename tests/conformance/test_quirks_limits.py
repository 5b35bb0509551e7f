"""What stations in the field do wrong (docs/quirks.md, rows 1 to 16): each has a defence, seen on the wire.

One gateway at sixty times the speed; each test has a station of its own, so that none meets
another's. What a test looked like with its defence taken away is said where that was tried.
"""

import re
from datetime import timedelta

import pytest

from tests.conformance.gateway_process import ACCEPTED
from tests.conformance.quirky import (
    LIMIT_A,
    LIMIT_KW,
    REJECTED,
    SAFE_A,
    SAFE_KW,
    boot,
    configured,
    has_limit,
    limits,
    quirky_depot,
    refuses,
)

pytestmark = pytest.mark.conformance

DEFAULT, MAXIMUM = "TxDefaultProfile", "ChargePointMaxProfile"

NAMES = [
    "P01",
    "P02",
    "P03",
    "P04",
    "P09",
    "P10",
    "P11",
    "P05",
    "P06",
    "Q01",
    "Q02",
    "Q03",
    "Q04",
    "Q05",
    "Q06",
    "Q07",
    "Q08",
    "Q09",
    "Q10",
    "Q11",
    "Q12",
    "Q13",
    "Q14",
    "Q15",
    "Q16",
    "Q30",
]


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    with quirky_depot(tmp_path_factory.mktemp("quirks"), NAMES) as running:
        yield running


# --- 1 to 5: what stations take ---------------------------------------------------------------


def test_quirk_01_a_make_known_to_keep_one_level_is_spoken_to_on_it(depot):
    """Seen to fail without the known makes: the limit goes out on level 1."""
    with depot.station("Q01") as cp:
        boot(cp, "ABB", "Terra AC W22-T-0")
        cp.hear(has_limit(cp))
        number = depot.start(cp, "Q01")["transactionId"]
        cp.hear(lambda: len(cp.leases()) > 1)

    assert number > 0
    assert {(one["stackLevel"], one["chargingProfilePurpose"]) for one in cp.leases()} == {
        (0, "TxDefaultProfile")
    }


def test_quirk_01_an_unknown_make_that_refuses_every_level_above_0_gets_its_limit_on_0(depot):
    """Seen to fail where refusals change nothing: it never gets its limit."""
    with depot.station("P01", says=refuses(lambda one, _place: one["stackLevel"] > 0)) as cp:
        boot(cp)
        cp.hear(lambda: any(one["stackLevel"] == 0 for one in cp.leases()))
        cp.leases()

    # What never ends by itself has no end: such a station cannot fall back.
    assert "validTo" not in cp.leases()[-1]
    # Twice on its level, twice in the other unit, then on level 0.
    assert [one["stackLevel"] for one in cp.leases()] == [1, 1, 1, 1, 0]
    units = [one["chargingSchedule"]["chargingRateUnit"] for one in cp.leases()]
    assert units == ["A", "A", "W", "W", "A"]


def test_quirk_01_what_was_found_out_is_kept_over_a_boot(depot):
    """Seen to fail where every boot begins anew: level 1 is tried again."""
    with depot.station("P02", says=refuses(lambda one, _place: one["stackLevel"] > 0)) as cp:
        boot(cp)
        cp.hear(lambda: any(one["stackLevel"] == 0 for one in cp.leases()))
    with depot.station("P02") as again:
        boot(again)
        again.hear(has_limit(again))

    assert [one["stackLevel"] for one in again.leases()] == [0] * len(again.leases())


def test_quirk_02_a_limit_accepted_and_not_obeyed_is_seen_in_the_meter(depot):
    """Seen to fail where the meter catches nobody: it is never told 0 A."""
    with depot.station("Q02") as cp:
        boot(cp)
        cp.hear(has_limit(cp))
        number = depot.start(cp, "Q02")["transactionId"]

        def is_told_0():
            meter = depot.meter(power_kw=7.3)
            values = {"connectorId": 1, "transactionId": number, "meterValue": [meter]}
            cp.ask("MeterValues", values)
            return any(limits(one) == [0.0] for one in cp.leases())

        cp.hear(is_told_0)

    assert depot.journal("Q02", "disobedience")


def test_quirk_03_a_station_of_one_purpose_gets_its_limit_in_that_and_is_not_asked_again(depot):
    """Seen to fail where a refused maximum is forgotten: it is asked for again."""
    only_default = refuses(
        lambda one, _place: one["chargingProfilePurpose"] != "TxDefaultProfile", "NotSupported"
    )
    with depot.station("Q03", says=only_default) as cp:
        boot(cp)
        depot.start(cp, "Q03")
        cp.hear(lambda: any(one["chargingProfilePurpose"] == "TxProfile" for one in cp.leases()))
        cp.hear(lambda: cp.leases()[-1]["chargingProfilePurpose"] == "TxDefaultProfile")
    with depot.station("Q03", says=only_default) as again:
        boot(again)
        again.hear(has_limit(again))

    assert {one["chargingProfilePurpose"] for one in again.profiles()} == {"TxDefaultProfile"}


def test_quirk_04_a_station_that_refuses_every_limit_is_reckoned_at_its_maximum(depot):
    """Seen to fail where a refused safe limit is taken for one in place: class A."""
    with depot.station("Q04", says=refuses(lambda _one, _place: True)) as cp:
        boot(cp)
        cp.hear(lambda: len(depot.journal("Q04", "limit_answered")) >= 3)
        refused_at = depot.clock.now()
        cp.ask("Heartbeat", {})
        cp.hear(lambda: depot.has_shown("Q04", refused_at))

    assert depot.journal("Q04", "limit_answered")[0].payload["answer"] == "Rejected"
    assert depot.class_of("Q04") == "C"
    assert cp.leases() == []  # nothing is permitted to one that does not hold its safe limit


def test_quirk_05_a_make_that_forgets_without_a_connection_is_reckoned_at_its_maximum(depot):
    """Seen to fail where the make keeps its limits: it stays in class A."""
    with depot.station("Q05") as cp:
        boot(cp, "go-e", "Charger")
        cp.hear(lambda: depot.class_of("Q05") == "A")
    with depot.station("Q30") as other:
        other.hear(lambda: depot.class_of("Q05") == "C")

    assert depot.class_of("Q05") == "C"


# --- 6 to 9: what stations hold ---------------------------------------------------------------


def test_quirk_06_a_limit_ends_by_itself_above_a_safe_limit_that_never_does(depot):
    """Seen to fail where limits are sent without an end."""
    with depot.station("Q06") as cp:
        boot(cp)
        cp.hear(has_limit(cp))

    first, lease = cp.profiles()[0], cp.leases()[0]
    assert (first["connectorId"], first["stackLevel"], limits(first)) == (0, 0, [SAFE_A])
    assert "validTo" not in first
    assert "duration" not in first["chargingSchedule"]
    assert lease["stackLevel"] == 1
    assert lease["chargingSchedule"]["duration"] > 0
    assert "validTo" in lease


def test_quirk_07_after_a_pause_the_limit_is_said_again(depot):
    """Seen to fail where nobody looks at statuses: nothing is said again."""
    with depot.station("Q07") as cp:
        boot(cp)
        number = depot.start(cp, "Q07")["transactionId"]
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        status = {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEVSE"}
        cp.ask("StatusNotification", status)
        before = len(cp.leases())
        cp.ask("StatusNotification", status | {"status": "Charging"})
        cp.hear(lambda: any(one.get("transactionId") == number for one in cp.leases()[before:]))

    assert has_limit(cp)()


def test_quirk_08_where_the_profile_of_a_transaction_cannot_be_replaced_the_default_is(depot):
    """Seen to fail where the refusals change nothing: only the transaction is ever tried."""
    stuck = refuses(lambda one, _place: one["chargingProfilePurpose"] == "TxProfile")
    with depot.station("Q08", says=stuck) as cp:
        boot(cp)
        first = depot.start(cp, "Q08")["transactionId"]
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        cp.hear(lambda: "transactionId" not in cp.leases()[-1])
        stop = {"transactionId": first, "meterStop": 9, "timestamp": depot.text()}
        cp.ask("StopTransaction", stop)
        before = len(cp.leases())
        depot.start(cp, "Q08")
        cp.hear(lambda: len(cp.leases()) > before)

    assert "transactionId" not in cp.leases()[-1]  # it learned


def test_quirk_09_what_others_left_above_our_limits_is_cleared_once_ours_is_in_place(depot):
    """Seen to fail where the composite schedule is not looked at: nothing is cleared."""
    periods = [{"startPeriod": 0, "limit": 32.0}]
    composite = {"chargingRateUnit": "A", "chargingSchedulePeriod": periods}
    told = {**ACCEPTED, "connectorId": 1, "chargingSchedule": composite}
    keys = configured(ChargeProfileMaxStackLevel="3")

    def says(action, payload):
        return told if action == "GetCompositeSchedule" else keys(action, payload)

    with depot.station("Q09", says=says) as cp:
        boot(cp)
        cp.hear(lambda: len(cp.asked("ClearChargingProfile")) >= 4)
        seen = len(cp.calls)
        cp.hear(lambda: any(action == "SetChargingProfile" and payload["connectorId"] == 0
                            for _, action, payload in cp.calls[seen:]))  # fmt: skip

    wanted = cp.asked("ClearChargingProfile")
    assert {"stackLevel": 2} in wanted
    assert {"stackLevel": 3} in wanted
    default = {"connectorId": 1, "chargingProfilePurpose": "TxDefaultProfile", "stackLevel": 0}
    assert default in wanted
    assert {} not in wanted  # a station without any profile knows no limit
    actions = [action for _, action, _ in cp.calls]
    assert actions.index("SetChargingProfile") < actions.index("ClearChargingProfile")


# --- 10 to 16: units, phases, periods, times, proofs ------------------------------------------


@pytest.mark.parametrize(
    ("name", "vendor", "told", "unit"),
    [
        ("Q10", "V", ' "Power"', "W"),
        ("P03", "Huawei", "Current,Power", "W"),
        ("Q11", "V", "Current,Power", "A"),
        ("P04", "go-e", "Power", "A"),
    ],
)
def test_quirk_10_11_limits_come_in_the_unit_that_is_obeyed(depot, name, vendor, told, unit):
    """Seen to fail where what is told of units counts for nothing."""
    says = configured(ChargingScheduleAllowedChargingRateUnit=told)
    with depot.station(name, says=says) as cp:
        boot(cp, vendor)
        limit = LIMIT_A if unit == "A" else LIMIT_KW * 1000
        cp.hear(has_limit(cp, limit))

    assert cp.leases()[-1]["chargingSchedule"]["chargingRateUnit"] == unit


def test_quirk_10_a_unit_that_is_told_after_the_first_limit_is_spoken_from_then_on(depot):
    """Seen to fail where only what is sent later asks for the unit: the limit never comes in W."""
    told = configured(ChargingScheduleAllowedChargingRateUnit="Power")

    def says(action, payload):
        if payload.get("csChargingProfiles", {}).get("chargingProfilePurpose") == MAXIMUM:
            # Whatever it costs in time: the first limit waits in the queue before this is answered.
            depot.until(lambda: depot.journal("P05", "limit_sent"))
        return told(action, payload)

    with depot.station("P05", says=says) as cp:
        boot(cp)
        cp.hear(has_limit(cp, LIMIT_KW * 1000))

    actions = [action for _, action, _ in cp.calls]
    units = [(one["chargingProfilePurpose"], one["connectorId"],
              one["chargingSchedule"]["chargingRateUnit"]) for one in cp.profiles()]  # fmt: skip
    asked = actions.index("GetConfiguration")
    assert (DEFAULT, 1, "A") in units[: actions[:asked].count("SetChargingProfile")]
    # Then everything in the unit that it takes, the safe limit first.
    assert units.index((DEFAULT, 0, "W")) < units.index((DEFAULT, 1, "W"))
    assert (MAXIMUM, 0, "W") in units
    in_watts = [one for one, (_, _, unit) in zip(cp.profiles(), units, strict=True) if unit == "W"]
    assert limits(in_watts[0]) == [SAFE_KW * 1000]


def test_quirk_26_what_a_station_would_not_tell_is_asked_again(depot):
    """Seen to fail where it is asked once on a connection: the limit never comes in W."""
    told, asked = configured(ChargingScheduleAllowedChargingRateUnit="Power"), []

    def says(action, payload):
        if action == "GetConfiguration":
            asked.append(payload)
            return None if len(asked) == 1 else told(action, payload)
        return ACCEPTED

    with depot.station("P06", says=says) as cp:
        boot(cp)
        cp.hear(has_limit(cp, LIMIT_KW * 1000))

    assert len(asked) == 2


def test_quirk_12_amperes_are_per_phase_and_the_phases_are_said(depot):
    with depot.station("Q12") as cp:
        boot(cp)
        cp.hear(has_limit(cp))

    schedule = cp.leases()[0]["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "A"
    assert schedule["chargingSchedulePeriod"][0]["numberPhases"] == 1


@pytest.mark.parametrize(("told", "most"), [("4", 4), ("100", 24)])
def test_quirk_13_a_plan_is_merged_to_what_the_station_takes(depot, told, most):
    """Seen to fail without merging: forty periods go out."""
    with depot.station("Q13", says=configured(ChargingScheduleMaxPeriods=told)) as cp:
        boot(cp, firmware=told)
        cp.hear(lambda: cp.asked("GetConfiguration"))
        number = depot.start(cp, "Q13", meterStart=int(told))["transactionId"]
        cp.hear(lambda: any(one.get("transactionId") == number for one in cp.leases()))

    # Forty steps were planned.
    assert 1 < len(limits(cp.leases()[-1])) <= most


@pytest.mark.parametrize(
    "text", ["2026-11-20T20:00:00.123Z", "2026-11-20T13:35:45.377", "20/11/2026", "", None]
)
def test_quirk_14_any_time_is_taken_and_ours_are_plain(depot, text):
    with depot.station("Q14") as cp:
        boot(cp)
        cp.hear(has_limit(cp))
        for status in ("Preparing", "Available"):
            told = {"connectorId": 1, "errorCode": "NoError", "status": status, "timestamp": text}
            assert cp.ask("StatusNotification", told) == {}
        answer = cp.ask("Heartbeat", {})

    schedule = cp.leases()[0]["chargingSchedule"]
    said = [answer["currentTime"], cp.leases()[0]["validFrom"], schedule["startSchedule"]]
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", one) for one in said)


def test_quirk_15_a_schedule_began_a_minute_ago(depot):
    """Seen to fail where a schedule begins now."""
    before = depot.text(ago_s=60.0)
    with depot.station("Q15") as cp:
        boot(cp)
        cp.hear(has_limit(cp))
        latest = depot.text(ago_s=60.0)

    starts = [one["chargingSchedule"]["startSchedule"] for one in cp.profiles()]
    assert all(before <= one <= latest for one in starts)
    sent_at = depot.journal("Q15", "limit_sent")[0].at - timedelta(seconds=60)
    assert cp.leases()[0]["validFrom"] == f"{sent_at:%Y-%m-%dT%H:%M:%SZ}"
    assert cp.leases()[0]["validFrom"] == cp.leases()[0]["chargingSchedule"]["startSchedule"]


@pytest.mark.parametrize(
    ("name", "composite"),  # each a station that never was there: nothing is said twice to it
    [
        ("Q16", REJECTED),
        ("P09", ACCEPTED),
        ("P10", {"status": "Accepted", "connectorId": 1, "chargingSchedule": {
            "chargingRateUnit": "A", "chargingSchedulePeriod": []}}),
        ("P11", {"status": "Accepted", "connectorId": 1, "chargingSchedule": {
            "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1}]}}),
    ],
)  # fmt: skip
def test_quirk_16_a_composite_schedule_that_says_nothing_takes_nothing_back(depot, name, composite):
    def says(action, _payload):
        return composite if action == "GetCompositeSchedule" else ACCEPTED

    with depot.station(name, says=says) as cp:
        cp.hear(has_limit(cp))
        lease = len(cp.calls)
        cp.hear(lambda: "GetCompositeSchedule" in [action for _, action, _ in cp.calls[lease:]])
        asked, told_at = len(cp.leases()), depot.clock.now()
        cp.ask("Heartbeat", {})
        cp.hear(lambda: depot.has_shown(name, told_at))

    assert depot.class_of(name) == "A"
    assert len(cp.leases()) == asked
    assert cp.asked("ClearChargingProfile") == []
