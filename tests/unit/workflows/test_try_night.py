"""A night tried with one fact changed: the same figures as planning it so, and nothing is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.errors import ModelError, RecordMissingError
from depotlib.store.plans import plan_headers
from depotlib.workflows.tonight import NO_NIGHT_CHOICES, NightChoices, gather_tonight
from depotlib.workflows.try_night import (
    DepartureShift,
    NightChange,
    NightTrial,
    changed_night,
    plan_as_chosen,
    ready_tonight,
    try_night,
)
from tests.unit.conftest import AFTERNOON

HOUR = timedelta(hours=1)


@pytest.fixture
def tried(loaded_demo, demo_plan):
    """Return a function that tries a change on the reference night, plugs left out."""
    tonight, _ = demo_plan
    before = plan_as_chosen(tonight, made_at=AFTERNOON, occupancy="relaxed")

    def trial(change: NightChange) -> NightTrial:
        return try_night(
            loaded_demo, tonight, change=change, before=before, choices=NO_NIGHT_CHOICES
        )

    return trial


def test_no_change_changes_nothing(tried):
    trial = tried(NightChange())

    assert trial.plan.header == replace(
        trial.before, build_s=trial.plan.header.build_s, solve_s=trial.plan.header.solve_s
    )
    assert (trial.bill_change_amount, trial.peak_change_kw, trial.ready_change) == (0.0, 0.0, 0)


def test_a_limit_that_is_tried_is_the_night_gathered_with_it(loaded_demo, tried):
    choices = NightChoices(operating_limit_kw=150.0)
    asked = plan_as_chosen(
        gather_tonight(loaded_demo, now=AFTERNOON, choices=choices),
        made_at=AFTERNOON,
        occupancy="relaxed",
    )

    trial = tried(NightChange(operating_limit_kw=150.0))

    assert trial.plan.header.plan_id == asked.header.plan_id
    # 150 kW for the 14.5 h from 17:00 to 07:30 are 2,175 of the 2,580 kWh that are asked for.
    assert trial.unmet_change_kwh >= 2580 - 2175
    assert trial.ready_change < 0


def test_a_target_is_the_same_as_a_peak_that_is_billed_already(loaded_demo, tried):
    choices = NightChoices(running_peak_kw=220.0)
    asked = gather_tonight(loaded_demo, now=AFTERNOON, choices=choices)

    trial = tried(NightChange(paid_kw=220.0))

    assert trial.tonight.prices == asked.prices
    # The bill holds 220 kW instead of what the night draws, at the price of both demand charges.
    paid_per_kw = sum(term.price_per_kw for term in asked.prices.peaks)
    assert (
        0 < trial.bill_change_amount <= paid_per_kw * (220.0 - trial.before.billed_peak_kw) + 1e-6
    )


def test_a_cap_on_the_charge_shows_what_it_costs_and_leaves_duties_their_must(tried):
    uncapped = tried(NightChange())

    trial = tried(NightChange(most_soc=0.8))

    # 68 kWh usable, van-01 home with 27 %: up to 80 % are 36.04 kWh, at 90 % 40.04 at the wall;
    # 43.0 were wished for, 39.2 are a must, which whoever comes home fuller gets in spite of the cap.
    energy_kwh = {dwell.vehicle_id: dwell.energy_target_kwh for dwell in trial.tonight.dwells}
    wished_kwh = {dwell.vehicle_id: dwell.energy_target_kwh for dwell in uncapped.tonight.dwells}
    assert energy_kwh["van-01"] == pytest.approx(40.04, abs=0.01)
    assert max(energy_kwh.values()) == pytest.approx((0.80 - 0.24) * 68 / 0.90, abs=0.01)
    assert min(energy_kwh.values()) == pytest.approx(39.22, abs=0.01)
    assert list(wished_kwh.values()) == pytest.approx([43.0] * 60, abs=0.01)
    assert all(
        dwell.energy_must_kwh <= dwell.energy_target_kwh + 1e-9 for dwell in trial.tonight.dwells
    )
    assert (trial.ready_change, trial.plan.audit.passed) == (0, True)
    assert trial.bill_change_amount < 0


def test_a_later_departure_never_costs_more_and_the_night_grows_with_it(tried):
    latest = max(tried(NightChange()).tonight.dwells, key=lambda one: one.departure)
    shift = DepartureShift(latest.vehicle_id, 2 * HOUR)

    trial = tried(NightChange(shifts=(shift,)))

    assert trial.plan.grid.end == latest.departure + 2 * HOUR
    assert trial.bill_change_amount <= 1e-6
    assert trial.plan.audit.passed


def test_an_earlier_departure_never_costs_less(tried):
    trial = tried(NightChange(shifts=(DepartureShift("van-17", -2 * HOUR),)))

    assert trial.bill_change_amount >= -1e-6
    assert trial.plan.grid == tried(NightChange()).plan.grid


def test_a_van_that_is_not_there_and_a_stay_that_ends_before_it_begins_are_refused(
    loaded_demo, demo_plan
):
    tonight, _ = demo_plan

    def change(vehicle_id: str, by: timedelta):
        return changed_night(
            loaded_demo,
            tonight,
            change=NightChange(shifts=(DepartureShift(vehicle_id, by),)),
            choices=NO_NIGHT_CHOICES,
        )

    with pytest.raises(RecordMissingError, match="van-99"):
        change("van-99", HOUR)
    with pytest.raises(ModelError, match="van-01"):
        change("van-01", -24 * HOUR)


def test_a_trial_keeps_nothing(loaded_demo, tried):
    known = plan_headers(loaded_demo.warehouse_path)

    tried(NightChange(operating_limit_kw=200.0))

    assert plan_headers(loaded_demo.warehouse_path) == known


def test_chances_are_told_for_every_van_and_its_reserve_makes_it_sure(demo_plan):
    tonight, plan = demo_plan

    chances = ready_tonight(tonight, plan)

    assert set(chances["vehicle_id"]) == {dwell.vehicle_id for dwell in tonight.dwells}
    # 3.8 kWh of reserve between must and target, 0.2 kWh of deviation.
    assert chances["as_planned_share"].min() > 0.999
    assert chances["planned_again_share"].min() == 1.0
