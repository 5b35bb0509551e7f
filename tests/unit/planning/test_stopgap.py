"""A general problem whose time is over still gets a plan that keeps every rule, and a true gap."""

from collections.abc import Callable
from dataclasses import replace
from itertools import count

import numpy as np
import pytest

from depotlib.errors import SolverTimeError
from depotlib.model.dwell import DwellBattery
from depotlib.model.price_terms import ExportTerm
from depotlib.model.storage import Storage
from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.cost import cost_of
from depotlib.planning.general import broken_rule
from depotlib.planning.linear_program import LinearProgram, solve_linear
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.site_assets import with_assets
from depotlib.planning.solve import solve_problem
from depotlib.planning.stopgap import least_bill_amount, within_rules
from tests.planning_cases import (
    MADE_AT,
    depot_of,
    dwell,
    grid_of,
    prices_of,
    random_problem,
    relaxed,
    station,
    window,
    windowed,
)

OVER = Budget(end_s=0.0, timer=lambda: 1.0)
# 12 quarter-hours, some of them at a negative price.
PRICES = prices_of([0.3, 0.1, -0.05, 0.2] * 3, peak_price=4.0)
BATTERY = DwellBattery(usable_kwh=40.0, arrival_soc=0.6, taper_share=0.6)


def stepping(step_s: float) -> Callable[[], float]:
    """Return a timer that goes on by a step whenever it is read."""
    steps = count()
    return lambda: next(steps) * step_s


def tapering() -> PlanningProblem:
    vans = [dwell(f"v{n}", n, 10 + n % 3, 12.0, battery=BATTERY) for n in range(4)]
    return relaxed(vans, depot_of(station("A", max_kw=30.0), limit_kw=60.0), PRICES)


def on_phases() -> PlanningProblem:
    stations = [station(f"S{n}", max_kw=11.0) for n in range(3)]
    depot = depot_of(*stations, limit_kw=60.0)
    depot = replace(depot, grid=replace(depot.grid, phase_limit_kw=6.0))
    vans = [dwell(f"v{n}", n, 10 + n, 8.0, ac_phases=1 + 2 * (n % 2)) for n in range(3)]
    windows = [window(f"v{n}", f"S{n}/1", n, min(12, 10 + n)) for n in range(3)]
    return windowed(vans, depot, PRICES, windows)


def with_storage() -> PlanningProblem:
    storage = Storage(
        "battery", 20.0, 8.0, 8.0, efficiency_share=0.9, start_soc=0.5, least_end_soc=0.0
    )
    depot = replace(depot_of(station("A"), limit_kw=40.0), storages=(storage,))
    depot = replace(depot, grid=replace(depot.grid, export_limit_kw=10.0))
    prices = replace(PRICES, export=(ExportTerm("Feed-in", (0.25,) * 12),))
    vans = [dwell(f"v{n}", n, 9 + n, 15.0) for n in range(3)]
    return with_assets(relaxed(vans, depot, prices), depot, solar_kw=[12.0] * 12)


GENERAL = [tapering, on_phases, with_storage, *(lambda s=s: random_problem(s) for s in range(6))]


@pytest.mark.parametrize("make", GENERAL)
def test_without_time_the_general_path_gives_a_plan_that_keeps_every_rule(
    make: Callable[[], PlanningProblem],
):
    problem = make()

    plan = solve_problem(problem, path="lp", budget=OVER)

    assert not plan.is_proven
    assert broken_rule(problem, plan.powers) == ""
    assert np.all(plan.powers.by_interval_kw() <= problem.tree.cap_kw[0] + 1e-4)
    given_kwh = plan.powers.by_need_kwh(problem)
    assert np.all(given_kwh <= problem.needs.energy_target_kwh + 1e-4)
    assert given_kwh.sum() > 0


@pytest.mark.parametrize("make", GENERAL)
def test_the_bound_of_a_plan_without_time_is_below_the_optimum(
    make: Callable[[], PlanningProblem],
):
    problem = make()
    best = solve_problem(problem, path="lp")
    best_amount = cost_of(problem, best.task_kw, assets=best.assets).bill_amount

    plan = solve_problem(problem, path="lp", budget=OVER)

    amount = cost_of(problem, plan.task_kw, assets=plan.assets).bill_amount
    # 2e-4: milliwatt-hours of rounding at three demand prices, as in the paths' own test.
    assert least_bill_amount(problem) <= plan.bound_amount + 2e-4
    assert plan.bound_amount <= amount
    given_kwh = (plan.powers.power_kw.sum(), best.powers.power_kw.sum())
    if given_kwh[0] >= given_kwh[1] - 1e-3:
        assert plan.bound_amount <= best_amount + 2e-4
    assert least_bill_amount(problem) <= best_amount


def test_powers_that_break_no_rule_stay_as_they_are():
    for problem in (tapering(), on_phases()):
        task_kw = solve_problem(problem).task_kw

        assert within_rules(problem, task_kw) == pytest.approx(task_kw, abs=1e-5)


@pytest.mark.parametrize("reads", [1, 2, 3, 40])
def test_a_night_whose_timer_runs_out_on_the_general_path_is_audited_and_not_called_optimal(
    reads: int,
):
    vans = [dwell(f"v{n}", n, 10 + n, 8.0) for n in range(4)]
    depot = depot_of(*[station(f"S{n}", max_kw=11.0) for n in range(4)], limit_kw=30.0)

    plan = plan_night(
        vans,
        depot,
        grid=grid_of(16),
        prices=prices_of([0.3, 0.1, 0.05, 0.2] * 4, peak_price=4.0),
        base_load_kw=np.full(16, 3.0),
        order=PlanOrder(
            made_at=MADE_AT,
            path="lp",
            occupancy="relaxed",
            timer=stepping(1.0),
            time_limit_s=float(reads),
        ),
    )

    assert plan.audit.passed, plan.audit.violations[:3]
    assert plan.header.gap_share >= -1e-6
    assert plan.header.status in {"optimal", "feasible"}
    assert plan.header.status == "feasible" or reads == 40


def test_a_linear_path_alone_says_that_its_time_is_over():
    with pytest.raises(SolverTimeError, match="time of the solve is over"):
        solve_lp(random_problem(1), budget=OVER)


def test_a_solver_without_time_says_so():
    # A dense program of 400 x 400 that no solver finishes in a microsecond.
    rng = np.random.default_rng(3)
    size = 400
    program = LinearProgram(
        cost=-rng.uniform(1, 2, size),
        lower=np.zeros(size),
        upper=np.full(size, 10.0),
        row_lower=np.full(size, -np.inf),
        row_upper=np.full(size, 100.0),
        row=np.repeat(np.arange(size), size),
        column=np.tile(np.arange(size), size),
        value=rng.uniform(0, 1, size * size),
    )

    with pytest.raises(SolverTimeError, match="ended with"):
        solve_linear(program, time_limit_s=1e-6)


def test_a_budget_that_lasts_changes_nothing():
    problem = tapering()

    in_time = solve_problem(problem, budget=budget_of(1e6))

    assert in_time.bound_amount == solve_problem(problem).bound_amount
