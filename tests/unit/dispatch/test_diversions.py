"""Who waits for a connector on which there is no time for two is led to another one.

Van-1 and van-2 share AC-01 from six to six, and change places at midnight; both must have 60 kWh,
with 0.2 kWh for guarded steps 5.47 h at 11 kW. Van-3 has AC-02 for itself, and wants 25 kWh.
Whoever had its turn and lacks some of what it must have: `test_left_short.py`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import time, timedelta

import pytest

from depotlib.dispatch.diversions import as_led
from depotlib.dispatch.lineups import with_what_stands
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import Replan, replan
from depotlib.model.depot import Derating, StaffHours
from depotlib.model.live import StationState
from depotlib.model.plan import YardMove
from depotlib.model.release import Release
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

HOUR = timedelta(hours=1)
LATE = EVENING + 2 * HOUR
"""Van-1 came so late: 10 h are left, for what takes 10.95 h."""
SHARED, SINGLE = "AC-01/1", "AC-02/1"
MUST_KWH, SINGLE_KWH = 60.0, 25.0
CHANGEOVER = timedelta(minutes=10)
HERE = (scenes.plugged(SHARED, "van-1"), scenes.plugged(SINGLE, "van-3"))


def push(first_h: float = 6.0) -> Release:
    first, second = (samples.schedule(SHARED, van) for van in ("van-1", "van-2"))
    turn = EVENING + first_h * HOUR
    begun = replace(second.steps[0], start=turn)
    return replace(
        samples.release("pushed"),
        schedules=(
            replace(first, valid_to=turn),
            replace(second, steps=(begun,)),
            samples.schedule(SINGLE, "van-3"),
        ),
    )


def night(
    *, single_kwh: float = SINGLE_KWH, must_kwh: float = MUST_KWH, staff=(0, 0), **facts
) -> LiveNight:
    brief = samples.brief()
    begin, end = (time(hour) for hour in staff)
    depot = replace(brief.depot, staff_hours=StaffHours(start=begin, end=end))
    dwells = (
        *(
            replace(samples.dwell(van, target_kwh=must_kwh), energy_must_kwh=must_kwh)
            for van in ("van-1", "van-2")
        ),
        replace(samples.dwell("van-3", target_kwh=single_kwh), energy_must_kwh=single_kwh),
    )
    plain = scenes.night(
        now=LATE,
        brief=replace(brief, depot=depot, fleet=None, dwells=dwells),
        stations=HERE,
        pushed=push(),
        current=push(),
    )
    return replace(plain, **facts)


def planned(scene: LiveNight) -> Replan:
    plan = replan(scene)
    assert plan is not None
    return plan


def later(scene: LiveNight, plan: Replan, *, hours: float, stations: Sequence[StationState]):
    """Return the night so much later as a dispatcher reads it from what was kept."""
    after = replace(
        scene,
        now=LATE + hours * HOUR,
        pushed=push(),
        current=plan.release,
        stations=tuple(stations),
        diversions=(),
    )
    return with_what_stands(after, plan.diversions)


def places(plan: Replan, *, since=EVENING) -> dict[str, list[str]]:
    """Return by connector who has turns there, one after the other."""
    ordered = sorted(plan.release.schedules, key=lambda one: one.valid_to)
    found: dict[str, list[str]] = {SHARED: [], SINGLE: []}
    for one in ordered:
        if one.valid_to > since:
            found[one.connector_id].append(one.vehicle_id)
    return found


def energy_kwh(plan: Replan, vehicle_id: str) -> float:
    schedule = scenes.schedule_of(plan.release, vehicle_id)
    return scenes.energy_kwh(schedule, since=LATE)


def test_the_second_is_led_behind_a_single_that_has_time():
    plan = planned(night())

    assert places(plan) == {SHARED: ["van-1"], SINGLE: ["van-3", "van-2"]}
    # Who stays has its connector to its departure, and everybody all that it must have.
    assert scenes.schedule_of(plan.release, "van-1").valid_to == MORNING
    for van, needed_kwh in (("van-1", 60.0), ("van-2", 60.0), ("van-3", SINGLE_KWH)):
        assert energy_kwh(plan, van) >= needed_kwh
    assert plan.short == ()


def test_the_single_keeps_what_it_must_have_with_a_share_to_spare():
    plan = planned(night())

    # 25 kWh, 0.3 % and 0.2 kWh at 11 kW are 2.3 h, 1.15 times that 2.64 h from eight on.
    single = scenes.schedule_of(plan.release, "van-3")
    own = timedelta(hours=1.15 * (SINGLE_KWH * 1.003 + 0.2) / 11.0)
    assert LATE + own <= single.valid_to <= MORNING - 1.15 * HOUR * MUST_KWH / 11.0
    # They change places at a changeover's distance.
    led = scenes.schedule_of(plan.release, "van-2")
    draws_at = min(step.start for step in led.steps if step.limit_kw > 0.0)
    assert draws_at >= single.valid_to + CHANGEOVER


def test_nobody_is_led_to_a_connector_that_is_out_of_service_meanwhile():
    # An operator keeps AC-03 free from midnight to one; a push leaves such a connector to nobody.
    scene = night()
    out = Derating(EVENING + 6 * HOUR, EVENING + 7 * HOUR)
    third = replace(samples.station("AC-03"), deratings=(out,))
    depot = replace(scene.brief.depot, stations=(*scene.brief.depot.stations, third))

    plan = planned(replace(scene, brief=replace(scene.brief, depot=depot)))

    assert places(plan)[SINGLE] == ["van-3", "van-2"]
    assert plan.short == ()


def test_a_free_connector_is_better_than_somebody_who_makes_room():
    scene = night()
    depot = scene.brief.depot
    free = replace(depot, stations=(*depot.stations, samples.station("AC-03")))

    plan = planned(replace(scene, brief=replace(scene.brief, depot=free)))

    led, single = (scenes.schedule_of(plan.release, van) for van in ("van-2", "van-3"))
    assert (led.connector_id, led.valid_to, single.valid_to) == ("AC-03/1", MORNING, MORNING)
    # People are there all night, and the place is free.
    assert plan.moves == (YardMove("van-2", None, "AC-03/1", at=LATE),)


def test_a_third_on_its_connector_keeps_its_time():
    # Three on AC-01, van-4 from four on; van-2 goes, and van-1 has the time until then.
    (first, second, single) = push().schedules
    third = replace(samples.schedule(SHARED, "van-4", start=EVENING + 10 * HOUR))
    pushed = replace(
        push(), schedules=(first, replace(second, valid_to=EVENING + 10 * HOUR), single, third)
    )
    scene = night(pushed=pushed, current=pushed)
    dwells = (*scene.brief.dwells, samples.dwell("van-4", target_kwh=15.0))

    plan = planned(replace(scene, brief=replace(scene.brief, dwells=dwells)))

    assert places(plan) == {SHARED: ["van-1", "van-4"], SINGLE: ["van-3", "van-2"]}
    assert scenes.schedule_of(plan.release, "van-1").valid_to == EVENING + 10 * HOUR
    assert energy_kwh(plan, "van-4") >= 15.0


def test_people_are_asked_for_the_drive_until_it_is_made():
    scene = night()
    plan = planned(scene)

    # It waits in the yard, and its place is free when van-3 makes room.
    gone = scenes.schedule_of(plan.release, "van-3").valid_to
    assert plan.moves == (YardMove("van-2", None, SINGLE, at=gone),)
    again = planned(later(scene, plan, hours=0.5, stations=HERE))
    assert [one.to_connector_id for one in again.moves] == [SINGLE]
    there = (HERE[0], scenes.plugged(SINGLE, "van-2"))
    assert planned(later(scene, plan, hours=4.0, stations=there)).moves == ()


@pytest.mark.parametrize(
    ("why", "scene"),
    [
        # 50.2 kWh each are 9.13 h of 9.83: both have enough.
        ("both have enough", night(must_kwh=50.0)),
        # 1.15 x 50 kWh are 5.2 h at 11 kW, and 1.15 x 60 kWh 6.3 h: 11.5 h of the 10 that are left.
        ("the single has no time", night(single_kwh=50.0)),
        ("nobody is there to drive", night(staff=(5, 22))),
        ("its pool has no other", night(caught=frozenset({"AC-02"}))),
        ("the single is somebody unknown", night(stations=(HERE[0], scenes.plugged(SINGLE, None)))),
        ("nobody hears the station", night(stations=(HERE[0], replace(HERE[1], is_connected=False)))),
    ],
)  # fmt: skip
def test_nobody_is_led_where(why: str, scene: LiveNight):
    plan = planned(scene)
    assert plan.diversions == (), why
    assert "van-2" not in places(plan)[SINGLE]


def test_the_single_gives_way_with_what_it_only_wishes():
    # As above it wants 50 kWh, but 25 are all that it must have: nobody lacks that for a wish.
    scene = night(single_kwh=50.0)
    first, second, single = scene.brief.dwells
    wishing = (first, second, replace(single, energy_must_kwh=SINGLE_KWH))

    plan = planned(replace(scene, brief=replace(scene.brief, dwells=wishing)))

    assert [one.vehicle_id for one in plan.diversions] == ["van-2"]
    assert energy_kwh(plan, "van-3") >= SINGLE_KWH


def test_who_is_bound_to_its_connector_is_not_led():
    scene = night()
    first, second, single = scene.brief.dwells
    bound = (first, replace(second, connector_id=SHARED), single)
    assert planned(replace(scene, brief=replace(scene.brief, dwells=bound))).diversions == ()


def test_the_first_is_led_where_it_is_late_and_the_second_is_plugged_in():
    # Van-1 has not come by eight; van-2 took its place, and was turned to be the first there.
    scene = night()
    (first, second, single) = push().schedules
    turn = LATE + 5 * HOUR
    turned = replace(
        push(),
        schedules=(
            replace(first, steps=(replace(first.steps[0], start=turn),), valid_to=MORNING),
            replace(second, steps=(replace(second.steps[0], start=EVENING),), valid_to=turn),
            single,
        ),
    )
    here = (scenes.plugged(SHARED, "van-2"), HERE[1])

    plan = planned(replace(scene, pushed=turned, current=turned, stations=here))

    assert places(plan) == {SHARED: ["van-2"], SINGLE: ["van-3", "van-1"]}


def test_it_stands_when_it_is_plugged_in_and_when_the_single_has_left():
    scene = night()
    plan = planned(scene)
    there = (HERE[0], scenes.plugged(SINGLE, "van-2"))
    # Van-3 has left with 12 of its 25 kWh, and may come back for the rest.
    scene = replace(scene, ended_kwh={"van-3": 12.0})
    left_early, after_all = (later(scene, plan, hours=at, stations=there) for at in (2.0, 5.0))

    for at in (left_early, after_all):
        again = planned(at)
        assert again.diversions
        assert places(again, since=at.now + HOUR / 4)[SHARED] == ["van-1"]
        led = scenes.schedule_of(again.release, "van-2")
        assert (led.connector_id, led.valid_to) == (SINGLE, MORNING)
        # It displaces nobody who has its place by now.
        assert places(again)[SINGLE] == ["van-2"]


def test_who_plugs_in_before_its_turn_stays_and_the_first_is_led_elsewhere():
    plan = planned(night(stations=(HERE[1], scenes.plugged(SHARED, "van-2"))))

    assert [one.vehicle_id for one in plan.diversions] == ["van-1"]
    assert places(plan)[SHARED] == ["van-2"]


def test_plugged_in_elsewhere_it_is_given_up():
    scene = night()
    plan = planned(scene)
    elsewhere = (scenes.plugged(SHARED, "van-2"), HERE[1])

    after = later(scene, plan, hours=1.0, stations=elsewhere)

    assert after.diversions == ()
    assert set(after.pushed.schedules) == set(push().schedules)
    assert places(planned(after))[SHARED] == ["van-2"]


def test_it_goes_ahead_of_a_late_single_and_gives_way_where_that_comes_first():
    # Nobody is on AC-02, and van-3 is 2 h late and wants 10 kWh: 1.2 h of the time that is left.
    scene = night(single_kwh=10.0, stations=(HERE[0], scenes.empty(SINGLE)))
    plan = planned(scene)
    assert places(plan) == {SHARED: ["van-1"], SINGLE: ["van-2", "van-3"]}

    came = later(scene, plan, hours=0.25, stations=HERE)

    assert came.diversions == ()
    assert places(planned(came), since=came.now + HOUR / 2)[SINGLE] == ["van-3", "van-2"]
    # Where van-2 is there it stays.
    there = (HERE[0], scenes.plugged(SINGLE, "van-2"))
    assert later(scene, plan, hours=0.25, stations=there).diversions != ()


def test_another_push_and_the_end_of_its_stay_end_it():
    scene = night()
    records = planned(scene).diversions
    other = replace(push(), release_id="another")
    assert as_led(replace(scene, pushed=other), records).pushed is other
    over = replace(scene, now=MORNING)
    assert as_led(over, records) is over
    assert [one.vehicle_id for one in as_led(scene, records).diversions] == ["van-2"]


def test_who_is_led_ahead_of_a_late_one_is_led_elsewhere_where_that_one_comes_first():
    # Van-9 should be on AC-03 since six. The 105 and 4 kWh that must be had on AC-01 from eight on
    # are 10 h and a changeover.
    scene = night()
    dwells = tuple(
        replace(samples.dwell(van, target_kwh=kwh), energy_must_kwh=kwh)
        for van, kwh in (("van-1", 105.0), ("van-2", 4.0), ("van-3", 25.0), ("van-9", 60.0))
    )
    depot = replace(
        scene.brief.depot, stations=(*scene.brief.depot.stations, samples.station("AC-03"))
    )
    pushed = replace(push(), schedules=(*push().schedules, samples.schedule("AC-03/1", "van-9")))
    scene = replace(
        scene,
        brief=replace(scene.brief, depot=depot, dwells=dwells),
        pushed=pushed,
        current=pushed,
        at_home={"van-2": True, "van-9": False},
    )
    plan = planned(scene)
    assert [one.to_connector_id for one in plan.diversions] == ["AC-03/1"]

    came = replace(
        scene,
        now=LATE + 0.1 * HOUR,
        current=plan.release,
        stations=(*HERE, scenes.plugged("AC-03/1", "van-9")),
        at_home={"van-2": True, "van-9": True},
    )
    again = planned(with_what_stands(came, plan.diversions))

    assert [one.to_connector_id for one in again.diversions] == [SINGLE]
    assert energy_kwh(again, "van-2") >= 4.0
    assert scenes.schedule_of(again.release, "van-9").valid_to == MORNING
