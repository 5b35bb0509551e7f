"""Who keeps its powers when a plan is made again, on nights small enough to reckon by hand."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from depotlib.planning.steadiness import served_by, shiftable_kwh, steady_powers
from tests.planning_cases import depot_of, dwell, prices_of, station, window, windowed

CHEAP, DEAR = 0.1, 0.3


def three_vans(
    *, third_kwh: float = 5.0, limit_kw: float = 20.0, prices: list[float] | None = None
) -> PlanningProblem:
    """Return three vans on points of 10 kW for four quarter-hours, under 20 kW."""
    points = [station(name) for name in ("A", "B", "C")]
    needs = [5.0, 5.0, third_kwh]
    vans = [dwell(f"v{number}", 0, 4, kwh) for number, kwh in enumerate(needs)]
    windows = [
        window(f"v{number}", f"{point.station_id}/1", 0, 4) for number, point in enumerate(points)
    ]
    return windowed(
        vans, depot_of(*points, limit_kw=limit_kw), prices_of(prices or [CHEAP] * 4), windows
    )


IN_TURNS = np.array([[10.0, 0, 10, 0], [0, 10.0, 0, 10], [10.0, 10, 0, 0]])
"""5 kWh each, 20 kW at the most: no plan is cheaper at one price, many are as cheap."""


def plan(problem: PlanningProblem, held_kw: np.ndarray) -> np.ndarray:
    return steady_powers(problem, solve_problem(problem), held_kw=held_kw)


def test_of_many_plans_of_one_bill_the_one_in_force_is_kept():
    np.testing.assert_array_equal(plan(three_vans(), IN_TURNS), IN_TURNS)


def test_who_needs_less_changes_alone():
    task_kw = plan(three_vans(third_kwh=2.5), IN_TURNS)

    np.testing.assert_array_equal(task_kw[:2], IN_TURNS[:2])
    assert task_kw[2].sum() == pytest.approx(10.0)  # 2.5 kWh in quarter-hours


def test_others_move_where_leaving_them_is_dear():
    # Two cheap quarter-hours. v2 has gone: what it drew there is free for one of the others, which
    # was in force in the dear ones. Left alone it would pay 5 kWh x 0.2 more, of 1.5 in all.
    prices = [CHEAP, CHEAP, DEAR, DEAR]
    held_kw = np.array([[10.0, 10, 0, 0], [0, 0, 10, 10], [10.0, 10, 0, 0]])

    task_kw = plan(three_vans(third_kwh=0.0, prices=prices), held_kw)

    np.testing.assert_allclose(task_kw[0], held_kw[0], atol=1e-6)
    np.testing.assert_allclose(task_kw[1], [10.0, 10.0, 0.0, 0.0], atol=1e-6)


def test_a_limit_that_has_become_tighter_is_kept_whatever_is_in_force():
    # 15 kWh in an hour under 15 kW: every quarter-hour is full, nothing of 20 kW may stay.
    task_kw = plan(three_vans(limit_kw=15.0), IN_TURNS)

    np.testing.assert_allclose(task_kw.sum(axis=0), [15.0] * 4, atol=1e-3)


def test_who_draws_where_it_is_full_and_could_elsewhere_makes_most_room():
    # 20 kW in the first two quarter-hours, 10 in the last two: v0 and v1 draw 10 kW of each and
    # have room for that, v2 draws 10 kW in both of the first and has room for all of it.
    held_kw = np.array([[10.0, 0, 10, 0], [0, 10.0, 0, 10], [10.0, 10, 0, 0]])

    assert shiftable_kwh(three_vans(), held_kw) == pytest.approx([2.5, 2.5, 5.0])
    # Where it is as full everywhere nobody makes room.
    assert shiftable_kwh(three_vans(), np.full((3, 4), 5.0)) == pytest.approx([0.0] * 3)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"last": 3}, "its stay is shorter now"),
        ({"max_kw": 6.0}, "it takes less now"),
        ({"min_kw": 10.5}, "its connector gives more or nothing"),
    ],
)
def test_powers_that_are_not_possible_any_more_serve_nobody(change: dict, why: str):
    problem = three_vans()
    (name, value), held_kw = next(iter(change.items())), IN_TURNS.copy()
    held_kw[1] = [0, 6.6, 6.7, 6.7]
    changed = getattr(problem.tasks, name).copy()
    changed[1] = value
    narrower = replace(problem, tasks=replace(problem.tasks, **{name: changed}))

    assert served_by(problem, held_kw).tolist() == [True, True, True]
    assert served_by(narrower, held_kw).tolist() == [True, False, True], why


def test_the_last_quarter_hour_of_a_vehicle_may_hold_less_than_the_least():
    problem = three_vans(third_kwh=2.75)
    problem = replace(problem, tasks=replace(problem.tasks, min_kw=np.full(3, 2.0)))
    held_kw = np.vstack([IN_TURNS[:2], [[10.0, 1.0, 0, 0]]])

    assert served_by(problem, held_kw).all()


def test_with_nothing_in_force_everybody_is_planned():
    task_kw = plan(three_vans(), np.zeros((3, 4)))

    np.testing.assert_allclose(task_kw.sum(axis=1), [20.0] * 3, atol=1e-3)
