"""Repairs deliver what they say: planned again from their own facts, by either path."""

from dataclasses import replace
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from depotlib.errors import ExplainError
from depotlib.model.depot import Circuit
from depotlib.model.dwell import Dwell
from depotlib.planning.explain.duties import DutyOption, duty_advice
from depotlib.planning.explain.explanation import ExplainOrder, explain_plan
from depotlib.planning.explain.facts import NightFacts, point_like, with_point
from depotlib.planning.explain.repairs import Repair, ReserveKnob, repairs_of
from depotlib.planning.plan import PlanOrder, plan_night
from tests.planning_cases import MADE_AT, at, depot_of, dwell, grid_of, prices_of, station

FLAT = prices_of([0.1] * 12, peak_price=2.0)


def facts_of(*dwells: Dwell, limit_kw: float = 100.0, plugs: int = 2, **more: float) -> NightFacts:
    """Return a night of three hours at a station of 10 kW a plug."""
    return NightFacts(
        dwells=dwells,
        depot=depot_of(*(station(f"A{n}") for n in range(plugs)), limit_kw=limit_kw, **more),
        grid=grid_of(12),
        prices=FLAT,
        base_load_kw=np.zeros(12),
    )


def repairs(facts: NightFacts, reserve: ReserveKnob | None = None) -> dict[str, Repair]:
    offered = repairs_of(facts, facts.plan(made_at=MADE_AT), made_at=MADE_AT, reserve=reserve)
    return {repair.kind: repair for repair in offered}


def test_the_least_kw_more_is_offered_with_its_price():
    # 20 kWh in two hours at 8 kW: 4 kWh are missing; 10 kW are needed, 2 more.
    facts = facts_of(
        dwell("v1", 0, 8, 10.0), dwell("v2", 0, 8, 10.0), limit_kw=8.0, service_kw=50.0
    )

    repair = repairs(facts)["site_power"]

    assert repair.facts.depot.grid.operating_limit_kw == 10.0
    assert (repair.before.ready, repair.after.ready, repair.cures) == (1, 2, True)
    # Two kW more of demand at 2.0 and 4 kWh more at 0.1.
    assert repair.change_amount == pytest.approx(4.0 + 0.4, abs=1e-3)
    assert "2 kW more for the site tonight (10 kW)" in repair.sentence
    assert "the bill rises by 4.40 USD" in repair.sentence


def test_no_more_power_is_offered_than_the_service_allows():
    facts = facts_of(dwell("v1", 0, 8, 10.0), dwell("v2", 0, 8, 10.0), limit_kw=8.0)

    assert "site_power" not in repairs(facts)


def test_the_least_delay_that_makes_a_vehicle_ready_is_offered():
    # 10 kWh at 10 kW take four quarter-hours; it stays for two, and half an hour more is enough.
    facts = facts_of(dwell("v1", 0, 2, 10.0), dwell("v2", 0, 12, 10.0))

    repair = repairs(facts)["departure"]

    assert repair.facts.dwells[0].departure == at(4)
    assert repair.cures
    assert "v1 leaving at 19:00 instead of 18:30 (30 minutes later)" in repair.sentence


def test_a_smaller_reserve_is_offered_no_smaller_than_it_must_be():
    # A stay of one hour gives 10 kWh; 11 kWh at 10 %, half a kWh less for each percent: 8 %.
    stay = dwell("v1", 0, 4, 11.0, energy_must_kwh=8.0)

    def dwells_at(share: float) -> tuple[Dwell, ...]:
        return (replace(stay, energy_target_kwh=11.0 - 50.0 * (0.10 - share)),)

    repair = repairs(facts_of(stay), ReserveKnob(0.10, 0.05, dwells_at))["reserve"]

    assert repair.cures
    assert "with a reserve of 8 % instead of 10 %" in repair.sentence
    assert repair.facts.dwells[0].energy_target_kwh == pytest.approx(10.0)


def test_one_more_point_is_offered_where_vehicles_wait_for_a_plug():
    facts = facts_of(dwell("v1", 0, 4, 10.0), dwell("v2", 0, 4, 10.0), plugs=1)

    repair = repairs(facts)["point"]

    assert (repair.before.ready, repair.after.ready) == (1, 2)
    assert len(repair.facts.depot.stations) == 2
    assert "with one more AC point" in repair.sentence


def test_every_repair_planned_again_delivers_what_it_says():
    facts = facts_of(
        dwell("v1", 0, 4, 10.0),
        dwell("v2", 0, 4, 9.0),
        dwell("v3", 1, 6, 9.0),
        limit_kw=14.0,
        service_kw=40.0,
    )
    offered = repairs_of(facts, facts.plan(made_at=MADE_AT), made_at=MADE_AT)

    assert {repair.kind for repair in offered} >= {"site_power", "departure"}
    # Whole steps of 0.1 kW may put equal plans of two solvers a step of demand apart.
    again_by = [*product(offered, [("flow", 1e-6)]), (offered[0], ("lp", 0.5))]
    for repair, (path, apart_amount) in again_by:
        again = plan_night(
            repair.facts.dwells,
            repair.facts.depot,
            grid=repair.facts.grid,
            prices=repair.facts.prices,
            base_load_kw=repair.facts.base_load_kw,
            order=PlanOrder(made_at=MADE_AT, path=path),
        )

        assert again.audit.passed
        assert again.header.ready == repair.after.ready
        assert again.header.unmet_kwh == pytest.approx(repair.after.unmet_kwh, abs=1e-3)
        assert again.header.bill_amount == pytest.approx(repair.after.bill_amount, abs=apart_amount)
        assert repair.after.ready > repair.before.ready or (
            repair.after.unmet_kwh < repair.before.unmet_kwh
        )


def test_a_night_without_shortfall_needs_no_repair():
    assert repairs(facts_of(dwell("v1", 0, 4, 10.0))) == {}


def test_an_exchange_of_duties_saves_a_departure():
    # v1 lacks 8 kWh and leaves after half an hour, v2 lacks 1 kWh and leaves after three. Their
    # batteries stay as they are: with each other's duty v1 has the three hours.
    facts = facts_of(dwell("v1", 0, 2, 8.0), dwell("v2", 0, 12, 1.0))
    option = DutyOption(
        kind="exchange",
        vehicle_ids=("v1", "v2"),
        changed=((0, dwell("v1", 0, 12, 8.0)), (1, dwell("v2", 0, 2, 1.0))),
        words="with v1 and v2 exchanging their duties",
    )

    advice = duty_advice(facts, facts.plan(made_at=MADE_AT), options=[option], made_at=MADE_AT)

    (repair,) = advice.repairs
    assert (repair.before.ready, repair.after.ready, repair.cures) == (1, 2, True)
    assert advice.sentence.startswith("with v1 and v2 exchanging their duties, 2 of 2")


def test_a_spare_saves_money_where_it_needs_less():
    # 10 kWh in half of the time set the peak; the spare needs 2.
    facts = facts_of(dwell("v1", 0, 6, 10.0))
    option = DutyOption(
        kind="spare",
        vehicle_ids=("v1", "spare"),
        changed=((0, dwell("spare", 0, 6, 2.0)),),
        words="with the spare spare taking the duty of v1",
    )

    advice = duty_advice(facts, facts.plan(made_at=MADE_AT), options=[option], made_at=MADE_AT)

    # 8 kWh less at 0.1, and over 1.5 h 16/3 kW less of demand at 2.0.
    assert advice.repairs[0].change_amount == pytest.approx(-(0.8 + 2 * 16 / 3), abs=0.21)
    assert advice.most_saved_amount >= -advice.repairs[0].change_amount - 0.21


def test_an_exchange_that_cannot_pay_is_refused_unsolved():
    facts = facts_of(dwell("v1", 0, 12, 6.0), dwell("v2", 0, 12, 6.0))
    option = DutyOption(
        kind="exchange",
        vehicle_ids=("v1", "v2"),
        changed=((0, dwell("v1", 0, 12, 6.0)), (1, dwell("v2", 0, 12, 6.0))),
        words="with v1 and v2 exchanging their duties",
    )

    advice = duty_advice(facts, facts.plan(made_at=MADE_AT), options=[option], made_at=MADE_AT)

    assert advice.repairs == ()
    assert advice.most_saved_amount == pytest.approx(0.0, abs=1e-3)
    assert "none of 1 other ways" in advice.sentence


def test_a_plan_of_another_grid_is_not_explained():
    facts = facts_of(dwell("v1", 0, 4, 5.0))
    plan = facts.plan(made_at=MADE_AT)
    later = replace(facts, grid=replace(facts.grid, start=facts.grid.start + timedelta(hours=1)))

    with pytest.raises(ExplainError, match="was made for"):
        explain_plan(later, plan, order=ExplainOrder(made_at=MADE_AT))


def test_a_pool_that_is_not_there_gets_no_point():
    with pytest.raises(ExplainError, match="no pool 'dc'"):
        point_like(depot_of(station("A")), "dc")


def test_a_new_point_hangs_where_its_like_hangs():
    depot = depot_of(
        station("A", circuit="c1", pool="dc", max_kw=50.0),
        station("B"),
        circuits=(Circuit("c1", None, 60.0),),
    )
    facts = replace(facts_of(), depot=depot)

    point = with_point(facts, "dc").depot.stations[-1]

    assert (point.circuit_id, point.max_kw, point.pool) == ("c1", 50.0, "dc")
    assert point.station_id not in {"A", "B"}
