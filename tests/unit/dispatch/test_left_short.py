"""Who had its turn, and lacks some of what it must have, is led to another connector for the rest.

Van-1 had AC-01 until midnight, and was given 35 of the 60 kWh that it must have; van-2 is there
since. At one van-3 stands on AC-02 with 20 of its 25 kWh: 0.5 h at 11 kW of the 5 h that are left,
in which van-1 needs 2.3 h.
"""

from dataclasses import replace

import pytest

from depotlib.dispatch.night import LiveNight
from depotlib.model.plan import YardMove
from tests.unit.dispatch import scenes
from tests.unit.dispatch.test_diversions import (
    EVENING,
    HOUR,
    SHARED,
    SINGLE,
    later,
    night,
    places,
    planned,
    push,
)
from tests.unit.exchange import samples
from tests.unit.exchange.samples import MORNING

ONE = EVENING + 7 * HOUR
HAD_KWH, MUST_KWH = 35.0, 60.0
THERE = (
    scenes.plugged(SHARED, "van-2", energy_kwh=11.0),
    scenes.plugged(SINGLE, "van-3", energy_kwh=20.0),
)


def at_one(*, had_kwh: float = HAD_KWH, **facts) -> LiveNight:
    return replace(night(stations=THERE, ended_kwh={"van-1": had_kwh}, now=ONE), **facts)


def test_it_gets_the_rest_behind_a_single_that_is_nearly_done():
    plan = planned(at_one())

    assert places(plan, since=ONE) == {SHARED: ["van-2"], SINGLE: ["van-3", "van-1"]}
    rest = scenes.schedule_of(plan.release, "van-1")
    assert scenes.energy_kwh(rest, since=ONE) >= MUST_KWH - HAD_KWH
    single = scenes.schedule_of(plan.release, "van-3")
    assert scenes.energy_kwh(single, since=ONE) >= 25.0 - 20.0
    assert (plan.short, rest.valid_to) == ((), MORNING)
    # Its own place is given up, and people are asked for the drive.
    assert plan.moves == (YardMove("van-1", None, SINGLE, at=single.valid_to),)


def test_it_stands_once_a_release_says_so():
    scene = at_one()
    plan = planned(scene)
    # At half past two van-3 has left with its 25 kWh, and van-2 has 27 of its 60.
    there = (
        scenes.plugged(SHARED, "van-2", energy_kwh=27.0),
        scenes.plugged(SINGLE, "van-1"),
    )
    had = {"van-1": HAD_KWH, "van-3": 25.2}

    again = planned(later(replace(scene, ended_kwh=had), plan, hours=6.5, stations=there))

    assert [one.vehicle_id for one in again.diversions] == ["van-1"]
    assert places(again, since=ONE + 2 * HOUR)[SINGLE] == ["van-1"]
    assert "van-1" not in again.short
    assert again.moves == ()


def test_until_it_has_driven_into_the_time_of_somebody_gone_it_is_asked_to():
    # Van-3 has left AC-02 with its 25 kWh; its time there was pushed until six.
    gone = at_one(
        stations=(THERE[0], scenes.empty(SINGLE)),
        ended_kwh={"van-1": HAD_KWH, "van-3": 25.2},
    )
    plan = planned(gone)
    assert plan.moves == (YardMove("van-1", None, SINGLE, at=ONE),)

    again = planned(later(gone, plan, hours=5.5, stations=gone.stations))

    assert [one.to_connector_id for one in again.moves] == [SINGLE]
    assert (places(again, since=ONE)[SINGLE], again.short) == (["van-1"], ())


def test_who_is_seen_to_leave_the_yard_is_led_no_more():
    scene = at_one()
    plan = planned(scene)
    away = replace(scene, at_home={"van-1": False})

    after = later(away, plan, hours=5.5, stations=THERE)

    assert after.diversions == ()
    assert planned(after).moves == ()


def test_who_comes_home_after_its_turn_is_led_too():
    came = at_one(at_home={"van-1": True}, ended_kwh={})

    plan = planned(needing(came, must_kwh=25.0, target_kwh=25.0))

    assert places(plan, since=ONE)[SINGLE] == ["van-3", "van-1"]


def test_it_is_led_too_where_others_have_the_place_that_was_pushed_for_it():
    # Whoever took its bay has a lineup of its own there by now, and nothing speaks of van-1.
    scene = at_one()
    others = tuple(one for one in push().schedules if one.vehicle_id != "van-1")
    pushed = replace(push(), schedules=others)

    plan = planned(replace(scene, pushed=pushed, current=pushed))

    assert places(plan, since=ONE)[SINGLE] == ["van-3", "van-1"]
    assert (scenes.schedule_of(plan.release, "van-1").departure, plan.short) == (MORNING, ())


def test_it_is_led_for_its_stay_and_not_for_the_next_one():
    # The same push has its next night, too.
    scene = at_one()
    tomorrow = replace(
        samples.schedule(SHARED, "van-1", start=MORNING + 12 * HOUR),
        valid_to=MORNING + 24 * HOUR,
        departure=MORNING + 24 * HOUR,
    )
    pushed = replace(scene.pushed, schedules=(*scene.pushed.schedules, tomorrow))

    (led,) = planned(replace(scene, pushed=pushed, current=pushed)).diversions

    own, *_ = push().schedules
    assert (led.from_connector_id, led.schedule.departure) == (SHARED, own.departure)


def needing(scene: LiveNight, *, must_kwh: float, target_kwh: float = MUST_KWH) -> LiveNight:
    first, *others = scene.brief.dwells
    own = replace(first, energy_must_kwh=must_kwh, energy_target_kwh=target_kwh)
    return replace(scene, brief=replace(scene.brief, dwells=(own, *others)))


def bound(scene: LiveNight) -> LiveNight:
    first, *others = scene.brief.dwells
    dwells = (replace(first, connector_id=SHARED), *others)
    return replace(scene, brief=replace(scene.brief, dwells=dwells))


@pytest.mark.parametrize(
    ("why", "scene"),
    [
        ("it only wishes for more", needing(at_one(), must_kwh=HAD_KWH)),
        ("telematics sees it on the road", at_one(at_home={"van-1": False})),
        ("it never came", needing(at_one(ended_kwh={}), must_kwh=25.0, target_kwh=25.0)),
        # Two kilometres are not worth a drive of two.
        ("it lacks next to nothing", needing(at_one(), must_kwh=HAD_KWH + 0.4)),
        ("it may stand on its connector only", bound(at_one())),
        # 55 kWh are 5 h at 11 kW, and van-3 leaves less: it would drive and be short all the same.
        ("there is no time for all of it", at_one(had_kwh=5.0)),
        ("nobody hears the station", at_one(
            stations=(THERE[0], replace(THERE[1], is_connected=False)))),
        ("the station serves nobody", at_one(caught=frozenset({"AC-02"}))),
    ],
)  # fmt: skip
def test_it_is_left_in_the_yard_where(why: str, scene: LiveNight):
    plan = planned(scene)
    assert plan.diversions == (), why
    assert "van-1" not in places(plan, since=ONE)[SINGLE]


def test_who_has_its_turn_still_to_come_is_not_led():
    # Van-2 waits in the yard beside van-1, and its place is free.
    waiting = replace(at_one(), stations=(scenes.empty(SHARED), THERE[1]))
    assert [one.vehicle_id for one in planned(waiting).diversions] == ["van-1"]
    assert places(planned(waiting), since=ONE)[SHARED] == ["van-2"]
