"""Windows follow the vehicles: planned ones stay, moved ones move, nobody is on one plug twice."""

import itertools
from datetime import timedelta

import pytest

from depotlib.dispatch.placement import Yard, placed_windows
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import ConnectorSchedule, LimitStep
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

CHANGEOVER = timedelta(minutes=10)
H = timedelta(hours=1)


def schedule(connector: str, van: str, *, hours: tuple[float, float]) -> ConnectorSchedule:
    end = EVENING + hours[1] * H
    return ConnectorSchedule(
        connector_id=connector,
        vehicle_id=van,
        steps=(LimitStep(start=EVENING + hours[0] * H, limit_kw=0.0),),
        valid_to=end,
        departure=end,
        energy_target_kwh=1.0,
    )


def placed(schedules, *, plugged=None, at_h: float = 0.0, stays=None) -> set[tuple]:
    """Return the windows as vehicle, connector, and hours since the evening."""
    vans = sorted({one.vehicle_id for one in schedules} | set(plugged or {}))
    windows = placed_windows(
        schedules,
        stays if stays is not None else [samples.dwell(van) for van in vans],
        yard=Yard(
            start=EVENING + at_h * H,
            changeover=CHANGEOVER,
            connector_of=plugged or {},
        ),
    )
    assert_no_overlap(windows)
    return {
        (w.vehicle_id, w.connector_id, (w.start - EVENING) / H, (w.end - EVENING) / H)
        for w in windows
    }


def assert_no_overlap(windows: tuple[ConnectorWindow, ...]) -> None:
    ordered = sorted(windows, key=lambda window: (window.connector_id, window.start))
    for before, after in itertools.pairwise(ordered):
        assert before.connector_id != after.connector_id or before.end <= after.start


APART = [schedule("A", "van-1", hours=(0, 12)), schedule("B", "van-2", hours=(0, 12))]
SHARED = [schedule("A", "van-1", hours=(0, 6)), schedule("A", "van-2", hours=(6, 12))]
TEN_MINUTES_H = 1 / 6


def test_who_is_not_here_yet_keeps_its_window():
    assert placed(APART, at_h=2.0) == {("van-1", "A", 2.0, 12.0), ("van-2", "B", 2.0, 12.0)}


def test_a_window_after_another_begins_a_changeover_later():
    assert placed(SHARED) == {
        ("van-1", "A", 0.0, 6.0),
        ("van-2", "A", 6.0 + TEN_MINUTES_H, 12.0),
    }


def test_two_vans_that_took_each_others_bay_swap_their_windows():
    assert placed(APART, plugged={"van-1": "B", "van-2": "A"}, at_h=1.0) == {
        ("van-1", "B", 1.0, 12.0),
        ("van-2", "A", 1.0, 12.0),
    }


def test_who_finds_its_bay_taken_gets_the_one_left_free():
    assert placed(APART, plugged={"van-1": "B"}, at_h=1.0) == {
        ("van-1", "B", 1.0, 12.0),
        ("van-2", "A", 1.0, 12.0),
    }


def test_a_chain_of_wrong_bays_ends_at_the_one_left_free():
    three = [*APART, schedule("C", "van-3", hours=(0, 12))]

    found = placed(three, plugged={"van-1": "B", "van-2": "C"}, at_h=1.0)

    assert ("van-3", "A", 1.0, 12.0) in found


def test_who_stands_in_a_bay_that_is_wanted_later_makes_room_in_time():
    later = [schedule("A", "van-1", hours=(0, 12)), schedule("B", "van-2", hours=(3, 12))]

    found = placed(later, plugged={"van-1": "B"}, at_h=1.0)

    assert ("van-1", "B", 1.0, 3.0 - TEN_MINUTES_H) in found
    assert ("van-2", "B", 3.0, 12.0) in found


@pytest.mark.parametrize(
    ("at_h", "until_h"),
    # The next is due in half an hour: then. It was due an hour ago: after half of its time. That is
    # over: after half of what is left until six, in whole quarters of an hour.
    [(5.75, 6.0), (7.0, 9.25), (10.0, 11.0)],
)
def test_who_took_a_place_for_which_nobody_left_another_makes_room_all_the_same(
    at_h: float, until_h: float
):
    # van-1 and van-2 took each other's bay; van-3 follows where van-1 was to be.
    planned = [
        schedule("A", "van-1", hours=(0, 6)),
        schedule("A", "van-3", hours=(6, 12)),
        schedule("B", "van-2", hours=(0, 12)),
    ]

    windows = placed(planned, plugged={"van-1": "B", "van-2": "A"}, at_h=at_h)

    assert windows == {
        ("van-1", "B", at_h, 12.0),
        ("van-2", "A", at_h, until_h),
        ("van-3", "A", until_h + TEN_MINUTES_H, 12.0),
    }


@pytest.mark.parametrize("van_2_goes_h", [3.0, 2.0])
def test_whose_turn_comes_where_another_stands_finds_room_though_it_is_plugged_in_elsewhere(
    van_2_goes_h: float,
):
    # van-2 stands on B until van-3 comes, at three, or should have gone by now; its turn on A is at six.
    planned = [
        *SHARED,
        schedule("B", "van-2", hours=(0, van_2_goes_h - TEN_MINUTES_H)),
        schedule("B", "van-3", hours=(van_2_goes_h, 12)),
    ]

    windows = placed(planned, plugged={"van-1": "A", "van-2": "B"}, at_h=2.0)

    assert ("van-1", "A", 2.0, 6.0) in windows
    assert ("van-2", "A", 6.0 + TEN_MINUTES_H, 12.0) in windows
    assert ("van-3", "B", van_2_goes_h, 12.0) in windows


def test_who_should_have_made_room_by_now_has_no_time_left_in_a_place_of_another():
    planned = [
        schedule("A", "van-2", hours=(2, 7.5)),
        schedule("A", "van-3", hours=(7.5, 12)),
        schedule("B", "van-1", hours=(2, 12)),
        schedule("B", "van-2", hours=(0, 12)),
    ]
    windows = placed(planned, plugged={"van-1": "B", "van-2": "A"}, at_h=8.0)
    assert {name for name, *_ in windows} == {"van-1", "van-3"}


def test_who_plugs_in_when_half_of_the_first_ones_time_is_over_has_half_of_what_is_left():
    # Ten hours are left of the first one's six and its own six, less the two that are over.
    assert placed(SHARED, plugged={"van-2": "A"}, at_h=4.0) == {
        ("van-2", "A", 4.0, 8.0),
        ("van-1", "A", 8.0 + TEN_MINUTES_H, 12.0),
    }


def test_who_plugs_in_before_its_turn_is_charged_until_the_other_half_of_the_first_ones_time():
    # Van-1 was to have six hours and is not here: van-2 has the first three of them.
    assert placed(SHARED, plugged={"van-2": "A"}, at_h=1.0) == {
        ("van-2", "A", 1.0, 3.0),
        ("van-1", "A", 3.0 + TEN_MINUTES_H, 12.0),
    }


def test_the_first_of_two_does_not_outstay_its_time():
    """Shortly before the change, the next one is due soon: the first still has to go."""
    found = placed(SHARED, plugged={"van-1": "A"}, at_h=5.75)

    assert found == {("van-1", "A", 5.75, 6.0), ("van-2", "A", 6.0 + TEN_MINUTES_H, 12.0)}


def test_who_should_have_gone_does_not_take_the_next_ones_time():
    found = placed(SHARED, plugged={"van-1": "A"}, at_h=7.0)

    assert found == {("van-2", "A", 7.0, 12.0)}


def test_who_is_plugged_in_elsewhere_is_due_nowhere():
    """The first of two stands on a third bay past its own time; whose bay that is has another."""
    three = [*SHARED, schedule("B", "van-3", hours=(0, 12))]

    found = placed(three, plugged={"van-1": "B", "van-3": "A"}, at_h=6.5)

    assert ("van-1", "B", 6.5, 12.0) in found


def test_unused_time_on_a_connector_is_used():
    short = [schedule("A", "van-1", hours=(0, 4))]

    # Its stay ends at twelve, nobody else wants the place.
    assert placed(short, plugged={"van-1": "A"}, at_h=1.0) == {("van-1", "A", 1.0, 12.0)}


def test_a_van_without_any_plan_uses_the_place_it_is_on_while_it_is_free():
    found = placed([SHARED[1]], plugged={"van-9": "A"}, at_h=1.0)

    assert ("van-9", "A", 1.0, 6.0 - TEN_MINUTES_H) in found


def test_a_stay_that_is_over_has_no_window():
    assert placed(APART, stays=[samples.dwell("van-2")], at_h=1.0) == {("van-2", "B", 1.0, 12.0)}
    assert placed(APART, at_h=12.0) == set()
    assert MORNING == EVENING + 12 * H


@pytest.mark.parametrize(
    ("at_h", "expected"),
    [
        (0.0, {("van-1", "A", 0.0, 6.0), ("van-2", "A", 6.0 + TEN_MINUTES_H, 12.0)}),
        # van-1 has had its time there: it makes room at once.
        (7.0, {("van-2", "A", 7.0, 12.0)}),
    ],
)
def test_who_finds_its_place_taken_follows_whoever_makes_room_where_the_other_was_planned(
    at_h: float, expected: set[tuple]
):
    """Found by the simulated week: van-2 had no connector left, though A was free from six on."""
    schedules = [
        schedule("A", "van-1", hours=(0, 6)),
        schedule("A", "van-3", hours=(6, 12)),
        schedule("B", "van-2", hours=(0, 12)),
    ]

    # van-1 stands where it was planned, van-3 on B by mistake; van-2 is still on its way to B.
    windows = placed(schedules, plugged={"van-1": "A", "van-3": "B"}, at_h=at_h)

    assert windows == expected | {("van-3", "B", at_h, 12.0)}


def test_who_overstays_where_another_is_led_keeps_its_place_until_that_one_comes():
    schedules = [
        schedule("A", "van-1", hours=(0, 6)),
        schedule("A", "van-3", hours=(6, 12)),
        schedule("B", "van-2", hours=(7.4, 12)),
    ]

    # At seven van-1 overstays on A and van-3 is on B by mistake; van-2 comes at 7.4: now to A.
    windows = placed(schedules, plugged={"van-1": "A", "van-3": "B"}, at_h=7.0)

    assert windows == {
        ("van-1", "A", 7.0, 7.4 - TEN_MINUTES_H),
        ("van-2", "A", 7.4, 12.0),
        ("van-3", "B", 7.0, 12.0),
    }
