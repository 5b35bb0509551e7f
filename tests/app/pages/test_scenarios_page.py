"""Scenarios: beside each other, by an address that can be shared; the figures are the workflow's."""

from depotlib.workflows.compare_scenarios import (
    ScenarioOrder,
    compare_scenarios,
    scenario_from_text,
)
from tests.app.pages.opened import opened, shown, sound, words

RELAXED = {"relaxed": "true"}


def test_the_night_as_it_is_stands_there_first(demo):
    app = opened("Scenarios", RELAXED)

    table = shown(app, "Figure").set_index("Figure")
    # data/reference_night/README.md: 60 vans.
    assert list(table.columns) == ["As it is"]
    assert table.loc["Vans ready", "As it is"] == table.loc["Vans", "As it is"] == "60"


def test_a_scenario_is_added_and_its_figures_are_the_workflows(demo):
    app = opened("Scenarios", RELAXED)
    app.text_input(key="scenario_name").set_value("Tight")
    limit = next(one for one in app.number_input if one.label == "Operating limit (kW)")
    limit.set_value(150.0)

    sound(next(one for one in app.button if one.label == "Add and plan").click().run())

    text = app.query_params["scenario"]
    assert text == "Tight: operating_limit_kw=150"
    order = ScenarioOrder(at=demo.depot_clock().now(), occupancy="relaxed")
    same, tight = compare_scenarios(demo, order, scenarios=[scenario_from_text(text)])
    table = shown(app, "Figure").set_index("Figure")
    first, header = same.plan.header, tight.plan.header
    change = header.bill_amount - first.bill_amount
    assert table.loc["Bill", "As it is"] == f"{first.bill_amount:,.2f} USD"
    assert table.loc["Bill", "Tight"] == f"{header.bill_amount:,.2f} USD ({change:+,.2f} USD)"
    assert table.loc["Peak", "Tight"].startswith(f"{header.peak_kw:,.1f} kW (-")
    assert table.loc["Vans ready", "Tight"] == f"{header.ready} ({header.ready - first.ready:+d})"
    differs = shown(app, "Changed")
    assert differs.to_numpy().tolist() == [["Operating limit (kW)", "as it is", "150"]]


def test_an_address_leads_to_the_same_scenarios_and_what_is_none_is_told(demo):
    query = {
        **RELAXED,
        "scenario": ["More: vehicles=70", "nonsense", "Odd: operating_limit_kw=500"],
    }

    app = opened("Scenarios", query)

    table = shown(app, "Figure").set_index("Figure")
    assert list(table.columns) == ["As it is", "More"]
    assert table.loc["Vans", "More"] == "70 (+10)"
    assert "nonsense is no scenario" in words(app)
    assert "Odd cannot be planned" in words(app)


def test_without_a_depot_there_is_a_sentence_and_one_button(empty):
    app = opened("Scenarios")

    assert "There is no depot here yet." in words(app)
    assert [button.label for button in app.button] == ["Load the demo depot"]
