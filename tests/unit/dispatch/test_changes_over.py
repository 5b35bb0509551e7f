"""A change of a stay is forgotten when the stay is over, and not before."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.dispatch.changes import changes_over, drop_over
from depotlib.dispatch.loop import Dispatcher
from depotlib.exchange.mailbox import open_mailbox
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

STAY = replace(samples.dwell("van-1"), arrival=EVENING, departure=MORNING)
NEXT = replace(STAY, arrival=MORNING + timedelta(hours=3), departure=MORNING + timedelta(hours=9))
CHANGE = replace(samples.change(departure=MORNING - timedelta(hours=2)), changed_at=EVENING)


@pytest.mark.parametrize(
    ("hours", "is_over"),
    [
        (-3, False),
        # It left at four: until six, when it was to leave before, it must not be expected again.
        (-1, False),
        (0, True),
        (2, True),
    ],
)
def test_a_change_is_over_with_the_later_of_both_departures(hours: int, is_over: bool):
    now = MORNING + timedelta(hours=hours)

    assert changes_over([NEXT, STAY], [CHANGE], now=now) == (("van-1",) if is_over else ())


def test_a_departure_that_was_put_off_is_kept_until_then():
    later = replace(CHANGE, departure=MORNING + timedelta(hours=1))

    assert changes_over([STAY], [later], now=MORNING) == ()
    assert changes_over([STAY], [later], now=MORNING + timedelta(hours=1)) == ("van-1",)


def test_a_change_for_the_stay_to_come_is_kept():
    tomorrow = replace(CHANGE, changed_at=MORNING + timedelta(minutes=1), departure=NEXT.departure)

    assert changes_over([STAY, NEXT], [tomorrow], now=MORNING + timedelta(hours=1)) == ()


def test_a_change_of_this_morning_does_not_cancel_tonights_stay():
    """The brief tells of tonight only; the change came within its reach, for the stay before."""
    early = replace(
        CHANGE,
        changed_at=NEXT.arrival - timedelta(hours=4),
        departure=NEXT.arrival - timedelta(hours=3),
    )

    assert changes_over([NEXT], [early], now=NEXT.arrival - timedelta(hours=3.5)) == ()
    assert changes_over([NEXT], [early], now=NEXT.arrival - timedelta(hours=2)) == ("van-1",)


def test_the_change_of_the_last_van_is_forgotten_though_the_push_ends_with_its_stay(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        mailbox.add_release(scenes.pushed())
        mailbox.set_current_release("pushed", at=EVENING)
        mailbox.put_departure(CHANGE)

        Dispatcher(mailbox).step(MORNING)  # the push holds until then

        assert mailbox.departures() == ()


def test_what_is_over_is_gone_from_the_mailbox_and_bends_no_other_stay(tmp_path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.put_departure(CHANGE)
        other = replace(CHANGE, vehicle_id="van-9")  # of whom no stay is known
        mailbox.put_departure(other)
        brief = replace(samples.brief(), dwells=(STAY, NEXT))

        drop_over(mailbox, brief, now=MORNING)

        assert mailbox.departures() == (other,)
