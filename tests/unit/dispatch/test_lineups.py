"""What people were told of who follows whom stands, until somebody plugs in elsewhere."""

import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.lineups import lineups_followed
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.overdue import overdue
from depotlib.dispatch.replan import replan
from depotlib.model.release import ConnectorSchedule, LimitStep, Release
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

HOUR = timedelta(hours=1)
A, B, C = "AC-01/1", "AC-02/1", "AC-03/1"
TOLD_AT = EVENING + 2 * HOUR
Lineups = Mapping[str, list[tuple[str, float, float]]]


def release(lineups: Lineups, *, made_at: datetime = EVENING) -> Release:
    """Return a release by connector: who is there, from which hour of the night until which."""
    return replace(
        samples.release(f"said-{made_at:%H%M}"),
        made_at=made_at,
        schedules=tuple(
            turn(place, van, hours=(start_h, end_h))
            for place, turns in lineups.items()
            for van, start_h, end_h in turns
        ),
    )


def turn(place: str, van: str, *, hours: tuple[float, float]) -> ConnectorSchedule:
    start, end = (EVENING + hour * HOUR for hour in hours)
    plain = samples.schedule(place, van)
    return replace(plain, steps=(LimitStep(start, 0.0),), valid_to=end)


def followed(
    pushed: Lineups, told: Lineups, *, plugged: Mapping[str, str], **facts
) -> dict[str, list[tuple[str, float, float]]]:
    """Return the lineups to go by an hour after something was told, as `release` takes them."""
    scene = LiveNight(
        now=TOLD_AT + HOUR,
        brief_version=1,
        brief=samples.brief(),
        pushed=release(pushed),
        current=release(told, made_at=TOLD_AT),
        stations=tuple(scenes.plugged(place, van) for van, place in plugged.items()),
    )
    found: dict[str, list[tuple[str, float, float]]] = {}
    for one in sorted(
        lineups_followed(replace(scene, **facts)).schedules, key=lambda one: one.steps[0].start
    ):
        hours = ((at - EVENING) / HOUR for at in (one.steps[0].start, one.valid_to))
        found.setdefault(one.connector_id, []).append((one.vehicle_id, *hours))
    return found


PUSHED = {A: [("van-1", 0, 6), ("van-2", 6, 12)], B: [("van-3", 0, 12)]}


@pytest.mark.parametrize(
    "told",
    [
        {A: [("van-1", 2, 6), ("van-2", 6, 12)], B: [("van-3", 2, 12)]},
        # They change places ten minutes later: a plan steps by 15.
        {A: [("van-1", 2, 6.1), ("van-2", 6.1, 12)], B: [("van-3", 2, 12)]},
        # Whoever has left is told nothing any more.
        {A: [("van-2", 2, 12)], B: [("van-3", 2, 12)]},
    ],
)
def test_a_push_is_followed_where_nothing_else_was_told(told: Lineups):
    assert followed(PUSHED, told, plugged={"van-3": B}) == PUSHED


def test_who_took_the_place_of_another_keeps_it_as_it_was_told_when_its_own_would_be_over():
    # Van-1 is on B by mistake: until ten, where its own time on A was to end at six.
    told = {A: [("van-2", 2, 12)], B: [("van-1", 2, 10), ("van-3", 10, 12)]}
    found = followed(PUSHED, told, plugged={"van-1": B, "van-2": A}, now=EVENING + 6.5 * HOUR)
    assert found[B] == told[B]


def test_who_was_told_to_go_elsewhere_still_goes_there_when_nobody_stands_there_yet():
    told = {A: [("van-3", 6, 12)], B: [("van-1", 2, 12)]}
    pushed = {A: [("van-1", 0, 6), ("van-2", 6, 12)], B: [("van-3", 0, 12)]}

    found = followed(pushed, told, plugged={"van-1": B})

    assert found[B] == [("van-1", 2, 12)]
    assert ("van-3", 6, 12) in found[A]


def test_who_drives_back_to_its_own_place_gives_back_that_of_the_other():
    # Van-1 and van-3 had been told to stay in each other's place; van-1 has driven home since.
    pushed = {A: [("van-1", 0, 12)], B: [("van-3", 0, 12)]}
    told = {A: [("van-3", 2, 12)], B: [("van-1", 2, 12)]}

    assert followed(pushed, told, plugged={"van-1": A}) == pushed


def test_whoever_had_come_in_its_place_gives_way_in_a_chain():
    # Van-1 stood on B, van-3 was told to go to C, and van-4 from there to A.
    pushed = {A: [("van-1", 0, 12)], B: [("van-3", 0, 12)], C: [("van-4", 0, 12)]}
    told = {A: [("van-4", 2, 12)], B: [("van-1", 2, 12)], C: [("van-3", 2, 12)]}

    assert followed(pushed, told, plugged={"van-1": A}) == pushed
    # Who is plugged in by now stays: only van-4 is left without what it was told.
    found = followed(pushed, told, plugged={"van-1": A, "van-3": C})
    assert found[A] == [("van-1", 0, 12)]
    assert ("van-3", 2, 12) in found[C]


def test_who_is_led_there_no_more_is_planned_as_it_was_pushed():
    pushed = {A: [("van-1", 0, 6), ("van-2", 6, 12)], B: [("van-3", 0, 12)]}
    told = {A: [("van-1", 2, 12)], B: [("van-3", 2, 6), ("van-2", 6, 12)]}
    scene = LiveNight(
        now=TOLD_AT,
        brief_version=1,
        brief=samples.brief(),
        pushed=release(pushed),
        current=release(told, made_at=TOLD_AT),
    )
    assert lineups_followed(scene, given_up={"van-2"}) is scene.pushed
    assert lineups_followed(scene) is not scene.pushed


def test_who_has_charged_and_left_gets_no_time_back_from_whoever_followed_it():
    told = {A: [("van-1", 2, 5), ("van-2", 5, 12)], B: [("van-3", 2, 12)]}
    pushed = {A: [("van-1", 0, 6), ("van-2", 6, 12)], B: [("van-3", 0, 12)]}

    found = followed(pushed, told, plugged={"van-2": A}, ended_kwh={"van-1": 12.0})

    assert found == pushed


def test_who_should_have_made_room_by_now_is_told_no_other_time_there():
    # Van-1 was to stay on B until four, and is still there: the latest release gives it none.
    pushed = {A: [("van-1", 0, 12)], B: [("van-3", 0, 12)]}
    told = {A: [("van-2", 2, 12)], B: [("van-3", 2, 12)]}

    found = followed(pushed, told, plugged={"van-1": B})

    assert ("van-1", 0, 2) in found[B]
    # In its own place too, where its time was cut short for van-2.
    told = {A: [("van-2", 2, 12)], B: [("van-3", 2, 12)]}
    assert followed(PUSHED, told, plugged={"van-1": A})[A] == [("van-1", 0, 2), ("van-2", 2, 12)]
    # Whoever plugged in since the release was made has not been told anything.
    since = replace(
        scenes.plugged(B, "van-1"),
        connectors=(
            replace(
                scenes.plugged(B, "van-1").connectors[0], session_started_at=TOLD_AT + HOUR / 2
            ),
        ),
    )
    assert ("van-1", 0, 2) not in followed(pushed, told, plugged={}, stations=(since,))[B]


def test_who_was_taken_for_another_and_that_other_one_are_planned_as_they_were_pushed():
    # Who stood on B was taken for van-1, and van-3 was told to follow it: it is van-3 itself.
    pushed = {A: [("van-1", 0, 12)], B: [("van-3", 0, 12)]}
    told = {A: [], B: [("van-1", 2, 7), ("van-3", 7, 12)]}

    assert followed(pushed, told, plugged={"van-3": B}) == pushed


def test_who_has_had_its_turn_and_left_has_no_claim_where_another_was_told_to_come():
    # Van-3 was to have all night on B, and made room for van-1 at three, as it was told.
    pushed = {A: [("van-1", 0, 12)], B: [("van-3", 0, 12)]}
    told = {B: [("van-3", 2, 3), ("van-1", 3, 12)]}

    found = followed(pushed, told, plugged={}, ended_kwh={"van-3": 9.0})

    assert found[B] == [("van-1", 3, 12)]
    # Whoever never came keeps its claim.
    assert ("van-3", 0, 12) in followed(pushed, told, plugged={})[B]


def test_whoever_had_the_first_of_changed_turns_has_no_claim_on_the_second():
    # They had changed turns, and van-2 made room at two: before six, when van-1 was to make room.
    told = {A: [("van-1", 2, 12)], B: [("van-3", 2, 12)]}
    found = followed(PUSHED, told, plugged={"van-3": B}, ended_kwh={"van-2": 30.0})
    assert [(van, end) for van, _, end in found[A]] == [("van-1", 12)]


def test_who_waits_for_its_changed_turn_is_overdue_from_when_on_it_was_due_at_first():
    # A release tells of whoever may come at once that it begins with it: that is not when it is due.
    told = {A: [("van-1", 2, 7), ("van-2", 7, 12)], B: [("van-3", 2, 12)]}
    found = followed(PUSHED, told, plugged={"van-3": B})
    assert found[A] == [("van-1", 0, 7), ("van-2", 7, 12)]

    first, second = scenes.pushed().schedules
    at_two = (LimitStep(EVENING + 2 * HOUR, 0.0),)
    current = replace(
        scenes.pushed(),
        made_at=EVENING + 2 * HOUR,
        schedules=(
            replace(first, connector_id=B, steps=at_two),
            replace(second, connector_id=A, steps=at_two),
        ),
    )
    late = scenes.night(now=EVENING + 2 * HOUR, current=current)
    due = overdue(replace(late, pushed=lineups_followed(late)))
    assert {name: one.due_at for name, one in due.items()} == {"van-1": EVENING, "van-2": EVENING}


def test_whose_turn_is_later_is_told_of_no_time_before_it():
    """Van-2 is late on a connector that van-1 has first now: two had begun there at once."""
    pushed = release({A: [("van-2", 0, 6), ("van-1", 6, 12)]})
    told = release({A: [("van-2", 1, 6), ("van-1", 6, 12)]}, made_at=EVENING + HOUR)
    plan = replan(
        scenes.night(
            now=EVENING + 3 * HOUR,
            pushed=pushed,
            current=told,
            stations=(scenes.plugged(A, "van-1"), scenes.empty(B)),
        )
    )
    assert plan is not None
    first, second = (scenes.schedule_of(plan.release, van) for van in ("van-1", "van-2"))
    assert first.steps[0].start < first.valid_to <= second.steps[0].start


def test_who_has_two_turns_on_a_connector_begins_only_its_first_now():
    twice = release({A: [("van-1", 0, 3), ("van-2", 3, 6), ("van-1", 6, 12)]})
    plan = replan(
        scenes.night(
            now=EVENING + HOUR + timedelta(minutes=5),
            pushed=twice,
            current=twice,
            stations=(scenes.plugged(A, "van-1"), scenes.empty(B)),
        )
    )
    assert plan is not None
    here = sorted(plan.release.schedules, key=lambda one: one.steps[0].start)
    assert [one.vehicle_id for one in here] == ["van-1", "van-2", "van-1"]
    for before, after in itertools.pairwise(here):
        assert before.valid_to <= after.steps[0].start
