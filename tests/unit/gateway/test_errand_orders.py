"""Errands as orders: asked once, refused before anything is said, their answer kept."""

from datetime import timedelta

import pytest

from depotlib.gateway.calls import AskFor, ClearProfiles
from depotlib.gateway.messages import TransactionEnded
from depotlib.model.live import Distrust
from tests.unit.gateway.ordered import charging


@pytest.mark.parametrize(
    ("errand", "facts", "state"),
    [
        ("availability", {}, "refused"),
        ("availability", {"is_operative": False}, "done"),
        ("start", {"token": "TAG-0"}, "refused"),
        ("read_limits", {}, "done"),
    ],
)
def test_no_errand_gives_a_station_that_was_caught_its_work_back(errand, facts, state):
    there = charging()
    there.control.ladder.caught["S0/1"] = Distrust(
        "S0", "S0/1", there.now, power_kw=20.0, limit_kw=5.0, rung="inoperative", rung_at=there.now
    )

    order_id = there.order("errand", errand=errand, facts=facts)
    there.wait(5)

    assert there.state(order_id)[0] == state


def test_an_errand_is_said_once_and_its_answer_is_kept():
    there = charging()

    done = there.order("errand", errand="tell", facts={"message": "Heartbeat"})
    there.wait(5)

    (said,) = [one for one in there.calls(AskFor) if one.message == "Heartbeat"]
    assert said.connector == 1
    assert there.state(done) == ("done", "Accepted")


def test_an_errand_that_cannot_be_run_is_refused_before_anything_is_said():
    there = charging()

    refused = there.order("errand", errand="clear_profiles", facts={})

    assert there.state(refused)[0] == "refused"
    assert "safe limit away" in there.state(refused)[1]
    assert there.calls(ClearProfiles) == []


def test_an_errand_that_can_no_longer_be_run_fails_and_says_why():
    there = charging()
    begin = there.now + timedelta(minutes=1)

    late = there.order("errand", errand="stop", start=begin)
    number = there.control.stations["S0"].session(there.control.stations["S0"].plugs[1])
    there.say("S0", TransactionEnded("e", number.transaction_id, 1.0, there.now, "Local"))
    there.wait(90)

    assert there.state(late)[0] == "failed"
    assert "no session runs there" in there.state(late)[1]
