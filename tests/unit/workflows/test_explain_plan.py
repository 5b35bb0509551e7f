"""Tonight's plan explained from the store: figures, repairs that hold, and other duties."""

import pytest

from depotlib.planning.knobs.preference import Preference
from depotlib.planning.plan import PlanOrder, plan_night
from depotlib.settings import Settings
from depotlib.workflows.explain_plan import (
    explain_night,
    explain_tonight,
    facts_of,
    frontier_of,
    repaired,
)
from depotlib.workflows.plan_tonight import plan_tonight
from depotlib.workflows.tonight import NightChoices, Tonight
from tests.unit.conftest import AFTERNOON


@pytest.fixture(scope="module")
def short_night(loaded_demo: Settings):
    """Return tonight under 179 kW, where its plan needs 180.7."""
    return explain_tonight(
        loaded_demo,
        now=AFTERNOON,
        choices=NightChoices(operating_limit_kw=179.0),
        occupancy="relaxed",
    )


def test_the_reference_night_says_what_sets_its_peak_and_who_is_ready(loaded_demo, demo_plan):
    tonight, plan = demo_plan

    explanation = explain_night(loaded_demo, tonight, plan=plan, now=AFTERNOON)

    # Two demand charges of the tariff are set by the night itself.
    assert {cut.name for cut in explanation.peaks} == {"Flat demand", "TOU demand, period 2"}
    assert explanation.peaks[0].peak_kw == pytest.approx(plan.header.billed_peak_kw, abs=0.2)
    assert explanation.conflicts == explanation.repairs == ()
    assert len(explanation.chances) == 60
    # 3.8 kWh of reserve between must and target, 0.2 kWh of deviation.
    assert min(chance.as_planned_share for chance in explanation.chances) > 0.999
    assert explanation.duties is not None
    assert explanation.duties.considered > 0


def test_a_short_night_is_told_with_repairs_that_hold(short_night):
    explanation = short_night.explanation

    assert short_night.plan.header.status == "shortfall"
    assert explanation.conflicts
    assert {"site_power", "reserve"} <= {repair.kind for repair in explanation.repairs}
    for repair in explanation.repairs[:3]:
        tonight = repaired(short_night.tonight, repair)

        again = relaxed_plan(tonight)

        assert again.header.ready == repair.after.ready
        assert again.header.unmet_kwh == pytest.approx(repair.after.unmet_kwh, abs=1e-3)
        assert again.header.bill_amount == pytest.approx(repair.after.bill_amount, abs=1e-3)


def relaxed_plan(tonight: Tonight):
    facts = facts_of(tonight, occupancy="relaxed")
    return plan_night(
        facts.dwells,
        facts.depot,
        grid=facts.grid,
        prices=facts.prices,
        base_load_kw=facts.base_load_kw,
        order=PlanOrder(made_at=AFTERNOON, occupancy="relaxed"),
    )


def test_a_frontier_sets_slack_and_care_against_cost(demo_plan):
    tonight, _ = demo_plan
    plan = relaxed_plan(tonight)

    plans = frontier_of(tonight, plan)

    assert {one.slack_s for one in plans} == {0, 1800, 3600}
    free = next(one for one in plans if one.preference.waiting_per_kwh == 0 and not one.slack_s)
    assert free.extra_amount == pytest.approx(0.0, abs=0.01)
    assert min(one.waiting_h for one in plans) < free.waiting_h
    assert all(one.extra_amount >= -0.01 for one in plans if not one.outcome.is_short)


def test_a_preference_of_a_person_reaches_the_plan(demo):
    latest, careful = (
        plan_tonight(
            demo,
            now=AFTERNOON,
            choices=NightChoices(preference=preference),
            occupancy="relaxed",
        )
        for preference in (Preference("latest"), Preference("latest", waiting_per_kwh=0.5))
    )

    cheapest = relaxed_plan(latest.tonight)
    assert latest.plan.header.bill_amount == pytest.approx(cheapest.header.bill_amount, abs=0.01)
    assert latest.plan.header.plan_id != cheapest.header.plan_id
    # At half a dollar a kWh and hour the wait is worth more than the bill; the gap says its price.
    assert careful.plan.header.bill_amount > cheapest.header.bill_amount + 1.0
    assert careful.plan.header.gap_share > 1e-4
    assert careful.plan.audit.passed
