"""Whoever must make room before it has what it must have gets a second connector."""

from dataclasses import replace
from datetime import time, timedelta

import pytest

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import Replan, replan
from depotlib.model.depot import StaffHours
from depotlib.model.plan import YardMove
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

ALWAYS = StaffHours(start=time(0), end=time(0))
HOUR = timedelta(hours=1)
MAKES_ROOM = EVENING + 2 * HOUR
"""When van-1 leaves AC-01 to van-3: it has had at most 1:45 h at 11 kW by then, 19 of 30 kWh."""


def night(*, must_kwh: float = 28.0, **facts) -> LiveNight:
    """Return van-1 on AC-01 which van-3 takes at eight, and van-2 on AC-02 for all of the night."""
    brief = samples.brief()
    stations = tuple(samples.station(name) for name in facts.pop("points", ("AC-01", "AC-02")))
    depot = replace(brief.depot, stations=stations, staff_hours=facts.pop("staff_hours", ALWAYS))
    first, second = brief.dwells
    dwells = (
        replace(first, energy_must_kwh=must_kwh),
        second,
        replace(first, vehicle_id="van-3", energy_must_kwh=20.0),
    )
    brief = replace(brief, depot=depot, fleet=None, dwells=dwells)
    leaving = replace(samples.schedule("AC-01/1", "van-1"), valid_to=MAKES_ROOM)
    taking = samples.schedule("AC-01/1", "van-3", start=MAKES_ROOM)
    leaving = replace(leaving, steps=leaving.steps[:1])
    pushed = replace(
        scenes.pushed(), schedules=(leaving, taking, samples.schedule("AC-02/1", "van-2"))
    )
    here = (scenes.plugged("AC-01/1", "van-1"), scenes.plugged("AC-02/1", "van-2"))
    plain = scenes.night(brief=brief, stations=here, pushed=pushed, current=pushed)
    return replace(plain, **facts)


def planned(scene: LiveNight) -> Replan:
    plan = replan(scene)
    assert plan is not None
    return plan


def places(plan: Replan, vehicle_id: str) -> list[str]:
    """Return a vehicle's connectors, in the order of its schedules."""
    own = [one for one in plan.release.schedules if one.vehicle_id == vehicle_id]
    return [one.connector_id for one in sorted(own, key=lambda one: one.steps[0].start)]


def test_it_follows_who_has_time_to_spare_once_it_has_made_room():
    plan = planned(night())

    assert places(plan, "van-1") == ["AC-01/1", "AC-02/1"]
    assert places(plan, "van-2") == ["AC-02/1"]
    first, second = (
        next(
            one
            for one in plan.release.schedules
            if (one.vehicle_id, one.connector_id) == (name, "AC-02/1")
        )
        for name in ("van-2", "van-1")
    )
    # Ten minutes to change places, on whole quarters; nobody is short for it.
    assert second.steps[0].start >= max(first.valid_to, MAKES_ROOM)
    assert plan.short == ()
    (move,) = plan.moves
    assert (move.vehicle_id, move.from_connector_id, move.to_connector_id) == (
        "van-1",
        "AC-01/1",
        "AC-02/1",
    )


def test_a_point_that_is_nobodys_comes_first():
    plan = planned(night(points=("AC-01", "AC-02", "AC-03")))

    assert places(plan, "van-1") == ["AC-01/1", "AC-03/1"]
    assert plan.moves == (YardMove("van-1", "AC-01/1", "AC-03/1", at=plan.moves[0].at),)


def test_a_move_that_was_told_stands():
    scene = night(points=("AC-01", "AC-02", "AC-03"))
    told = replace(samples.schedule("AC-02/1", "van-1", start=MAKES_ROOM + 4 * HOUR))
    current = replace(scene.current, origin="dispatch", schedules=(*scene.current.schedules, told))

    plan = planned(replace(scene, current=current))

    assert places(plan, "van-1") == ["AC-01/1", "AC-02/1"]


def test_between_its_places_it_waits_in_the_yard_and_is_not_forgotten():
    scene = night()
    here = (scenes.plugged("AC-01/1", "van-3"), scenes.plugged("AC-02/1", "van-2"))

    later = MAKES_ROOM + timedelta(minutes=10)
    plan = planned(replace(scene, now=later, stations=here, ended_kwh={"van-1": 19.0}))

    # Behind van-2, or behind van-3 where it stood: each needs 3 of ten hours.
    assert len(places(plan, "van-1")) == 1
    assert plan.short == ()


@pytest.mark.parametrize(
    "facts",
    [
        # 17 of 19 kWh: it has time enough where it is.
        {"must_kwh": 17.0},
        # Nobody is in the yard after a quarter past six.
        {"staff_hours": StaffHours(start=time(6), end=time(18, 15))},
    ],
)
def test_nobody_is_moved_without_need_or_by_nobody(facts):
    plan = planned(night(**facts))

    assert places(plan, "van-1") == ["AC-01/1"]
    assert plan.moves == ()


def test_until_then_it_charges_where_it_is():
    (first, *_) = sorted(
        (one for one in planned(night()).release.schedules if one.vehicle_id == "van-1"),
        key=lambda one: one.steps[0].start,
    )

    assert scenes.energy_kwh(first, since=NEXT_QUARTER, until=MAKES_ROOM) >= 10.0
