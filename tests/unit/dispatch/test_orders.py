"""What operators ask for reaches the re-plan: who is held gets its energy later, who is first first."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.dispatch.night import LiveNight, read_night, with_priorities
from depotlib.dispatch.replan import replan
from depotlib.dispatch.tally import Tally
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.order import OrderStatus
from tests.unit.dispatch.scenes import NOW, plugged, pushed, schedule_of
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, change

PAUSE_END = EVENING + timedelta(hours=1)


@pytest.fixture
def mailbox(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.add_release(pushed())
        mailbox.set_current_release("pushed", at=EVENING)
        yield mailbox


def read(mailbox) -> LiveNight:
    night = read_night(mailbox, Tally(), now=NOW, site_kw={})
    assert night is not None
    return replace(night, stations=(plugged("AC-01/1", "van-1"), plugged("AC-02/1", "van-2")))


def test_a_van_that_is_held_is_planned_for_afterwards(mailbox):
    mailbox.orders.put(OrderStatus(samples.order(), "standing", "", EVENING))

    plan = replan(read(mailbox))

    assert plan is not None
    assert plan.short == ()
    schedule = schedule_of(plan.release, "van-1")
    quarter = NOW + timedelta(minutes=15)
    assert schedule.limit_at(quarter) == 0.0
    assert (schedule.limit_at(PAUSE_END + timedelta(minutes=5)) or 0.0) > 0.0


def test_an_order_that_is_not_taken_yet_changes_nothing(mailbox):
    mailbox.orders.ask(samples.order())

    assert read(mailbox).brief.depot == samples.brief().depot


def test_who_is_prioritised_comes_before_every_other_priority_and_keeps_other_changes():
    orders = [samples.order(kind="prioritise"), samples.order(kind="hold")]
    told = change(priority=3)

    (found,) = with_priorities([told], orders, now=NOW)
    (alone,) = with_priorities([], orders, now=NOW)
    after = with_priorities([told], orders, now=PAUSE_END)

    assert found == replace(told, priority=1000)
    assert (alone.vehicle_id, alone.priority) == ("van-1", 1000)
    assert after == (told,)
