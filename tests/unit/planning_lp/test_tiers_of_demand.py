"""Tiers, cliffs and hours of use: by hand, and against a program with binaries."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, milp

from depotlib.errors import PathError, ProblemError
from depotlib.model.price_terms import HoursUseTerm, PeakTerm, PeakTier, PriceTerms
from depotlib.planning.cost import cost_of
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem
from depotlib.planning.tier_choice import plain_problems
from tests.planning_cases import (
    depot_of,
    dwell,
    plan_of,
    prices_of,
    random_problem,
    relaxed,
    station,
)

EVERY = tuple(range(8))
FALLING = (PeakTier(0.0, 10.0), PeakTier(6.0, 2.0, base_amount=48.0))
RISING = (PeakTier(0.0, 1.0), PeakTier(6.0, 4.0, base_amount=-18.0))
CLIFF = (PeakTier(0.0, 1.0), PeakTier(6.0, 4.0))


def tiered(tiers: tuple[PeakTier, ...], energy: list[float], **more: float) -> PriceTerms:
    steepest = max(tier.price_per_kw for tier in tiers)
    return replace(
        prices_of(energy), peaks=(PeakTerm("Demand", EVERY, steepest, tiers=tiers, **more),)
    )


def bill_of(problem: PlanningProblem, path: str) -> float:
    solution = solve_problem(problem, path=path)
    bill = cost_of(problem, solution.task_kw).bill_amount
    assert solution.bound_amount == pytest.approx(bill, abs=1e-3)
    return bill


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_falling_tier_is_taken_where_cheap_hours_pay_for_the_higher_peak(path: str):
    # 8 kWh in 2 h; the last quarter-hour costs 0, the others 5 per kWh. At most 10 kW there: 2.5 kWh
    # free. A level 4 kW: 40 + 5 x 7 = 75. With P kW in the free quarter: above 6 kW only 2 per kW
    # more against 1.25 saved: no. First tier: 10 per kW against 1.25: no. So 4 kW, 75.
    problem = relaxed(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(FALLING, [5.0] * 7 + [0.0])
    )
    assert bill_of(problem, path) == pytest.approx(75.0, abs=1e-3)

    # At 20 per kWh a kW in the free quarter saves 5: above 6 kW that is 3 gained per kW, below 5
    # lost. 10 kW: 48 + 20 + 20 x 5.5 = 178; level 4 kW: 40 + 20 x 7 = 180.
    dear = replace(problem, prices=tiered(FALLING, [20.0] * 7 + [0.0]))
    assert bill_of(dear, path) == pytest.approx(178.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_rising_tier_is_entered_only_where_it_pays(path: str):
    # 8 kWh in 2 h, the last quarter-hour free. At 12 per kWh a kW there saves 3: more than the 1 of
    # the first tier, less than the 4 of the second. 6 kW: 6 + 12 x 6.5 = 84.
    problem = relaxed(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(RISING, [12.0] * 7 + [0.0])
    )
    assert bill_of(problem, path) == pytest.approx(84.0, abs=1e-3)

    # At 20 per kWh it saves 5, more than either: all 10 kW. 6 + 4 x 4 + 20 x 5.5 = 132.
    dear = replace(problem, prices=tiered(RISING, [20.0] * 7 + [0.0]))
    assert bill_of(dear, path) == pytest.approx(132.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_peak_stays_below_a_cliff_until_readiness_needs_it_above(path: str):
    # 8 kWh, one free quarter-hour: 6 kW there is 6 for demand and 5 x 6.5 for energy; every kW above
    # 6 costs 4 on all. 6 + 32.5 = 38.5 (a ten-thousandth of a kW below the edge).
    depot = depot_of(station("A"))
    prices = tiered(CLIFF, [5.0] * 7 + [0.0])
    roomy = relaxed([dwell("a", 0, 8, 8.0)], depot, prices)
    assert bill_of(roomy, path) == pytest.approx(38.5, abs=1e-3)

    # 16 kWh in 2 h are 8 kW at least: the second tier at 4 per kW. 8 x 4 + 14 x 5 = 102, or 10 kW in
    # the free quarter: 40 + 13.5 x 5 = 107.5.
    tight = relaxed([dwell("a", 0, 8, 16.0)], depot, prices)
    assert bill_of(tight, path) == pytest.approx(102.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_tier_already_reached_costs_nothing_more(path: str):
    # 7 kW are sunk: the second tier, 4 per kW, is due on 7 kW anyhow: 28, and 8 kWh at 0.
    problem = relaxed(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(CLIFF, [0.0] * 8, sunk_kw=7.0)
    )

    assert bill_of(problem, path) == pytest.approx(28.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_ratchet_floor_in_a_falling_tier_is_billed_on_its_own_slice(path: str):
    # The floor of 9 kW lies in the second slice: 48 + 2 x 9 = 66.
    problem = relaxed(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(FALLING, [0.0] * 8, floor_kw=9.0)
    )

    assert bill_of(problem, path) == pytest.approx(66.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_the_2500_hour_rule_is_kept_where_keeping_it_is_cheaper(path: str):
    # 8 kWh of the night and 92 before are 100 kWh: 20 hours of use are 5 kW at most. Long use: 4 a
    # kW and 0.1 a kWh; short use: 1 a kW and 0.5 a kWh. 5 kW or less: 4 x 4 + 10 = 26 when level.
    # One free quarter-hour at 10 kW would be short use: 10 + 50.
    rule = HoursUseTerm("Use", EVERY, (20.0,), (0.5, 0.1), (1.0, 4.0), start_kwh=92.0)
    prices = PriceTerms("USD", hours_use=(rule,))
    problem = relaxed([dwell("a", 0, 8, 8.0)], depot_of(station("A")), prices_of([0.0] * 8))
    problem = replace(problem, prices=prices)
    assert bill_of(problem, path) == pytest.approx(26.0, abs=1e-3)

    # A single hour of 8 kW leaves no choice: 12.5 hours of use, 8 x 1 + 50 = 58.
    short = relaxed([dwell("a", 0, 4, 8.0)], depot_of(station("A")), prices_of([0.0] * 8))
    assert bill_of(replace(short, prices=prices), path) == pytest.approx(58.0, abs=1e-3)


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_energy_priced_by_kwh_per_kw_makes_a_peak_dearer(path: str):
    # The first hour of each kW at 0.5, the rest at 0.1. 8 kWh level over 2 h: 4 kW, 4 kWh at 0.5
    # and 4 at 0.1: 2.4. (At 8 kW all would cost 0.5: 4.0.)
    term = HoursUseTerm("Use", EVERY, (1.0,), (0.5, 0.1), is_marginal=True)
    problem = relaxed([dwell("a", 0, 8, 8.0)], depot_of(station("A")), prices_of([0.0] * 8))

    assert bill_of(
        replace(problem, prices=PriceTerms("USD", hours_use=(term,))), path
    ) == pytest.approx(2.4, abs=1e-3)


def test_a_plan_under_tiers_passes_the_audit():
    plan = plan_of(
        [dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(CLIFF, [5.0] * 7 + [0.0])
    )

    assert plan.audit.passed, plan.audit.violations
    assert plan.header.peak_kw <= 6.0


@pytest.mark.parametrize(
    "tiers",
    [
        (PeakTier(1.0, 2.0),),
        (PeakTier(0.0, 2.0), PeakTier(0.0, 3.0)),
        (PeakTier(0.0, -2.0),),
    ],
    ids=["not from 0", "not rising", "negative"],
)
def test_tiers_that_cannot_be_are_refused(tiers: tuple[PeakTier, ...]):
    with pytest.raises(ProblemError):
        relaxed([dwell("a", 0, 8, 8.0)], depot_of(station("A")), tiered(tiers, [1.0] * 8))


@pytest.mark.parametrize(
    "term",
    [
        HoursUseTerm("Use", (0, 1), (1.0,), (0.5, 0.1), is_marginal=True),
        HoursUseTerm("Use", EVERY, (1.0,), (0.1, 0.5), is_marginal=True),
    ],
    ids=["part of the night", "rising with hours"],
)
def test_hours_of_use_that_are_no_function_of_the_peak_are_refused(term: HoursUseTerm):
    problem = relaxed([dwell("a", 0, 8, 8.0)], depot_of(station("A")), prices_of([0.0] * 8))

    with pytest.raises(PathError):
        solve_problem(replace(problem, prices=PriceTerms("USD", hours_use=(term,))))


def test_too_many_combinations_of_tiers_are_refused():
    terms = tuple(PeakTerm(f"D{n}", EVERY, 10.0, tiers=FALLING) for n in range(7))  # 2**7 > 64
    problem = relaxed([dwell("a", 0, 8, 8.0)], depot_of(station("A")), prices_of([0.0] * 8))

    with pytest.raises(PathError):
        plain_problems(replace(problem, prices=PriceTerms("USD", peaks=terms)), charged_kwh=8.0)


@pytest.mark.parametrize("path", ["flow", "lp"])
@pytest.mark.parametrize("seed", range(12))
def test_random_tiers_agree_with_a_program_with_binaries(seed: int, path: str):
    rng = np.random.default_rng(seed)
    problem = random_problem(seed, tightness=0.3)
    count = problem.grid.count
    edges = [0.0, *np.sort(rng.uniform(5.0, 60.0, 2)).tolist()]
    tiers = tuple(
        PeakTier(
            edge, float(rng.uniform(1, 12)), base_amount=float(rng.uniform(0, 80)) if edge else 0.0
        )
        for edge in edges
    )
    term = PeakTerm(
        "D", tuple(range(count)), 12.0, sunk_kw=float(rng.choice([0.0, 9.0])), tiers=tiers
    )
    problem = replace(problem, prices=replace(problem.prices, peaks=(term,)))

    solution = solve_problem(problem, path=path)

    bill = cost_of(problem, solution.task_kw).bill_amount
    # 1e-4 kW below an edge, at 12 per kW and an energy price of a few tenths.
    assert bill == pytest.approx(_least_bill(problem), rel=1e-5, abs=0.02)


def _least_bill(problem: PlanningProblem) -> float:
    """Return the least bill by a program with one binary a tier, written row by row."""
    tasks, count, h = problem.tasks, problem.grid.count, problem.grid.interval_h
    (term,) = problem.prices.peaks
    cells = [(i, t) for i in range(len(tasks.need)) for t in range(tasks.first[i], tasks.last[i])]
    size, tiers = len(cells), len(term.tiers)
    width = size + 2 * tiers  # powers, the peak in each tier, whether it is in the tier
    rows, lower, upper = [], [], []

    def add(entries: dict[int, float], low: float, high: float) -> None:
        row = np.zeros(width)
        for column, value in entries.items():
            row[column] += value
        rows.append(row)
        lower.append(low)
        upper.append(high)

    for node in range(len(problem.tree.kinds)):
        for t in range(count):
            below = {
                c: 1.0
                for c, (i, at) in enumerate(cells)
                if at == t and node in problem.tree.path(int(tasks.node[i]))
            }
            add(below, -np.inf, problem.tree.cap_kw[node, t])
    for need, kwh in enumerate(problem.needs.energy_target_kwh):
        add({c: h for c, (i, _) in enumerate(cells) if tasks.need[i] == need}, kwh, kwh)
    for t in term.intervals:
        entries = {c: -1.0 for c, (_, at) in enumerate(cells) if at == t}
        entries |= {size + k: 1.0 for k in range(tiers)}
        add(entries, float(problem.base_load_kw[t]), np.inf)
    add({size + k: 1.0 for k in range(tiers)}, term.paid_kw, np.inf)
    add({size + tiers + k: 1.0 for k in range(tiers)}, 1.0, 1.0)
    edges = [*(tier.from_kw for tier in term.tiers), 1000.0]
    for k in range(tiers):
        add({size + k: 1.0, size + tiers + k: -edges[k + 1]}, -np.inf, 0.0)
        add({size + k: 1.0, size + tiers + k: -edges[k]}, 0.0, np.inf)
    price = problem.price_per_kwh() * h
    cost = np.array(
        [price[t] for _, t in cells]
        + [tier.price_per_kw for tier in term.tiers]
        + [tier.base_amount for tier in term.tiers]
    )
    bounds_upper = [float(tasks.max_kw[i]) for i, _ in cells] + [1000.0] * tiers + [1.0] * tiers
    result = milp(
        cost,
        constraints=LinearConstraint(np.array(rows), lower, upper),
        bounds=(np.zeros(width), bounds_upper),
        integrality=np.array([0] * (size + tiers) + [1] * tiers),
    )
    assert result.status == 0, result.message
    base = float(problem.price_per_kwh() @ problem.base_load_kw) * h
    return float(result.fun) + base + problem.prices.fixed_amount
