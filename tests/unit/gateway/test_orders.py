"""What operators ask for: within the proven room, until its end, and never twice by accident."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.errors import ModelError
from depotlib.exchange.mailbox import open_mailbox
from depotlib.exchange.operator import ensure_operator_token, issue_token
from depotlib.exchange.orders import order_digest
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.calls import Restart, SetAvailability, Unlock
from depotlib.gateway.messages import Disconnected, TransactionEnded
from depotlib.gateway.order_desk import OrderDesk
from depotlib.model.depot import Derating
from depotlib.model.live import Distrust
from depotlib.model.order import Order
from tests.gateway_cases import MAX_KW, SAFE_KW, T0, Site, at, night, site, small_site
from tests.unit.gateway.ordered import HOUR, LOW_KW, MID_KW, Ordered, charging, held, settle


def test_charge_now_takes_what_is_free_and_the_others_give_way_within_the_limit():
    there = charging()
    assert held(there) == [LOW_KW, MID_KW, MID_KW]

    there.order("charge_now")
    settle(there)

    # 40 kW: S0 comes first with its 22.08 kW, of whole tenths of an ampere; the others share 17.9.
    assert held(there)[0] == pytest.approx(MAX_KW, abs=0.1)
    assert sum(held(there)) <= 40.0
    assert min(held(there)[1:]) >= SAFE_KW - 0.1, "a vehicle that is there keeps its safe limit"


def test_no_reserve_ever_passes_the_hard_limit_while_orders_come_and_go():
    there = charging()
    for number, kind in enumerate(("charge_now", "hold", "charge_now", "exclude", "prioritise")):
        name = f"S{number % 3}"
        there.order(kind, f"{name}/1", station_id=name, until=there.now + timedelta(minutes=4))
        for _ in range(18):
            there.wait(10)

            assert there.control.room(there.now).excess_kw() == {}


def test_hold_gives_nothing_and_ends_by_itself_even_at_a_station_that_nobody_reaches():
    there = charging()
    order_id = there.order("hold", until=there.now + timedelta(minutes=10))
    settle(there, 60)
    assert held(there)[0] == 0.0

    there.say("S0", Disconnected("gone"))
    there.now += timedelta(minutes=10)

    # The lease it holds says so itself: nothing in the pause, the plan's 8 A again after it.
    assert there.held_kw("S0/1") == pytest.approx(LOW_KW)
    there.pump()
    assert there.state(order_id) == ("over", "its end has come")


def test_exclude_leaves_the_safe_limit_and_no_more():
    there = charging()

    there.order("exclude", "S1/1", station_id="S1")
    settle(there)

    assert held(there)[1] == pytest.approx(SAFE_KW, abs=0.05)


def test_prioritise_decides_who_gives_way():
    both = []
    for number in (1, 2):
        there = charging(service_kw=24.0)
        there.order("prioritise", f"S{number}/1", station_id=f"S{number}")
        settle(there, 600)
        both.append(held(there))

    assert both[0][1] > both[0][2]
    assert both[1][2] > both[1][1]


def test_where_two_orders_contradict_less_is_given():
    there = charging()
    there.order("charge_now")
    there.order("hold")

    settle(there)

    assert held(there)[0] == 0.0


def test_an_order_that_is_meant_for_a_session_ends_with_it():
    there = charging()
    session = there.control.stations["S0"].session(there.control.stations["S0"].plugs[1])
    assert session is not None
    order_id = there.order("hold", session_id=session.session_id)

    there.say("S0", TransactionEnded("e", session.transaction_id, 1.0, there.now, "Local"))
    there.wait(1)

    assert there.state(order_id) == ("over", "the session is over")


def test_a_planned_order_waits_for_its_start():
    there = charging()
    there.order("hold", start=there.now + HOUR, until=there.now + 2 * HOUR)
    settle(there, 60)
    assert held(there)[0] == LOW_KW

    there.now += HOUR
    settle(there, 30)

    assert held(there)[0] == 0.0


def test_out_of_service_shuts_the_station_gives_no_lease_and_opens_it_at_the_end():
    there = charging()
    order_id = there.order("out_of_service", None, until=there.now + timedelta(minutes=5))
    settle(there, 60)

    (shut,) = there.calls(SetAvailability)
    assert (shut.connector, shut.is_operative) == (0, False)
    assert held(there)[0] == 0.0
    assert there.state(order_id) == ("standing", "shut: the station says Accepted")

    settle(there, 300)
    assert [one.is_operative for one in there.calls(SetAvailability)] == [False, True]
    assert there.state(order_id) == ("over", "open: the station says Accepted")
    assert held(there)[0] == LOW_KW


def test_a_station_that_is_away_at_the_end_is_opened_when_it_comes_back():
    there = charging()
    order_id = there.order("out_of_service", None, until=there.now + timedelta(minutes=5))
    there.say("S0", Disconnected("gone"))
    settle(there, 400)
    assert there.state(order_id)[0] == "standing"

    there.come_up()
    there.wait(1)

    assert [one.is_operative for one in there.calls(SetAvailability)] == [False, True]
    assert there.state(order_id)[0] == "over"


def test_a_station_that_was_caught_is_not_put_back_into_service():
    there = charging()
    order_id = there.order("out_of_service", None, until=there.now + timedelta(minutes=5))
    there.control.ladder.caught["S0/1"] = Distrust(
        "S0", "S0/1", there.now, power_kw=20.0, limit_kw=5.0, rung="inoperative", rung_at=there.now
    )

    there.now += timedelta(minutes=6)
    there.carry_out(there.control.orders.tick(there.now))

    assert [one.is_operative for one in there.calls(SetAvailability)] == [False]
    assert there.state(order_id)[0] == "over"


def test_an_order_is_ended_early_by_another_one():
    there = charging()
    hold = there.order("hold")
    settle(there, 60)

    end = there.order("end", None, ends=hold)
    settle(there, 60)

    assert there.state(hold) == ("over", "ended by operator: the boss said so")
    assert there.state(end)[0] == "done"
    assert held(there)[0] == LOW_KW


def test_out_of_service_that_is_ended_early_opens_the_station():
    there = charging()
    shut = there.order("out_of_service", None)
    settle(there, 30)

    there.order("end", None, ends=shut)
    settle(there, 30)

    assert [one.is_operative for one in there.calls(SetAvailability)] == [False, True]
    assert there.state(shut)[0] == "over"


def test_reset_and_unlock_are_said_once_and_their_answer_is_kept():
    there = charging()
    there.says = lambda _, call: "Rejected" if isinstance(call, Unlock) else "Accepted"

    reset = there.order("reset", None, is_hard=True)
    unlock = there.order("unlock")
    settle(there)

    assert [(one.is_hard) for one in there.calls(Restart)] == [True]
    assert [one.connector for one in there.calls(Unlock)] == [1]
    assert there.state(reset) == ("done", "Accepted")
    assert there.state(unlock) == ("failed", "Rejected")


def test_a_call_waits_for_its_station_and_gives_up_at_its_end():
    there = charging()
    there.say("S0", Disconnected("gone"))
    there.say("S1", Disconnected("gone"))
    late = there.order("reset", None, until=there.now + timedelta(minutes=2))
    soon = there.order("reset", None, station_id="S1", until=there.now + timedelta(minutes=2))
    assert there.calls(Restart) == []

    there.say("S1", Disconnected("gone"))
    there.control.stations["S1"].is_connected = True
    settle(there, 130)

    assert there.state(soon)[0] == "done"
    assert there.state(late) == ("failed", "the station was not there")


def test_an_order_may_not_be_longer_than_anybody_remembers_nor_without_a_reason():
    good = Order("o", "hold", "S0", "S0/1", None, T0 + HOUR, "why", "Dana", T0)

    for change in (
        {"reason": " "},
        {"reason": "x" * 201},
        {"until": T0},
        {"until": T0 + timedelta(days=2)},
        {"until": (T0 + HOUR).replace(tzinfo=None)},
        {"start": T0 + 2 * HOUR},
    ):
        with pytest.raises(ModelError):
            replace(good, **change)


@pytest.mark.parametrize(
    ("kind", "facts", "why"),
    [
        ("hold", {"station_id": "S9"}, "no station"),
        ("hold", {"connector_id": "S0/7"}, "no connector"),
        ("unlock", {"connector_id": None}, "which connector"),
        ("end", {"ends": "o77"}, "no order"),
    ],
)
def test_what_the_site_does_not_have_is_refused_by_name(kind, facts, why):
    there = charging()

    order_id = there.order(kind, **facts)

    state, note = there.state(order_id)
    assert (state, why in note) == ("refused", True)


# --- through the mailbox ----------------------------------------------------------------


@pytest.fixture
def office(tmp_path):
    """Return a mailbox, its desk, and the tokens of an operator and a planner."""
    token_path = tmp_path / "operator.token"
    tokens = {
        "operator": ensure_operator_token(token_path),
        "planner": issue_token(token_path, "Pat", role="planner", now=T0),
        "nobody": "guess",
    }
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        yield mailbox, OrderDesk(mailbox, token_path=token_path), tokens


def asked(mailbox, token: str, **facts) -> Order:
    order = Order("o1", "hold", "S0", "S0/1", None, at(3600), "why", "Dana", T0, token=token)
    order = replace(order, **facts)
    digest = facts.get("digest") or order_digest(order, in_force=mailbox.current_release())
    mailbox.orders.ask(replace(order, digest=digest))
    return order


def work(mailbox, desk: OrderDesk, there: Site, *, now: datetime = T0) -> None:
    book = Book(mailbox, mailbox.claim_generation(T0), orders=desk)
    assert book.write(book.heard(there.control, now=now))


@pytest.mark.parametrize("kind", ["hold", "end"])
def test_an_order_that_comes_after_its_end_is_refused(office, kind):
    mailbox, desk, tokens = office
    asked(mailbox, tokens["operator"], kind=kind, until=at(60), ends="o0")

    work(mailbox, desk, site(small_site()), now=at(60))

    (status,) = mailbox.orders.newest(1)
    assert (status.state, status.note) == ("refused", "its end is past")


def test_a_clock_that_runs_behind_takes_the_longest_order_all_the_same(office):
    mailbox, desk, tokens = office
    asked(mailbox, tokens["operator"], until=at(86_400))

    work(mailbox, desk, site(small_site()), now=at(-5))

    assert [one.state for one in mailbox.orders.open()] == ["standing"]


@pytest.mark.parametrize(
    ("who", "note"), [("nobody", "missing or wrong"), ("planner", "only an operator")]
)
def test_only_an_operators_token_acts(office, who, note):
    mailbox, desk, tokens = office
    asked(mailbox, tokens[who])

    work(mailbox, desk, site(small_site()))

    (status,) = mailbox.orders.newest(5)
    assert (status.state, note in status.note) == ("refused", True)
    assert mailbox.orders.open() == []


def test_an_order_is_journalled_with_who_why_and_until_and_never_with_its_token(office):
    mailbox, desk, tokens = office
    asked(mailbox, tokens["operator"])

    work(mailbox, desk, site(small_site()))

    (entry,) = [one.entry for one in mailbox.journal() if one.entry.kind == "operator_action"]
    assert entry.payload["action"] == "hold"
    assert (entry.payload["asked_by"], entry.payload["by"]) == ("Dana", "operator")
    assert (entry.payload["reason"], entry.payload["until"]) == ("why", at(3600).isoformat())
    assert tokens["operator"] not in str(mailbox.journal()) + str(mailbox.orders.newest(5))


def test_a_push_that_came_in_between_makes_the_preview_stale(office):
    mailbox, desk, tokens = office
    asked(mailbox, tokens["operator"])
    mailbox.add_release(night({"S0/1": [5.0]}))
    mailbox.set_current_release("r1", at=T0)

    work(mailbox, desk, site(small_site()))

    (status,) = mailbox.orders.newest(1)
    assert (status.state, "another push" in status.note) == ("refused", True)


def test_an_order_survives_the_gateway_and_a_call_that_may_have_been_made_is_not_repeated(office):
    mailbox, desk, tokens = office
    brief = small_site()
    before = site(brief).come_up()
    before.says = lambda _station, _call: "silence"
    asked(mailbox, tokens["operator"])
    asked(mailbox, tokens["operator"], order_id="o2", kind="reset", connector_id=None)
    work(mailbox, desk, before)
    assert [one.state for one in mailbox.orders.open()] == ["standing", "sent"]

    there = Ordered(site(brief, heritage=heritage_of(mailbox, brief), now=at(60)).come_up())
    there.control.apply_release(night({"S0/1": [5.0] * 40}))
    there.plug_in("S0", "TAG-0")
    settle(there)

    assert held(there)[0] == 0.0
    assert there.calls(Restart) == []
    assert there.state("o2")[0] == "failed"
    assert "unknown" in there.state("o2")[1]


def test_a_span_out_of_service_of_the_brief_gives_no_lease():
    brief = small_site()
    stations = tuple(
        replace(one, deratings=(Derating(at(600), at(1200)),)) for one in brief.depot.stations
    )
    there = charging()

    there.control.apply_brief(replace(brief, depot=replace(brief.depot, stations=stations)))
    there.now = at(700)
    settle(there, 60)
    during = held(there)
    there.now = at(1200)
    settle(there, 60)

    assert during == [0.0, 0.0, 0.0]
    assert held(there) == [LOW_KW, MID_KW, MID_KW]
