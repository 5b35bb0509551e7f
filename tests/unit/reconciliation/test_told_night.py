"""The journal's words of a night, put together: limits, spans, sessions, and whose they were."""

from datetime import timedelta

from depotlib.gateway.lease_notes import sent_entry
from depotlib.model.live import JournalEntry, Lease
from depotlib.model.release import LimitStep
from depotlib.reconciliation.line import limit_line
from depotlib.reconciliation.listening import told_night
from depotlib.reconciliation.night import reconcile_stays
from depotlib.reconciliation.planned import PlannedStay, widened_kw
from depotlib.reconciliation.registers import Meter
from depotlib.reconciliation.visits import visits_by_stay
from tests.unit.exchange.samples import EVENING, MORNING, depot, schedule

HOUR = timedelta(hours=1)
SESSION = "AC-01/1@1"


def said(at, kind, connector_id="AC-01/1", **facts):
    return JournalEntry(at, kind, "AC-01", connector_id, facts)


def started(vehicle_id=None, *, at=EVENING, session=SESSION, connector_id="AC-01/1"):
    return said(at, "session_started", connector_id, session_id=session, vehicle_id=vehicle_id)


def told(*entries):
    return told_night(entries, end=MORNING)


def lease(*steps):
    return Lease(
        station_id="AC-01",
        connector_id="AC-01/1",
        seq=3,
        epoch=1,
        steps=tuple(LimitStep(start, limit_kw) for start, limit_kw in steps),
        valid_to=EVENING + 4 * HOUR,
        state="sent",
        release_id="r1",
    )


def stay(vehicle_id="van-1", connector_id="AC-01/1"):
    return PlannedStay(
        vehicle_id, EVENING, MORNING, 5.0, 10.0, schedules=(schedule(connector_id, vehicle_id),)
    )


def test_a_limit_holds_as_the_gateway_said_it_from_its_answer_to_its_end():
    sent = lease((EVENING - HOUR, 7.4), (EVENING + HOUR, 3.7))
    answered = said(EVENING + HOUR / 60, "limit_answered", seq=3, answer="accepted")

    line = limit_line(told(sent_entry(sent, now=EVENING), answered).leases["AC-01/1"], safe_kw=1.4)

    assert [line.at(EVENING + hours * HOUR) for hours in (0, 0.5, 1, 3.9, 4)] == [
        1.4, 7.4, 3.7, 3.7, 1.4,
    ]  # fmt: skip
    assert line.least(EVENING + 0.5 * HOUR, EVENING + 2 * HOUR) == 3.7


def test_a_limit_that_was_refused_or_not_answered_never_held():
    sent = sent_entry(lease((EVENING, 7.4)), now=EVENING)
    refused = said(EVENING, "limit_answered", seq=3, answer="rejected: no")
    silent = said(EVENING, "limit_answered", seq=3, answer="unknown: timeout")

    assert told(sent, refused).leases == told(sent, silent).leases == {}
    assert [one.kind for one in told(sent, refused).spans] == ["refused"]
    assert [one.kind for one in told(sent, silent).spans] == ["unanswered"]


def test_a_station_is_away_from_its_loss_to_its_return_or_to_the_end():
    lost = said(EVENING, "station_disconnected", None)
    back = said(EVENING + HOUR, "station_connected", None)

    (closed,) = told(lost, back).spans
    (open_span,) = told(lost).spans

    assert (closed.start, closed.end) == (EVENING, EVENING + HOUR)
    assert open_span.end == MORNING
    assert closed.concerns("AC-01/1", "AC-01")
    assert not closed.concerns("AC-02/1", "AC-02")


def test_an_order_holds_from_its_start_until_it_is_over():
    facts = {
        "order_id": "o1",
        "action": "hold",
        "reason": "cable",
        "start": (EVENING + HOUR).isoformat(),
        "until": (EVENING + 3 * HOUR).isoformat(),
    }
    standing = said(EVENING, "operator_action", state="standing", **facts)
    over = said(EVENING + 2 * HOUR, "operator_action", state="over", **facts)

    (planned,) = told(standing).spans
    (ended,) = told(standing, over).spans

    assert (planned.start, planned.end) == (EVENING + HOUR, EVENING + 3 * HOUR)
    assert (ended.end, ended.what) == (EVENING + 2 * HOUR, "hold: cable")
    assert told(said(EVENING, "operator_action", action="unlock", order_id="o2")).spans == ()


def test_a_fault_ends_with_the_next_status_that_is_none():
    bad = said(EVENING, "status", status="Faulted", error_code="GroundFailure")
    good = said(EVENING + HOUR, "status", status="Charging", error_code="NoError")

    (span,) = told(bad, good).spans

    assert (span.end, span.what) == (EVENING + HOUR, "it said Faulted (GroundFailure)")


def test_a_session_is_whose_it_was_named_last_and_known_from_then_on():
    named = said(EVENING + HOUR, "identity_resolved", session_id=SESSION, vehicle_id="van-1")
    meter = said(EVENING + HOUR, "meter", session_id=SESSION, energy_kwh=3.5, soc=0.4)
    ended = said(
        EVENING + 2 * HOUR, "session_ended", session_id=SESSION, energy_kwh=4.0, reason="Local"
    )

    (session,) = told(started(), named, meter, ended).sessions

    assert (session.vehicle_id, session.known_from("van-1")) == ("van-1", EVENING + HOUR)
    assert session.known_from("van-2") is None
    assert (session.energy_kwh, session.end, session.readings_soc[0][1]) == (4.0, ended.at, 0.4)
    assert told(meter).sessions == ()  # its beginning is not in the journal at hand


def test_a_session_without_an_end_is_followed_as_long_as_it_is_heard_of():
    meter = said(EVENING + HOUR, "meter", session_id=SESSION, energy_kwh=3.5)

    (session,) = told(started(), meter).sessions

    soon = EVENING + HOUR + timedelta(minutes=2)
    assert Meter.of(session, until=MORNING).end == EVENING + HOUR
    assert Meter.of(session, until=soon).end == soon  # the next sample may be on its way


def test_what_a_lost_session_lacks_is_the_communications():
    meter = said(EVENING + HOUR, "meter", session_id=SESSION, energy_kwh=7.4)
    sent = sent_entry(lease((EVENING - HOUR, 7.4)), now=EVENING)
    accepted = said(EVENING, "limit_answered", seq=3, answer="accepted")

    (van,), _ = reconcile_stays(
        [stay()], [sent, accepted, started("van-1"), meter], depot=depot(), until=MORNING
    )

    # samples.schedule: 7.4 kW for four hours; 7.4 kWh of the 10 that were wanted are told
    assert (van.missing_wh, [one.cause for one in van.shares]) == (2600, ["communication"])


def test_a_nameless_session_is_of_the_van_that_was_planned_there():
    visits, rest = visits_by_stay([stay()], told(started()).sessions)

    assert [one.session_id for one in visits[0]] == [SESSION]
    assert rest == ()


def test_elsewhere_it_is_of_the_only_van_that_is_left():
    elsewhere = started(connector_id="AC-09/1")

    (only,), rest = visits_by_stay([stay()], told(elsewhere).sessions)
    (first, second), left = visits_by_stay([stay(), stay("van-2")], told(elsewhere).sessions)

    assert (len(only), rest) == (1, ())
    assert (first, second, len(left)) == ((), (), 1)  # it could be either's


def test_the_van_that_has_a_session_does_not_get_the_strangers():
    mine = started("van-1", session="mine", connector_id="AC-02/1")

    visits, rest = visits_by_stay([stay()], told(mine, started()).sessions)

    assert [one.session_id for one in visits[0]] == ["mine"]
    assert [one.session_id for one in rest] == [SESSION]


def test_a_plan_that_is_short_is_widened_in_proportion_and_then_filled_from_the_front():
    # an hour at 3 and one at 6 kW give 9 kWh; 12 kWh in proportion are 4 and 8 kW
    wanted = [3.0] * 60 + [6.0] * 60 + [0.0] * 60

    wider = widened_kw(wanted, most=[11.0] * 180, target_kwh=12.0)
    full = widened_kw(wanted, most=[11.0] * 180, target_kwh=27.5)

    assert (round(wider[0], 3), round(wider[60], 3), wider[120]) == (4.0, 8.0, 0.0)
    # 22 kWh fill both hours; 5.5 kWh are left for half of the third
    assert (round(full[0], 3), round(full[120], 3), full[179]) == (11.0, 11.0, 0.0)
    assert widened_kw(wanted, most=[11.0] * 180, target_kwh=9.0) == tuple(wanted)
