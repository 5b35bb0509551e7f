"""Among equal vehicles whoever leaves first is charged first; bill, limits and needs stay."""

from itertools import combinations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from depotlib.planning.flow.network import network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.turns import in_turn_mwh
from depotlib.planning.problem import IntArray, PlanningProblem
from depotlib.planning.solve import solve_problem
from tests.planning_cases import depot_of, dwell, prices_of, relaxed, station

NEED_KWH = 10.0
QUARTER_MWH = 2_500_000
"""10 kW for 15 minutes."""


def equals_leaving_at(*last: int, limit_kw: float = 20.0) -> PlanningProblem:
    """Vans that come together and need the same, at stations of 10 kW."""
    vans = [dwell(f"van-{n}", 0, end, NEED_KWH) for n, end in enumerate(last)]
    depot = depot_of(*(station(f"s{n}") for n in range(len(last))), limit_kw=limit_kw)
    return relaxed(vans, depot, prices_of([0.1] * 24, peak_price=5.0))


def so_far_mwh(problem: PlanningProblem, task_mwh: IntArray) -> IntArray:
    network = network_of(problem, nights_of(problem)[0])
    table = np.zeros((len(problem.tasks.need), problem.grid.count), dtype=np.int64)
    table[network.task_index, network.task_interval()] = task_mwh
    return np.cumsum(table, axis=1)


def test_a_van_that_leaves_later_was_first_and_gives_its_turn_away():
    """Two vans of 10 kWh at 10 kW: four quarter-hours each, the later van's before the other's."""
    problem = equals_leaving_at(12, 8)
    network = network_of(problem, nights_of(problem)[0])
    at, is_late = network.task_interval(), network.task_index == 0
    first_half = at < 4
    second_half = (at >= 4) & (at < 8)
    given_mwh = QUARTER_MWH * (np.where(is_late, first_half, second_half))

    ordered_mwh = in_turn_mwh(problem, network, energy_mwh=given_mwh)

    late_mwh, early_mwh = so_far_mwh(problem, ordered_mwh)
    assert early_mwh[:5].tolist() == [QUARTER_MWH * n for n in (1, 2, 3, 4, 4)]
    assert late_mwh[3:9].tolist() == [QUARTER_MWH * n for n in (0, 1, 2, 3, 4, 4)]


@given(
    last=st.lists(st.integers(5, 24), min_size=2, max_size=7),
    limit_kw=st.sampled_from([12.0, 20.0, 40.0]),
)
def test_nobody_who_leaves_later_is_ahead_of_an_equal_who_leaves_earlier(
    last: list[int], limit_kw: float
):
    problem = equals_leaving_at(*last, limit_kw=limit_kw)

    task_kw = solve_problem(problem).task_kw

    kwh = np.cumsum(task_kw * problem.grid.interval_h, axis=1)
    equal = [n for n in range(len(last)) if abs(kwh[n, -1] - NEED_KWH) < 1e-5]
    for one, other in combinations(equal, 2):
        early, late = sorted((one, other), key=lambda n: (last[n], n))
        assert np.all(kwh[early] >= kwh[late] - 1e-5)


@given(seed=st.integers(0, 10**6))
def test_every_interval_keeps_its_energy_and_every_van_its_own_and_its_limit(seed: int):
    rng = np.random.default_rng(seed)
    problem = equals_leaving_at(*rng.integers(5, 24, 5).tolist())
    network = network_of(problem, nights_of(problem)[0])
    given_mwh = np.zeros(len(network.task_index), dtype=np.int64)
    for one in range(5):
        own = np.flatnonzero(network.task_index == one)
        given_mwh[rng.choice(own, 4, replace=False)] = QUARTER_MWH

    ordered_mwh = in_turn_mwh(problem, network, energy_mwh=given_mwh)

    for index in (network.task_interval(), network.task_index):
        assert np.array_equal(
            np.bincount(index, weights=ordered_mwh), np.bincount(index, weights=given_mwh)
        )
    assert ordered_mwh.min() >= 0
    assert ordered_mwh.max() <= QUARTER_MWH
