"""Laws that every optimum keeps, whatever the problem: on random problems of every shape."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.model.price_terms import EnergyTerm
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.problem import LimitTree, Needs, PlanningProblem, Tasks
from depotlib.planning.solve import solve_problem
from tests.planning_cases import depot_of, dwell, prices_of, random_problem, relaxed, station

SEEDS = st.integers(min_value=0, max_value=100_000)
LAW = settings(max_examples=25, deadline=None, derandomize=True)
FEWER = settings(LAW, max_examples=10)
# A milliwatt-hour in one quarter-hour is 4e-6 kW: at 15 USD/kW and three demand prices 2e-4 USD.
SLACK = 2e-4


def feasible(seed: int) -> PlanningProblem:
    """Return a random problem in which everything fits: wishes cut to what a plan can give."""
    problem = random_problem(seed, tightness=0.6)
    given = np.floor(solve_flow(problem).task_kw.sum(axis=1) * 0.25 * 1e3) / 1e3
    needs = replace(
        problem.needs,
        energy_target_kwh=given,
        energy_must_kwh=np.minimum(problem.needs.energy_must_kwh, given),
    )
    return replace(problem, needs=needs)


def bill(problem: PlanningProblem) -> float:
    return cost_of(problem, solve_flow(problem).task_kw).bill_amount


def permuted(problem: PlanningProblem, order: np.ndarray) -> PlanningProblem:
    needs, tasks = problem.needs, problem.tasks
    return replace(
        problem,
        needs=Needs(
            vehicle_ids=tuple(needs.vehicle_ids[i] for i in order),
            energy_must_kwh=needs.energy_must_kwh[order],
            energy_target_kwh=needs.energy_target_kwh[order],
            priority=needs.priority[order],
            first=needs.first[order],
            last=needs.last[order],
        ),
        tasks=Tasks(
            need=np.arange(len(order)),
            connector_ids=tasks.connector_ids,
            first=tasks.first[order],
            last=tasks.last[order],
            max_kw=tasks.max_kw[order],
            min_kw=tasks.min_kw[order],
            node=tasks.node[order],
        ),
    )


def reversed_in_time(problem: PlanningProblem) -> PlanningProblem:
    count = problem.grid.count
    peaks = tuple(
        replace(term, intervals=tuple(count - 1 - t for t in term.intervals))
        for term in problem.prices.peaks
    )
    energy = tuple(EnergyTerm(e.name, e.price_per_kwh[::-1]) for e in problem.prices.energy)
    needs, tasks, tree = problem.needs, problem.tasks, problem.tree
    return replace(
        problem,
        needs=replace(needs, first=count - needs.last, last=count - needs.first),
        tasks=replace(tasks, first=count - tasks.last, last=count - tasks.first),
        tree=LimitTree(tree.kinds, tree.ids, tree.parent, tree.cap_kw[:, ::-1].copy()),
        base_load_kw=problem.base_load_kw[::-1].copy(),
        prices=replace(problem.prices, energy=energy, peaks=peaks),
    )


def with_sunk(problem: PlanningProblem, sunk_kw: float) -> PlanningProblem:
    peaks = tuple(replace(term, sunk_kw=sunk_kw, floor_kw=0.0) for term in problem.prices.peaks)
    return replace(problem, prices=replace(problem.prices, peaks=peaks))


@LAW
@given(SEEDS)
def test_the_order_of_the_vehicles_does_not_matter(seed: int):
    problem = feasible(seed)
    order = np.random.default_rng(seed).permutation(len(problem.needs.vehicle_ids))

    assert bill(permuted(problem, order)) == pytest.approx(bill(problem), rel=1e-6, abs=SLACK)


@LAW
@given(SEEDS)
def test_the_direction_of_time_does_not_matter(seed: int):
    problem = feasible(seed)

    assert bill(reversed_in_time(problem)) == pytest.approx(bill(problem), rel=1e-6, abs=SLACK)


@LAW
@given(SEEDS)
def test_twice_of_everything_costs_twice(seed: int):
    problem = feasible(seed)
    needs, prices = problem.needs, problem.prices
    peaks = tuple(replace(p, sunk_kw=2 * p.sunk_kw, floor_kw=2 * p.floor_kw) for p in prices.peaks)

    doubled = replace(
        problem,
        needs=replace(
            needs,
            energy_must_kwh=2 * needs.energy_must_kwh,
            energy_target_kwh=2 * needs.energy_target_kwh,
        ),
        tasks=replace(problem.tasks, max_kw=2 * problem.tasks.max_kw),
        tree=replace(problem.tree, cap_kw=2 * problem.tree.cap_kw),
        base_load_kw=2 * problem.base_load_kw,
        prices=replace(prices, peaks=peaks, fixed_amount=2 * prices.fixed_amount),
    )

    assert bill(doubled) == pytest.approx(2 * bill(problem), rel=1e-6, abs=2 * SLACK)


@LAW
@given(SEEDS)
def test_more_room_or_power_is_never_dearer(seed: int):
    problem = feasible(seed)
    cost = bill(problem)

    roomier = replace(problem, tree=replace(problem.tree, cap_kw=problem.tree.cap_kw * 1.2))
    stronger = replace(problem, tasks=replace(problem.tasks, max_kw=problem.tasks.max_kw * 1.2))

    assert bill(roomier) <= cost + 1e-6 * abs(cost) + SLACK
    assert bill(stronger) <= cost + 1e-6 * abs(cost) + SLACK


@LAW
@given(SEEDS)
def test_a_constant_on_the_price_adds_its_energy(seed: int):
    problem = feasible(seed)
    energy = tuple(
        EnergyTerm(e.name, tuple(p + 0.05 for p in e.price_per_kwh)) for e in problem.prices.energy
    )

    dearer = replace(problem, prices=replace(problem.prices, energy=energy))

    kwh = problem.needs.energy_target_kwh.sum() + problem.base_load_kw.sum() * 0.25
    added = 0.05 * problem.prices.energy_factor * kwh
    assert bill(dearer) == pytest.approx(bill(problem) + added, rel=1e-6, abs=2 * SLACK)


@LAW
@given(SEEDS)
def test_a_vehicle_is_as_good_as_its_two_halves(seed: int):
    problem = feasible(seed)
    needs, tasks = problem.needs, problem.tasks

    def twice(array: np.ndarray) -> np.ndarray:
        return np.concatenate([array, array])

    halves = replace(
        problem,
        needs=Needs(
            vehicle_ids=needs.vehicle_ids + tuple(f"{v}-2" for v in needs.vehicle_ids),
            energy_must_kwh=twice(needs.energy_must_kwh / 2),
            energy_target_kwh=twice(needs.energy_target_kwh / 2),
            priority=twice(needs.priority),
            first=twice(needs.first),
            last=twice(needs.last),
        ),
        tasks=Tasks(
            need=np.arange(2 * len(tasks.need)),
            connector_ids=tasks.connector_ids * 2,
            first=twice(tasks.first),
            last=twice(tasks.last),
            max_kw=twice(tasks.max_kw / 2),
            min_kw=twice(tasks.min_kw),
            node=twice(tasks.node),
        ),
    )

    assert bill(halves) == pytest.approx(bill(problem), rel=1e-6, abs=SLACK)


@LAW
@given(SEEDS)
def test_the_bill_is_convex_and_rising_in_the_sunk_peak(seed: int):
    problem = feasible(seed)

    low, middle, high = (bill(with_sunk(problem, kw)) for kw in (10.0, 30.0, 50.0))

    assert low <= middle + SLACK <= high + 2 * SLACK
    assert 2 * middle <= low + high + 4 * SLACK + 1e-6 * abs(high)


@LAW
@given(SEEDS)
def test_a_sunk_peak_above_every_load_leaves_the_energy_price_alone(seed: int):
    problem = feasible(seed)
    energy_only = replace(problem, prices=replace(problem.prices, peaks=()))

    sunk = with_sunk(problem, 1e4)

    paid = sum(term.price_per_kw for term in problem.prices.peaks) * 1e4
    assert bill(sunk) - paid == pytest.approx(bill(energy_only), rel=1e-6, abs=SLACK)


@LAW
@given(SEEDS)
def test_the_bound_is_met_and_the_worth_of_the_site_limit_is_a_finite_difference(seed: int):
    problem = feasible(seed)

    solution = solve_flow(problem)

    cost = cost_of(problem, solution.task_kw).bill_amount
    assert solution.bound_amount == pytest.approx(cost, rel=1e-6, abs=SLACK)
    for binding in solution.bindings[:3]:
        if not binding.name.startswith("site_limit"):
            continue
        interval = int(binding.name.split("[")[1][:-1])
        step_kw = 0.01
        change = step_kw * binding.price_per_kw
        wider, narrower = (_moved(problem, interval, by_kw=by) for by in (step_kw, -step_kw))
        # A dual is a slope between the two one-sided differences (degenerate optima have many).
        assert cost - bill(wider) <= change + SLACK
        if (
            solve_flow(narrower).task_kw.sum() * 0.25
            >= problem.needs.energy_target_kwh.sum() - 1e-4
        ):
            assert bill(narrower) - cost >= change - SLACK


def _moved(problem: PlanningProblem, interval: int, *, by_kw: float) -> PlanningProblem:
    cap_kw = problem.tree.cap_kw.copy()
    cap_kw[0, interval] = max(0.0, cap_kw[0, interval] + by_kw)
    return replace(problem, tree=replace(problem.tree, cap_kw=cap_kw))


@FEWER
@given(SEEDS)
def test_a_longer_stay_is_never_dearer_and_more_energy_never_cheaper(seed: int):
    # With prices of 0 or more: more energy at a negative price would rightly be cheaper.
    problem = feasible(seed)
    price = tuple(max(0.0, p) for p in problem.prices.energy[0].price_per_kwh)
    prices = replace(problem.prices, energy=(EnergyTerm("Energy", price),))
    problem = replace(problem, prices=prices)

    first, last = np.maximum(0, problem.needs.first - 2), problem.needs.last
    stay = {"first": first, "last": np.minimum(problem.grid.count, last + 2)}
    longer = replace(
        problem, needs=replace(problem.needs, **stay), tasks=replace(problem.tasks, **stay)
    )
    needs = replace(
        problem.needs,
        energy_target_kwh=problem.needs.energy_target_kwh / 2,
        energy_must_kwh=problem.needs.energy_must_kwh / 2,
    )
    half = replace(problem, needs=needs)

    assert bill(longer) <= bill(problem) + SLACK
    assert bill(half) <= bill(problem) + SLACK


@FEWER
@given(SEEDS)
def test_every_interval_split_in_two_changes_nothing(seed: int):
    problem = feasible(seed)
    needs, tasks, prices = problem.needs, problem.tasks, problem.prices
    price = np.repeat(prices.energy[0].price_per_kwh, 2).tolist()
    peaks = tuple(
        replace(term, intervals=tuple(2 * t + half for t in term.intervals for half in (0, 1)))
        for term in prices.peaks
    )

    split = PlanningProblem(
        grid=replace(problem.grid, interval_s=450, count=2 * problem.grid.count),
        needs=replace(needs, first=2 * needs.first, last=2 * needs.last),
        tasks=replace(tasks, first=2 * tasks.first, last=2 * tasks.last),
        tree=replace(problem.tree, cap_kw=np.repeat(problem.tree.cap_kw, 2, axis=1)),
        base_load_kw=np.repeat(problem.base_load_kw, 2),
        prices=replace(prices, energy=(EnergyTerm("Energy", tuple(price)),), peaks=peaks),
    )

    # A milliwatt-hour weighs twice as much in half an interval.
    assert bill(split) == pytest.approx(bill(problem), rel=1e-6, abs=2 * SLACK)


@FEWER
@given(SEEDS)
def test_the_least_peak_is_the_greatest_over_all_sets_of_intervals(seed: int):
    # Closed form with base load and connector powers, over all sets A of eight intervals:
    # max over A of [sum of b in A + sum of max(0, E_i - Pmax_i h |W_i outside A|) / h] / |A|.
    rng = np.random.default_rng(seed)
    count, h = 8, 0.25
    dwells = [
        dwell(f"v{n}", int(a), int(rng.integers(a + 2, count + 1)), float(rng.integers(1, 6)))
        for n, a in enumerate(rng.integers(0, count - 2, 4))
    ]
    load_kw = np.round(rng.uniform(0, 30, count), 1)
    depot = depot_of(*(station(f"S{n}", max_kw=14.0) for n in range(4)), limit_kw=1e4)
    prices = prices_of([0.1] * count)
    problem = relaxed(dwells, depot, prices, load_kw.tolist())
    inside = problem.windows_mask()
    most_kwh = inside.sum(axis=1) * problem.tasks.max_kw * h
    target_kwh = np.minimum(problem.needs.energy_target_kwh, most_kwh)

    task_kw = solve_problem(problem, objective="peak").task_kw

    least_kw = max(
        (
            load_kw[chosen].sum()
            + np.maximum(
                0.0, target_kwh - problem.tasks.max_kw * h * inside[:, ~chosen].sum(axis=1)
            ).sum()
            / h
        )
        / chosen.sum()
        for number in range(1, 2**count)
        for chosen in [np.array([number >> t & 1 for t in range(count)], dtype=np.bool_)]
    )
    assert (task_kw.sum(axis=0) + load_kw).max() == pytest.approx(least_kw, abs=1e-4)


@LAW
@given(SEEDS)
def test_the_least_peak_is_the_densest_span_where_power_and_limits_do_not_bind(seed: int):
    # Closed form: without base load and with unlimited connectors, the maximum over spans of the
    # energy of the windows inside over the span's length.
    rng = np.random.default_rng(seed)
    count = 12
    starts = rng.integers(0, count - 1, 6)
    dwells = [
        dwell(f"v{n}", int(a), int(rng.integers(a + 1, count + 1)), float(rng.integers(1, 20)))
        for n, a in enumerate(starts)
    ]
    problem = relaxed(
        dwells, depot_of(station("A", max_kw=1e4), limit_kw=1e4), prices_of([0.1] * count)
    )

    peak_kw = solve_problem(problem, objective="peak").task_kw.sum(axis=0).max()

    first, last = problem.needs.first, problem.needs.last
    densest_kw = max(
        float(problem.needs.energy_target_kwh[(first >= s) & (last <= e)].sum()) / ((e - s) * 0.25)
        for s in range(count)
        for e in range(s + 1, count + 1)
    )
    assert peak_kw == pytest.approx(densest_kw, abs=1e-4)
