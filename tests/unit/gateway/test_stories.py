import itertools

import pytest

from depotlib.gateway.control import Heritage
from depotlib.gateway.messages import (
    AnswerTransaction,
    Booted,
    Connected,
    MeterSample,
    TransactionTold,
    VehicleTold,
)
from depotlib.gateway.transactions import number_of
from tests.gateway_cases import SAFE_KW, T0, at, night, site

NAME = "tx-1"


def told(phase, seq, **more):
    more.setdefault("connector", 1)
    more.setdefault("at", at(60 * seq))
    return TransactionTold("c", phase, NAME, seq, **more)


def metered(seq, register_kwh, power_kw=None):
    return (MeterSample(at(60 * seq), power_kw, register_kwh),)


STORY = (
    told("started", 0, token="TAG-0", samples=metered(0, 10.0)),
    told("updated", 1, samples=metered(1, 10.5, 3.0), status="Charging"),
    told("updated", 2, samples=metered(2, 11.0, 3.0)),
    told("ended", 3, samples=metered(3, 11.5), reason="EVDisconnected"),
)


def come_up(heritage=None):
    running = site(heritage=heritage)
    for station_id in running.control.stations:
        running.say(station_id, Connected("2.0.1"))
        running.say(station_id, Booted("b", "maker", "model"))
    running.now = at(600)
    return running


def notes(running, kind):
    return [one for one in running.journal if one.kind == kind]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_in_any_order_and_told_twice_it_is_one_session(order):
    running = come_up()

    for index in [*order, *order]:
        running.say("S0", STORY[index])

    (started,) = notes(running, "session_started")
    ended = notes(running, "session_ended")
    # An end is told again where what came later shows that there was more to it.
    assert {one.payload["session_id"] for one in ended} == {started.payload["session_id"]}
    assert {one.at for one in ended} == {at(180)}
    energies = [one.payload["energy_kwh"] for one in ended]
    assert energies == sorted(energies)
    assert energies[-1] == pytest.approx(1.5)  # 11.5 - 10.0 kWh
    assert ended[-1].payload["vehicle_id"] == "van-0"
    assert running.control.stations["S0"].transactions.all_running() == []


def test_an_old_token_names_its_own_session_and_not_the_one_that_runs():
    running = come_up()
    old = "tx-old"
    running.say("S0", TransactionTold("c", "started", old, 0, at(-900), connector=1))
    running.say("S0", TransactionTold("c", "ended", old, 2, at(-600)))
    running.say("S0", told("started", 0, token="TAG-1"))

    running.say("S0", TransactionTold("c", "updated", old, 1, at(-890), token="TAG-0"))

    (resolved,) = notes(running, "identity_resolved")
    first, second = notes(running, "session_started")
    assert resolved.payload["session_id"] == first.payload["session_id"]
    assert resolved.payload["vehicle_id"] == "van-0"
    assert second.payload["vehicle_id"] == "van-1"
    (runs,) = running.control.stations["S0"].transactions.all_running()
    assert runs.who.vehicle_id == "van-1"


def test_a_token_that_comes_after_the_end_tells_the_end_again_with_its_vehicle():
    running = come_up()
    running.say("S0", told("started", 0, samples=metered(0, 10.0)))
    running.say("S0", told("ended", 3, samples=metered(3, 11.5), reason="EVDisconnected"))

    running.say("S0", told("updated", 1, token="TAG-0", trigger="Authorized"))

    first, again = notes(running, "session_ended")
    assert first.payload["vehicle_id"] is None
    assert again.payload["vehicle_id"] == "van-0"
    assert again.payload["reason"] == "Corrected"
    told_twice = [(one.at, one.payload["session_id"], one.payload["energy_kwh"])
                  for one in (first, again)]  # fmt: skip
    assert told_twice == [(at(180), first.payload["session_id"], 1.5)] * 2  # 11.5 - 10.0 kWh


def test_a_token_of_whoever_stops_names_nobody_after_the_end():
    running = come_up()
    running.say("S0", told("started", 0, samples=metered(0, 10.0)))
    running.say("S0", told("ended", 3, samples=metered(3, 11.5), reason="EVDisconnected"))

    running.say("S0", told("updated", 2, token="TAG-0", trigger="StopAuthorized"))

    (ended,) = notes(running, "session_ended")
    assert ended.payload["vehicle_id"] is None


def test_what_was_metered_after_the_start_never_makes_a_session_begin_earlier():
    running = come_up()
    running.say("S0", STORY[0])
    reset = told("updated", 1, samples=metered(1, 4.0))  # a register that went back

    running.say("S0", reset)
    running.say("S0", STORY[3])

    assert notes(running, "session_ended")[-1].payload["energy_kwh"] == pytest.approx(1.5)


def test_told_in_order_its_energy_is_that_of_the_meter():
    running = come_up()

    for event in STORY:
        running.say("S0", event)

    (ended,) = notes(running, "session_ended")
    assert ended.payload["energy_kwh"] == pytest.approx(1.5)  # 11.5 - 10
    assert ended.payload["vehicle_id"] == "van-0"


def test_a_start_without_a_meter_takes_the_first_register_for_it():
    running = come_up()

    running.say("S0", told("started", 0, token="TAG-0"))
    running.say("S0", told("updated", 1, samples=metered(1, 4000.0)))
    running.say("S0", told("ended", 2, samples=metered(2, 4001.0)))

    assert notes(running, "session_ended")[0].payload["energy_kwh"] == pytest.approx(1.0)


def test_a_restarted_gateway_knows_the_transaction_by_its_name():
    before = come_up()
    before.say("S0", STORY[0])
    transactions = before.control.stations["S0"].transactions.all_running()
    after = come_up(Heritage(transactions={"S0": transactions}))

    for event in STORY:
        after.say("S0", event)

    assert notes(after, "session_started") == []
    assert len(notes(after, "session_ended")) == 1


def test_a_late_token_moves_the_plan_to_its_vehicle():
    running = come_up()
    running.control.apply_release(night({"S0/1": [SAFE_KW], "S1/1": [11.0, 11.0]}))

    running.say("S0", told("started", 0))
    running.say("S0", told("updated", 1, token="TAG-1", trigger="Authorized"))

    assert [one.payload["vehicle_id"] for one in notes(running, "identity_resolved")] == ["van-1"]
    session = running.control.stations["S0"].transactions.get(number_of(NAME))
    assert session is not None
    assert (session.who.vehicle_id, session.id_tag) == ("van-1", "TAG-1")


def test_a_vehicle_does_not_overrule_the_token_that_it_came_with():
    running = come_up()
    running.say("S0", told("started", 0, token="TAG-0"))

    running.say("S0", VehicleTold("e", 1, "TAG-1"))

    session = running.control.stations["S0"].transactions.get(number_of(NAME))
    assert session is not None
    assert session.who.vehicle_id == "van-0"


def test_a_vehicle_that_names_itself_is_known_where_nobody_else_said_who_it_is():
    running = come_up()
    running.say("S0", told("started", 0))

    running.say("S0", VehicleTold("e", 1, "TAG-2"))

    session = running.control.stations["S0"].transactions.get(number_of(NAME))
    assert session is not None
    assert session.who.vehicle_id == "van-2"


def test_an_event_on_a_place_that_is_not_there_is_answered_and_listed_once():
    running = come_up()

    for seq in range(3):
        running.say("S0", told("updated", seq, connector=9, token="TAG-0"))

    answers = [one for one in running.answers if isinstance(one, AnswerTransaction)]
    assert [one.is_accepted for one in answers] == [True] * 3
    assert len(notes(running, "identity_exception")) == 1


def test_history_is_no_proof_against_a_station():
    running = come_up()
    running.say("S0", told("started", 0, token="TAG-0"))

    for seq in (1, 2, 3):
        over = metered(seq, 10.0 + seq, power_kw=22.0)
        running.say("S0", told("updated", seq, samples=over, is_offline=True))

    assert notes(running, "disobedience") == []
    assert len(notes(running, "meter")) == 3


def test_what_is_told_now_is_proof_against_a_station():
    running = come_up()
    running.say("S0", told("started", 10, token="TAG-0", at=at(600)))

    for seq in (11, 12, 13):
        running.now = at(60 * seq)
        over = metered(seq, 10.0 + seq, power_kw=22.0)
        running.say("S0", told("updated", seq, samples=over))

    assert notes(running, "disobedience")
    assert running.now > T0
