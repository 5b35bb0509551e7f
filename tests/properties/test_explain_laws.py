"""Laws of explanation: duals between differences, cuts that add up, conflicts without a fact spare."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.planning.changes import with_energy
from depotlib.planning.explain.conflict import conflicts_of, only_facts, without_facts
from depotlib.planning.explain.limits import limit_values
from depotlib.planning.explain.peak_cut import peak_cuts
from depotlib.planning.explain.values import energy_values, solved
from depotlib.planning.outcome import outcome_of
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from tests.highs_reference import reference_bill
from tests.planning_cases import random_problem

SEEDS = st.integers(min_value=0, max_value=100_000)
LAW = settings(max_examples=settings().max_examples // 5, deadline=None)
UTC = ZoneInfo("UTC")
# A milliwatt-hour in one quarter-hour is 4e-6 kW: at 15 USD/kW and three demand prices 2e-4 USD;
# twenty-two nights a month of a few milliwatt-hours add the same again.
SLACK = 1e-3


def feasible(seed: int) -> PlanningProblem:
    """Return a random problem in which everything fits: wishes cut to what a plan can give."""
    problem = random_problem(seed, tightness=0.6)
    kwh = np.floor(solve_problem(problem).task_kw.sum(axis=1) * 0.25 * 1e3) / 1e3
    needs = replace(
        problem.needs,
        energy_target_kwh=kwh,
        energy_must_kwh=np.minimum(problem.needs.energy_must_kwh, kwh),
    )
    return replace(problem, needs=needs)


@LAW
@given(SEEDS)
def test_the_price_of_a_limit_lies_between_its_two_differences(seed: int):
    problem = feasible(seed)

    values = limit_values(problem, solve_problem(problem), time_zone=UTC, most=4, step_kw=0.05)

    for value in values:
        assert value.saved_by_more_amount <= value.price_per_kw * 0.05 + SLACK
        if value.short_by_less_kwh == 0:
            assert value.price_per_kw * 0.05 <= value.lost_by_less_amount + SLACK
        if not value.is_degenerate:
            assert value.price_per_kw * 0.05 == pytest.approx(value.saved_by_more_amount, abs=0.01)


@LAW
@given(SEEDS)
def test_the_price_of_energy_lies_between_its_two_differences(seed: int):
    problem = feasible(seed)
    start = solved(problem, solve_problem(problem))

    for value in energy_values(start, most=3, step_kwh=0.05):
        dual_amount = value.price_per_kwh * 0.05
        assert value.saved_by_less_amount <= dual_amount + SLACK
        if value.short_by_more_kwh == 0:
            assert dual_amount <= value.lost_by_more_amount + SLACK


@LAW
@given(SEEDS)
def test_no_later_departure_saves_more_than_the_duals_allow(seed: int):
    problem = feasible(seed)
    start = solved(problem, solve_problem(problem))
    need = seed % len(problem.needs.vehicle_ids)
    last = int(problem.needs.last[need])
    longer = replace(
        problem,
        needs=replace(problem.needs, last=_moved(problem.needs.last, need, problem.grid.count)),
        tasks=replace(problem.tasks, last=_moved(problem.tasks.last, need, problem.grid.count)),
    )

    saved_amount = start.outcome.bill_amount - outcome_of(longer).bill_amount

    assert saved_amount >= -SLACK
    most_amount = start.shadow.most_saved_amount(
        problem, need, first=last, last=min(last + 4, problem.grid.count)
    )
    assert saved_amount <= most_amount + SLACK


def _moved(last: np.ndarray, need: int, count: int) -> np.ndarray:
    moved = last.copy()
    moved[need] = min(last[need] + 4, count)
    return moved


@LAW
@given(SEEDS)
def test_a_peak_cannot_be_lower_for_less_than_it_costs(seed: int):
    problem = feasible(seed)
    solution = solve_problem(problem)

    cuts = peak_cuts(problem, solution.task_kw, time_zone=UTC)

    for cut in cuts:
        assert cut.vehicle_ids
        assert cut.spans
        others = [one for one in cuts if one.name == cut.name]
        if all(one.moved_per_kw_amount is not None for one in others):
            # One kW less saves its price and moves energy at a greater cost: else it were lower.
            moved = sum(one.moved_per_kw_amount or 0.0 for one in others)
            assert moved >= cut.price_per_kw - 0.05 * (1 + cut.price_per_kw)


@LAW
@given(SEEDS)
def test_a_conflict_cannot_hold_and_holds_without_any_one_of_its_facts(seed: int):
    problem = random_problem(seed, tightness=3.0)

    conflicts = conflicts_of(problem, time_zone=UTC)

    must_kwh = problem.needs.energy_must_kwh
    musts = replace(problem, needs=replace(problem.needs, energy_target_kwh=must_kwh))
    wanted_kwh = problem.needs.energy_target_kwh.sum()
    assert bool(conflicts) == (most_kwh(problem) < wanted_kwh - 1e-3)
    for conflict in conflicts:
        asked = musts if conflict.energy == "must" else problem
        alone = only_facts(asked, conflict.facts)
        assert lacks_kwh(alone) == pytest.approx(conflict.missing_kwh, abs=1e-3)
        assert conflict.missing_kwh > 1e-4
        for fact in conflict.facts:
            # Judged by another solver than the one that found the conflict.
            rest = [other for other in conflict.facts if other != fact]
            assert lacks_kwh(only_facts(asked, rest)) <= 2e-3
            assert (lacks_kwh(without_facts(asked, [fact])) <= 1e-3) == fact.is_enough


def most_kwh(problem: PlanningProblem) -> float:
    return reference_bill(replace(problem, prices=replace(problem.prices, peaks=())))[0]


def lacks_kwh(problem: PlanningProblem) -> float:
    return problem.needs.energy_target_kwh.sum() - most_kwh(problem)


def test_a_kilowatt_hour_taken_off_is_taken_off_must_and_target():
    problem = random_problem(1)

    less = with_energy(problem, 0, by_kwh=-0.5)

    assert less.needs.energy_target_kwh[0] == problem.needs.energy_target_kwh[0] - 0.5
    assert less.needs.energy_must_kwh[0] == max(0.0, problem.needs.energy_must_kwh[0] - 0.5)
