"""Plans with storage, sun and feeding back pass the audit; each rule on them is broken by hand."""

from dataclasses import replace

import numpy as np
import pytest

from depotlib.model.depot import GridConnection
from depotlib.model.dwell import DwellBattery
from depotlib.model.plan import AssetSchedule, Plan
from depotlib.model.price_terms import EnergyTerm
from depotlib.model.storage import Storage
from depotlib.planning.audit.evidence import evidence_of
from depotlib.planning.audit.verdict import audit_plan
from depotlib.planning.plan import POLICIES, PlanOrder, plan_night
from tests.planning_cases import MADE_AT, depot_of, dwell, grid_of, plan_of, prices_of, station

SUN_KW = (0.0, 0.0, 0.0, 0.0, 9.0, 9.0, 9.0, 9.0)
PRICES = replace(
    prices_of([0.1] * 4 + [0.5] * 4, peak_price=1.0), export=(EnergyTerm("Credit", (0.05,) * 8),)
)
DEPOT = replace(
    depot_of(station("A", min_kw=1.5), station("B")),
    storages=(
        Storage("battery", 10.0, 6.0, 6.0, wear_per_kwh=0.01, start_soc=0.2, least_end_soc=0.1),
    ),
    grid=GridConnection(60.0, 50.0, export_limit_kw=4.0),
)
GIVER = DwellBattery(
    40.0, 0.9, discharge_max_kw=5.0, round_trip_share=0.8, floor_soc=0.7, wear_per_kwh=0.01
)
DWELLS = [
    dwell("a", 0, 8, 9.0, connector_id="A/1"),
    dwell("b", 0, 8, 1.0, connector_id="B/1", battery=GIVER),
]


def verdict(plan: Plan, **depot: object) -> set[str]:
    report = audit_plan(
        plan,
        DWELLS,
        depot=replace(DEPOT, **depot),
        prices=PRICES,
        base_load_kw=np.zeros(8),
        solar_kw=SUN_KW,
    )
    return {violation.rule for violation in report.violations}


def with_asset(plan: Plan, asset_id: str, change_kw: list[float]) -> Plan:
    assets = tuple(
        replace(asset, power_kw=tuple(np.add(asset.power_kw, change_kw).tolist()))
        if asset.asset_id == asset_id
        else asset
        for asset in plan.assets
    )
    return replace(plan, assets=assets)


@pytest.mark.parametrize("occupancy", ["assigned", "relaxed"])
@pytest.mark.parametrize("policy", POLICIES)
def test_every_policy_makes_plans_of_it_that_pass(policy: str, occupancy: str):
    plan = plan_of(DWELLS, DEPOT, PRICES, policy=policy, occupancy=occupancy, solar_kw=SUN_KW)

    assert plan.audit.passed, plan.audit.violations
    assert plan.header.unmet_kwh == pytest.approx(0.0)
    assert plan.header.bill_amount >= plan.header.bound_amount - 1e-6


@pytest.mark.parametrize("spare_kwh", [2.0, 8.0])
def test_what_a_vehicle_has_to_spare_is_not_bought_again(spare_kwh: float):
    # As below, but b needs nothing: 5 kW x 0.5 + 0.05 of wear + (10 + 9) x 0.1 = 4.45, and what of
    # 6.25 kWh is not spare x 0.1; what is spare beyond them is worth 0.1 less 0.01 of wear, too.
    amount = 2.5 + 0.05 + 1.9 + 0.1 * max(0.0, 6.25 - spare_kwh)
    amount -= (0.1 - 0.01) * 0.8 * max(0.0, spare_kwh - 6.25)
    # A yard gives connectors to those that need energy: who needs none is bound to none here.
    giver = dwell("b", 0, 8, 0.0, connector_id="B/1", battery=replace(GIVER, spare_kwh=spare_kwh))

    plan = plan_night(
        [DWELLS[0], giver],
        replace(DEPOT, storages=()),
        grid=grid_of(8),
        prices=prices_of([0.5] * 4 + [0.1] * 4),
        base_load_kw=np.full(8, 10.0),
        order=PlanOrder(made_at=MADE_AT, timer=lambda: 0.0, occupancy="relaxed"),
    )

    assert plan.audit.passed, plan.audit.violations
    assert plan.header.bill_amount == pytest.approx(amount)
    assert (plan.header.ready, plan.header.unmet_kwh) == (2, 0.0)


def test_what_is_spare_counts_once_though_a_vehicle_gives_in_two_parts():
    # 4 kW for half an hour in each part, 2 x 2 / 0.8 = 5 kWh to take again, of which 3 are spare.
    dwells = [dwell("b", 0, 8, 0.0, battery=replace(GIVER, spare_kwh=3.0))]
    plan = plan_of(dwells, DEPOT, PRICES, occupancy="relaxed", solar_kw=SUN_KW)
    parts = ((-4.0, -4.0, *(0.0,) * 6), (*(0.0,) * 6, -4.0, -4.0))
    plan = replace(
        plan,
        setpoints=plan.setpoints.clear(),
        assets=tuple(AssetSchedule("b", "vehicle", part) for part in parts),
    )

    evidence = evidence_of(
        plan,
        dwells,
        depot=DEPOT,
        prices=PRICES,
        base_load_kw=np.zeros(8),
        solar_kw=np.array(SUN_KW),
    )

    assert evidence.delivered_kwh() == pytest.approx([3.0 - 5.0])


@pytest.mark.parametrize("occupancy", ["assigned", "relaxed"])
def test_a_vehicle_that_feeds_back_and_takes_it_again_passes(occupancy: str):
    # A dear hour at 0.5, a cheap one at 0.1, 10 kW of base load. b gives 5 kW in the dear hour and
    # takes 5 / 0.8 = 6.25 kWh again: 5 x 0.5 + 5 x 0.01 of wear + (10 + 9 + 1 + 6.25) x 0.1 = 5.175.
    plan = plan_night(
        DWELLS,
        replace(DEPOT, storages=()),
        grid=grid_of(8),
        prices=prices_of([0.5] * 4 + [0.1] * 4),
        base_load_kw=np.full(8, 10.0),
        order=PlanOrder(made_at=MADE_AT, timer=lambda: 0.0, occupancy=occupancy),
    )

    assert plan.audit.passed, plan.audit.violations
    (given,) = (asset for asset in plan.assets if asset.asset_id == "b")
    assert given.power_kw == pytest.approx([-5.0] * 4 + [0.0] * 4, abs=1e-6)
    assert plan.header.bill_amount == pytest.approx(5.175, abs=1e-4)
    assert plan.header.unmet_kwh == pytest.approx(0.0, abs=1e-6)


def test_a_plan_that_counts_on_storage_is_not_pushed():
    plan = plan_of(DWELLS, DEPOT, PRICES, solar_kw=SUN_KW)

    assert not plan.header.pushable
    assert "storage" in plan.header.pushable_reason


def test_a_plan_in_which_feeding_back_does_not_pay_may_be_pushed():
    # Nothing but charging draws: whatever b gave at 0.5 would have to be fed into the grid.
    plan = plan_of(DWELLS, replace(DEPOT, storages=()), prices_of([0.5] * 4 + [0.1] * 4))

    assert plan.assets == ()
    assert plan.header.pushable


def test_a_plan_with_sun_alone_may_be_pushed():
    plan = plan_of(DWELLS[:1], replace(DEPOT, storages=()), PRICES, solar_kw=SUN_KW)

    assert plan.header.pushable
    assert {asset.asset_id for asset in plan.assets} == {"solar"}


def test_storage_beyond_its_energy_or_power_is_found():
    plan = plan_of(DWELLS, DEPOT, PRICES, solar_kw=SUN_KW)

    assert "storage" in verdict(with_asset(plan, "battery", [-6.0] * 8))
    assert "storage" in verdict(with_asset(plan, "battery", [20.0] + [0.0] * 7))
    assert "storage" in verdict(plan, storages=())


def test_more_sun_than_is_forecast_is_found():
    plan = plan_of(DWELLS, DEPOT, PRICES, solar_kw=SUN_KW)

    assert "solar" in verdict(with_asset(plan, "solar", [-1.0] + [0.0] * 7))


def test_feeding_back_beyond_the_grids_limit_is_found():
    plan = plan_of(DWELLS, DEPOT, PRICES, solar_kw=SUN_KW)

    assert "export_limit" in verdict(with_asset(plan, "battery", [0.0] * 7 + [-50.0]))


def test_a_vehicle_that_gives_more_than_it_may_is_found():
    plan = plan_of(DWELLS, DEPOT, PRICES, solar_kw=SUN_KW)
    plan = replace(plan, assets=tuple(a for a in plan.assets if a.kind != "vehicle"))

    def giving(power_kw: list[float], vehicle_id: str = "b") -> set[str]:
        schedule = AssetSchedule(vehicle_id, "vehicle", tuple(power_kw))
        return verdict(replace(plan, assets=(*plan.assets, schedule)))

    # 20 % of 40 kWh lie above the floor and 1 kWh is charged: 9 kWh. 5 kW for 2 h at a round trip of
    # 0.8 are 12.5.
    assert "feeding_back" in giving([-5.0] * 8)
    assert "feeding_back" in giving([-6.0] + [0.0] * 7)
    assert "feeding_back" in giving([-1.0] + [0.0] * 7, "a")
    assert "energy_account" in giving([-1.0] + [0.0] * 7)
