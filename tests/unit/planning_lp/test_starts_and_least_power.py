"""Vehicles that do not wake from a pause, and readiness near a connector's least power."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from depotlib.errors import ModelError
from depotlib.planning.audit.verdict import audit_plan
from depotlib.planning.flow.path import solve_flow
from depotlib.planning.formulation import windowed_problem
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.rest import below_nodes_kw
from depotlib.planning.runs import starts_too_often
from tests.planning_cases import (
    delivered_kwh,
    depot_of,
    dwell,
    grid_of,
    plan_of,
    prices_of,
    station,
    window,
    windowed,
)

TWO_CHEAP_SPANS = prices_of([0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0])


def on_intervals(plan, vehicle_id: str) -> list[int]:
    rows = plan.setpoints.filter((pl.col("vehicle_id") == vehicle_id) & (pl.col("power_kw") > 0))
    return sorted(plan.grid.interval_of(start) for start in rows["interval_start"])


def test_a_vehicle_that_does_not_wake_charges_in_one_go():
    # Four free quarter-hours in two pairs hold 10 kWh. Who may start once stays on at its least of
    # 4 kW through the four dear ones between them: 4 kWh at 1, the rest free. (In four neighbours it
    # would be 5.)
    depot = depot_of(station("A", min_kw=4.0))

    free = plan_of([dwell("a", 0, 8, 10.0)], depot, TWO_CHEAP_SPANS)
    once = plan_of([dwell("a", 0, 8, 10.0, most_starts=1)], depot, TWO_CHEAP_SPANS)

    assert on_intervals(free, "a") == [0, 1, 6, 7]
    at = on_intervals(once, "a")
    assert at == list(range(at[0], at[-1] + 1))
    assert once.header.unmet_kwh == pytest.approx(0.0)
    assert once.header.energy_amount == pytest.approx(4.0, abs=1e-6)
    assert once.audit.passed, once.audit.violations


def test_one_go_needs_no_least_power_of_the_connector_to_stay_awake():
    # Without a least power of the connector a whole step of 0.1 kW keeps the vehicle awake.
    once = plan_of([dwell("a", 0, 8, 10.0, most_starts=1)], depot_of(station("A")), TWO_CHEAP_SPANS)

    at = on_intervals(once, "a")
    assert at == list(range(at[0], at[-1] + 1))
    assert once.header.unmet_kwh == pytest.approx(0.0)
    assert once.audit.passed, once.audit.violations


def test_two_starts_allow_two_spans():
    plan = plan_of(
        [dwell("a", 0, 8, 10.0, most_starts=2)], depot_of(station("A", min_kw=4.0)), TWO_CHEAP_SPANS
    )

    assert on_intervals(plan, "a") == [0, 1, 6, 7]
    assert plan.audit.passed, plan.audit.violations


def test_the_audit_counts_starts():
    depot = depot_of(station("A", min_kw=4.0))
    plan = plan_of([dwell("a", 0, 8, 10.0)], depot, TWO_CHEAP_SPANS)

    report = audit_plan(
        plan,
        [dwell("a", 0, 8, 10.0, most_starts=1)],
        depot=depot,
        prices=TWO_CHEAP_SPANS,
        base_load_kw=np.zeros(8),
    )

    assert {violation.rule for violation in report.violations} == {"starts"}


def test_no_start_at_all_cannot_be_asked_for():
    with pytest.raises(ModelError):
        dwell("a", 0, 8, 10.0, most_starts=0)


def test_readiness_near_a_connectors_least_power_is_not_lost():
    # Three vans of 2 kWh at 4 kW or more, two quarter-hours each; 8 kW hold two at a time: six van
    # quarter-hours in three of the four. The solver spreads them evenly, 2 kW and more each; the
    # choice must still serve all three.
    names = ["a", "b", "c"]
    problem = windowed(
        [dwell(name, 0, 4, 2.0) for name in names],
        depot_of(station("A", min_kw=4.0, max_kw=7.0, plugs=3), limit_kw=8.0),
        prices_of([0.1] * 4, peak_price=1.0),
        [window(name, f"A/{n}", 0, 4) for n, name in enumerate(names, 1)],
    )

    task_kw = at_least_minimum(problem, solve_flow(problem))

    assert delivered_kwh(problem, task_kw) == pytest.approx([2.0] * 3, abs=1e-4)


@settings(max_examples=8, deadline=None)
@given(
    energies_kwh=st.lists(st.sampled_from([1.0, 1.5, 2.0, 3.0]), min_size=2, max_size=4),
    slots=st.integers(1, 2),
    seed=st.integers(0, 1000),
)
def test_what_a_whole_choice_of_intervals_can_serve_is_served(energies_kwh, slots, seed):
    # Each van draws exactly 4 kW when it draws (least = most), so every kWh is one quarter-hour
    # (half kWh: the filling one). With `slots` vans at a time, list scheduling of unit jobs serves
    # all when the longest fits the night and all together fit the slots (McNaughton's rule).
    count = 8
    units = [int(np.ceil(kwh)) for kwh in energies_kwh]
    fits = max(units) <= count and sum(units) <= slots * count
    rng = np.random.default_rng(seed)
    prices = prices_of(rng.uniform(0.1, 0.3, count).tolist())
    names = [f"v{n}" for n in range(len(units))]
    problem = windowed(
        [dwell(name, 0, count, kwh) for name, kwh in zip(names, energies_kwh, strict=True)],
        depot_of(station("A", min_kw=4.0, max_kw=4.0, plugs=len(units)), limit_kw=4.0 * slots),
        prices,
        [window(name, f"A/{n}", 0, count) for n, name in enumerate(names, 1)],
    )

    task_kw = at_least_minimum(problem, solve_flow(problem))

    given = delivered_kwh(problem, task_kw)
    assert not fits or given == pytest.approx(energies_kwh, abs=1e-3)


def crowded(seed: int) -> PlanningProblem:
    """Return four vans, one of which does not wake, where now and then there is room for one."""
    rng, count, names = np.random.default_rng(seed), 16, ["a", "b", "c", "d"]
    return windowed_problem(
        [
            dwell(name, 0, count, float(rng.choice([2, 4, 6, 8])), most_starts=starts)
            for name, starts in zip(names, [1, None, None, None], strict=True)
        ],
        depot_of(station("A", min_kw=4.0, plugs=4), limit_kw=12.0),
        windows=[window(name, f"A/{n}", 0, count) for n, name in enumerate(names, 1)],
        grid=grid_of(count),
        prices=prices_of(rng.choice([0.0, 1.0], count).tolist()),
        base_load_kw=rng.choice([0.0, 5.0], count, p=[0.75, 0.25]),
    )


def test_who_must_not_be_paused_is_not_kept_on_where_the_least_powers_do_not_fit():
    # Beside 5 kW of the site there is room for one van at 4 kW. A van that leaves such a moment to
    # another one charges before it or after it.
    for seed in range(120):
        problem = crowded(seed)

        task_kw = at_least_minimum(problem, solve_flow(problem))

        below_kw = below_nodes_kw(problem, task_kw)
        assert np.all(below_kw <= problem.tree.cap_kw + 1e-6), seed
        assert not starts_too_often(problem, task_kw), seed
