"""Malformed and extreme problems end in an audited plan or in words, and never hang."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.errors import ModelError, PlanningError
from depotlib.model.depot import Circuit, Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.model.price_terms import BlockTerm, EnergyTerm, PeakTerm, PriceTerms
from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.cost import cost_of_site
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.planning.solve import solve_problem
from tests.planning_cases import (
    MADE_AT,
    at,
    depot_of,
    dwell,
    grid_of,
    prices_of,
    random_problem,
    relaxed,
    station,
)

ODD = [float("nan"), float("inf"), -float("inf"), -1.0, 0.0, 1e-12, 1e9, 1e15]
"""Numbers that no depot means."""


def odd(rng: np.random.Generator, usual: float, *, share: float = 0.03) -> float:
    return float(rng.choice(ODD)) if rng.random() < share else usual


def a_dwell(rng: np.random.Generator, number: int, count: int) -> Dwell:
    first = float(rng.uniform(-6, count))
    last = first + float(
        rng.choice([rng.uniform(0.1, 20), 0.0, -3.0, 0.4], p=[0.98, 0.005, 0.005, 0.01])
    )
    target_kwh = odd(rng, float(rng.uniform(0, 60)), share=0.01)
    return Dwell(
        vehicle_id=f"v{number if rng.random() < 0.95 else 0}",
        arrival=at(first),
        departure=at(last),
        energy_must_kwh=odd(rng, target_kwh * float(rng.choice([1.0, 0.5, 0.0])), share=0.01),
        energy_target_kwh=target_kwh,
        pool=str(rng.choice(["ac", "dc", "moon"], p=[0.995, 0.0, 0.005])),
        max_kw=odd(rng, float(rng.uniform(1, 100)), share=0.01),
        min_kw=odd(rng, float(rng.choice([0.0, 1.4])), share=0.01),
        priority=int(rng.integers(-2, 3)),
    )  # fmt: skip


def a_depot(rng: np.random.Generator) -> Depot:
    circuits = (
        Circuit("panel", None, odd(rng, float(rng.uniform(5, 60)))),
        Circuit("feeder", "panel", odd(rng, float(rng.uniform(5, 40)))),
    )
    stations = [
        station(
            f"S{n}",
            max_kw=odd(rng, float(rng.uniform(3, 50)), share=0.01),
            min_kw=odd(rng, float(rng.choice([0.0, 1.4, 6.0])), share=0.01),
            plugs=int(rng.integers(1, 3)),
            circuit=str(rng.choice(["panel", "feeder"])) if rng.random() < 0.7 else None,
            pool="ac" if n == 0 or rng.random() < 0.6 else "dc",
            safe_kw=float(rng.choice([0.0, 1.4])),
        )
        for n in range(int(rng.integers(1, 6)))
    ]
    return depot_of(
        *stations,
        limit_kw=odd(rng, float(rng.uniform(0, 80)), share=0.06),
        service_kw=200.0,
        circuits=circuits,
    )


def some_prices(rng: np.random.Generator, count: int) -> PriceTerms:
    length = count if rng.random() < 0.97 else count - 1
    price = [odd(rng, float(rng.normal(0.1, 0.2)), share=0.003) for _ in range(length)]
    at_random = tuple(int(t) for t in np.flatnonzero(rng.random(count) < 0.5))
    peaks = [
        PeakTerm("Demand", tuple(range(count)), odd(rng, 12.0), sunk_kw=odd(rng, 20.0)),
        PeakTerm("Window", at_random, odd(rng, 5.0), floor_kw=odd(rng, 0.0)),
    ]
    block = BlockTerm(
        "Tiers",
        tuple(range(count)) if rng.random() < 0.5 else at_random,
        edges_kwh=(odd(rng, 100.0),),
        prices_per_kwh=(odd(rng, 0.02), odd(rng, 0.05)),
        start_kwh=float(rng.choice([0.0, 90.0])),
    )
    return PriceTerms(
        currency="USD",
        energy=(EnergyTerm("Energy", tuple(price)),),
        peaks=tuple(peaks[: int(rng.integers(0, 3))]),
        blocks=(block,) if rng.random() < 0.2 else (),
        fixed_amount=odd(rng, 100.0, share=0.01),
        energy_factor=odd(rng, 1.0, share=0.01),
    )


def plan_of_anything(seed: int) -> Plan:
    rng = np.random.default_rng(seed)
    count = int(rng.choice([1, 2, 12, 48]))
    dwells = [a_dwell(rng, number, count) for number in range(int(rng.choice([0, 1, 4, 12])))]
    length = count if rng.random() < 0.97 else count + 1
    load_kw = np.array([odd(rng, float(rng.uniform(0, 30)), share=0.003) for _ in range(length)])
    return plan_night(
        dwells,
        a_depot(rng),
        grid=grid_of(count),
        prices=some_prices(rng, count),
        base_load_kw=load_kw,
        order=PlanOrder(
            made_at=MADE_AT,
            occupancy=str(rng.choice(["relaxed", "assigned"])),
            path=str(rng.choice(["auto", "lp"], p=[0.8, 0.2])),
            time_limit_s=20.0,
        ),
    )


def ends_well(seed: int) -> str:
    """Return what the end was: a plan that passed its audit, or a refusal in words."""
    try:
        plan = plan_of_anything(seed)
    except (PlanningError, ModelError):
        # A dwell or depot that cannot be is refused before any planning.
        return "refused"
    assert plan.audit.passed, plan.audit.violations[:3]
    # A plan that leaves more undone than the bound does may cost less than it.
    assert plan.header.gap_share >= -1e-6 or plan.header.status == "shortfall"
    return "planned"


@pytest.mark.parametrize("block", range(3))
def test_malformed_and_extreme_problems_end_in_a_plan_or_in_words(block: int):
    seeds = range(10 * block, 10 * block + 10)

    ends = {ends_well(seed) for seed in seeds}

    assert ends == {"planned", "refused"}


@pytest.mark.parametrize("seed", [1125, 1290])
def test_a_vehicle_driven_in_before_its_first_whole_interval_is_charged_from_that_on(seed: int):
    # Both once let a window begin before the vehicle's own first interval, off its price table.
    assert ends_well(seed) in {"planned", "refused"}


@pytest.mark.full
@pytest.mark.parametrize("block", range(20))
def test_a_thousand_of_them_do(block: int):
    seeds = range(1000 + 50 * block, 1000 + 50 * block + 50)

    ends = {ends_well(seed) for seed in seeds}

    assert ends == {"planned", "refused"}


@pytest.mark.full
def test_ten_thousand_vehicles_are_planned_and_who_goes_short_is_told():
    # 10,000 vehicles that want 20 kWh each under 15 MW for ten hours at most: 150 of 200 MWh.
    dwells = [dwell(f"v{n}", n % 20, 40 + n % 20, 20.0) for n in range(10_000)]
    depot = depot_of(station("A", max_kw=11.0, plugs=2), limit_kw=15_000.0)
    problem = relaxed(dwells, depot, prices_of([0.1] * 60, peak_price=5.0))
    wide = replace(problem.tree, cap_kw=np.full_like(problem.tree.cap_kw, 15_000.0))

    solution = solve_problem(replace(problem, tree=wide), budget=budget_of(30.0))

    given_kwh = float(solution.powers.power_kw.sum()) * 0.25
    assert given_kwh <= 200_000.0
    assert solution.powers.by_interval_kw().max() <= 15_000.0 + 1e-3
    assert cost_of_site(problem, solution.powers.by_interval_kw()).bill_amount >= (
        solution.bound_amount - 1e-6
    )


@pytest.mark.parametrize("seed", range(12))
def test_a_plan_whose_time_ends_early_is_feasible_and_states_a_true_gap(seed: int):
    problem = random_problem(seed, tightness=1.0 + seed % 3)
    best = solve_flow(problem)

    early = solve_flow(problem, budget=Budget(end_s=0.0, timer=lambda: 1.0))

    best_amount = cost_of_site(problem, best.powers.by_interval_kw()).bill_amount
    early_amount = cost_of_site(problem, early.powers.by_interval_kw()).bill_amount
    below_kw = early.powers.by_interval_kw() - problem.tree.cap_kw[0]
    assert below_kw.max() <= 1e-4
    assert early.powers.power_kw.sum() == pytest.approx(best.powers.power_kw.sum(), abs=1e-3)
    # 2e-4: milliwatt-hours of rounding at three demand prices, as in the paths' own test.
    assert early.bound_amount <= best_amount + 2e-4
    assert early_amount >= best_amount - 2e-4
    assert not early.is_proven or early_amount == pytest.approx(best_amount, rel=1e-6)
