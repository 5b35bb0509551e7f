"""Who cannot wait for the next whole interval is charged in the running one."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.hurry import LEISURE_H, hurried
from depotlib.dispatch.night import LiveNight, open_stays
from depotlib.dispatch.replan import replan
from depotlib.model.depot import Derating, GridConnection
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


def with_third(night: LiveNight, *, limit_kw: float) -> LiveNight:
    """Return a night with a third van, plugged in at a station of its own."""
    depot = night.brief.depot
    depot = replace(depot, stations=(*depot.stations, samples.station("AC-03")))
    third = scenes.flat("AC-03/1", "van-3", limit_kw=limit_kw)
    release = replace(night.current, schedules=(*night.current.schedules, third))
    return replace(
        night,
        brief=replace(night.brief, depot=depot),
        current=release,
        stations=(*night.stations, scenes.plugged("AC-03/1", "van-3")),
    )


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


def test_what_a_caught_station_draws_above_its_limit_is_not_free():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=0.0, limit_kw=SITE_KW, changes=(soon,))
    caught = scenes.plugged("AC-02/1", "van-2", power_kw=8.0)
    night = replace(night, stations=(night.stations[0], caught), caught=frozenset({"AC-02"}))

    # 10 kW of the site, 8 of them drawn by whom nobody can steer.
    assert permits_kw(seen(night), "van-1") == pytest.approx(2.0)


def test_without_a_forecast_the_base_load_may_be_all_that_it_can_be():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=0.0, changes=(soon,))
    connection = GridConnection(60.0, SITE_KW, base_load_max_kw=7.0)
    depot = replace(night.brief.depot, grid=connection)

    after = seen(replace(night, brief=replace(night.brief, depot=depot)))

    assert permits_kw(after, "van-1") == pytest.approx(SITE_KW - 7.0)


def test_who_gives_to_several_keeps_its_leisure_all_the_same():
    # Each of two lacks 0.6 kWh; the third has 0.7 kWh to give beside the half hour it keeps in
    # hand: 4.2 kW for the ten minutes, in all.
    soon = NEXT_QUARTER + timedelta(hours=1)
    full_kw = 2 * LEAST_KW + 11.0
    night = both_here(first_kw=LEAST_KW, second_kw=LEAST_KW, limit_kw=full_kw)
    night = with_third(night, limit_kw=11.0)
    late = [
        replace(one, departure=soon, energy_must_kwh=0.0, energy_target_kwh=11.6)
        for one in open_stays(night, start=NEXT_QUARTER)[:2]
    ]
    giver = replace(
        late[0],
        vehicle_id="van-3",
        departure=NEXT_QUARTER + timedelta(hours=2 + LEISURE_H),
        energy_target_kwh=2 * 11.0 - 0.7,
    )

    after = hurried(night, (*late, giver), start=NEXT_QUARTER)

    assert permits_kw(after, "van-3") == pytest.approx(11.0 - 4.2)
    both_kw = permits_kw(after, "van-1") + permits_kw(after, "van-2")
    assert both_kw == pytest.approx(2 * LEAST_KW + 4.2)


@pytest.mark.parametrize(("of_station", "most_kw"), [(True, LEAST_KW), (False, 5.0 - LEAST_KW)])
def test_where_something_gives_less_for_a_while_nobody_is_raised_above_that(of_station, most_kw):
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=LEAST_KW, second_kw=0.0, changes=(soon,))
    depot = night.brief.depot
    cut = Derating(NOW, NOW + timedelta(hours=1), limit_kw=0.0 if of_station else 5.0)
    if of_station:
        stations = (replace(depot.stations[0], deratings=(cut,)), depot.stations[1])
        depot = replace(depot, stations=stations)
    else:
        depot = replace(depot, circuits=(replace(depot.circuits[0], deratings=(cut,)),))

    after = seen(replace(night, brief=replace(night.brief, depot=depot)))

    # Of the panel's 5 kW the other station has its safe limit.
    assert permits_kw(after, "van-1") == pytest.approx(most_kw)


def test_two_plugs_of_a_station_get_no_more_than_it_has():
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,))
    depot = night.brief.depot
    (first, second), plugs = depot.stations, [one.evses[0] for one in depot.stations]
    shared = replace(first, max_kw=9.0, evses=tuple(plugs))
    night = replace(night, brief=replace(night.brief, depot=replace(depot, stations=(shared,))))

    assert second.max_kw == 11.0
    assert permits_kw(seen(night), "van-1") == pytest.approx(9.0 - 7.4)


def test_who_stands_where_nobody_planned_it_is_raised_once():
    # Planned on AC-02 with 3 kW and plugged in on AC-01: its window goes with it.
    soon = wanted_at(NEXT_QUARTER + timedelta(hours=1), 12.0)
    night = both_here(first_kw=0.0, second_kw=7.4, changes=(soon,))
    planned = scenes.flat("AC-02/1", "van-1", limit_kw=3.0)
    night = replace(night, current=replace(night.current, schedules=(planned,)))
    night = replace(night, stations=(night.stations[0], scenes.empty("AC-02/1")))

    after = seen(night)

    # 3 kW give 0.5 of the 12 kWh until the plan begins; the rest but the 11 kWh of an hour is added.
    raised_kw = 3.0 + (11.5 * 1.003 + 0.2 - 11.0) * 6
    assert permits_kw(after, "van-1") == pytest.approx(raised_kw)
    # What it gets until the plan begins, and the hour at 11 kW after it, are all that it needs.
    needed_kwh = open_stays(after, start=NEXT_QUARTER)[0].energy_target_kwh
    assert needed_kwh == pytest.approx(11.0, abs=0.01)


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
