"""Two vehicles and four intervals, where every plan can be tried: nothing cheaper is left out."""

from itertools import product

import numpy as np
import pytest

from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.problem import FloatArray, LimitTree, Needs, PlanningProblem, Tasks
from tests.planning_cases import grid_of

COUNT = 4
# Energies and loads are multiples of 12 kW-quarters, so that most best peaks are whole numbers of
# kW; given whole peaks and limits a flow is whole too, and whole powers are enough.
UNIT_KW = 12
QUARTER_H = 0.25


def small_problem(seed: int, *, min_kw: float = 0.0) -> PlanningProblem:
    """Return two vehicles on two nodes of a tree, four intervals, one or two demand prices."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, 2, 2)
    last = rng.integers(3, COUNT + 1, 2)
    target_kwh = rng.integers(1, 3, 2) * UNIT_KW * QUARTER_H
    cap_kw = np.array([rng.integers(10, 25, COUNT), rng.integers(6, 20, COUNT)], dtype=np.float64)
    load_kw = rng.choice([0.0, 0.0, 12.0], COUNT)
    window = tuple(np.flatnonzero(rng.random(COUNT) < 0.6).tolist())
    return PlanningProblem(
        grid=grid_of(COUNT),
        needs=Needs(("a", "b"), target_kwh, target_kwh, np.zeros(2, dtype=np.int64), first, last),
        tasks=Tasks(
            need=np.arange(2),
            connector_ids=("A/1", "B/1") if min_kw else (None, None),
            first=first,
            last=last,
            max_kw=rng.integers(6, 12, 2).astype(np.float64),
            min_kw=np.full(2, min_kw),
            node=rng.integers(0, 2, 2),
        ),
        tree=LimitTree(("site_limit", "circuit_limit"), ("", "c"), np.array([-1, 0]), cap_kw),
        base_load_kw=load_kw,
        prices=PriceTerms(
            currency="USD",
            energy=(EnergyTerm("Energy", tuple(rng.choice([0.1, 0.2, 0.35], COUNT).tolist())),),
            peaks=(
                PeakTerm("All", tuple(range(COUNT)), 0.2, sunk_kw=float(rng.choice([0.0, 6.0]))),
                PeakTerm("Window", window, 0.15),
            ),
        ),
    )


def powers_of(problem: PlanningProblem, task: int) -> FloatArray:
    """Return every row of whole powers that a vehicle may have, (rows, intervals).

    With a least power: 0 or at least that much, but for the last interval in which it draws.
    """
    tasks = problem.tasks
    most_kw, least_kw = int(tasks.max_kw[task]), int(tasks.min_kw[task])
    inside = [tasks.first[task] <= t < tasks.last[task] for t in range(COUNT)]
    choices = [range(most_kw + 1) if is_in else (0,) for is_in in inside]
    rows = np.array(list(product(*choices)), dtype=np.float64)
    rows = rows[rows.sum(axis=1) * QUARTER_H <= problem.needs.energy_target_kwh[task]]
    if not least_kw:
        return rows
    later = np.cumsum(rows[:, ::-1] > 0, axis=1)[:, ::-1]
    return rows[np.all((rows == 0) | (rows >= least_kw) | (later == 1), axis=1)]


def best_of_all(problem: PlanningProblem) -> tuple[float, float]:
    """Return the most energy [kWh] and the least bill at it, over all whole powers."""
    one, other = powers_of(problem, 0), powers_of(problem, 1)
    most_kwh, least_amount = -1.0, np.inf
    price = problem.price_per_kwh() * QUARTER_H
    own = [rows * problem.tasks.node[n] for n, rows in enumerate((one, other))]
    for row, below in zip(one, own[0], strict=True):
        total_kw = row + other
        fits = np.all(total_kw <= problem.tree.cap_kw[0], axis=1)
        fits &= np.all(below + own[1] <= problem.tree.cap_kw[1], axis=1)
        energy_kwh = total_kw[fits].sum(axis=1) * QUARTER_H
        if not fits.any() or energy_kwh.max() < most_kwh:
            continue
        site_kw = total_kw[fits] + problem.base_load_kw
        bill_amount = site_kw @ price
        for term in problem.prices.peaks:
            seen_kw = site_kw[:, list(term.intervals)].max(axis=1, initial=0.0)
            bill_amount += term.price_per_kw * np.maximum(seen_kw, term.paid_kw)
        least = float(bill_amount[energy_kwh == energy_kwh.max()].min())
        is_more = energy_kwh.max() > most_kwh
        least_amount = least if is_more else min(least, least_amount)
        most_kwh = float(energy_kwh.max())
    return most_kwh, least_amount


def billed_kw(problem: PlanningProblem, task_kw: FloatArray) -> list[float]:
    """Return the peak that each demand price is billed on."""
    site_kw = problem.base_load_kw + task_kw.sum(axis=0)
    return [
        max(term.paid_kw, float(site_kw[list(term.intervals)].max(initial=0.0)))
        for term in problem.prices.peaks
    ]


@pytest.mark.parametrize("seed", range(8))
def test_both_paths_find_what_trying_everything_finds(seed: int):
    problem = small_problem(seed)
    most_kwh, least_amount = best_of_all(problem)

    for solve in (solve_flow, solve_lp):
        task_kw = solve(problem).task_kw

        assert task_kw.sum() * QUARTER_H == pytest.approx(most_kwh, abs=1e-4)
        amount = cost_of(problem, task_kw).bill_amount
        assert amount <= least_amount + 1e-4
        # With every peak rounded up to a whole kW the flow is whole, and so among those tried.
        to_whole_amount = sum(
            term.price_per_kw * (np.ceil(kw - 1e-4) - kw)
            for term, kw in zip(problem.prices.peaks, billed_kw(problem, task_kw), strict=True)
        )
        assert amount >= least_amount - to_whole_amount - 1e-4


@pytest.mark.parametrize("seed", range(8))
def test_with_a_least_power_nothing_found_by_trying_everything_is_better(seed: int):
    # Six amperes on one phase are 1.4 kW; here 3 kW, so that the rule bites on four intervals.
    problem = small_problem(seed, min_kw=3.0)
    most_kwh, least_amount = best_of_all(problem)

    task_kw = at_least_minimum(problem, solve_flow(problem))

    given_kwh = task_kw.sum() * QUARTER_H
    amount = cost_of(problem, task_kw).bill_amount
    assert given_kwh >= most_kwh - 1e-3
    # Tenths of a kW are finer than the whole kW that were tried, so the plan may be better.
    if given_kwh <= most_kwh + 1e-3:
        assert amount <= least_amount * (1 + 5e-4) + 1e-4
