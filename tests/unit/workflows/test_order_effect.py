"""What an order costs on the peak, by hand: 15-minute windows, three vans, a demand charge."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.model.depot import GridConnection
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.live import ConnectorState, StationState
from depotlib.model.order import Order, OrderKind
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.workflows.order_effect import NightFacts, OrderEffect, effect_of_order
from tests.gateway_cases import MAX_KW, T0, at, night, small_site

QUARTER = timedelta(minutes=15)
WINDOWS = 8
GRID = TimeGrid(T0, 900, WINDOWS)
# 20 a kW of the month's peak; energy at 0.10 a kWh, and 0.30 in the first half hour.
PRICES = PriceTerms(
    "EUR",
    energy=(EnergyTerm("energy", (0.30, 0.30, *[0.10] * 6)),),
    peaks=(PeakTerm("demand", tuple(range(WINDOWS)), price_per_kw=20.0, sunk_kw=10.0),),
)
PLAN_KW = {"S0/1": [0.0, 0.0, 8.0, 8.0], "S1/1": [6.0] * 4}


def plug(connector_id: str, *, is_there: bool = True) -> StationState:
    station_id = connector_id[:2]
    state = ConnectorState(
        connector_id=connector_id,
        status="Charging",
        session_id=f"{connector_id}@x" if is_there else None,
        vehicle_id=f"van-{station_id[1]}" if is_there else None,
        identity_source="tag",
        power_kw=0.0,
        energy_kwh=0.0,
        soc=None,
        limit_kw=0.0,
        reserved_kw=0.0,
    )
    return StationState(
        station_id,
        is_connected=True,
        station_class="A",
        is_fallback_armed=True,
        last_seen=T0,
        vendor="v",
        model="m",
        connectors=(state,),
    )


def facts(*, operating_kw: float = 40.0, prices: PriceTerms | None = PRICES, **more) -> NightFacts:
    brief = replace(small_site(), grid=GRID, prices=prices, base_load_kw=(1.0,) * WINDOWS)
    grid = GridConnection(40.0, operating_kw)
    return NightFacts(
        brief=replace(brief, depot=replace(brief.depot, grid=grid)),
        release=night(PLAN_KW),
        stations=(plug("S0/1"), plug("S1/1")),
        **more,
    )


def order(kind: OrderKind, *, start_s: float = 0, end_s: float = 900, **more) -> Order:
    return Order("", kind, "S0", "S0/1", at(start_s), at(end_s), "why", "", at(start_s), **more)


def effect(asked: Order, known: NightFacts | None = None, *, now: datetime = T0) -> OrderEffect:
    return effect_of_order(asked, known or facts(), now=now)


def test_charging_now_takes_the_same_energy_sooner_and_costs_the_higher_peak():
    found = effect(order("charge_now"))

    # Planned: 6 + 1, later 14 + 1 kW. Now: S0 takes its 4 kWh in the first quarter, 16 + 6 + 1.
    assert found.peak_before_kw == 15.0
    assert found.peak_after_kw == 23.0
    assert found.peak_amount == pytest.approx(8.0 * 20.0)
    assert found.energy_amount == pytest.approx(4.0 * (0.30 - 0.10))
    assert (found.moved_kwh, found.unmet_kwh) == (4.0, 0.0)
    assert (found.running_peak_kw, found.currency) == (10.0, "EUR")


def test_it_takes_no_more_than_its_connector_gives():
    big = replace(facts(), release=night({"S0/1": [0.0, 0.0, 22.0, 22.0]}))

    found = effect(order("charge_now", end_s=1800), big)

    # 11 kWh: 22.08 kW in the first quarter, what is left (5.48 kWh) in the second.
    assert found.peak_after_kw == pytest.approx(MAX_KW + 1.0)


def test_the_operating_limit_holds_and_it_is_said_who_waits():
    found = effect(order("charge_now"), facts(operating_kw=20.0))

    # 23 kW were wanted: 3 kW of a quarter of an hour wait.
    assert found.peak_after_kw == 20.0
    assert any("0.8 kWh have to wait" in one for one in found.sentences)


def test_a_peak_that_is_paid_already_costs_nothing_more():
    paid = replace(PRICES, peaks=(replace(PRICES.peaks[0], sunk_kw=30.0),))

    found = effect(order("charge_now"), facts(prices=paid))

    assert (found.running_peak_kw, found.peak_amount) == (30.0, 0.0)


def test_what_was_metered_counts_and_what_was_planned_for_the_past_does_not():
    metered = {T0: 3.0, T0 + QUARTER: 25.0}

    found = effect(
        order("charge_now", start_s=1800, end_s=2700), facts(metered_kw=metered), now=at(1800)
    )

    # From the third quarter on S0 draws 16 kW beside 6 + 1: below the 25 kW that have been.
    assert (found.running_peak_kw, found.peak_before_kw, found.peak_after_kw) == (25.0, 25.0, 25.0)
    assert found.peak_amount == 0.0


def test_a_pause_is_made_up_evenly_while_the_plan_lasts():
    # 8 kW are left out of the third quarter: 16 kW in the fourth, beside 6 + 1.
    found = effect(order("hold", start_s=1800, end_s=2700))

    assert found.peak_after_kw == 23.0
    assert (found.moved_kwh, found.unmet_kwh) == (2.0, 0.0)


def test_what_cannot_be_made_up_is_said():
    found = effect(order("hold", start_s=1800, end_s=3600))

    assert found.unmet_kwh == 4.0
    assert any("4.0 kWh of the plan could not be made up" in one for one in found.sentences)
    assert found.peak_after_kw == 7.0


def test_exclude_leaves_the_safe_limit():
    found = effect(order("exclude", start_s=1800, end_s=3600))

    # 4.14 kW of 8 kW for half an hour; nothing is left of the plan to make it up.
    assert found.unmet_kwh == pytest.approx(4.0 - 4.14 / 2)


def test_half_a_window_counts_half():
    found = effect(order("hold", start_s=2250, end_s=3600))

    assert found.unmet_kwh == pytest.approx(3.0)


@pytest.mark.parametrize("kind", ["prioritise", "reset", "unlock"])
def test_what_changes_no_power_costs_nothing(kind):
    found = effect(order(kind))

    assert (found.peak_before_kw, found.peak_amount) == (found.peak_after_kw, 0.0)
    assert found.sentences


def test_without_a_tariff_no_price_is_made_up():
    found = effect(order("charge_now"), facts(prices=None))

    assert (found.peak_amount, found.energy_amount) == (None, None)
    assert found.peak_after_kw == 23.0


def test_without_a_plan_or_a_grid_it_says_so():
    bare = facts(prices=None)
    bare = replace(bare, brief=replace(bare.brief, grid=None, base_load_kw=()), release=None)

    found = effect(order("charge_now"), bare)

    assert found.peak_after_kw == pytest.approx(MAX_KW)
    assert any("No plan is in force" in one for one in found.sentences)


def test_who_is_not_there_and_who_does_not_wake_is_said():
    sleeper = VehicleClass("c", 60.0, 0.3, 0.9, 22.0, 0.0, wakes_from_pause=False)
    fleet = Fleet((sleeper,), (Vehicle("van-0", "c"),))
    known = facts()

    empty = effect(order("charge_now"), replace(known, stations=(plug("S0/1", is_there=False),)))
    asleep = effect(order("hold"), replace(known, brief=replace(known.brief, fleet=fleet)))

    assert any("Nobody is plugged in" in one for one in empty.sentences)
    assert any("van-0 may not wake" in one for one in asleep.sentences)


def test_an_order_after_the_planned_night_has_no_cost_that_is_known():
    later = Order("", "hold", "S0", "S0/1", at(90000), at(93600), "why", "", T0)

    assert any("no cost is known" in one for one in effect(later).sentences)
    assert datetime(2026, 11, 20, 22, tzinfo=UTC) == GRID.end
