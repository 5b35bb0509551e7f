"""Who gets how much when not everybody fits: by hand, on one plug's worth of power."""

import numpy as np
import pytest

from depotlib.planning.budget import budget_of
from depotlib.planning.flow.network import network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.flow.readiness import readiness_of
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.problem import PlanningProblem
from tests.planning_cases import delivered_kwh, depot_of, dwell, prices_of, relaxed, station

FLAT = prices_of([0.1] * 4)
PATHS = pytest.mark.parametrize("solve", [solve_flow, solve_lp], ids=["flow", "lp"])


def shared(*dwells, limit_kw: float = 10.0) -> PlanningProblem:
    # One hour at 10 kW: 10 kWh for everybody together; 20 kW of connector for each.
    return relaxed(list(dwells), depot_of(station("S", max_kw=20.0), limit_kw=limit_kw), FLAT)


@PATHS
def test_as_many_as_possible_go_rather_than_everybody_a_little_short(solve):
    # 10 kWh: the three small ones (3 each), not 6 + 3 nor equal shares.
    problem = shared(dwell("big", 0, 4, 6.0), *(dwell(f"small-{n}", 0, 4, 3.0) for n in range(3)))

    given_kwh = delivered_kwh(problem, solve(problem).task_kw)

    assert given_kwh == pytest.approx([1.0, 3.0, 3.0, 3.0], abs=1e-5)


@PATHS
def test_one_important_vehicle_goes_before_many_others(solve):
    problem = shared(
        dwell("fire engine", 0, 4, 8.0, priority=1),
        *(dwell(f"small-{n}", 0, 4, 3.0) for n in range(3)),
    )

    given_kwh = delivered_kwh(problem, solve(problem).task_kw)

    assert given_kwh[0] == pytest.approx(8.0, abs=1e-5)
    assert given_kwh.sum() == pytest.approx(10.0, abs=1e-5)


@PATHS
def test_what_is_needed_comes_before_what_is_wished(solve):
    problem = shared(dwell("a", 0, 4, 9.0, energy_must_kwh=2.0, priority=5), dwell("b", 0, 4, 6.0))

    given_kwh = delivered_kwh(problem, solve(problem).task_kw)

    # Both musts fit (2 + 6); the two that are left go to a's wish.
    assert given_kwh == pytest.approx([4.0, 6.0], abs=1e-5)


@PATHS
def test_wishes_are_served_by_priority(solve):
    problem = shared(
        dwell("a", 0, 4, 9.0, energy_must_kwh=1.0),
        dwell("b", 0, 4, 9.0, energy_must_kwh=1.0, priority=1),
    )

    given_kwh = delivered_kwh(problem, solve(problem).task_kw)

    assert given_kwh == pytest.approx([1.0, 9.0], abs=1e-5)


@PATHS
def test_a_need_of_nothing_and_a_stay_of_nothing_do_no_harm(solve):
    problem = shared(dwell("none", 0, 4, 0.0), dwell("short", 0.1, 0.9, 2.0), dwell("a", 0, 4, 2.0))

    given_kwh = delivered_kwh(problem, solve(problem).task_kw)

    assert given_kwh == pytest.approx([0.0, 0.0, 2.0], abs=1e-5)


@PATHS
def test_a_site_without_power_gives_nothing(solve):
    problem = relaxed(
        [dwell("a", 0, 4, 2.0)], depot_of(station("S"), limit_kw=5.0), FLAT, [9.0] * 4
    )

    assert solve(problem).task_kw.sum() == 0.0


@PATHS
def test_nobody_to_charge_costs_the_base_load_only(solve):
    problem = relaxed([], depot_of(station("S")), prices_of([0.2] * 4, peak_price=3.0), [8.0] * 4)

    solution = solve(problem)

    # 8 kWh at 0.2 and 8 kW at 3.
    assert solution.bound_amount == pytest.approx(1.6 + 24.0)


def test_who_cannot_be_ready_at_all_asks_for_no_search():
    # 9 kWh in a quarter of an hour at 20 kW cannot be; the other two fit in 10 kWh.
    problem = shared(dwell("late", 0, 1, 9.0), dwell("a", 0, 4, 3.0), dwell("b", 0, 4, 4.0))
    (night,) = nights_of(problem)
    no_time = budget_of(0.0)

    readiness = readiness_of(problem, network_of(problem, night), budget=no_time)

    assert readiness.ready.tolist() == [False, True, True]
    assert readiness.is_proven


def test_the_ready_set_agrees_with_trying_all_sets():
    rng = np.random.default_rng(7)
    for _ in range(25):
        count = int(rng.integers(3, 7))
        spans = [(int(a), int(a + rng.integers(1, 4 - a + 1))) for a in rng.integers(0, 4, count)]
        energies = np.round(rng.uniform(0.5, 4.0, count), 2)
        dwells = [
            dwell(f"v{n}", a, b, float(e))
            for n, ((a, b), e) in enumerate(zip(spans, energies, strict=True))
        ]

        problem = shared(*dwells, limit_kw=6.0)
        given_kwh = delivered_kwh(problem, solve_flow(problem).task_kw)

        most = max(
            chosen.bit_count()
            for chosen in range(2**count)
            if fits([dwells[n] for n in range(count) if chosen >> n & 1])
        )
        assert int(np.sum(given_kwh >= energies - 1e-4)) == most


def fits(dwells) -> bool:
    """Return whether all needs of some vehicles fit, by the condition of Hall on all intervals."""
    problem = shared(*dwells, limit_kw=6.0)
    for chosen in range(16):
        inside = [t for t in range(4) if chosen >> t & 1]
        needed_kwh = 0.0
        for need in range(len(dwells)):
            own = range(int(problem.tasks.first[need]), int(problem.tasks.last[need]))
            outside = sum(1 for t in own if t not in inside)
            needed_kwh += max(0.0, problem.needs.energy_target_kwh[need] - 20.0 * 0.25 * outside)
        if needed_kwh > 6.0 * 0.25 * len(inside) + 1e-9:
            return False
    return True
