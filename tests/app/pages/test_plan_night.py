"""The Plan page: its figures are the workflow's."""

from depotlib.workflows.explain_plan import preference_costs
from depotlib.workflows.plan_tonight import plan_tonight
from tests.app.pages.opened import numbers, opened, sound, words
from tests.app.pages.test_push_page import NIGHT


def part(app, name: str):
    """Return the page with one of its parts open."""
    app.query_params["part"] = name
    return sound(app.run())


def table(app, heading: str):
    """Return the table that has a column of this name."""
    return next(one.value for one in app.dataframe if heading in one.value.columns)


def test_the_plans_figures_are_the_workflows(demo, planned):
    answer = plan_tonight(demo, now=demo.depot_clock().now())
    header = answer.plan.header

    shown = numbers(planned)

    assert shown["Bill"] == f"{header.bill_amount:,.2f} {header.currency}"
    assert shown["Peak"] == f"{header.peak_kw:,.1f} kW"
    assert shown["Vans ready"] == f"{header.ready} of {header.vehicles}" == "60 of 60"
    assert shown["Swaps in the yard"] == f"{header.swaps}"
    assert f"{header.bound_amount:,.2f}" in words(planned)
    assert f"Audit passed: {len(answer.plan.audit.checks)} checks" in words(planned)


def test_the_yard_sheet_lists_every_move_and_the_comparison_every_policy(demo, planned):
    answer = plan_tonight(demo, now=demo.depot_clock().now())

    yard = table(part(planned, "Yard"), "When")
    policies = table(part(planned, "Cost against others"), "Policy")
    checks = table(part(planned, "What binds, and the audit"), "Check")

    assert len(yard) == len(answer.plan.moves) == 24  # 12 swaps are a drive out and one in each
    assert len(policies) == 1 + len(answer.baselines)
    assert {"Least laxity first", "Cheapest hours first"} <= set(policies["Policy"])
    assert len(checks) == len(answer.plan.audit.checks)


def test_slack_and_battery_care_stand_beside_what_they_cost(demo, planned):
    answer = plan_tonight(demo, now=demo.depot_clock().now())
    rows = preference_costs(answer.tonight, answer.plan)

    shown = table(part(planned, "Slack and battery care"), "A kWh waits (h)")

    beaten = rows["is_dominated"].to_list()
    assert sorted(shown["Dearer by (USD a month)"]) == sorted(rows["extra_amount"])
    assert set(shown["Done before leaving (min)"]) == {0, 30, 60}
    assert shown["Beaten"].to_list() == ["no"] * beaten.count(False) + ["yes"] * beaten.count(True)


def test_the_address_names_the_night_so_that_it_can_be_shared(demo, planned):
    query = {name: str(value) for name, value in planned.query_params.items()}

    again = opened("Plan", query)

    assert numbers(again) == numbers(planned)
    assert query["limit"] == "300"


def test_a_relaxed_night_is_a_bound_and_cannot_be_pushed(demo):
    app = opened("Plan")

    app.toggle[0].set_value(True)
    app.button(key="plan_the_night").click().run()

    # data/reference_night/expected.json is without a tariff's circuits; here only the gap matters.
    assert numbers(sound(app))["Result"] == "Optimal"
    assert "cannot be pushed" in words(app)
    assert numbers(app)["Swaps in the yard"] == "0"


def test_a_limit_too_low_for_the_night_names_the_vans_that_fall_short(demo):
    app = opened("Plan")

    app.number_input[0].set_value(100.0)
    app.button(key="plan_the_night").click().run()

    shown = numbers(sound(app))
    # 60 vans need 2,580 kWh; 100 kW for the 14.5 h from 17:00 to 07:30 give at most 1,450 kWh.
    assert shown["Result"] == "Falls short"
    short = next(one.value for one in app.dataframe if "Why" in one.value.columns)
    assert len(short) > 0
    assert all(short["Why"].str.len() > 10)


def test_an_address_may_hold_what_no_field_does(demo):
    app = opened("Plan", NIGHT | {"limit": "99999", "nights": "99", "peak": "-5"})

    # data/demo/site.toml: a service of 350 kW; no month has more than 31 nights.
    assert [one.value for one in app.number_input][:3] == [350.0, 31.0, 0.0]
