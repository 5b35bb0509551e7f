"""Every rule of the audit is broken once by hand, in an otherwise good plan."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from depotlib.model.depot import Circuit, Depot
from depotlib.model.plan import Plan, Shortfall
from depotlib.model.price_terms import BlockTerm
from depotlib.planning.audit.verdict import RULES, audit_plan, broken_rules
from tests.planning_cases import at, depot_of, dwell, plan_of, prices_of, station

PRICES = replace(
    prices_of([0.1] * 8, peak_price=3.0, sunk_kw=1.0),
    blocks=(BlockTerm("Tiers", tuple(range(8)), (2.0,), (0.0, 0.05), start_kwh=1.0),),
)
DWELLS = [dwell("a", 0, 8, 8.0, station_id="A"), dwell("b", 0, 8, 4.0, max_kw=9.0)]
DEPOT = depot_of(
    station("A", min_kw=1.0, circuit="p"),
    station("B", plugs=2, station_kw=15.0, safe_kw=2.0),
    limit_kw=40.0,
    service_kw=50.0,
    circuits=(Circuit("p", None, 9.5),),
)


def good_plan(depot: Depot = DEPOT, *, occupancy: str = "assigned") -> Plan:
    return plan_of(DWELLS, depot, PRICES, occupancy=occupancy)


def verdict(plan: Plan, depot: Depot = DEPOT, *, load_kw: float = 0.0) -> set[str]:
    report = audit_plan(plan, DWELLS, depot=depot, prices=PRICES, base_load_kw=np.full(8, load_kw))
    assert set(report.checks) >= {name for name, _ in RULES}
    return {violation.rule for violation in report.violations}


def with_power(plan: Plan, change: Callable[[pl.Expr], pl.Expr]) -> Plan:
    return replace(plan, setpoints=plan.setpoints.with_columns(power_kw=change(pl.col("power_kw"))))


def with_header(plan: Plan, **changes: object) -> Plan:
    return replace(plan, header=replace(plan.header, **changes))


@pytest.mark.parametrize("occupancy", ["assigned", "relaxed"])
def test_a_good_plan_passes(occupancy: str):
    assert verdict(good_plan(occupancy=occupancy)) == set()


def test_power_outside_the_stay_is_found():
    plan = good_plan()
    late = plan.setpoints.with_columns(pl.col("interval_start") + pl.duration(hours=3))

    assert "inside_stay" in verdict(replace(plan, setpoints=late))


def test_power_off_the_grid_is_found():
    plan = good_plan()
    shifted = plan.setpoints.with_columns(pl.col("interval_start") + pl.duration(minutes=5))

    assert "inside_stay" in verdict(replace(plan, setpoints=shifted))


def test_power_that_is_no_number_is_found():
    assert "inside_stay" in verdict(with_power(good_plan(), lambda kw: kw * float("nan")))


def test_power_on_a_connector_of_somebody_else_is_found():
    plan = good_plan()
    names = dict(zip(("a", "b"), ("b", "a"), strict=True))
    swapped = plan.setpoints.with_columns(pl.col("vehicle_id").replace_strict(names))

    assert "inside_window" in verdict(replace(plan, setpoints=swapped))


@pytest.mark.parametrize("occupancy", ["assigned", "relaxed"])
def test_power_above_the_connector_is_found(occupancy: str):
    plan = with_power(good_plan(occupancy=occupancy), lambda kw: kw + 10.0)

    assert "connector_limit" in verdict(plan)


def test_power_below_the_least_is_found_but_for_the_interval_that_fills_the_vehicle():
    plan = good_plan()
    vehicle = next(w.vehicle_id for w in plan.windows if w.connector_id == "A/1")
    rows = plan.setpoints.filter(pl.col("vehicle_id") == vehicle).sort("interval_start")
    first, last = rows["interval_start"][0], rows["interval_start"][-1]

    def weak_at(instant) -> set[str]:
        is_there = (pl.col("vehicle_id") == vehicle) & (pl.col("interval_start") == instant)
        return verdict(with_power(plan, lambda kw: pl.when(is_there).then(0.5).otherwise(kw)))

    assert "least_power" in weak_at(first)
    assert "least_power" not in weak_at(last)


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        (lambda d: replace(d, grid=replace(d.grid, operating_limit_kw=2.0)), "site_limit"),
        (lambda d: replace(d, circuits=(Circuit("p", None, 1.0),)), "circuit_limit"),
        (lambda d: replace(d, grid=replace(d.grid, margin_kw=49.0)), "hard_limit"),
        (lambda d: replace(d, grid=replace(d.grid, base_load_max_kw=49.0)), "hard_limit"),
    ],
    ids=["site", "circuit", "margin", "highest base load"],
)
def test_limits_that_the_depot_does_not_have_room_for_are_found(change, rule: str):
    assert rule in verdict(good_plan(), change(DEPOT))


def test_idle_stations_count_in_the_hard_limit():
    # a draws 4 kW, b's station 2 kW or its safe limit of 2 kW: 6 kW in all. A third station, idle,
    # may take its safe limit of 46 kW: 52 kW are more than the service of 50 kW.
    idle = replace(DEPOT, stations=(*DEPOT.stations, station("C", max_kw=46.0, safe_kw=46.0)))

    assert "hard_limit" in verdict(good_plan(), idle)
    assert verdict(good_plan(), DEPOT) == set()


def test_where_the_base_load_alone_is_above_the_limit_nothing_may_charge():
    assert "site_limit" in verdict(good_plan(), load_kw=45.0)


def test_a_stations_maximum_is_found():
    weak = replace(DEPOT, stations=(DEPOT.stations[0], station("B", plugs=2, station_kw=0.5)))

    assert "station_limit" in verdict(good_plan(), weak)


def test_a_pools_total_is_found():
    weak = depot_of(station("A", max_kw=0.5, pool="ac"), limit_kw=40.0)
    dwells = [replace(one, pool="ac") for one in DWELLS]
    plan = plan_of(dwells, DEPOT, PRICES, occupancy="relaxed")

    report = audit_plan(plan, dwells, depot=weak, prices=PRICES, base_load_kw=np.zeros(8))

    assert "pool_limit" in {violation.rule for violation in report.violations}


def test_energy_that_is_missing_without_a_word_is_found():
    assert "energy_account" in verdict(with_power(good_plan(), lambda kw: kw * 0.9))


def test_energy_above_the_target_is_found():
    assert "energy_account" in verdict(with_power(good_plan(), lambda kw: kw * 1.05))


def test_a_header_with_another_shortfall_is_found():
    assert verdict(with_header(good_plan(), unmet_kwh=1.0)) == {"shortfall_total"}
    assert verdict(with_header(good_plan(), ready=1)) == {"shortfall_total"}


def test_a_shortfall_without_reason_is_found():
    plan = replace(good_plan(), shortfalls=(Shortfall("a", 0.0, 0.0, ""),))

    assert verdict(plan) == {"reasons_given"}


@pytest.mark.parametrize("field", ["bill_amount", "energy_amount", "demand_amount"])
def test_a_header_with_another_bill_is_found(field: str):
    plan = good_plan()

    wrong = with_header(plan, **{field: getattr(plan.header, field) + 0.01})

    assert "bill" in verdict(wrong)


def test_a_header_with_another_peak_is_found():
    plan = good_plan()

    assert verdict(with_header(plan, peak_kw=plan.header.peak_kw - 0.1)) == {"peak"}


def test_a_header_with_another_gap_or_a_bound_above_the_bill_is_found():
    plan = good_plan()
    header = plan.header
    above = header.bill_amount * 1.1

    assert verdict(with_header(plan, gap_share=header.gap_share + 0.1)) == {"gap"}
    assert verdict(
        with_header(plan, bound_amount=above, gap_share=(header.bill_amount - above) / above)
    ) == {"gap"}


def test_two_vehicles_on_one_connector_are_found():
    plan = good_plan()
    crowded = tuple(replace(window, connector_id="A/1") for window in plan.windows)

    assert "one_vehicle_a_connector" in verdict(replace(plan, windows=crowded))


def test_a_bill_counts_tiers_from_what_is_already_used():
    # 12 kWh after 1 kWh used: 1 kWh fills the first tier, 11 kWh cost 0.05 more.
    plan = good_plan()

    assert plan.header.energy_amount == pytest.approx(12 * 0.1 + 11 * 0.05)


def test_a_broken_plan_is_not_pushable_and_says_why():
    # Vans that charge at once draw 10 + 9 kW where the site may draw 12.
    small = replace(DEPOT, circuits=(), stations=(station("A"), station("B")))
    small = replace(small, grid=replace(small.grid, operating_limit_kw=12.0))

    plan = plan_of(DWELLS, small, PRICES, policy="uncontrolled")

    assert not plan.audit.passed
    assert not plan.header.pushable
    assert "the operating limit of 12 kW" in plan.header.pushable_reason
    assert plan.audit.violations[0].where == at(0).isoformat()


@pytest.mark.parametrize("rule", [name for name, _ in RULES])
def test_some_rules_alone_find_what_the_whole_audit_finds_by_them(rule: str):
    # Thrice the power an hour and a quarter later: nearly every rule of power is broken.
    late = good_plan().setpoints.with_columns(pl.col("interval_start") + pl.duration(minutes=75))
    plan = with_power(replace(good_plan(), setpoints=late), lambda power_kw: power_kw * 3.0)
    facts = {"depot": DEPOT, "prices": PRICES, "base_load_kw": np.full(8, 35.0)}

    alone = broken_rules(plan, DWELLS, rules={rule}, **facts)

    whole = audit_plan(plan, DWELLS, **facts).violations
    assert alone == tuple(one for one in whole if one.rule == rule)
    assert {"inside_stay", "connector_limit", "site_limit"} <= {one.rule for one in whole}


def test_setpoints_are_laid_on_the_intervals_that_hold_them():
    plan = good_plan()
    late = plan.setpoints.with_columns(pl.col("interval_start") + pl.duration(minutes=20))

    laid = replace(plan, setpoints=late).intervals()

    assert laid == [plan.grid.interval_of(start) for start in late["interval_start"]]
