"""Solve as you drag, and the reasons of a plan: the page's figures are the workflows'."""

from datetime import timedelta

import pytest

from depotlib.workflows.explain_plan import explain_tonight
from depotlib.workflows.plan_tonight import plan_tonight
from depotlib.workflows.tonight import NO_NIGHT_CHOICES, NightChoices, gather_tonight
from depotlib.workflows.try_night import (
    DepartureShift,
    NightChange,
    plan_as_chosen,
    try_night,
)
from tests.app.pages.opened import numbers, opened, sound, words


@pytest.fixture
def planned(demo):
    """Return the demo depot's page after the night was planned."""
    app = opened("Plan")
    app.button(key="plan_the_night").click().run()
    return sound(app)


def widget(widgets, label: str):
    return next(one for one in widgets if one.label == label)


def tried(demo, change: NightChange):
    """Return the trial as the workflow makes it, without who stands where."""
    now = demo.depot_clock().now()
    tonight = gather_tonight(demo, now=now)
    before = plan_as_chosen(tonight, made_at=now, occupancy="relaxed")
    return try_night(demo, tonight, change=change, before=before, choices=NO_NIGHT_CHOICES)


def changes(app) -> dict[str, str]:
    return {one.label: one.delta for one in app.metric if one.delta}


def test_a_limit_that_is_dragged_is_planned_at_once(demo, planned):
    assert changes(planned) == {}

    widget(planned.slider, "Site limit (kW)").set_value(150.0).run()

    trial = tried(demo, NightChange(operating_limit_kw=150.0))
    header, shown = trial.plan.header, numbers(sound(planned))
    assert shown["Bill, at least"] == f"{header.bill_amount:,.2f} USD"
    assert shown["Peak as tried"] == f"{header.peak_kw:,.1f} kW" == "150.0 kW"
    assert shown["Ready as tried"] == f"{header.ready} of 60"
    assert changes(planned)["Ready as tried"] == f"{trial.ready_change:+d}"
    assert changes(planned)["Missing energy"] == f"+{trial.unmet_change_kwh:,.1f} kWh"
    assert "no saving" in words(planned)
    # The plan itself stands.
    assert shown["Vans ready"] == "60 of 60"


def test_a_later_departure_and_a_target_are_planned_at_once_and_not_pushed(demo, planned):
    widget(planned.selectbox, "A van's departure").set_value("van-17").run()
    widget(planned.slider, "leaves later by (minutes)").set_value(60).run()

    trial = tried(demo, NightChange(shifts=(DepartureShift("van-17", timedelta(hours=1)),)))
    shown = numbers(sound(planned))
    assert shown["Bill, at least"] == f"{trial.plan.header.bill_amount:,.2f} USD"
    assert changes(planned)["Bill, at least"] == f"-{-trial.bill_change_amount:,.2f} USD"
    assert [one for one in planned.button if one.key == "plan_as_tried"] == []

    # 60 vans of 43 kWh within 14.5 h draw 178 kW at least: a target of 100 kW is passed.
    widget(planned.slider, "Target for this month's peak (kW)").set_value(100.0).run()

    assert "The target is passed by" in words(sound(planned))


def test_a_trial_is_planned_with_its_yard_and_becomes_the_plan_by_one_button(demo, planned):
    widget(planned.slider, "Site limit (kW)").set_value(200.0).run()
    widget(planned.toggle, "Plan the yard, too").set_value(True).run()

    answer = plan_tonight(
        demo, now=demo.depot_clock().now(), choices=NightChoices(operating_limit_kw=200.0)
    )
    bill = f"{answer.plan.header.bill_amount:,.2f} USD"
    assert numbers(sound(planned))["Bill as tried"] == bill

    planned.button(key="plan_as_tried").click().run()

    assert numbers(sound(planned))["Bill"] == bill
    assert planned.query_params["limit"] == "200"
    assert widget(planned.slider, "Site limit (kW)").value == 200.0


def test_the_explanation_of_a_night_says_its_peaks_its_limits_and_what_a_change_is_worth(
    demo, planned
):
    planned.query_params["part"] = "Explanation"
    planned.run()

    told = explain_tonight(demo, now=demo.depot_clock().now()).explanation
    frames = {one.value.columns[0]: one.value for one in sound(planned).dataframe}
    assert list(frames["Demand charge"]["Demand charge"]) == [cut.name for cut in told.peaks]
    assert list(frames["Demand charge"]["Peak (kW)"]) == pytest.approx(
        [cut.peak_kw for cut in told.peaks], abs=1e-6
    )
    assert list(frames["What is used up"]["Saved by 1 kW more (USD)"]) == pytest.approx(
        [limit.saved_by_more_amount for limit in told.limits], abs=1e-6
    )
    worth = dict(zip(frames["If"]["If"], frames["If"]["Saved (USD a month)"], strict=True))
    assert worth[f"{told.departures[0].sentence}."] == pytest.approx(
        told.departures[0].saved_amount, abs=1e-6
    )
    assert any("10 kW more for the site" in words_ for words_ in worth)
    assert any("one more dc point" in words_.lower() for words_ in worth)


def test_each_vans_chance_of_being_ready_stands_beside_its_need(demo):
    app = opened("Plan", {"part": "What each van needs"})
    widget(app.toggle, "Ignore who stands where (a bound, not a plan)").set_value(True)
    app.button(key="plan_the_night").click().run()

    needs = next(one.value for one in sound(app).dataframe if "Must (kWh)" in one.value.columns)
    # 3.8 kWh of reserve against a deviation of 0.2 kWh: nobody is in doubt.
    assert set(needs["Ready as planned"]) == {"over 99.5%"}
    assert len(needs) == 60


def test_a_night_that_cannot_be_is_explained_by_its_conflict_and_priced_repairs(demo):
    app = opened("Plan")
    # 3 kW below what the night draws at its best (180.6 kW): one thing is short, repairs are few.
    app.number_input[0].set_value(178.0)
    widget(app.toggle, "Ignore who stands where (a bound, not a plan)").set_value(True)
    app.button(key="plan_the_night").click().run()
    app.query_params["part"] = "Explanation"
    app.run()

    told = explain_tonight(
        demo,
        now=demo.depot_clock().now(),
        choices=NightChoices(operating_limit_kw=178.0),
        occupancy="relaxed",
    ).explanation
    repairs = next(one.value for one in sound(app).dataframe if "Change" in one.value.columns)
    assert "Why not everything fits" in [one.value for one in app.subheader]
    assert told.conflicts[0].sentence in words(app)
    assert list(repairs["Bill changes by (USD a month)"])[: len(told.repairs)] == pytest.approx(
        [repair.change_amount for repair in told.repairs], abs=1e-6
    )
    assert repairs["Cures the night"][0] == "yes"
