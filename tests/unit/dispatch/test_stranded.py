"""Who stands at a station that was caught or is faulty is asked to move to one that serves."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from depotlib.dispatch.lineups import with_what_stands
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import Replan, replan
from depotlib.dispatch.stranded import unserving
from depotlib.model.depot import StaffHours
from depotlib.model.plan import YardMove
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

ALWAYS = StaffHours(start=time(0), end=time(0))
FIRST = "AC-01/1"
CHANGEOVER = timedelta(minutes=10)
HOUR = timedelta(hours=1)


def night(*, points=("AC-01", "AC-02", "AC-03"), **facts) -> LiveNight:
    """Return van-1 plugged in on the first of some stations, which has been caught."""
    brief = samples.brief()
    depot = replace(
        brief.depot,
        stations=tuple(samples.station(name) for name in points),
        staff_hours=facts.pop("staff_hours", ALWAYS),
    )
    brief = replace(brief, depot=depot, fleet=None)
    plain = scenes.night(
        brief=brief, stations=(scenes.plugged(FIRST, "van-1"),), caught=frozenset({"AC-01"})
    )
    return replace(plain, **facts)


def night_as_pushed(places, **facts) -> LiveNight:
    """Return a night whose push gives each of some vans its place, and is in force."""
    schedules = tuple(samples.schedule(place, van) for place, van in places)
    push = replace(scenes.pushed(), schedules=schedules)
    return night(pushed=push, current=push, **facts)


def planned(scene: LiveNight) -> Replan:
    plan = replan(scene)
    assert plan is not None
    return plan


def ahead(plan: Replan, vehicle_id: str) -> list:
    """Return a vehicle's schedules that reach beyond the next quarter of an hour."""
    return [
        one
        for one in plan.release.schedules
        if one.vehicle_id == vehicle_id and one.valid_to > NEXT_QUARTER
    ]


def test_a_van_at_a_caught_station_moves_to_a_free_point_of_its_pool():
    plan = planned(night())

    (schedule,) = ahead(plan, "van-1")
    # AC-02 is van-2's for the whole night; AC-03 is nobody's.
    assert schedule.connector_id == "AC-03/1"
    # 30 kWh, less the 7.4 kW x 10 min that the push permits until 18:15.
    assert scenes.energy_kwh(schedule, since=NEXT_QUARTER) >= 30.0 - 7.4 / 6
    assert plan.moves == (YardMove("van-1", FIRST, "AC-03/1", at=NEXT_QUARTER),)
    assert plan.short == ()


def test_nothing_is_permitted_at_the_new_point_before_somebody_can_have_driven():
    (schedule,) = ahead(planned(night()), "van-1")

    # Grid from 18:15, a changeover of ten minutes, whole quarters: 18:30.
    assert schedule.limit_at(NEXT_QUARTER + CHANGEOVER) == 0.0


def test_with_no_free_point_it_follows_a_van_that_has_time_to_spare():
    here = (scenes.plugged(FIRST, "van-1"), scenes.plugged("AC-02/1", "van-2"))

    plan = planned(night(points=("AC-01", "AC-02"), stations=here))

    (first,) = ahead(plan, "van-2")
    (second,) = ahead(plan, "van-1")
    assert (first.connector_id, second.connector_id) == ("AC-02/1", "AC-02/1")
    assert first.valid_to + CHANGEOVER <= second.steps[-1].start
    # 2 x 30 kWh at 11 kW are 5.5 h of the 11.75 h that are left: both get all.
    assert plan.unmet_kwh == pytest.approx(0.0, abs=1e-6)
    assert plan.moves[0].at == first.valid_to


def test_who_only_would_like_more_makes_room_before_who_must_have_it():
    places = ((FIRST, "van-1"), ("AC-02/1", "van-2"), ("AC-03/1", "van-3"))
    here = tuple(scenes.plugged(place, van) for place, van in places)
    scene = night_as_pushed(places, stations=here)
    # Four hours at 11 kW. van-1 must have 30 kWh; van-2 would like as much and must have 5.
    dwells = tuple(
        replace(
            samples.dwell(van),
            departure=NEXT_QUARTER + 4 * HOUR,
            energy_must_kwh=must_kwh,
            energy_target_kwh=target_kwh,
        )
        for van, must_kwh, target_kwh in (("van-1", 30, 30), ("van-2", 5, 30), ("van-3", 20, 20))
    )

    plan = planned(replace(scene, brief=replace(scene.brief, dwells=dwells)))

    assert plan.moves[0].to_connector_id == "AC-02/1"
    assert plan.short == ()


def test_who_is_not_here_yet_gives_way_to_one_that_leaves_early():
    dwells = (
        replace(samples.dwell("van-1"), departure=EVENING + timedelta(hours=4)),
        replace(samples.dwell("van-2"), arrival=EVENING + timedelta(hours=1)),
    )
    scene = night(points=("AC-01", "AC-02"))

    plan = planned(replace(scene, brief=replace(scene.brief, dwells=dwells)))

    (moved,) = ahead(plan, "van-1")
    (other,) = ahead(plan, "van-2")
    assert moved.connector_id == other.connector_id == "AC-02/1"
    assert moved.valid_to <= EVENING + timedelta(hours=4)
    assert other.valid_to == MORNING
    assert plan.short == ()


def test_a_move_once_asked_for_stands_until_the_station_is_trusted_again():
    scene = night()
    first = planned(scene)
    later = replace(scene, current=first.release, now=NOW + timedelta(minutes=5))

    again = planned(later)
    trusted = planned(replace(later, caught=frozenset()))

    assert [one.connector_id for one in ahead(again, "van-1")] == ["AC-03/1"]
    assert [one.connector_id for one in ahead(trusted, "van-1")] == [FIRST]
    assert trusted.moves == ()


def test_a_van_on_its_way_and_one_that_has_moved_keep_the_new_point():
    here = (scenes.plugged(FIRST, "van-1"), scenes.plugged("AC-02/1", "van-2"))
    scene = night(points=("AC-01", "AC-02"), stations=here)
    first = planned(scene)
    there = first.moves[0].at + timedelta(minutes=20)
    # van-2 has had its 30 kWh and has left AC-02.
    scene = replace(scene, current=first.release, now=there, ended_kwh={"van-2": 30.3})

    under_way = planned(replace(scene, stations=()))
    moved = planned(replace(scene, stations=(scenes.plugged("AC-02/1", "van-1"),)))

    for plan in (under_way, moved):
        (schedule,) = [one for one in plan.release.schedules if one.vehicle_id == "van-1"]
        assert (schedule.connector_id, schedule.valid_to) == ("AC-02/1", MORNING)
        assert plan.moves == ()


def test_who_was_planned_at_a_caught_station_and_is_not_here_yet_gets_another_point():
    plan = planned(night(points=("AC-01", "AC-02", "AC-03"), caught=frozenset({"AC-02"})))

    assert [one.connector_id for one in ahead(plan, "van-2")] == ["AC-03/1"]
    # Nobody has to be fetched: it goes there when it comes.
    assert plan.moves == ()


def test_a_faulty_station_strands_its_van_as_a_caught_one_does():
    station = scenes.plugged(FIRST, "van-1")
    faulty = replace(
        station, connectors=(replace(station.connectors[0], status="Faulted", power_kw=0.0),)
    )
    scene = night(caught=frozenset(), points=("AC-01", "AC-02", "AC-03"))

    assert unserving(replace(scene, stations=(faulty,))) == {FIRST}
    assert unserving(scene) == frozenset()
    plan = planned(replace(scene, stations=(faulty,)))
    assert [one.to_connector_id for one in plan.moves] == ["AC-03/1"]


@pytest.mark.parametrize("why", ["another pool", "bound to its point", "all of them caught"])
def test_nobody_is_moved_to_where_it_may_not_stand(why: str):
    scene = night()
    dwells = scene.brief.dwells
    if why == "another pool":
        dc = replace(samples.station("AC-03"), pool="dc", current_type="DC")
        own = replace(scene.brief.depot.stations[1], pool="dc")
        stations = (scene.brief.depot.stations[0], own, dc)
        depot = replace(scene.brief.depot, stations=stations)
        scene = replace(scene, brief=replace(scene.brief, depot=depot))
    elif why == "bound to its point":
        dwells = (replace(dwells[0], connector_id=FIRST), dwells[1])
        scene = replace(scene, brief=replace(scene.brief, dwells=dwells))
    else:
        scene = replace(scene, caught=frozenset({"AC-01", "AC-02", "AC-03"}))

    plan = planned(scene)

    assert ahead(plan, "van-1") == []
    assert plan.moves == ()
    # It is told short instead: half of its 30 kWh is a must.
    assert "van-1" in plan.short


def test_a_move_waits_for_people():
    # Nobody is there until 20:00.
    plan = planned(night(staff_hours=StaffHours(start=time(20), end=time(23))))

    (schedule,) = ahead(plan, "van-1")
    assert all(
        schedule.limit_at(EVENING + timedelta(minutes=minute)) in {0.0, None}
        for minute in range(15, 130)
    )
    assert plan.moves[0].at >= EVENING + timedelta(hours=2)


def test_what_a_caught_station_draws_is_left_out_of_what_others_may_have():
    # 12 kW for both, and no base load: van-1 takes 7.4 of them whatever it is told.
    limited = replace(night().brief.depot.grid, operating_limit_kw=12.0, base_load_max_kw=0.0)
    here = (
        scenes.plugged(FIRST, "van-1", power_kw=7.4),
        scenes.plugged("AC-02/1", "van-2", energy_kwh=1.0),
    )
    scene = night(stations=here)
    depot = replace(scene.brief.depot, grid=limited)
    dwells = (scene.brief.dwells[0], replace(scene.brief.dwells[1], departure=EVENING + 2 * HOUR))
    brief = replace(scene.brief, depot=depot, dwells=dwells, base_load_kw=())

    (schedule,) = ahead(planned(replace(scene, brief=brief)), "van-2")

    # 12 - 7.4 - 0.3 kept for rounding = 4.3 kW in the next hour, then all that van-1 leaves.
    assert schedule.limit_at(NEXT_QUARTER) == pytest.approx(4.3)
    assert schedule.limit_at(NEXT_QUARTER + HOUR) > 4.3


def test_a_move_is_looked_for_anew_where_somebody_needs_more_than_was_known():
    """Found by the simulated week: who made room turned out to lack a whole charge."""
    here = (scenes.plugged(FIRST, "van-1"), scenes.plugged("AC-02/1", "van-2"))
    scene = night(points=("AC-01", "AC-02"), stations=here)
    little = tuple(replace(one, energy_must_kwh=1.0, energy_target_kwh=2.0) for one in
                   scene.brief.dwells[1:])  # fmt: skip
    unknown = replace(scene.brief, dwells=(scene.brief.dwells[0], *little))
    first = planned(replace(scene, brief=unknown))
    (cut,) = ahead(first, "van-2")

    again = planned(replace(scene, current=first.release))

    (longer,) = ahead(again, "van-2")
    # 2 kWh of van-2 against 30 of van-1 left it a short time; with 30 each it has half the night.
    assert cut.valid_to < EVENING + 2 * HOUR
    assert longer.valid_to > EVENING + 4 * HOUR
    assert again.unmet_kwh == pytest.approx(0.0, abs=1e-6)


def crowded() -> LiveNight:
    """Return a night in which nobody can leave van-1 enough time on one connector.

    It must have 30 kWh within four and a half hours: 2.7 h at 11 kW. van-2 comes in three quarters
    of an hour and stays five, van-3 is plugged in and stays as long as van-1; both must have 25.
    """
    here = (scenes.plugged(FIRST, "van-1"), scenes.plugged("AC-03/1", "van-3"))
    places = ((FIRST, "van-1"), ("AC-02/1", "van-2"), ("AC-03/1", "van-3"))
    scene = night_as_pushed(places, stations=here)
    dwells = tuple(
        replace(
            samples.dwell(van),
            arrival=arrival,
            departure=NEXT_QUARTER + stays_h * HOUR,
            energy_must_kwh=must_kwh,
            energy_target_kwh=must_kwh,
        )
        for van, arrival, stays_h, must_kwh in (
            ("van-1", EVENING, 4.5, 30.0),
            ("van-2", EVENING + HOUR, 5.0, 25.0),
            ("van-3", EVENING, 4.5, 25.0),
        )
    )
    return replace(scene, brief=replace(scene.brief, dwells=dwells))


def test_where_no_connector_has_time_enough_it_is_moved_to_two_of_them():
    plan = planned(crowded())

    first, second = sorted(ahead(plan, "van-1"), key=lambda one: one.valid_to)
    assert (first.connector_id, second.connector_id) == ("AC-02/1", "AC-03/1")
    assert [(one.from_connector_id, one.to_connector_id) for one in plan.moves] == [
        (FIRST, "AC-02/1"),
        ("AC-02/1", "AC-03/1"),
    ]
    # Nobody lacks anything by it: 30, 25 and 25 kWh are what they must have.
    assert plan.unmet_kwh == pytest.approx(0.0, abs=1e-6)


def test_the_second_of_two_connectors_is_kept_once_it_stands_on_the_first():
    scene = crowded()
    first = planned(scene)
    there = max(first.moves[0].at, EVENING + HOUR) + timedelta(minutes=20)
    moved = (scenes.plugged("AC-02/1", "van-1"), scenes.plugged("AC-03/1", "van-3"))

    again = planned(replace(scene, current=first.release, now=there, stations=moved))

    places = [one.connector_id for one in sorted(again.release.schedules, key=lambda s: s.valid_to)
              if one.vehicle_id == "van-1"]  # fmt: skip
    assert places == ["AC-02/1", "AC-03/1"]


def test_who_has_changed_places_with_one_that_is_stranded_later_keeps_its_own():
    """Found by the simulated week: one had both places by it, and the other none."""
    told = replace(
        scenes.pushed(),
        release_id="told",
        schedules=(samples.schedule("AC-02/1", "van-2"), samples.schedule("AC-03/1", "van-1")),
    )
    push = replace(
        scenes.pushed(),
        schedules=(samples.schedule("AC-02/1", "van-1"), samples.schedule("AC-03/1", "van-2")),
    )
    # van-2 had come first, to van-1's place; van-1 is plugged in where nobody is charged.
    here = (scenes.plugged(FIRST, "van-1"), scenes.plugged("AC-02/1", "van-2"))

    scene = with_what_stands(night(stations=here, pushed=push, current=told), [])
    plan = planned(scene)

    stands = {(one.vehicle_id, one.connector_id) for one in scene.pushed.schedules}
    assert stands == {("van-1", "AC-03/1"), ("van-2", "AC-02/1")}
    assert [one.connector_id for one in ahead(plan, "van-1")] == ["AC-03/1"]
    (stays,) = ahead(plan, "van-2")
    assert (stays.connector_id, stays.valid_to) == ("AC-02/1", MORNING)
