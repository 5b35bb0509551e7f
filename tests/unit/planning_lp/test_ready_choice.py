"""Who is ready where more than the tree of limits decides: checked against every subset."""

from itertools import combinations

import numpy as np
import pytest

from depotlib.planning.lp.path import solve_lp
from depotlib.planning.problem import PlanningProblem
from tests.planning_cases import (
    delivered_kwh,
    depot_of,
    dwell,
    prices_of,
    station,
    window,
    windowed,
)

COUNT = 4


def tight_problem(
    musts: list[float], *, priority: list[int] | None = None, room_kw: float = 12.0
) -> PlanningProblem:
    """Return vans on stations whose idle neighbours may draw: the hard limit binds, no other."""
    size = len(musts)
    depot = depot_of(
        *(station(f"S{n}", safe_kw=1.0) for n in range(size + 2)),
        limit_kw=100.0,
        service_kw=100.0,
    )
    grid = type(depot.grid)(100.0, 100.0, base_load_max_kw=100.0 - (size + 2) - room_kw)
    return windowed(
        [
            dwell(
                f"v{n}",
                0,
                COUNT,
                must,
                connector_id=f"S{n}/1",
                priority=(priority or [0] * size)[n],
            )
            for n, must in enumerate(musts)
        ],
        type(depot)(**{f: getattr(depot, f) for f in depot.__slots__} | {"grid": grid}),
        prices_of([0.1] * COUNT),
        [window(f"v{n}", f"S{n}/1", 0, COUNT) for n in range(size)],
    )


def ready(problem: PlanningProblem) -> list[int]:
    given = delivered_kwh(problem, solve_lp(problem).task_kw)
    return np.flatnonzero(given >= problem.needs.energy_must_kwh - 1e-3).tolist()


def test_a_little_short_for_everybody_is_not_what_happens():
    # Above 1 kW each, 4 kW are left for all, 4 kWh in an hour: one van of 5 kWh gets 1 + 4 of them.
    # Shared, each of the three would have 2.3 and none could go.
    assert len(ready(tight_problem([5.0, 5.0, 5.0], room_kw=4.0))) == 1


def test_the_more_important_van_goes_even_where_two_others_could():
    # 6 kWh above the safe limits: the important van of 7 kWh takes all; two of 4 kWh would fit too.
    assert ready(tight_problem([4.0, 4.0, 7.0], priority=[0, 0, 1], room_kw=6.0)) == [2]
    assert ready(tight_problem([4.0, 4.0, 7.0], room_kw=6.0)) == [0, 1]


@pytest.mark.parametrize("seed", range(8))
def test_no_subset_of_vans_is_larger(seed: int):
    rng = np.random.default_rng(seed)
    musts = rng.uniform(2.0, 9.0, 4).round(2).tolist()
    room_kw = float(rng.uniform(3.0, 14.0))

    found = ready(tight_problem(musts, room_kw=room_kw))

    # One hour: a van of E kWh takes E - 1 of the room above its safe limit; a set fits if these
    # come to no more than the room.
    largest = max(
        size
        for size in range(5)
        for some in combinations(musts, size)
        if sum(must - 1.0 for must in some) <= room_kw
    )
    assert len(found) == largest
