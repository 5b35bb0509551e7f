"""What stations in the field do wrong (docs/quirks.md, by row): each has a defence, seen on the wire.

One gateway at sixty times the speed; each test has a station of its own, so that none meets
another's. What it looked like without the defence is said where the defence was once switched off.
"""

import re

import pytest
from websockets.exceptions import ConnectionClosed

from tests.conformance.gateway_process import ACCEPTED
from tests.conformance.quirky import (
    LIMIT_A,
    LIMIT_KW,
    SAFE_A,
    quirky_depot,
)

pytestmark = pytest.mark.conformance

NAMES = [f"Q{row:02}" for row in range(1, 31)] + [
    "P01",
    "P02",
    "P03",
    "P04",
    "P05",
    "P06",
    "P07",
    "P08",
]
REJECTED = {"status": "Rejected"}


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    with quirky_depot(tmp_path_factory.mktemp("quirks"), NAMES) as running:
        yield running


def boot(cp, vendor="V", model="M", firmware="1"):
    named = {"chargePointVendor": vendor, "chargePointModel": model, "firmwareVersion": firmware}
    return cp.ask("BootNotification", named)


def limits(profile):
    return [one["limit"] for one in profile["chargingSchedule"]["chargingSchedulePeriod"]]


def has_limit(cp, limit=LIMIT_A):
    return lambda: any(limit in limits(one) for one in cp.leases())


def refuses(is_refused, reply=REJECTED):
    """Say yes to everything but those profiles."""

    def says(action, payload):
        profile = payload.get("csChargingProfiles", {})
        if action == "SetChargingProfile" and is_refused(profile, payload["connectorId"]):
            return reply
        return ACCEPTED

    return says


def configured(**values):
    """Say yes to everything, and tell this configuration."""
    keys = [{"key": key, "readonly": False, "value": value} for key, value in values.items()]

    def says(action, _payload):
        return {"configurationKey": keys} if action == "GetConfiguration" else ACCEPTED

    return says


# --- 1 to 5: what stations take ---------------------------------------------------------------


def test_quirk_01_a_make_known_to_keep_one_level_is_spoken_to_on_it(depot):
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
    with depot.station("P01", says=refuses(lambda one, _place: one["stackLevel"] > 0)) as cp:
        boot(cp)
        cp.hear(lambda: any(one["stackLevel"] == 0 for one in cp.leases()))
        cp.leases()

    # What never ends by itself has no end: such a station cannot fall back.
    assert "validTo" not in cp.leases()[-1]
    assert [one["stackLevel"] for one in cp.leases()] == [1, 1, 0]


def test_quirk_01_what_was_found_out_is_kept_over_a_boot(depot):
    with depot.station("P02", says=refuses(lambda one, _place: one["stackLevel"] > 0)) as cp:
        boot(cp)
        cp.hear(lambda: any(one["stackLevel"] == 0 for one in cp.leases()))
    with depot.station("P02") as again:
        boot(again)
        again.hear(has_limit(again))

    assert [one["stackLevel"] for one in again.leases()] == [0] * len(again.leases())


def test_quirk_02_a_limit_accepted_and_not_obeyed_is_seen_in_the_meter(depot):
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
    with depot.station("Q04", says=refuses(lambda _one, _place: True)) as cp:
        boot(cp)
        cp.hear(lambda: depot.class_of("Q04") == "C" and depot.journal("Q04", "limit_answered"))

    assert depot.journal("Q04", "limit_answered")[0].payload["answer"] == "Rejected"
    assert cp.leases() == []  # nothing is permitted to one that does not hold its safe limit


def test_quirk_05_a_make_that_forgets_without_a_connection_is_reckoned_at_its_maximum(depot):
    with depot.station("Q05") as cp:
        boot(cp, "go-e", "Charger")
        cp.hear(lambda: depot.class_of("Q05") == "A")
    with depot.station("Q30") as other:
        other.hear(lambda: depot.class_of("Q05") == "C")

    assert depot.class_of("Q05") == "C"


# --- 6 to 9: what stations hold ---------------------------------------------------------------


def test_quirk_06_a_limit_ends_by_itself_above_a_safe_limit_that_never_does(depot):
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
    with depot.station("Q07") as cp:
        boot(cp)
        number = depot.start(cp, "Q07")["transactionId"]
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        status = {"connectorId": 1, "errorCode": "NoError", "status": "SuspendedEVSE"}
        cp.ask("StatusNotification", status)
        before = len(cp.leases())
        cp.ask("StatusNotification", status | {"status": "Charging"})
        cp.hear(lambda: len(cp.leases()) > before)

    assert cp.leases()[-1]["transactionId"] == number


def test_quirk_08_where_the_profile_of_a_transaction_cannot_be_replaced_the_default_is(depot):
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
    says = configured(ChargingScheduleAllowedChargingRateUnit=told)
    with depot.station(name, says=says) as cp:
        boot(cp, vendor)
        limit = LIMIT_A if unit == "A" else LIMIT_KW * 1000
        cp.hear(has_limit(cp, limit))

    assert cp.leases()[-1]["chargingSchedule"]["chargingRateUnit"] == unit


def test_quirk_12_amperes_are_per_phase_and_the_phases_are_said(depot):
    with depot.station("Q12") as cp:
        boot(cp)
        cp.hear(has_limit(cp))

    schedule = cp.leases()[0]["chargingSchedule"]
    assert schedule["chargingRateUnit"] == "A"
    assert schedule["chargingSchedulePeriod"][0]["numberPhases"] == 1


@pytest.mark.parametrize(("told", "most"), [("4", 4), ("100", 24)])
def test_quirk_13_a_plan_is_merged_to_what_the_station_takes(depot, told, most):
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
    with depot.station("Q15") as cp:
        before = depot.text(ago_s=60.0)
        boot(cp)
        cp.hear(has_limit(cp))
        latest = depot.text(ago_s=60.0)

    starts = [one["chargingSchedule"]["startSchedule"] for one in cp.profiles()]
    assert all(before <= one <= latest for one in starts)
    assert cp.leases()[0]["validFrom"] == cp.leases()[0]["chargingSchedule"]["startSchedule"]


@pytest.mark.parametrize(
    "composite",
    [
        REJECTED,
        ACCEPTED,
        {"status": "Accepted", "connectorId": 1, "chargingSchedule": {
            "chargingRateUnit": "A", "chargingSchedulePeriod": []}},
        {"status": "Accepted", "connectorId": 1, "chargingSchedule": {
            "chargingRateUnit": "A", "chargingSchedulePeriod": [{"startPeriod": 0, "limit": -1}]}},
    ],
)  # fmt: skip
def test_quirk_16_a_composite_schedule_that_says_nothing_takes_nothing_back(depot, composite):
    def says(action, _payload):
        return composite if action == "GetCompositeSchedule" else ACCEPTED

    with depot.station("Q16", says=says) as cp:
        cp.hear(has_limit(cp))
        cp.hear(lambda: cp.asked("GetCompositeSchedule"))
        asked = len(cp.leases())
        cp.hear(lambda: depot.class_of("Q16") == "A")

    assert len(cp.leases()) == asked
    assert cp.asked("ClearChargingProfile") == []


# --- 17 to 20: meters -------------------------------------------------------------------------


def test_quirk_17_odd_measurands_spoil_no_reading(depot):
    odd = [
        {"value": "31", "measurand": "Temperature", "unit": "Celcius"},
        {"value": '"17"', "measurand": "Made.Up"},
        {"value": "", "measurand": "Voltage"},
        {"value": "2,5", "measurand": "Energy.Active.Import.Register", "unit": "kWh"},
    ]
    with depot.station("Q17") as cp:
        boot(cp)
        number = depot.start(cp, "Q17")["transactionId"]
        value = {"timestamp": depot.text(), "sampledValue": odd}
        meter = {"connectorId": 1, "transactionId": number, "meterValue": [value]}
        assert cp.ask("MeterValues", meter) == {}
        cp.hear(lambda: depot.journal("Q17", "meter"))

    assert depot.journal("Q17", "meter")[-1].payload["energy_kwh"] == 2.5


def test_quirk_18_a_blank_in_place_of_a_number_is_read_as_none(depot):
    with depot.station("Q18") as cp:
        boot(cp)
        depot.start(cp, "Q18")
        text = (
            '[2,"blank","MeterValues",{"connectorId":1,"transactionId":,"meterValue":[{'
            f'"timestamp":"{depot.text()}","sampledValue":[{{"value":"900"}}]}}]}}]'
        )
        cp.socket.send(text)
        cp.hear(lambda: "blank" in cp.answers)

    assert depot.journal("Q18", "meter")[-1].payload["energy_kwh"] == 0.9


@pytest.mark.parametrize(("place", "number"), [(0, None), (1, 4711), (7, None), (1, -1)])
def test_quirk_18_a_sample_of_a_wrong_place_or_number_is_not_lost(depot, place, number):
    with depot.station("P05") as cp:
        boot(cp)
        mine = depot.start(cp, "P05")["transactionId"]
        before = len(depot.journal("P05", "meter"))
        meter = depot.meter(power_kw=1.0, register_wh=400.0)
        told = {"connectorId": place, "transactionId": number or mine, "meterValue": [meter]}
        assert cp.ask("MeterValues", told) == {}
        cp.hear(lambda: len(depot.journal("P05", "meter")) > before)
        stop = {"transactionId": mine, "meterStop": 400, "timestamp": depot.text()}
        cp.ask("StopTransaction", stop)

    sampled = depot.journal("P05", "meter")[-1]
    assert sampled.payload["session_id"] == depot.journal("P05", "session_started")[-1].payload[
        "session_id"
    ]  # fmt: skip


def test_quirk_19_a_start_said_again_is_the_same_one_and_minus_one_ends_it(depot):
    long_ago = depot.text(ago_s=7200.0)
    with depot.station("Q19") as cp:
        boot(cp)
        numbers = {depot.start(cp, "Q19", timestamp=long_ago)["transactionId"] for _ in range(3)}
        stop = {"transactionId": -1, "meterStop": 1200, "timestamp": depot.text(ago_s=3600.0)}
        assert cp.ask("StopTransaction", stop) == {}
        assert cp.ask("StopTransaction", stop | {"transactionId": 2**40}) == {}
        cp.hear(lambda: depot.journal("Q19", "session_ended"))

    assert len(numbers) == 1
    assert len(depot.journal("Q19", "session_started")) == 1
    assert [one.payload["energy_kwh"] for one in depot.journal("Q19", "session_ended")] == [1.2]


def test_quirk_20_statuses_that_flap_cost_no_limits(depot):
    with depot.station("Q20") as cp:
        boot(cp)
        depot.start(cp, "Q20")
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        before = len(cp.leases())
        for turn in range(20):
            status = "SuspendedEV" if turn % 2 else "Charging"
            told = {"connectorId": 1, "errorCode": "NoError", "status": status}
            cp.ask("StatusNotification", told)
        cp.ask("Heartbeat", {})

    assert len(cp.leases()) - before <= 1


# --- 21 to 26: conversation -------------------------------------------------------------------


def test_quirk_21_an_answer_that_comes_too_late_answers_nothing_else(depot):
    late = []

    def says(action, payload):
        profile = payload.get("csChargingProfiles", {})
        if action == "SetChargingProfile" and profile["stackLevel"] == 1 and not late:
            late.append(cp.calls[-1][0])
            return None
        if action == "SetChargingProfile" and profile["stackLevel"] == 1:
            # While this one waits, the first is refused at last.
            cp._reply(late[0], REJECTED)
        return ACCEPTED

    with depot.station("Q21", says=says) as cp:
        boot(cp)
        cp.hear(lambda: len(cp.leases()) == 2)
        cp.hear(lambda: len(depot.journal("Q21", "read_back")) or cp.asked("GetCompositeSchedule"))
        cp.hear(lambda: len(_answers(depot, "Q21")) == 2)

    assert [one.partition(":")[0] for one in _answers(depot, "Q21")] == ["unknown", "accepted"]


def _answers(depot, name):
    return [
        str(one.payload["answer"])
        for one in depot.journal(name, "limit_answered")
        if "seq" in one.payload
    ]


def test_quirk_22_a_pause_is_a_limit_of_zero_and_never_the_end_of_the_transaction(depot):
    with depot.station("Q22") as cp:
        boot(cp)
        depot.start(cp, "Q22")
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        depot.push("pause", Q22=depot.plan("Q22", 0.0))
        cp.hear(lambda: limits(cp.leases()[-1])[0] == 0.0)

    assert cp.asked("RemoteStopTransaction") == []
    assert cp.asked("ChangeAvailability") == []


def test_quirk_24_small_changes_are_not_written(depot):
    with depot.station("Q24") as cp, depot.station("P08") as other:
        for one in (cp, other):
            boot(one)
            one.hear(has_limit(one))
        before = len(cp.leases())
        # Three per cent more for one, half for the other, whose new limit shows that both were seen.
        changed = {
            "Q24": depot.plan("Q24", LIMIT_KW * 1.03),
            "P08": depot.plan("P08", LIMIT_KW / 2),
        }
        depot.put_into_force("nudge", **changed)
        other.hear(has_limit(other, 10.8))  # 2500 W / 230 V
        assert cp.ask("Heartbeat", {})

    assert len(cp.leases()) == before


def test_quirk_25_a_station_is_never_locked_out_by_its_own_dead_connection(depot):
    with depot.station("Q25") as dead, depot.station("Q25") as alive:
        assert alive.ask("Heartbeat", {})
        with pytest.raises(ConnectionClosed):
            dead.hear(lambda: False)


@pytest.mark.parametrize("value", [3, None, [], {"a": 1}, True, "many"])
def test_quirk_26_configuration_of_any_type_is_survived(depot, value):
    says = configured(ChargeProfileMaxStackLevel=value, ChargingScheduleMaxPeriods=value)
    with depot.station("Q26", says=says) as cp:
        boot(cp)
        cp.hear(has_limit(cp))
        assert cp.ask("Heartbeat", {})

    assert cp.leases()[-1]["stackLevel"] == 1


def test_quirk_26_what_cannot_be_read_once_is_not_forgotten(depot):
    with depot.station("P06", says=configured(ChargeProfileMaxStackLevel="0")) as cp:
        boot(cp)
        cp.hear(lambda: any(one["stackLevel"] == 0 for one in cp.leases()))
    fails = {"GetConfiguration": "InternalError"}
    with depot.station("P06", says=lambda action, _: fails.get(action, ACCEPTED)) as again:
        boot(again)
        again.hear(has_limit(again))

    assert {one["stackLevel"] for one in again.leases()} == {0}


# --- 27 to 30: sessions and boots -------------------------------------------------------------


def event(depot, kind, seq, *, ago_s, **more):
    return {
        "eventType": kind,
        "timestamp": depot.text(ago_s),
        "triggerReason": "MeterValuePeriodic",
        "seqNo": seq,
        "transactionInfo": {"transactionId": "t-27"},
        **more,
    }


def test_quirk_27_events_of_a_transaction_in_any_order_and_place_make_one_session(depot):
    token = {"idToken": "TAG-Q27", "type": "ISO14443"}
    register = [{"value": 2000.0, "measurand": "Energy.Active.Import.Register"}]

    def samples(ago_s, value):
        sampled = [{**register[0], "value": value}]
        return {"meterValue": [{"timestamp": depot.text(ago_s), "sampledValue": sampled}]}

    with depot.station("Q27", ocpp="ocpp2.0.1") as cp:
        # Without a place; the end before the start; all of it history.
        end = event(depot, "Ended", 2, ago_s=3600, offline=True, **samples(3600, 5000.0))
        begin = event(depot, "Started", 0, ago_s=7200, offline=True, idToken=token,
                      **samples(7200, 2000.0))  # fmt: skip
        middle = event(depot, "Updated", 1, ago_s=5400, offline=True, **samples(5400, 3000.0))
        for told in (begin, end, middle, begin):
            assert "idTokenInfo" in cp.ask("TransactionEvent", told) or told is not begin
        cp.hear(lambda: depot.journal("Q27", "session_ended"))

    assert len(depot.journal("Q27", "session_started")) == 1
    assert [one.payload["energy_kwh"] for one in depot.journal("Q27", "session_ended")] == [3.0]


def test_quirk_28_a_schedule_always_says_when_it_starts(depot):
    with depot.station("Q28", ocpp="ocpp2.0.1") as cp:
        cp.hear(lambda: len(cp.asked("SetChargingProfile")) >= 2)
    with depot.station("P07") as other:
        boot(other)
        other.hear(has_limit(other))

    new = [one["chargingProfile"] for one in cp.asked("SetChargingProfile")]
    assert all(one["chargingSchedule"][0]["startSchedule"] for one in new)
    assert all(one["chargingSchedule"]["startSchedule"] for one in other.profiles())
    assert {one["chargingProfileKind"] for one in new + other.profiles()} == {"Absolute"}


def test_quirk_29_a_start_that_is_refused_ends_nobody_elses(depot):
    with depot.station("Q29") as cp:
        boot(cp)
        mine = depot.start(cp, "Q29")["transactionId"]
        other = depot.start(cp, "Q29", idTag="STRANGER")
        cp.ask("MeterValues", {"connectorId": 1, "transactionId": mine,
                               "meterValue": [depot.meter(power_kw=3.0, register_wh=100.0)]})  # fmt: skip
        cp.hear(lambda: depot.journal("Q29", "meter"))
        ended = depot.journal("Q29", "session_ended")
        cp.ask("StopTransaction", {"transactionId": other["transactionId"], "meterStop": 0,
                                   "timestamp": depot.text()})  # fmt: skip
        ended += depot.journal("Q29", "session_ended")

    assert other["idTagInfo"]["status"] == "Invalid"
    assert other["transactionId"] > 0
    assert [one.payload["transaction_id"] for one in ended] not in ([mine], [mine, mine])
    assert depot.journal("Q29", "meter")[-1].payload["session_id"].startswith("Q29/1@")


def test_quirk_30_a_station_that_boots_over_and_over_is_armed_each_time(depot):
    with depot.station("Q30") as cp:
        for turn in range(1, 4):
            assert boot(cp)["status"] == "Accepted"
            cp.hear(lambda turn=turn: len(_safe_limits(cp)) >= turn)

    assert all(limits(one) == [SAFE_A] for one in _safe_limits(cp))


def _safe_limits(cp):
    return [
        one
        for one in cp.profiles()
        if (one["connectorId"], one["chargingProfilePurpose"]) == (0, "TxDefaultProfile")
    ]
