"""Who is on plan, and what the release in force asks for in whole intervals."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from depotlib.dispatch.changed import changed_profiles
from depotlib.dispatch.held import as_promised, held_powers
from depotlib.dispatch.horizon import horizon_of
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import replan
from depotlib.model.live import StationState
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import LimitStep
from depotlib.planning.formulation import windowed_problem
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING


def steps(*limits_kw: float):
    """Return a limit a quarter-hour, from the evening on."""
    quarter = timedelta(minutes=15)
    return tuple(LimitStep(EVENING + at * quarter, kw) for at, kw in enumerate(limits_kw))


def promised(*, target_kwh: float, still_permitted_kwh: float) -> tuple[float, float]:
    """Return must and target of a van that is permitted so much from the next quarter-hour on."""
    stay = replace(
        samples.dwell("van-1"), energy_must_kwh=target_kwh - 0.5, energy_target_kwh=target_kwh
    )
    held = replace(
        samples.schedule("AC-01/1", "van-1"),
        steps=steps(0.0, still_permitted_kwh / 0.25, 0.0),
    )
    release = replace(scenes.pushed(), schedules=(held,))
    (one,) = as_promised([stay], release, start=NEXT_QUARTER)
    return one.energy_must_kwh, one.energy_target_kwh


def test_who_has_used_up_its_buffer_is_on_plan_and_keeps_what_it_was_promised():
    # 5.2 kWh hold a buffer of 0.2 and 0.3 %: what is really missing is 5.0 / 1.003 = 4.985.
    assert promised(target_kwh=5.2, still_permitted_kwh=5.0) == (4.7, 5.0)


def test_who_lacks_more_than_its_buffer_is_planned_anew():
    assert promised(target_kwh=5.2, still_permitted_kwh=4.9) == (4.7, 5.2)


def test_who_is_permitted_a_little_too_much_keeps_it_and_ends_earlier():
    assert promised(target_kwh=5.2, still_permitted_kwh=5.5) == (4.7, 5.5)
    assert promised(target_kwh=5.2, still_permitted_kwh=5.6) == (4.7, 5.2)


def test_who_needs_nothing_any_more_is_promised_nothing():
    stay = replace(samples.dwell("van-1"), energy_must_kwh=0.0, energy_target_kwh=0.0)
    release = replace(scenes.pushed(), schedules=(scenes.flat("AC-01/1", "van-1", limit_kw=0.1),))

    assert as_promised([stay], release, start=MORNING - timedelta(hours=1)) == (stay,)


def test_powers_in_force_are_read_by_whole_intervals_of_the_same_place():
    brief = samples.brief()
    horizon = horizon_of(brief, now=NOW, until=MORNING, site_kw={})
    assert horizon is not None
    window = ConnectorWindow("van-1", "AC-01/1", NEXT_QUARTER, EVENING + timedelta(hours=1))
    problem = windowed_problem(
        [replace(samples.dwell("van-1"), arrival=EVENING)],
        brief.depot,
        windows=[window],
        grid=horizon.grid,
        prices=horizon.prices,
        base_load_kw=horizon.base_load_kw,
    )
    held = replace(
        samples.schedule("AC-01/1", "van-1"),
        steps=(*steps(7.0, 7.0, 5.0, 5.0, 5.0), LimitStep(EVENING + timedelta(minutes=80), 3.0)),
    )
    elsewhere = replace(held, connector_id="AC-02/1")

    held_kw = held_powers(replace(scenes.pushed(), schedules=(held, elsewhere)), problem)

    # From 18:15 on; the window ends at 19:00.
    np.testing.assert_allclose(held_kw[0][:5], [7.0, 5.0, 5.0, 0.0, 0.0])


def both_here(now: datetime, *, energy_kwh: Mapping[str, float]) -> tuple[StationState, ...]:
    """Return both vans plugged in, measured now."""
    states = [
        scenes.plugged(place, van, energy_kwh=energy_kwh[van]) for place, van in scenes.PLACES
    ]
    return tuple(
        replace(one, connectors=(replace(one.connectors[0], measured_at=now),)) for one in states
    )


def first_plan() -> LiveNight:
    """Return the night with both vans there since six, and a plan for them in force."""
    # The push gives 7.4 kW: five minutes of it are in.
    here = both_here(NOW, energy_kwh={"van-1": 7.4 / 12, "van-2": 7.4 / 12})
    plan = replan(scenes.night(stations=here))
    assert plan is not None
    return scenes.night(stations=here, current=plan.release)


def test_when_one_van_needs_less_the_other_keeps_its_profile():
    night = first_plan()
    change = samples.change(energy_kwh=20.0)

    plan = replan(replace(night, changes=(change,)))

    assert plan is not None
    changed = changed_profiles(plan.release, night.current, now=NOW)
    assert changed == {("AC-01/1", "van-1")}


@pytest.mark.parametrize("minutes", [0, 15, 90])
def test_as_long_as_all_goes_as_planned_nothing_is_planned_anew(minutes: int):
    night = first_plan()
    now = NOW + timedelta(minutes=minutes)
    flowed = {
        van: 7.4 / 12
        + scenes.energy_kwh(scenes.schedule_of(night.current, van), since=NOW, until=now)
        for _, van in scenes.PLACES
    }

    plan = replan(replace(night, now=now, stations=both_here(now, energy_kwh=flowed)))

    assert plan is not None
    assert changed_profiles(plan.release, night.current, now=now) == frozenset()
