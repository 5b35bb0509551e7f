"""Who cannot wait for the next whole interval is charged in the running one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.hurry import LEISURE_H, hurried
from depotlib.dispatch.night import LiveNight, open_stays
from depotlib.dispatch.replan import replan
from depotlib.model.news import DepartureChange
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples

LEAST_KW = 1.4
"""The safe limit of the scene's stations: nobody who gives is paused."""

SITE_KW = 10.0
RAISED_KW = (12.0 * 1.003 + 0.2 - 11.0) * 6
"""11 kW for an hour are 11 kWh of the 12.236 kWh that are asked for, the buffer included; the rest
has the 10 minutes before it."""


def wanted_at(departure: datetime, energy_kwh: float) -> DepartureChange:
    return DepartureChange("van-1", NOW, departure=departure, energy_kwh=energy_kwh, source="fleet")


def permits_kw(night: LiveNight, vehicle_id: str) -> float:
    (limit_kw,) = [
        limit_kw
        for one in night.current.schedules
        if one.vehicle_id == vehicle_id and (limit_kw := one.limit_at(NOW)) is not None
    ]
    return limit_kw


def both_here(*, first_kw: float, second_kw: float, limit_kw: float = 40.0, **facts) -> LiveNight:
    """Return both vans plugged in, with what the release in force permits them."""
    night = scenes.with_operating_limit(limit_kw)
    schedules = (
        scenes.flat("AC-01/1", "van-1", limit_kw=first_kw),
        scenes.flat("AC-02/1", "van-2", limit_kw=second_kw),
    )
    stations = (scenes.plugged("AC-01/1", "van-1"), scenes.plugged("AC-02/1", "van-2"))
    release = replace(night.current, schedules=schedules)
    return replace(night, current=release, stations=stations, **facts)


def seen(night: LiveNight) -> LiveNight:
    return hurried(night, open_stays(night, start=NEXT_QUARTER), start=NEXT_QUARTER)


def test_who_has_time_waits_for_the_plan():
    night = both_here(first_kw=0.0, second_kw=7.4)

    assert seen(night) is night


def test_who_comes_short_otherwise_is_raised_at_once_out_of_what_is_free():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,))

    assert permits_kw(seen(night), "van-1") == pytest.approx(RAISED_KW)
    assert permits_kw(seen(night), "van-2") == 7.4


def test_where_the_site_is_full_who_has_time_gives():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=10.0, limit_kw=SITE_KW, changes=(soon,))

    after = seen(night)

    assert permits_kw(after, "van-1") == pytest.approx(RAISED_KW)
    assert permits_kw(after, "van-2") == pytest.approx(SITE_KW - RAISED_KW)


def test_nobody_is_paused_for_somebody_else():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 30.0)
    night = both_here(first_kw=0.0, second_kw=7.4, limit_kw=7.4, changes=(soon,))

    after = seen(night)

    assert permits_kw(after, "van-2") == pytest.approx(LEAST_KW)
    assert permits_kw(after, "van-1") == pytest.approx(7.4 - LEAST_KW)


def test_who_has_no_time_to_spare_gives_nothing():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 30.0)
    night = both_here(first_kw=0.0, second_kw=7.4, limit_kw=7.4, changes=(soon,))
    (first, second) = open_stays(night, start=NEXT_QUARTER)
    needed_h = second.energy_target_kwh / 11.0
    busy = replace(second, departure=NEXT_QUARTER + timedelta(hours=needed_h + LEISURE_H / 2))

    assert hurried(night, (first, busy), start=NEXT_QUARTER) is night


def test_under_a_limit_from_outside_only_what_others_give_is_taken():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    outside = samples.grid_limit(limit_kw=30.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,), grid_limits=(outside,))

    after = seen(night)

    assert permits_kw(after, "van-1") + permits_kw(after, "van-2") == pytest.approx(7.4)


def test_the_last_two_minutes_of_an_interval_are_left_as_they_are():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,))
    late = replace(night, now=NEXT_QUARTER - timedelta(minutes=1))

    assert seen(late) is late


def test_a_release_begins_with_it_and_asks_for_the_rest_later():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,))

    plan = replan(night)

    assert plan is not None
    schedule = scenes.schedule_of(plan.release, "van-1")
    assert schedule.limit_at(NOW) == pytest.approx(RAISED_KW)
    assert scenes.energy_kwh(schedule, since=NOW) == pytest.approx(12.236, abs=0.05)
    assert plan.short == ()
