"""What stations in the field do wrong (docs/quirks.md, rows 17 to 30): each has a defence, seen on the wire.

One gateway at sixty times the speed; each test has a station of its own, so that none meets
another's. What a test looked like with its defence taken away is said where that was tried.
"""

from datetime import timedelta

import pytest
from websockets.exceptions import ConnectionClosed

from depotlib.gateway.sleepers import RESUME_PAUSE
from tests.conformance.gateway_process import ACCEPTED
from tests.conformance.quirky import (
    LIMIT_KW,
    REJECTED,
    SAFE_A,
    boot,
    configured,
    has_limit,
    limits,
    quirky_depot,
)

pytestmark = pytest.mark.conformance

NAMES = [
    "P05",
    "P06",
    "P07",
    "P08",
    "Q17",
    "Q18",
    "Q19",
    "Q20",
    "Q21",
    "Q22",
    "Q24",
    "Q25",
    "Q26",
    "Q27",
    "Q28",
    "Q29",
    "Q30",
]


@pytest.fixture(scope="module")
def depot(tmp_path_factory):
    with quirky_depot(tmp_path_factory.mktemp("quirks"), NAMES) as running:
        yield running


# --- 17 to 20: meters -------------------------------------------------------------------------


def test_quirk_17_odd_measurands_spoil_no_reading(depot):
    """Seen to fail where units are not read: 2.5 Wh."""
    odd = [
        {"value": "31", "measurand": "Temperature", "unit": "Cels"},
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
    """Seen to fail where what is no JSON is not mended: no answer."""
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
    """Seen to fail where the connector alone says whose a sample is."""
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
    """Seen to fail where starts are not recognised: three transactions."""
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
    """Seen to fail where each resumption is answered with a limit."""
    with depot.station("Q20") as cp:
        boot(cp)
        depot.start(cp, "Q20")
        cp.hear(lambda: any("transactionId" in one for one in cp.leases()))
        before, began_at = len(cp.leases()), depot.clock.now()
        for turn in range(20):
            status = ("SuspendedEVSE", "Charging", "SuspendedEV", "Charging")[turn % 4]
            told = {"connectorId": 1, "errorCode": "NoError", "status": status}
            cp.ask("StatusNotification", told)
        cp.ask("Heartbeat", {})
        spans = (depot.clock.now() - began_at) // RESUME_PAUSE

    # Five times it resumes; it is told its limit again once in five minutes at most.
    assert len(cp.leases()) - before <= 1 + spans


# --- 21 to 26: conversation -------------------------------------------------------------------


def test_quirk_21_an_answer_that_comes_too_late_answers_nothing_else(depot):
    """Seen to fail where any answer is taken for the one that is awaited."""
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
    """Seen to fail where every raise is worth a message."""
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
        # Raises come every five minutes at most: after seven, this one was not worth it.
        due_at = depot.clock.now() + timedelta(minutes=7)
        cp.hear(lambda: depot.clock.now() > due_at)

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
    """Seen to fail where a boot forgets what was told before."""
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
    """Seen to fail where a refused start takes the place of what runs."""
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
    assert mine not in [one.payload["transaction_id"] for one in ended]
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
