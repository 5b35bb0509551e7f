"""Laws of the knobs: none costs readiness, each keeps what it promises, and its price is true."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.planning.cost import cost_of
from depotlib.planning.knobs.battery_care import care_problem
from depotlib.planning.knobs.fairness import fair_problem, unmet_shares
from depotlib.planning.knobs.frontier import frontier
from depotlib.planning.knobs.preference import Preference, preferred
from depotlib.planning.knobs.timing import latest, waiting_h
from depotlib.planning.outcome import outcome_of, outcome_of_solution
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from tests.planning_cases import delivered_kwh, random_problem

SEEDS = st.integers(min_value=0, max_value=100_000)
LAW = settings(max_examples=settings().max_examples // 5, deadline=None)
# A milliwatt-hour in one quarter-hour is 4e-6 kW: at 15 USD/kW and three demand prices 2e-4 USD;
# twenty-two nights a month of a few milliwatt-hours add the same again.
SLACK = 1e-3


@LAW
@given(SEEDS)
def test_the_latest_of_equal_bills_costs_the_same_and_waits_no_longer(seed: int):
    problem = random_problem(seed)
    earliest = solve_problem(problem)

    late = latest(problem, earliest)

    amount = cost_of(problem, late.task_kw).bill_amount
    assert amount == pytest.approx(cost_of(problem, earliest.task_kw).bill_amount, abs=2 * SLACK)
    assert delivered_kwh(problem, late.task_kw).sum() == pytest.approx(
        delivered_kwh(problem, earliest.task_kw).sum(), abs=1e-3
    )
    assert waiting_h(problem, late.task_kw) <= waiting_h(problem, earliest.task_kw) + 1e-4


@LAW
@given(SEEDS, st.floats(0.001, 0.5))
def test_the_price_of_care_is_weighed_exactly_against_the_bill(seed: int, price: float):
    problem = random_problem(seed)
    cheapest = solve_problem(problem)

    careful = solve_problem(care_problem(problem, waiting_per_kwh=price))

    def whole_amount(task_kw: np.ndarray) -> float:
        kwh = float(task_kw.sum()) * 0.25
        care = price * waiting_h(problem, task_kw) * kwh * problem.prices.energy_factor
        return cost_of(problem, task_kw).bill_amount + care

    # Each is best by its own account: the careful one by bill and care together.
    assert whole_amount(careful.task_kw) <= whole_amount(cheapest.task_kw) + 5 * SLACK
    assert waiting_h(problem, careful.task_kw) <= waiting_h(problem, cheapest.task_kw) + 1e-3


@LAW
@given(SEEDS)
def test_fair_shares_cost_no_readiness_and_leave_nobody_worse_than_the_worst(seed: int):
    problem = random_problem(seed, tightness=3.0)
    solution = solve_problem(problem)

    fair = fair_problem(problem, solution)

    answer = solve_problem(fair)
    given_kwh = delivered_kwh(problem, answer.task_kw)
    before, after = outcome_of_solution(problem, solution), outcome_of_solution(problem, answer)
    assert outcome_of(fair).unmet_kwh <= 1e-3
    assert after.ready == before.ready
    assert after.unmet_kwh == pytest.approx(before.unmet_kwh, abs=2e-3)
    old_kwh = delivered_kwh(problem, solution.task_kw)
    for rank in np.unique(problem.needs.priority):
        equals = problem.needs.priority == rank
        assert given_kwh[equals].sum() == pytest.approx(old_kwh[equals].sum(), abs=2e-3)


def same_place(problem: PlanningProblem, energy_kwh: list[float]) -> PlanningProblem:
    """Return the problem with four equal vehicles beside each other at one limit of 10 kW."""
    count = len(energy_kwh)
    tree = replace(
        problem.tree,
        kinds=("site_limit",),
        ids=("",),
        parent=np.array([-1]),
        cap_kw=np.full((1, problem.grid.count), 10.0),
    )
    first, last = np.zeros(count, dtype=np.int64), np.full(count, 4)
    needs = replace(
        problem.needs,
        vehicle_ids=tuple(f"v{n}" for n in range(count)),
        energy_must_kwh=np.zeros(count),
        energy_target_kwh=np.array(energy_kwh),
        priority=np.zeros(count, dtype=np.int64),
        first=first,
        last=last,
    )
    tasks = replace(
        problem.tasks,
        need=np.arange(count),
        connector_ids=(None,) * count,
        first=first,
        last=last,
        max_kw=np.full(count, 100.0),
        min_kw=np.zeros(count),
        node=np.zeros(count, dtype=np.int64),
    )
    return replace(
        problem, needs=needs, tasks=tasks, tree=tree, base_load_kw=np.zeros(problem.grid.count)
    )


def test_equals_lack_the_same_share_of_their_wish():
    # 10 kW for an hour, 40 kWh wanted: everybody gets a quarter of the wish.
    problem = same_place(random_problem(3), [4.0, 8.0, 12.0, 16.0])

    fair = fair_problem(problem, solve_problem(problem))

    assert fair.needs.energy_target_kwh == pytest.approx([1.0, 2.0, 3.0, 4.0], abs=1e-4)
    assert unmet_shares(problem, fair.needs.energy_target_kwh) == pytest.approx(0.75, abs=1e-4)


def test_whoever_was_short_before_goes_first_among_equals():
    # Musts of 8 kWh each and 10 kWh in all: one can be ready, and it is the turn of v2.
    problem = same_place(random_problem(3), [8.0, 8.0, 8.0])
    musts = replace(problem.needs, energy_must_kwh=problem.needs.energy_target_kwh)
    problem = replace(problem, needs=musts)

    fair = fair_problem(problem, solve_problem(problem), turns={"v2": 2, "v0": 1})

    assert fair.needs.energy_target_kwh == pytest.approx([1.0, 1.0, 8.0], abs=1e-4)


@LAW
@given(SEEDS)
def test_a_frontier_names_what_is_dominated_and_care_never_lengthens_the_wait(seed: int):
    problem = random_problem(seed)

    plans = frontier(problem, solve_problem(problem), slacks_s=(0, 900), cares_per_kwh=(0.0, 0.01))

    assert any(not plan.is_dominated for plan in plans)
    by_slack = {
        slack_s: sorted(
            (plan for plan in plans if plan.slack_s == slack_s),
            key=lambda plan: plan.preference.waiting_per_kwh,
        )
        for slack_s in (0, 900)
    }
    for cheap, careful in by_slack.values():
        assert careful.waiting_h <= cheap.waiting_h + 1e-3
        if careful.outcome.unmet_kwh == pytest.approx(cheap.outcome.unmet_kwh, abs=1e-3):
            assert careful.extra_amount >= cheap.extra_amount - SLACK
    assert by_slack[0][0].extra_amount == pytest.approx(0.0, abs=2 * SLACK)


@LAW
@given(SEEDS)
def test_a_preference_keeps_the_bound_of_the_optimum(seed: int):
    problem = random_problem(seed)
    solution = solve_problem(problem)

    liked = preferred(problem, solution, preference=Preference("latest", 0.01, is_fair=True))

    assert liked.bound_amount == solution.bound_amount
    outcome, before = outcome_of_solution(problem, liked), outcome_of_solution(problem, solution)
    assert (outcome.ready, outcome.unmet_kwh) == pytest.approx(
        (before.ready, before.unmet_kwh), abs=2e-3
    )
