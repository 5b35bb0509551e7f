"""The flow path, the linear path and SciPy's HiGHS find the same bill, the same shortfall."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.linear_program import LpSolver
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.problem import Needs, PlanningProblem, Tasks
from tests.highs_reference import reference_bill
from tests.planning_cases import delivered_kwh, random_problem

# 2e-4: a milliwatt-hour of rounding in one quarter-hour at 15 USD/kW and three demand prices.
BILL_SLACK = 2e-4


def same_bill(one: float, other: float) -> bool:
    return abs(one - other) <= 1e-6 * abs(other) + BILL_SLACK


TIGHTNESS = [0.6, 2.5]
"""Of the limits: below 1 nearly everything fits, far above it little does."""


def in_two_windows(problem: PlanningProblem, seed: int) -> PlanningProblem:
    """Return the problem in which some needs are served in two windows, at two places."""
    rng = np.random.default_rng(seed)
    tasks = problem.tasks
    long = np.flatnonzero((tasks.last - tasks.first >= 2) & (rng.random(len(tasks.need)) < 0.5))
    cut = rng.integers(tasks.first[long] + 1, tasks.last[long])
    last = tasks.last.copy()
    last[long] = cut
    return replace(
        problem,
        tasks=Tasks(
            need=np.concatenate([tasks.need, tasks.need[long]]),
            connector_ids=(*tasks.connector_ids, *(None,) * len(long)),
            first=np.concatenate([tasks.first, cut]),
            last=np.concatenate([last, tasks.last[long]]),
            max_kw=np.concatenate([tasks.max_kw, tasks.max_kw[long] * 0.7]),
            min_kw=np.zeros(len(tasks.need) + len(long)),
            node=np.concatenate([tasks.node, rng.integers(0, len(problem.tree.kinds), len(long))]),
        ),
    )


def over_two_nights(seed: int, *, tightness: float) -> PlanningProblem:
    """Return a random problem twice, the second a day later: nights that share their peaks."""
    night = random_problem(seed, tightness=tightness)
    needs, tasks, tree, count = night.needs, night.tasks, night.tree, night.grid.count
    again = len(needs.vehicle_ids)
    prices = night.prices

    def later(intervals: tuple[int, ...]) -> tuple[int, ...]:
        return (*intervals, *(t + count for t in intervals))

    def twice(values: np.ndarray) -> np.ndarray:
        return np.concatenate([values, values])

    return PlanningProblem(
        grid=replace(night.grid, count=2 * count),
        needs=Needs(
            vehicle_ids=needs.vehicle_ids * 2,
            energy_must_kwh=np.concatenate([needs.energy_must_kwh, needs.energy_must_kwh / 2]),
            energy_target_kwh=np.concatenate(
                [needs.energy_target_kwh, needs.energy_target_kwh / 2]
            ),
            priority=twice(needs.priority),
            first=np.concatenate([needs.first, needs.first + count]),
            last=np.concatenate([needs.last, needs.last + count]),
        ),
        tasks=Tasks(
            need=np.concatenate([tasks.need, tasks.need + again]),
            connector_ids=tasks.connector_ids * 2,
            first=np.concatenate([tasks.first, tasks.first + count]),
            last=np.concatenate([tasks.last, tasks.last + count]),
            max_kw=twice(tasks.max_kw),
            min_kw=twice(tasks.min_kw),
            node=twice(tasks.node),
        ),
        tree=replace(tree, cap_kw=np.concatenate([tree.cap_kw, tree.cap_kw], axis=1)),
        base_load_kw=twice(night.base_load_kw),
        prices=replace(
            prices,
            energy=tuple(
                replace(term, price_per_kwh=term.price_per_kwh * 2) for term in prices.energy
            ),
            peaks=tuple(replace(term, intervals=later(term.intervals)) for term in prices.peaks),
        ),
    )


def every_shape(seed: int, tightness: float) -> PlanningProblem:
    """Return a problem of one of the shapes, by its seed."""
    if seed % 4 == 0:
        return over_two_nights(seed, tightness=tightness)
    problem = random_problem(seed, tightness=tightness)
    return in_two_windows(problem, seed) if seed % 4 == 1 else problem


def paths_agree(problem: PlanningProblem, solver: LpSolver) -> None:
    flow, lp = solve_flow(problem), solve_lp(problem, solver=solver)

    assert same_bill(cost_of(problem, flow.task_kw).bill_amount, lp.bound_amount)
    assert same_bill(cost_of(problem, lp.task_kw).bill_amount, flow.bound_amount)
    flow_kwh, lp_kwh = (delivered_kwh(problem, s.task_kw) for s in (flow, lp))
    assert flow_kwh.sum() == pytest.approx(lp_kwh.sum(), abs=1e-3)
    must_kwh = problem.needs.energy_must_kwh
    ready = [int(np.sum(kwh >= must_kwh - 1e-4)) for kwh in (flow_kwh, lp_kwh)]
    assert ready[0] == ready[1]


def flow_agrees_with_scipy(problem: PlanningProblem) -> None:
    most_kwh, least_bill = reference_bill(problem)

    flow = solve_flow(problem)

    assert flow.task_kw.sum() * 0.25 == pytest.approx(most_kwh, abs=1e-3)
    bill = cost_of(problem, flow.task_kw).bill_amount
    if most_kwh >= problem.needs.energy_target_kwh.sum() - 1e-6:
        assert same_bill(bill, least_bill)
    else:
        # Where something is short, the planner also settles who is: never cheaper than the bill
        # of the same energy shared in any way.
        assert bill >= least_bill - 1e-6 * abs(least_bill) - BILL_SLACK


@pytest.mark.parametrize("solver", ["glop", "highs"])
@pytest.mark.parametrize("tightness", TIGHTNESS)
@pytest.mark.parametrize("seed", range(20))
def test_flow_and_linear_path_agree_on_bill_bound_and_readiness(
    seed: int, tightness: float, solver: LpSolver
):
    paths_agree(every_shape(seed, tightness), solver)


@pytest.mark.parametrize("tightness", TIGHTNESS)
@pytest.mark.parametrize("seed", range(100, 116))
def test_flow_agrees_with_an_independent_program(seed: int, tightness: float):
    flow_agrees_with_scipy(every_shape(seed, tightness))


@pytest.mark.full
@pytest.mark.parametrize("tightness", TIGHTNESS)
@pytest.mark.parametrize("seed", range(1000, 1300))
def test_all_agree_on_six_hundred_problems(seed: int, tightness: float):
    problem = every_shape(seed, tightness)

    paths_agree(problem, "glop")
    paths_agree(problem, "highs")
    flow_agrees_with_scipy(problem)
