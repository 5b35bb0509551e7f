"""Deratings, preconditioning and the hard limit with idle stations: by hand, and audited."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from depotlib.errors import ModelError, PathError
from depotlib.model.depot import Circuit, Derating
from depotlib.planning.audit.verdict import audit_plan
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.solve import solve_problem
from tests.planning_cases import (
    at,
    delivered_kwh,
    depot_of,
    dwell,
    plan_of,
    prices_of,
    relaxed,
    station,
    window,
    windowed,
)

FREE_EARLY = prices_of([0.0] * 4 + [1.0] * 4)


def broken_rules(plan, dwells, depot, prices=FREE_EARLY) -> set[str]:
    report = audit_plan(plan, dwells, depot=depot, prices=prices, base_load_kw=np.zeros(8))
    return {violation.rule for violation in report.violations}


@pytest.mark.parametrize("path", ["flow", "lp"])
def test_a_station_out_of_service_gives_nothing_in_any_interval_it_touches(path: str):
    # Out from the middle of the first to the middle of the third quarter-hour: three intervals.
    out = Derating(at(0.5), at(2.5))
    depot = depot_of(replace(station("A"), deratings=(out,)))
    problem = windowed([dwell("a", 0, 8, 5.0)], depot, FREE_EARLY, [window("a", "A/1", 0, 8)])

    task_kw = solve_problem(problem, path=path).task_kw

    # The one free interval left gives 2.5 kWh, the rest is dear.
    assert task_kw[0, :4].tolist() == pytest.approx([0, 0, 0, 10.0])
    assert task_kw.sum() * 0.25 == pytest.approx(5.0)


def test_a_derated_circuit_carries_what_it_may():
    circuits = (Circuit("p", None, 50.0, deratings=(Derating(at(0), at(4), limit_kw=3.0),)),)
    depot = depot_of(station("A", circuit="p"), circuits=circuits)
    dwells = [dwell("a", 0, 8, 5.0)]

    plan = plan_of(dwells, depot, FREE_EARLY)

    # 3 kW in the four free intervals are 3 kWh; 2 kWh are bought.
    assert plan.header.energy_amount == pytest.approx(2.0)
    assert plan.audit.passed, plan.audit.violations


def test_the_audit_finds_power_while_a_station_or_circuit_is_out_of_service():
    circuits = (Circuit("p", None, 50.0),)
    depot = depot_of(station("A", circuit="p"), circuits=circuits)
    dwells = [dwell("a", 0, 8, 5.0)]
    plan = plan_of(dwells, depot, FREE_EARLY)
    out = (Derating(at(0), at(4)),)

    dead_station = replace(depot, stations=(replace(depot.stations[0], deratings=out),))
    dead_circuit = replace(depot, circuits=(replace(circuits[0], deratings=out),))

    assert broken_rules(plan, dwells, dead_station) == {"station_limit"}
    assert broken_rules(plan, dwells, dead_circuit) == {"circuit_limit"}


def test_a_pool_is_as_small_as_its_stations_in_service():
    out = Derating(at(0), at(4))
    depot = depot_of(station("A"), replace(station("B"), deratings=(out,)))
    problem = relaxed([dwell(n, 0, 8, 12.0, pool="ac") for n in ("a", "b")], depot, FREE_EARLY)

    task_kw = solve_problem(problem).task_kw

    # One station of 10 kW in the four free intervals: 10 kWh free, 14 bought.
    assert task_kw[:, :4].sum() * 0.25 == pytest.approx(10.0)


def test_a_span_that_ends_before_it_begins_is_no_derating():
    with pytest.raises(ModelError):
        Derating(at(4), at(2))
    with pytest.raises(ModelError):
        Derating(at(2), at(4), limit_kw=-1.0)


def test_preconditioning_is_drawn_before_departure_and_belongs_to_energy_and_peak():
    # 5 kWh, of which 2 warm the cabin in the last half hour: 3 kWh free, 2 kWh at 1 each.
    dwells = [dwell("a", 0, 8, 5.0, precondition_kwh=2.0, precondition_s=1800)]
    depot = depot_of(station("A"))

    for occupancy in ("assigned", "relaxed"):
        plan = plan_of(dwells, depot, FREE_EARLY, occupancy=occupancy)

        assert plan.header.path == "lp"
        assert plan.header.energy_amount == pytest.approx(2.0)
        late = plan.setpoints.filter(pl.col("interval_start") >= at(6))
        assert late["power_kw"].sum() * 0.25 == pytest.approx(2.0)
        assert plan.header.unmet_kwh == pytest.approx(0.0)
        assert plan.audit.passed, plan.audit.violations


def test_the_audit_finds_preconditioning_that_comes_too_early():
    dwells = [dwell("a", 0, 8, 5.0)]
    depot = depot_of(station("A"))
    plan = plan_of(dwells, depot, FREE_EARLY)  # all of it in the first hour

    warming = [replace(dwells[0], precondition_kwh=2.0, precondition_s=1800)]

    assert broken_rules(plan, warming, depot) == {"preconditioning"}


def test_what_warming_cannot_get_is_a_shortfall_and_not_drawn_early():
    # The station is out in the last half hour: 3 kWh are given, 2 are missing.
    out = Derating(at(6), at(8))
    depot = depot_of(replace(station("A"), deratings=(out,)))
    dwells = [dwell("a", 0, 8, 5.0, precondition_kwh=2.0)]

    plan = plan_of(dwells, depot, FREE_EARLY)

    assert plan.header.unmet_kwh == pytest.approx(2.0)
    assert plan.audit.passed, plan.audit.violations


def test_the_flow_path_says_that_it_cannot_precondition():
    problem = relaxed(
        [dwell("a", 0, 8, 5.0, precondition_kwh=2.0)], depot_of(station("A")), FREE_EARLY
    )

    with pytest.raises(PathError, match="preconditioning"):
        solve_problem(problem, path="flow")


def test_a_preconditioning_larger_than_the_target_cannot_be():
    with pytest.raises(ModelError):
        dwell("a", 0, 8, 5.0, precondition_kwh=6.0)


def idle_depot():
    """Two stations of 10 kW; the idle one may take 4 kW; 15 kW of service, 14 in use."""
    return depot_of(
        station("A", safe_kw=1.0), station("B", safe_kw=4.0), limit_kw=14.0, service_kw=15.0
    )


def test_safe_limits_of_idle_stations_leave_less_for_the_others():
    # B may draw 4 kW whatever it is told: 11 kW for A would be 15 in all: 10 kW are fine. With a
    # service of 12 kW A gets 8 kW at most, although the operating limit of 12 is far.
    tight = replace(
        idle_depot(), grid=replace(idle_depot().grid, service_kw=12.0, operating_limit_kw=12.0)
    )
    dwells = [dwell("a", 0, 8, 10.0, connector_id="A/1")]

    plan = plan_of(dwells, tight, FREE_EARLY)

    assert plan.header.path == "lp"
    assert plan.setpoints["power_kw"].max() == pytest.approx(8.0, abs=0.11)
    # 8 kWh are free, 2 bought.
    assert plan.header.energy_amount == pytest.approx(2.0)
    assert plan.audit.passed, plan.audit.violations


def test_the_flow_path_stays_where_idle_stations_do_not_matter():
    dwells = [dwell("a", 0, 8, 5.0, connector_id="A/1")]

    plan = plan_of(dwells, idle_depot(), prices_of([1.0] * 8, peak_price=5.0))

    assert plan.header.path == "flow"
    assert plan.audit.passed, plan.audit.violations


@pytest.mark.parametrize("seed", range(10))
def test_the_hard_limit_holds_on_random_yards_and_costs_no_energy_that_fits(seed: int):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(2, 5))
    depot = depot_of(
        *(
            station(f"S{n}", max_kw=10.0, safe_kw=float(rng.uniform(0.0, 5.0)))
            for n in range(count + 1)
        ),
        limit_kw=30.0,
        service_kw=32.0,
    )
    dwells = [
        dwell(f"v{n}", 0, 8, float(rng.uniform(1.0, 9.0)), connector_id=f"S{n}/1")
        for n in range(count)
    ]
    problem = windowed(
        dwells, depot, FREE_EARLY, [window(f"v{n}", f"S{n}/1", 0, 8) for n in range(count)]
    )

    solution = solve_lp(problem)

    safe_kw = np.array([one.safe_limit_kw for one in depot.stations])
    for t in range(8):
        drawn_kw = np.append(solution.task_kw[:, t], 0.0)
        assert np.maximum(drawn_kw, safe_kw).sum() <= 32.0 + 1e-6
    assert delivered_kwh(problem, solution.task_kw).sum() == pytest.approx(
        sum(one.energy_target_kwh for one in dwells), abs=1e-4
    )
