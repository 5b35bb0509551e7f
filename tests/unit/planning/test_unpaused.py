"""Nobody is paused who would not wake: nights of four quarter-hours, reckoned by hand."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.planning.problem import PlanningProblem
from depotlib.planning.unpaused import going_on_kw, unpaused_powers
from tests.planning_cases import depot_of, dwell, prices_of, station, window, windowed

RISING, FALLING = [0.1, 0.1, 0.3, 0.3], [0.3, 0.3, 0.1, 0.1]
NOTHING_HELD = np.zeros((2, 4))
EACH = {"v0", "v1"}


def two_vans(
    kwh: float, *, prices: list[float], limit_kw: float = 20.0, min_kw: float = 1.38
) -> PlanningProblem:
    """Return two vans on points of 10 kW for an hour; v0 may start once, v1 at will."""
    points = [station(name, min_kw=min_kw) for name in ("A", "B")]
    vans = [dwell("v0", 0, 4, kwh, most_starts=1), dwell("v1", 0, 4, 5.0)]
    windows = [window("v0", "A/1", 0, 4), window("v1", "B/1", 0, 4)]
    return windowed(vans, depot_of(*points, limit_kw=limit_kw), prices_of(prices), windows)


def planned(problem: PlanningProblem, plugged_in: set[str]) -> np.ndarray:
    return unpaused_powers(problem, held_kw=NOTHING_HELD, plugged_in=plugged_in)[0]


def test_who_would_not_wake_has_its_least_from_now_on_and_the_rest_where_it_is_cheaper():
    task_kw = planned(two_vans(5.0, prices=FALLING), EACH)

    # 1.38 kW is 1.4 in whole steps; what is left of 20 kW x quarters goes to the cheap half hour.
    assert task_kw[0, :2] == pytest.approx([1.4, 1.4])
    assert task_kw[0].sum() == pytest.approx(20.0)
    assert (task_kw[0, 2:] > 1.4).all()
    # v1 wakes from any pause: it waits.
    assert task_kw[1, :2] == pytest.approx([0.0, 0.0])
    assert task_kw[1].sum() == pytest.approx(20.0)


def test_who_is_not_there_yet_may_wait_for_its_one_start():
    task_kw = planned(two_vans(5.0, prices=FALLING), set())

    assert task_kw[0, :2] == pytest.approx([0.0, 0.0])
    assert task_kw[0].sum() == pytest.approx(20.0)


def test_who_needs_less_than_its_least_power_gives_in_all_the_time_ends_earlier():
    floor_kw = going_on_kw(two_vans(0.8, prices=FALLING), EACH)

    # 0.8 kWh is 3.2 kW x a quarter: 1.4 + 1.4 + 0.4; v1 may start at will and has no floor.
    assert floor_kw[0] == pytest.approx([1.4, 1.4, 0.4, 0.0])
    assert floor_kw[1] == pytest.approx([0.0] * 4)


def test_nobody_goes_on_where_a_limit_leaves_no_room_for_it():
    problem = two_vans(5.0, prices=FALLING)
    cap_kw = problem.tree.cap_kw.copy()
    cap_kw[0, 1] = 1.0
    problem = replace(problem, tree=replace(problem.tree, cap_kw=cap_kw))

    assert going_on_kw(problem, EACH)[0] == pytest.approx([1.4, 0.0, 1.4, 1.4])


def test_powers_in_force_that_serve_are_kept_above_the_least_too():
    problem = two_vans(5.0, prices=RISING)
    held_kw = np.array([[8.6, 8.6, 1.4, 1.4], [10.0, 10.0, 0.0, 0.0]])

    task_kw, _ = unpaused_powers(problem, held_kw=held_kw, plugged_in=EACH)

    np.testing.assert_allclose(task_kw, held_kw, atol=1e-9)
