"""Billing windows are held to the plan's peak, but not at the price of what somebody must have."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import replan
from depotlib.model.depot import GridConnection
from depotlib.model.price_terms import EnergyTerm, PeakTerm, PriceTerms
from depotlib.model.release import LimitStep
from depotlib.model.timegrid import TimeGrid
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

QUARTERS = 48
PRICES = PriceTerms(
    "EUR",
    energy=(EnergyTerm("Energy", (0.1,) * QUARTERS),),
    peaks=(PeakTerm("Demand", tuple(range(QUARTERS)), 20.0),),
)
HERE = (scenes.plugged("AC-01/1", "van-1", limit_kw=7.4), scenes.plugged("AC-02/1", "van-2"))


def night(*, base_load_kw: float = 5.0, **facts) -> LiveNight:
    """Return two vans plugged in for the night, beside a base load that is forecast."""
    grid = TimeGrid(start=EVENING, interval_s=900, count=QUARTERS)
    brief = samples.brief()
    connection = GridConnection(60.0, 50.0, base_load_max_kw=8.0)
    brief = replace(
        brief,
        depot=replace(brief.depot, grid=connection),
        grid=grid,
        prices=PRICES,
        base_load_kw=(base_load_kw,) * QUARTERS,
    )
    return scenes.night(brief=brief, stations=HERE, **facts)


def targets(scene: LiveNight) -> tuple[LimitStep, ...]:
    plan = replan(scene)
    assert plan is not None
    return plan.release.window_targets


def test_the_windows_of_a_new_plan_are_held_to_its_flat_peak():
    (step,) = targets(night())

    # About 2 x 30 kWh from 18:15 to six, 11.75 h: 5.1 kW, beside 5 kW and what is kept free.
    assert step.start == NEXT_QUARTER
    assert 10.0 <= step.limit_kw <= 10.9


def test_until_the_new_plan_begins_the_old_target_holds():
    current = replace(scenes.pushed(), window_targets=(LimitStep(EVENING, 33.0),))

    assert targets(night(current=current))[0] == LimitStep(NOW, 33.0)


def until(departure: datetime, *, vans: Sequence[str] = ("van-1",)) -> LiveNight:
    """Return the night in which some are to leave so early, with 15 kWh and no more."""
    change = samples.change(departure=departure, energy_kwh=15.0)
    return night(changes=tuple(replace(change, vehicle_id=van) for van in vans))


def test_nobody_is_held_back_where_those_whose_must_is_at_stake_do_not_fit():
    # 15 kWh at 11 kW take 82 min: with two hours to go there is less than an hour to spare, and
    # the cheapest plan draws 7.5 kW for them: less than their 11.
    assert targets(until(NOW + timedelta(hours=2))) == ()
    assert targets(until(NOW + timedelta(hours=6))) != ()


def test_one_whose_must_is_at_stake_is_served_first_where_others_can_give_way():
    hasty = samples.change(departure=NOW + timedelta(hours=2), energy_kwh=20.0)
    thirsty = replace(samples.change(energy_kwh=112.0), vehicle_id="van-2")

    (step,) = targets(night(changes=(hasty, thirsty)))

    # 132 kWh in 11.75 h are 11.2 kW: room for the hasty one's 11 beside 5 kW.
    assert step.limit_kw >= 16.0


def test_time_to_spare_counts_from_where_the_new_plan_begins():
    # From 18:15 on 15 kWh less the 1.23 that 7.4 kW give before take 75 min: ten minutes later
    # 55 min are left beside them, though from now on it is more than an hour.
    assert targets(until(NEXT_QUARTER + timedelta(minutes=75 + 55))) == ()
    assert targets(until(NEXT_QUARTER + timedelta(minutes=75 + 65))) != ()


def test_a_planned_peak_says_nothing_where_the_base_load_is_not_forecast():
    assert targets(night(base_load_kw=0.0)) == ()
