"""Who is late is expected later, and its power goes to those who are here meanwhile."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.night import LiveNight, open_stays
from depotlib.dispatch.overdue import as_expected, is_kept_for_nobody, with_doors_open
from depotlib.dispatch.replan import replan
from depotlib.model.release import LimitStep
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

MINUTE = timedelta(minutes=1)


def at(minute: float, **facts) -> LiveNight:
    """Return the night so many minutes after both vans were due and van-1 plugged in."""
    here = (scenes.plugged("AC-01/1", "van-1"), scenes.empty("AC-02/1"))
    return scenes.night(now=EVENING + minute * MINUTE, stations=here, **facts)


def expected(night: LiveNight, vehicle_id: str = "van-2") -> datetime:
    stays = as_expected(open_stays(night, start=night.now), night, start=night.now)
    (stay,) = [stay for stay in stays if stay.vehicle_id == vehicle_id]
    return stay.arrival


@pytest.mark.parametrize(
    ("minute", "wait_minutes"),
    # Nobody in the next quarter of an hour; then as much again as it is late, an hour at most.
    [(-5, 15), (5, 15), (12, 15), (40, 40), (90, 60)],
)
def test_the_longer_somebody_is_late_the_longer_it_will_take(minute: int, wait_minutes: int):
    assert expected(at(minute)) == EVENING + (minute + wait_minutes) * MINUTE


def test_who_comes_home_later_than_the_next_quarter_of_an_hour_is_expected_when_it_is_due():
    assert expected(at(-20)) == EVENING


def test_who_is_plugged_in_or_has_charged_already_is_not_late():
    assert expected(at(40), "van-1") == EVENING + 40 * MINUTE
    assert expected(at(40, ended_kwh={"van-2": 10.0})) == EVENING + 40 * MINUTE


def test_whose_turn_on_a_shared_connector_has_not_come_is_not_late():
    first, second = scenes.pushed().schedules
    later = replace(scenes.pushed(), schedules=(first, replace(second, steps=(
        replace(second.steps[0], start=EVENING + 6 * 60 * MINUTE),))))  # fmt: skip

    assert expected(at(40, pushed=later)) == EVENING + 40 * MINUTE


def test_nobody_is_expected_so_late_that_it_could_not_be_ready():
    # 30 kWh and the buffer of 0.29 are 2.75 h at 11 kW; half as much again is kept: by 01:52.
    night = at(7 * 60 + 40)

    latest = MORNING - 1.5 * timedelta(hours=(30.0 * 1.003 + 0.2) / 11.0)
    assert abs(expected(night) - latest) < timedelta(seconds=1)
    assert expected(replace(night, now=latest + MINUTE)) == latest + MINUTE


def test_power_that_is_kept_for_nobody_is_found():
    # The push permits van-2 7.4 kW from six on.
    assert not is_kept_for_nobody(at(9))
    assert is_kept_for_nobody(at(10))
    nothing = replace(scenes.pushed(), schedules=scenes.pushed().schedules[:1])
    assert not is_kept_for_nobody(at(10, current=nothing))


def test_who_comes_sooner_than_is_reckoned_with_finds_its_place_open():
    plan = replan(at(40))

    assert plan is not None
    schedule = scenes.schedule_of(plan.release, "van-2")
    # From 18:40 on it may plug in; power is planned for it 40 minutes after the next quarter only.
    assert schedule.limit_at(EVENING + 40 * MINUTE) == 0.0
    assert scenes.energy_kwh(schedule, since=EVENING, until=EVENING + 85 * MINUTE) == 0.0
    assert scenes.energy_kwh(schedule, since=EVENING) > 30.0


def test_on_a_shared_connector_the_place_is_open_from_when_the_other_has_gone():
    second, first = (
        replace(samples.schedule("AC-01/1", van), valid_to=EVENING + hours * 60 * MINUTE)
        for van, hours in (("van-2", 12), ("van-1", 3))
    )
    begun = replace(second.steps[0], start=EVENING + 5 * 60 * MINUTE)
    release = (first, replace(second, steps=(begun,)))

    night = at(40)
    opened = with_doors_open(release, night, start=night.now)

    assert opened[0] == first
    assert opened[1].steps[0] == LimitStep(EVENING + 3 * 60 * MINUTE, 0.0)
    assert opened[1].steps[1:] == release[1].steps
