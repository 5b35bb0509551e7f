"""DC taper and limits on single phases: by hand, against SciPy's HiGHS, and audited."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from depotlib.errors import ModelError, PathError
from depotlib.model.battery import tapered_max_kw
from depotlib.model.depot import Circuit, Depot, GridConnection
from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.planning.audit.verdict import audit_plan
from depotlib.planning.cost import cost_of
from depotlib.planning.plan import POLICIES
from depotlib.planning.site_assets import with_assets
from depotlib.planning.solve import solve_problem
from tests.assets_reference import reference_bill
from tests.planning_cases import depot_of, dwell, plan_of, prices_of, relaxed, station

FULLING = DwellBattery(10.0, 0.8, taper_share=0.5)
FREE_EARLY = prices_of([0.0] * 2 + [1.0] * 6)


def test_a_battery_takes_less_and_less_from_80_percent_on():
    # 10 kWh at 80 %, 10 kW, half of it lost at 100 %: in a quarter-hour of p kW the state of charge
    # rises by p / 40; p = 10 (1 - 2.5 p / 40) gives 6.154 kW. Next: 10 (1 - 2.5 (6.154 + p) / 40)
    # gives 3.787 kW. Both are free; without taper 2 kWh would be.
    problem = relaxed([dwell("a", 0, 8, 2.0, battery=FULLING)], depot_of(station("A")), FREE_EARLY)
    taking = replace(
        problem,
        needs=replace(
            problem.needs,
            energy_target_kwh=np.array([2.0]),
            energy_must_kwh=np.array([2.0]),
        ),
    )

    solution = solve_problem(taking)

    first = 10.0 / (1 + 10.0 * 2.5 / 40)
    second = (10.0 - 10.0 * 2.5 / 40 * first) / (1 + 10.0 * 2.5 / 40)
    # The target of 2 kWh fills it: 1.6 free in the third and later hours is bought.
    free_kwh = min(2.0, 0.25 * (first + second))
    bill = cost_of(taking, solution.task_kw).bill_amount
    assert solution.path == "lp"
    assert bill == pytest.approx(2.0 - free_kwh, abs=1e-6)


def test_the_flow_path_stays_where_no_battery_tapers():
    low = replace(FULLING, arrival_soc=0.2)
    problem = relaxed([dwell("a", 0, 8, 2.0, battery=low)], depot_of(station("A")), FREE_EARLY)

    assert solve_problem(problem).path == "flow"


def test_the_flow_path_refuses_where_one_does():
    problem = relaxed([dwell("a", 0, 8, 2.0, battery=FULLING)], depot_of(station("A")), FREE_EARLY)

    with pytest.raises(PathError, match="tapers"):
        solve_problem(problem, path="flow")


@pytest.mark.parametrize("seed", range(8))
def test_taper_agrees_with_scipy_and_with_the_batterys_own_law(seed: int):
    rng = np.random.default_rng(seed)
    batteries = [
        DwellBattery(
            float(rng.uniform(8, 20)), float(rng.uniform(0.6, 0.85)), 0.95,
            taper_share=float(rng.uniform(0.2, 0.9)),
        )
        for _ in range(3)
    ]  # fmt: skip
    dwells = [
        dwell(f"v{n}", 0, 12, round(0.6 * (1 - b.arrival_soc) * b.usable_kwh, 3), battery=b)
        for n, b in enumerate(batteries)
    ]
    depot = depot_of(station("A", plugs=3), limit_kw=18.0)
    plain = relaxed(dwells, depot, prices_of(rng.uniform(0.1, 0.5, 12).tolist(), peak_price=0.1))

    solution = solve_problem(plain)

    everything = replace(plain, solar_kw=np.zeros(12))
    bill = cost_of(plain, solution.task_kw).bill_amount
    assert bill == pytest.approx(reference_bill(everything), rel=1e-6, abs=2e-4)
    for task, battery in enumerate(batteries):
        soc = battery.arrival_soc
        for power_kw in solution.task_kw[task]:
            soc += power_kw * 0.25 * 0.95 / battery.usable_kwh
            most_kw = tapered_max_kw(soc, max_kw=10.0, taper_share=battery.taper_share)
            assert power_kw <= most_kw + 1e-5


def test_a_tapered_plan_passes_and_a_flat_one_does_not():
    depot = depot_of(station("A", min_kw=1.0), station("B", min_kw=4.0))
    dwells = [dwell("a", 0, 8, 1.8, battery=FULLING, connector_id="A/1"),
              dwell("b", 0, 8, 2.0, connector_id="B/1")]  # fmt: skip
    plan = plan_of(dwells, depot, FREE_EARLY)
    assert plan.audit.passed, plan.audit.violations

    flat = plan_of([replace(dwells[0], battery=None), dwells[1]], depot, FREE_EARLY)
    report = audit_plan(flat, dwells, depot=depot, prices=FREE_EARLY, base_load_kw=np.zeros(8))

    assert {violation.rule for violation in report.violations} == {"taper"}


def three_vans(*wirings: tuple[int, ...]) -> tuple[Depot, list[Dwell]]:
    """Return three stations on a panel of 10 kW a phase, each with a van of one phase."""
    stations = tuple(
        replace(station(f"S{n}", max_kw=11.0, circuit="panel"), phases=3, wiring=wiring)
        for n, wiring in enumerate(wirings)
    )
    depot = depot_of(*stations, circuits=(Circuit("panel", None, 100.0, phase_limit_kw=10.0),))
    dwells = [
        dwell(f"v{n}", 0, 4, 10.0, connector_id=f"S{n}/1", ac_phases=1) for n in range(len(wirings))
    ]
    return depot, dwells


def test_single_phase_vans_on_one_phase_share_it():
    # All on L1: 10 kW x 1 h are 10 of 30 kWh. Rotated: each has a phase of its own, 10 kWh each.
    prices = prices_of([0.1] * 4)
    depot, dwells = three_vans((1, 2, 3), (1, 2, 3), (1, 2, 3))
    together = plan_of(dwells, depot, prices)
    depot, dwells = three_vans((1, 2, 3), (2, 3, 1), (3, 1, 2))
    rotated = plan_of(dwells, depot, prices)

    assert together.header.unmet_kwh == pytest.approx(20.0, abs=1e-3)
    assert together.header.ready == 1
    assert together.header.path == "lp"
    assert rotated.header.unmet_kwh == pytest.approx(0.0, abs=1e-3)
    assert together.audit.passed, together.audit.violations
    assert rotated.audit.passed, rotated.audit.violations


def test_a_three_phase_van_takes_a_third_of_each():
    # 11 kW on three phases are 3.67 kW each: two such vans fit on a panel of 10 kW a phase.
    depot, dwells = three_vans((1, 2, 3), (1, 2, 3))
    dwells = [replace(one, ac_phases=3) for one in dwells]

    plan = plan_of(dwells, depot, prices_of([0.1] * 4))

    assert plan.header.unmet_kwh == pytest.approx(0.0, abs=1e-6)
    assert plan.header.path == "flow"


def test_the_site_and_its_base_load_count_on_every_phase():
    # The site carries 6 kW a phase and no panel counts: one van on L1 gets 6 kW.
    depot, dwells = three_vans((1, 2, 3))
    depot = replace(depot, circuits=(Circuit("panel", None, 100.0),),
                    grid=GridConnection(100.0, 100.0, phase_limit_kw=6.0))  # fmt: skip

    plan = plan_of(dwells, depot, prices_of([0.1] * 4))

    assert plan.setpoints["power_kw"].max() == pytest.approx(6.0)
    assert plan.header.unmet_kwh == pytest.approx(4.0)


def test_a_phase_that_carries_too_much_is_found():
    depot, dwells = three_vans((1, 2, 3), (2, 3, 1), (3, 1, 2))
    prices = prices_of([0.1] * 4)
    plan = plan_of(dwells, depot, prices)
    more = plan.setpoints.with_columns(pl.col("power_kw") + 0.5)

    report = audit_plan(
        replace(plan, setpoints=more), dwells, depot=depot, prices=prices, base_load_kw=np.zeros(4)
    )

    assert "phase_limit" in {violation.rule for violation in report.violations}


def test_a_station_hangs_on_three_phases_at_most():
    with pytest.raises(ModelError):
        replace(station("A"), wiring=(1, 1))
    with pytest.raises(ModelError):
        replace(station("A"), wiring=(0,))


@pytest.mark.parametrize("policy", POLICIES)
def test_storage_and_taper_and_phases_go_together(policy: str):
    depot, dwells = three_vans((1, 2, 3), (2, 3, 1))
    dwells = [replace(one, energy_must_kwh=1.5, energy_target_kwh=1.5) for one in dwells]
    plan = plan_of(dwells, depot, prices_of([0.1] * 4), policy=policy)

    assert plan.audit.passed or policy != "optimal", plan.audit.violations


def test_a_problem_without_anything_else_is_left_as_it_is():
    problem = relaxed([dwell("a", 0, 8, 2.0)], depot_of(station("A")), FREE_EARLY)

    assert with_assets(problem, depot_of(station("A"))) is problem
