"""Who waits for a turn in which it cannot be ready early is led into time that nobody has.

Van-1 and van-2 share AC-01 from eight to six, 10 h for twice 50.4 kWh at 11 kW: 9.3 h with the
changeover. That is time for what both must have, and not for being ready an hour before.
"""

from dataclasses import replace

import pytest

from depotlib.dispatch.night import LiveNight
from depotlib.model.plan import YardMove
from tests.unit.dispatch import scenes
from tests.unit.dispatch.test_diversions import (
    HERE,
    HOUR,
    LATE,
    SHARED,
    later,
    night,
    places,
    planned,
)
from tests.unit.exchange import samples
from tests.unit.exchange.samples import MORNING

FREE = "AC-03/1"


def with_a_free_connector(*, early_h: float = 1.0, **facts) -> LiveNight:
    scene = night(must_kwh=50.0, **{"at_home": {"van-2": True}, **facts})
    stations = (*scene.brief.depot.stations, samples.station("AC-03"))
    depot = replace(scene.brief.depot, stations=stations)
    return replace(scene, brief=replace(scene.brief, depot=depot, ready_before_h=early_h))


def test_it_is_led_to_a_free_connector_where_it_is_ready_an_hour_before():
    plan = planned(with_a_free_connector())

    led, stays_on = (scenes.schedule_of(plan.release, van) for van in ("van-2", "van-1"))
    assert (led.connector_id, led.valid_to) == (FREE, MORNING)
    assert stays_on.valid_to == MORNING
    for one in (led, stays_on):
        before_six_kwh = scenes.energy_kwh(one, since=LATE) - scenes.energy_kwh(
            one, since=MORNING - HOUR
        )
        assert before_six_kwh >= 50.0
    assert plan.moves == (YardMove("van-2", None, FREE, at=LATE),)


def test_it_stands_once_a_release_says_so():
    scene = with_a_free_connector()
    plan = planned(scene)
    there = (*HERE, scenes.plugged(FREE, "van-2"))

    again = planned(later(scene, plan, hours=1.0, stations=there))

    assert scenes.schedule_of(again.release, "van-2").connector_id == FREE
    assert again.moves == ()


@pytest.mark.parametrize(
    ("why", "scene"),
    [
        ("nobody asks for it", with_a_free_connector(early_h=0.0)),
        ("it is not home yet", with_a_free_connector(at_home={"van-2": False})),
        ("nobody saw it come", with_a_free_connector(at_home={})),
        (
            "somebody would have to make room",
            replace(night(must_kwh=50.0), at_home={"van-2": True}),
        ),
    ],
)
def test_it_waits_for_its_turn_where(why: str, scene: LiveNight):
    early_h = 0.0 if why == "nobody asks for it" else 1.0
    plan = planned(replace(scene, brief=replace(scene.brief, ready_before_h=early_h)))

    assert (places(plan)[SHARED], plan.diversions) == (["van-1", "van-2"], ())
    assert plan.short == ()
