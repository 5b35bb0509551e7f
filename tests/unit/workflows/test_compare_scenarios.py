"""Scenarios of a night: each is planned from the night's facts with some changed, and nothing is kept."""

import pytest

from depotlib.errors import ScenarioError
from depotlib.store.plans import plan_headers
from depotlib.workflows.compare_scenarios import (
    CHANGES,
    NightScenario,
    ScenarioOrder,
    compare_scenarios,
    scenario_from_text,
)
from depotlib.workflows.tonight import NightChoices
from tests.unit.conftest import AFTERNOON

TEXTS = (
    "More: vehicles=80; ac_stations=60",
    "Less room: operating_limit_kw=150",
    "Late: arrivals_later_min=90",
    "Early: departures_later_min=-60",
    "Cold: temperature_c=-10",
    "Battery: storage_kwh=200",
    "Impossible: operating_limit_kw=500",
    "Dear peak: demand_price_per_kw=99",
    "Sun: solar_kw=400; latitude_degrees=40.7; arrivals_later_min=-240",
    "No sun: arrivals_later_min=-240",
    "Where: solar_kw=400",
)


@pytest.fixture(scope="module")
def order():
    return ScenarioOrder(at=AFTERNOON, occupancy="relaxed")


@pytest.fixture(scope="module")
def solved(loaded_demo, order):
    """Return all scenarios, by name; the store holds as many plans as before."""
    before = plan_headers(loaded_demo.warehouse_path)
    found = compare_scenarios(
        loaded_demo, order, scenarios=[scenario_from_text(text) for text in TEXTS]
    )
    assert plan_headers(loaded_demo.warehouse_path) == before
    return {one.scenario.name: one for one in found}


def test_each_change_moves_what_it_must_and_every_plan_passes_its_audit(solved):
    headers = {name: one.plan.header for name, one in solved.items() if one.plan is not None}
    same = headers["As it is"]

    assert (same.vehicles, same.ready) == (60, 60)
    assert (headers["More"].vehicles, headers["More"].ready) == (80, 80)
    assert headers["More"].bill_amount > same.bill_amount
    assert headers["Less room"].peak_kw <= 150 + 1e-6
    # Fewer hours for the same energy, more energy in the same hours, a dearer kW: all cost more.
    for dearer in ("Late", "Early", "Cold", "Dear peak"):
        assert headers[dearer].bill_amount > same.bill_amount
    assert headers["Battery"].bill_amount <= same.bill_amount + 1e-6
    assert all(one.plan.audit.passed for one in solved.values() if one.plan is not None)


def test_the_sun_makes_an_afternoon_cheaper_and_needs_a_place(solved):
    sunny, dark = solved["Sun"].plan, solved["No sun"].plan

    # Vans that come four hours earlier stand in the light: they charge from it, and pay less.
    assert sunny.header.bill_amount < dark.header.bill_amount - 1.0
    assert solved["Where"].plan is None
    assert "stands" in solved["Where"].why_not
    assert "latitude_degrees" in CHANGES


def test_a_scenario_that_cannot_be_says_why_and_the_others_stand(solved):
    assert solved["Impossible"].plan is None
    # data/demo/site.toml: a service of 350 kW.
    assert "does not fit a service of 350 kW" in solved["Impossible"].why_not


def test_a_limit_as_a_scenario_is_the_night_gathered_with_it(loaded_demo, order, solved):
    chosen = ScenarioOrder(
        at=AFTERNOON,
        choices=NightChoices(operating_limit_kw=150.0),
        occupancy="relaxed",
    )
    (there,) = compare_scenarios(loaded_demo, chosen, scenarios=())

    here = solved["Less room"].plan.header
    assert (here.bill_amount, here.peak_kw, here.ready) == (
        there.plan.header.bill_amount,
        there.plan.header.peak_kw,
        there.plan.header.ready,
    )


def test_a_line_names_a_scenario_and_a_scenario_its_line():
    one = NightScenario("Twenty more", {"vehicles": 80, "any_station": True, "tariff": "b-19"})

    assert one.text() == "Twenty more: vehicles=80; any_station=true; tariff=b-19"
    assert scenario_from_text(one.text()) == one
    assert scenario_from_text("Same: ") == NightScenario("Same", {})


@pytest.mark.parametrize(
    "text", ["no colon", ": vehicles=80", "Odd: weather=fine", "Odd: vehicles", ""]
)
def test_a_line_that_is_no_scenario_is_refused(text):
    with pytest.raises(ScenarioError):
        scenario_from_text(text)


def test_a_change_of_the_wrong_kind_is_told(loaded_demo, order):
    _, odd = compare_scenarios(
        loaded_demo, order, scenarios=[NightScenario("Odd", {"arrivals_later_min": "late"})]
    )

    assert odd.plan is None
    assert "arrivals_later_min cannot be 'late'" in odd.why_not
