"""Preferences that cannot be are refused; those that can reach the plan."""

from dataclasses import replace

import polars as pl
import pytest

from depotlib.errors import KnobError
from depotlib.model.depot import Circuit
from depotlib.model.price_terms import BlockTerm
from depotlib.planning.knobs.battery_care import care_problem
from depotlib.planning.knobs.done_earlier import EarlierProblem, decided_earlier, earlier_problem
from depotlib.planning.knobs.preference import Preference
from depotlib.planning.knobs.timing import latest
from depotlib.planning.problem import FloatArray
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem
from tests.planning_cases import (
    at,
    depot_of,
    dwell,
    plan_of,
    prices_of,
    relaxed,
    station,
    window,
    windowed,
)

FLAT = prices_of([0.1] * 8)


def powers(plan, vehicle_id: str = "a") -> dict[float, float]:
    own = plan.setpoints.filter(pl.col("vehicle_id") == vehicle_id)
    rows = own.select("interval_start", "power_kw").iter_rows()
    return {(start - at(0)).total_seconds() / 900: power_kw for start, power_kw in rows}


def test_the_latest_of_equal_bills_ends_with_the_stay():
    depot, stays = depot_of(station("A")), [dwell("a", 0, 8, 5.0)]

    early = plan_of(stays, depot, FLAT)
    late = plan_of(stays, depot, FLAT, preference=Preference("latest"))

    # 5 kWh at 10 kW: two quarter-hours, the first or the last of eight.
    assert powers(early) == pytest.approx({0: 10.0, 1: 10.0})
    assert powers(late) == pytest.approx({6: 10.0, 7: 10.0})
    assert early.header.bill_amount == pytest.approx(late.header.bill_amount)


def test_slack_has_a_vehicle_done_before_it_leaves():
    depot, stays = depot_of(station("A")), [dwell("a", 0, 8, 5.0)]

    plan = plan_of(stays, depot, FLAT, preference=Preference("latest", slack_s=1800))

    assert powers(plan) == pytest.approx({4: 10.0, 5: 10.0})


def test_what_is_only_wished_for_may_come_in_the_last_minutes():
    # Only the last half hour of two is cheap; 1 of 5 kWh is a wish, and fits there at 2 kW.
    prices = prices_of([0.2] * 6 + [0.1] * 2)
    stays = [dwell("a", 0, 8, 5.0, energy_must_kwh=4.0)]

    plan = plan_of(stays, depot_of(station("A")), prices, preference=Preference(slack_s=1800))

    late_kw = {at: kw for at, kw in powers(plan).items() if at >= 6}
    assert late_kw == pytest.approx({6: 2.0, 7: 2.0})
    assert sum(powers(plan).values()) * 0.25 == pytest.approx(5.0)


@pytest.mark.parametrize(("margin_kwh", "late_kw"), [(0.0, 2.0), (0.4, 1.2), (2.0, None)])
def test_what_is_unsure_of_what_a_vehicle_must_have_is_no_wish(
    margin_kwh: float, late_kw: float | None
):
    # Of 5 kWh 4 are a must: 1 kWh, less the margin, over the last half hour. Nothing: no such end.
    stays = [dwell("a", 0, 8, 5.0, energy_must_kwh=4.0)]
    problem = relaxed(stays, depot_of(station("A")), FLAT)

    tasks = earlier_problem(problem, 2, margin_kwh=margin_kwh).problem.tasks

    ending_kw = tasks.max_kw[tasks.first == 6].tolist()
    assert ending_kw == pytest.approx([] if late_kw is None else [late_kw])
    assert tasks.last[tasks.first == 0].tolist() == [6]


@pytest.mark.parametrize("needed", [6, 7, 8])
def test_who_has_little_time_is_done_as_much_earlier_as_full_power_allows(needed: int):
    # a needs so many quarter-hours of its eight at full power, b two; both places are free.
    stays = [dwell("a", 0, 8, needed * 2.5), dwell("b", 0, 8, 5.0)]
    depot = depot_of(station("A"), station("B"))

    plan = plan_of(stays, depot, FLAT, preference=Preference("latest", slack_s=1800))

    assert powers(plan, "a") == pytest.approx(dict.fromkeys(range(needed), 10.0))
    assert powers(plan, "b") == pytest.approx({4: 10.0, 5: 10.0})


@pytest.mark.parametrize(("min_kw", "seventh_kw"), [(0.0, 4.0), (5.0, 5.0)])
def test_who_has_part_of_a_quarter_hour_to_spare_keeps_it_for_being_done_earlier(
    min_kw: float, seventh_kw: float
):
    """Found by the simulated week: what plan after plan spent of it came to 75 minutes."""
    # 16 kWh are six quarter-hours at 10 kW and 4 kW in a seventh, or 5 kW where that is the least
    # that it takes.
    stays = [dwell("a", 0, 8, 16.0, min_kw=min_kw)]
    problem = windowed(stays, depot_of(station("A")), FLAT, [window("a", "A/1", 0, 8)])

    tasks = earlier_problem(problem, 2).problem.tasks

    assert list(zip(tasks.first, tasks.last, tasks.max_kw, strict=True)) == [
        (0, 6, 10.0),
        (6, 7, pytest.approx(seventh_kw)),
    ]


def test_a_little_less_time_makes_a_plan_a_little_later_and_no_quarter_hour():
    # A wish of 1 kWh beside 16: over the last 1.6 quarter-hours it is 2.5 kW; of the one before,
    # 40 % are still at full power.
    stays = [dwell("a", 0, 8, 17.0, energy_must_kwh=16.0)]
    problem = windowed(stays, depot_of(station("A")), FLAT, [window("a", "A/1", 0, 8)])

    tasks = earlier_problem(problem, 2).problem.tasks

    assert list(zip(tasks.first, tasks.last, tasks.max_kw, strict=True)) == [
        (0, 6, 10.0),
        (6, 7, pytest.approx(0.4 * 10.0 + 0.6 * 2.5)),
        (7, 8, pytest.approx(2.5)),
    ]


def test_where_some_have_no_time_for_it_the_others_are_done_earlier_all_the_same():
    # Until six 10 kW for a and b: 15 kWh and 5 kWh take all of two hours, so both have their whole
    # stays. c, on a circuit of its own, is done half an hour before.
    stays = [
        dwell("a", 0, 8, 15.0, max_kw=20.0),
        dwell("b", 0, 8, 5.0, max_kw=20.0),
        dwell("c", 0, 8, 5.0, max_kw=10.0),
    ]
    depot = depot_of(
        station("A", max_kw=20.0, circuit="yard"),
        station("B", max_kw=20.0, circuit="yard"),
        station("C"),
        circuits=(Circuit("yard", None, 10.0),),
    )

    plan = plan_of(stays, depot, FLAT, preference=Preference("latest", slack_s=1800))

    assert plan.header.unmet_kwh == pytest.approx(0.0, abs=0.05)
    assert powers(plan, "c") == pytest.approx({4: 10.0, 5: 10.0})


def test_nobody_is_short_for_being_done_earlier():
    # 10 kW for both: 12 kWh and 8 kWh take all of two hours, so nobody is done half an hour before.
    stays = [dwell("a", 0, 8, 12.0, max_kw=20.0), dwell("b", 0, 8, 8.0, max_kw=20.0)]
    depot = depot_of(station("A", max_kw=20.0), station("B", max_kw=20.0), limit_kw=10.0)

    plan = plan_of(stays, depot, FLAT, preference=Preference(slack_s=1800))

    assert plan.shortfalls == ()
    assert sum(powers(plan, "a").values()) * 0.25 == pytest.approx(12.0, abs=1e-3)
    assert sum(powers(plan, "b").values()) * 0.25 == pytest.approx(8.0, abs=1e-3)


@pytest.mark.parametrize(("wishes_give_way", "given_kwh"), [(True, 7.5), (False, 10.0)])
def test_a_wish_may_give_way_so_that_all_are_surely_ready_earlier(
    wishes_give_way: bool, given_kwh: float
):
    # 10 kW for both give 15 kWh until six: all that both must have. The 2.5 kWh that each would
    # like besides are 5 kW over the last half hour, less than their least power.
    stays = [dwell(name, 0, 8, 10.0, energy_must_kwh=7.5, min_kw=6.0) for name in "ab"]
    depot = depot_of(station("A"), station("B"), limit_kw=10.0)
    windows = [window("a", "A/1", 0, 8), window("b", "B/1", 0, 8)]
    problem = windowed(stays, depot, FLAT, windows)

    earlier, task_kw, _ = decided_earlier(
        problem, 2, decide=_solved, wishes_give_way=wishes_give_way
    )

    given = earlier.summed_kw(task_kw, tasks=2).sum(axis=1) * 0.25
    assert given == pytest.approx([given_kwh] * 2, abs=1e-3)


def test_whoever_would_be_short_by_it_is_done_later_only_by_what_it_needs():
    # 10 kW for both until four are 10 kWh of the 12.5 that both must have. b, who matters less,
    # lacks a quarter-hour: with it and one more it is done half an hour before it leaves, not never.
    stays = [dwell("a", 0, 8, 6.25, priority=2), dwell("b", 0, 8, 6.25)]
    depot = depot_of(station("A"), station("B"), limit_kw=10.0)
    windows = [window("a", "A/1", 0, 8), window("b", "B/1", 0, 8)]
    problem = windowed(stays, depot, FLAT, windows)

    earlier, task_kw, _ = decided_earlier(problem, 4, decide=_solved)

    tasks = earlier.problem.tasks
    assert tasks.last[tasks.first == 0].tolist() == [4, 6]
    assert earlier.summed_kw(task_kw, tasks=2).sum(axis=1) * 0.25 == pytest.approx([6.25, 6.25])


def _solved(one: EarlierProblem) -> tuple[FloatArray, Solution]:
    solution = solve_problem(one.problem)
    return solution.task_kw, solution


def test_equals_share_what_is_missing():
    # 4 kW for two hours are 8 kWh of the 20 that two vehicles would like.
    stays = [dwell(name, 0, 8, 10.0, energy_must_kwh=0.0) for name in "ab"]
    depot = depot_of(station("A", plugs=2), limit_kw=4.0)

    plan = plan_of(stays, depot, FLAT, occupancy="relaxed", preference=Preference(is_fair=True))

    assert [short.unmet_kwh for short in plan.shortfalls] == pytest.approx([6.0, 6.0], abs=1e-3)


@pytest.mark.parametrize("slack_s", [-1, 13 * 3600])
def test_a_slack_that_cannot_be_is_refused(slack_s: int):
    with pytest.raises(KnobError, match="slack"):
        Preference(slack_s=slack_s)


@pytest.mark.parametrize("price", [-0.1, float("nan"), float("inf")])
def test_a_price_of_care_that_cannot_be_is_refused(price: float):
    problem = relaxed([dwell("a", 0, 8, 5.0)], depot_of(station("A")), FLAT)

    with pytest.raises(KnobError, match="battery care"):
        care_problem(problem, waiting_per_kwh=price)


def test_the_latest_is_refused_where_bills_depend_on_more_than_the_order_of_prices():
    tiers = BlockTerm("Tiers", (0, 1), edges_kwh=(1.0,), prices_per_kwh=(0.1, 0.2))
    problem = relaxed(
        [dwell("a", 0, 8, 5.0)], depot_of(station("A")), replace(FLAT, blocks=(tiers,))
    )

    with pytest.raises(KnobError, match="latest"):
        latest(problem, solve_problem(problem))
