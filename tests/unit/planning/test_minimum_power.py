import numpy as np
import pytest

from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.power_steps import in_whole_steps
from tests.planning_cases import (
    delivered_kwh,
    depot_of,
    dwell,
    plan_of,
    prices_of,
    random_problem,
    relaxed,
    station,
    window,
    windowed,
)


def kept(problem) -> np.ndarray:
    return at_least_minimum(problem, solve_flow(problem))


def test_a_level_load_becomes_intervals_on_and_off():
    # 2 kWh in 2 h level is 1 kW; the connector gives 4 kW or more: two quarter-hours of 4 kW.
    problem = windowed(
        [dwell("a", 0, 8, 2.0)],
        depot_of(station("A", min_kw=4.0)),
        prices_of([0.1] * 8, peak_price=10.0),
        [window("a", "A/1", 0, 8)],
    )

    task_kw = kept(problem)

    assert sorted(task_kw[0].tolist()) == pytest.approx([0] * 6 + [4, 4])


def test_the_minima_of_several_vans_do_not_stand_on_each_other():
    # Four vans of 1 kWh, each 4 kW or more: one quarter-hour each. The site leaves room for two.
    names = ["a", "b", "c", "d"]
    problem = windowed(
        [dwell(name, 0, 8, 1.0) for name in names],
        depot_of(station("A", min_kw=4.0, plugs=4), limit_kw=9.0),
        prices_of([0.1] * 8, peak_price=10.0),
        [window(name, f"A/{n}", 0, 8) for n, name in enumerate(names, 1)],
    )

    task_kw = kept(problem)

    assert delivered_kwh(problem, task_kw) == pytest.approx([1.0] * 4)
    assert task_kw.sum(axis=0).max() <= 9.0
    assert set(np.round(task_kw.ravel(), 6)) <= {0.0} | set(np.round(np.arange(4.0, 10.1, 0.1), 6))


def test_less_than_one_interval_at_the_minimum_fills_the_vehicle():
    # 0.5 kWh is half a quarter-hour at 4 kW: the mean is 2 kW, in one interval.
    problem = windowed(
        [dwell("a", 0, 8, 0.5)],
        depot_of(station("A", min_kw=4.0)),
        prices_of([0.1] * 8, peak_price=10.0),
        [window("a", "A/1", 0, 8)],
    )

    task_kw = kept(problem)

    assert delivered_kwh(problem, task_kw) == pytest.approx([0.5])
    assert np.count_nonzero(task_kw) == 1


def test_a_relaxed_problem_has_no_minimum():
    problem = relaxed(
        [dwell("a", 0, 8, 2.0)],
        depot_of(station("A", min_kw=4.0)),
        prices_of([0.1] * 8, peak_price=10.0),
    )

    assert kept(problem)[0] == pytest.approx([1.0] * 8)


@pytest.mark.parametrize("seed", range(20))
def test_random_yards_keep_minimum_limits_energy_and_audit(seed: int):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 7))
    dwells = [
        dwell(f"v{n}", int(rng.integers(0, 6)), int(rng.integers(12, 17)), round(kwh, 3))
        for n, kwh in enumerate(rng.uniform(0.5, 9.0, count))
    ]
    depot = depot_of(
        *(station(f"S{n}", max_kw=7.2, min_kw=1.5) for n in range(count)),
        limit_kw=float(rng.uniform(3.5, 7.0) * count),
    )
    prices = prices_of([0.3] * 6 + [0.1] * 11, peak_price=float(rng.choice([0.0, 0.05, 3.0])))

    plan = plan_of(dwells, depot, prices)

    assert plan.audit.passed, plan.audit.violations
    assert plan.header.unmet_kwh == 0
    # Whole steps of 0.1 kW, at 3 a kW of demand, are what separates a plan from its bound.
    assert plan.header.gap_share < 0.12


def test_whole_steps_lose_no_energy_and_raise_no_peak_beyond_the_next_step():
    problem = windowed(
        [dwell("a", 0, 8, 5.37), dwell("b", 0, 8, 7.77)],
        depot_of(station("A"), station("B")),
        prices_of([0.1] * 8, peak_price=10.0),
        [window("a", "A/1", 0, 8), window("b", "B/1", 0, 8)],
    )
    before_kw = solve_flow(problem).task_kw

    after_kw = in_whole_steps(problem, before_kw)

    assert delivered_kwh(problem, after_kw) == pytest.approx([5.37, 7.77], abs=1e-5)
    # 13.14 kWh in 2 h is 6.57 kW: 6.6 in whole steps.
    assert cost_of(problem, before_kw).peak_kw == pytest.approx(6.57, abs=1e-5)
    assert cost_of(problem, after_kw).peak_kw <= 6.6 + 1e-6
    steps = after_kw * 10
    assert np.sum(np.abs(steps - np.round(steps)) > 1e-4) <= 2


def node_powers(problem, task_kw: np.ndarray) -> np.ndarray:
    """Return what hangs on each node of the limit tree, (nodes, intervals)."""
    load_kw = np.zeros_like(problem.tree.cap_kw)
    for task, leaf in enumerate(problem.tasks.node.tolist()):
        node = leaf
        while node >= 0:
            load_kw[node] += task_kw[task]
            node = int(problem.tree.parent[node])
    return load_kw


@pytest.mark.parametrize("seed", range(12))
def test_whole_steps_keep_energies_and_every_limit_of_the_tree(seed: int):
    problem = random_problem(seed, tightness=0.7)
    before_kw = solve_flow(problem).task_kw

    after_kw = in_whole_steps(problem, before_kw)

    assert delivered_kwh(problem, after_kw) == pytest.approx(
        delivered_kwh(problem, before_kw), abs=1e-6
    )
    assert (node_powers(problem, after_kw) <= problem.tree.cap_kw + 1e-6).all()
