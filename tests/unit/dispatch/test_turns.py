"""Who waits in the yard goes before who is late on the connector that they share."""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.dispatch.lineups import lineups_followed
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.placement import Yard
from depotlib.dispatch.replan import replan
from depotlib.dispatch.turns import Pair, seen_at_home
from depotlib.model.news import VehicleReading
from depotlib.model.plan import ConnectorWindow
from depotlib.model.position import Position
from depotlib.model.release import ConnectorSchedule, Release
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
PLACE = "AC-01/1"


def shared(first_h: float = 6.0) -> Release:
    """Return a push of van-1, and after `first_h` van-2, on one connector from six to six."""
    first, second = (samples.schedule(PLACE, van) for van in ("van-1", "van-2"))
    turn = EVENING + first_h * HOUR
    begun = replace(second.steps[0], start=turn)
    return replace(
        samples.release("pushed"),
        schedules=(replace(first, valid_to=turn), replace(second, steps=(begun,))),
    )


def night(minute: float, **facts) -> LiveNight:
    """Return the night so many minutes after both were due, nobody plugged in; 30 kWh each."""
    release = shared()
    plain = scenes.night(
        now=EVENING + minute * MINUTE,
        stations=(scenes.empty(PLACE), scenes.empty("AC-02/1")),
        pushed=release,
        current=release,
    )
    return replace(plain, **facts)


def turns(of: LiveNight) -> list[tuple[str, ConnectorSchedule]]:
    plan = replan(of)
    assert plan is not None
    ordered = sorted(plan.release.schedules, key=lambda one: one.valid_to)
    return [(one.vehicle_id, one) for one in ordered]


def test_who_waits_goes_first_where_the_other_is_late():
    # 15 of 30 kWh are a must: with 0.2 for guarded steps 1.38 h at 11 kW. At 21:00 van-1 is 3 h late
    # and expected in an hour: of its six hours two would be left, 1.45 times that. In changed turns
    # 9 h less a changeover are shared by both.
    seen = {"van-1": False, "van-2": True}
    (first, sooner), (second, later) = turns(night(180, at_home=seen))

    assert (first, second) == ("van-2", "van-1")
    assert sooner.steps[0].start <= EVENING + 3.25 * HOUR
    assert sooner.valid_to <= later.steps[-1].start
    assert later.valid_to == MORNING
    for one in (sooner, later):
        assert scenes.energy_kwh(one, since=EVENING) > 30.0


@pytest.mark.parametrize(
    ("minute", "facts"),
    [
        (5, {"at_home": {"van-2": True}}),  # nobody is late
        (20, {"at_home": {"van-2": True}}),  # 5 h for what takes 1.38 h is enough
        (180, {"at_home": {"van-2": False}}),  # nobody waits
        # Whoever had its turn in the evening, or stands elsewhere, is not waiting for this one.
        (180, {"stations": (scenes.empty(PLACE), scenes.plugged("AC-02/1", "van-2"))}),
        (180, {"stations": (scenes.plugged(PLACE, "van-9"), scenes.empty("AC-02/1"))}),
    ],
)
def test_turns_stay_where_nobody_gains_or_nobody_waits(minute: float, facts: dict[str, object]):
    assert turns(night(minute, **facts))[0][0] == "van-1"


def test_where_telematics_is_silent_whoever_should_have_come_is_there():
    assert turns(night(180))[0][0] == "van-2"


def test_changed_turns_stand_when_the_second_plugs_in_and_when_the_first_comes():
    before = night(180, at_home={"van-2": True})
    plan = replan(before)
    assert plan is not None
    changed = lineups_followed(replace(before, current=plan.release))
    after = replace(
        before,
        now=EVENING + 200 * MINUTE,
        pushed=changed,
        current=plan.release,
        stations=(scenes.plugged(PLACE, "van-2"), scenes.empty("AC-02/1")),
        at_home={"van-1": True, "van-2": True},
    )
    assert [name for name, _ in turns(after)] == ["van-2", "van-1"]
    assert changed.release_id == before.pushed.release_id


def test_they_change_places_later_where_the_first_has_little_time_and_the_second_has_more():
    # 15.2 kWh are a must, 1.38 h at 11 kW. Van-1 plugged in an hour ago, and was to make room in an
    # hour and a quarter more; van-2 had nine hours. They share 11 h less a changeover: 5.4 h each.
    release = shared(first_h=2.25)
    before = night(
        60,
        pushed=release,
        current=release,
        stations=(scenes.plugged(PLACE, "van-1"), scenes.empty("AC-02/1")),
    )
    (first, sooner), (second, later) = turns(before)
    assert (first, second) == ("van-1", "van-2")
    assert EVENING + 6 * HOUR <= sooner.valid_to <= EVENING + 7 * HOUR
    for one in (sooner, later):
        assert scenes.energy_kwh(one, since=EVENING) > 30.0

    # It stands, also when the moment is over at which it was to make room.
    plan = replan(before)
    assert plan is not None
    after = replace(
        before,
        now=EVENING + 160 * MINUTE,
        pushed=lineups_followed(replace(before, current=plan.release)),
        current=plan.release,
    )
    (_, again), _ = turns(after)
    assert again.valid_to == sooner.valid_to


def test_they_change_places_when_it_was_planned_where_both_have_time():
    release = shared(first_h=5.0)
    here = (scenes.plugged(PLACE, "van-1"), scenes.empty("AC-02/1"))
    (_, sooner), _ = turns(night(10, pushed=release, current=release, stations=here))
    assert sooner.valid_to == EVENING + 5 * HOUR


def test_who_is_seen_beside_the_bays_is_at_home_and_who_is_seen_far_off_is_not_for_a_while():
    bay, road = Position(40.70, -74.00), Position(40.75, -74.00)
    brief = samples.brief()
    (evse,) = brief.depot.stations[0].evses
    (connector,) = evse.connectors
    placed = replace(evse, connectors=(replace(connector, position=bay),))
    station = replace(brief.depot.stations[0], evses=(placed,))
    depot = replace(brief.depot, stations=(station, *brief.depot.stations[1:]))
    brief = replace(brief, depot=depot)

    def seen(position: Position, minutes_ago: float) -> bool | None:
        at = EVENING + HOUR - minutes_ago * MINUTE
        reading = VehicleReading(
            "van-1", at, soc=None, odometer_km=None, source="feed", position=position
        )
        return seen_at_home(brief, [reading], now=EVENING + HOUR).get("van-1")

    assert seen(bay, 5) is True
    assert seen(bay, 55) is True
    assert seen(road, 5) is False
    assert seen(road, 20) is None
    # Before this stay it was there for another one.
    assert seen(bay, 60 + 24 * 60) is None


def test_a_place_without_surveyed_bays_says_nothing():
    reading = VehicleReading(
        "van-1", EVENING, soc=None, odometer_km=None, source="feed", position=Position(1.0, 1.0)
    )
    assert seen_at_home(samples.brief(), [reading], now=EVENING) == {}
    told = replace(reading, is_at_depot=True)
    assert seen_at_home(samples.brief(), [told], now=EVENING) == {"van-1": True}


@pytest.mark.parametrize(
    ("ready_before_h", "makes_room_at"),
    [
        (0.0, EVENING + 10 * HOUR),
        # Both need 1.38 h at 11 kW. Of the 11.8 h from six on 75 minutes are kept free before van-2
        # leaves; the rest is shared alike.
        (1.25, EVENING + 5.25 * HOUR),
    ],
)
def test_who_leaves_from_a_shared_connector_can_be_ready_before_it_leaves(
    ready_before_h: float, makes_room_at
):
    # Van-2 has two hours there: enough to be ready, not to be ready 75 minutes earlier.
    release = shared(first_h=10.0)
    here = (scenes.plugged(PLACE, "van-1"), scenes.empty("AC-02/1"))
    plain = night(10, pushed=release, current=release, stations=here)
    brief = replace(plain.brief, ready_before_h=ready_before_h)
    (_, sooner), _ = turns(replace(plain, brief=brief))
    assert sooner.valid_to == makes_room_at


def test_nobody_lacks_what_it_needs_so_that_another_is_ready_early():
    # Each needs 24.5 kWh and 0.2 for guarded steps, 2.25 h at 11 kW: with 5 % more 4.72 h together,
    # and there are 4.58 h.
    stays = {name: samples.dwell(name, target_kwh=49.0) for name in ("van-1", "van-2")}
    begin = EVENING + 7.25 * HOUR
    yard = Yard(start=begin, changeover=10 * MINUTE, connector_of={})
    pair = Pair(stays=stays, max_kw=11.0, yard=yard, until=None, ready_before=1.25 * HOUR)
    first = ConnectorWindow("van-1", PLACE, start=begin, end=begin + 2.25 * HOUR)
    second = ConnectorWindow("van-2", PLACE, start=begin + 2.5 * HOUR, end=MORNING)
    assert pair.shared(first, second) == (first, second)


@pytest.mark.parametrize(
    ("second_must_kwh", "was_h", "is_h"),
    [
        # Both by the normal distribution of their needs, at 7.2 kW from quarter to quarter. With
        # 45 minutes van-1 has 5.4 kWh and is ready by 92 %, van-2 has 39.6 and is by 40 %; with half
        # an hour it is 73 and 70 %: more of the two than before.
        (40.0, 0.75, 0.5),
        # Van-2 cannot be ready: of 6.5 h van-1 has what makes it sure, three sigma, and no more.
        (60.0, 0.25, 1.25),
    ],
)
def test_without_time_for_both_they_change_places_when_most_can_be_expected_to_be_ready(
    second_must_kwh: float, was_h: float, is_h: float
):
    musts = {"van-1": 2.0, "van-2": second_must_kwh}
    stays = {
        name: replace(
            samples.dwell(name, target_kwh=70.0), energy_must_kwh=must_kwh, energy_sigma_kwh=2.27
        )
        for name, must_kwh in musts.items()
    }
    begin = MORNING - 6.5 * HOUR
    yard = Yard(start=begin, changeover=10 * MINUTE, connector_of={})
    pair = Pair(stays=stays, max_kw=7.2, yard=yard, until=None)
    first = ConnectorWindow("van-1", PLACE, start=begin, end=begin + was_h * HOUR)
    second = ConnectorWindow("van-2", PLACE, start=first.end + 10 * MINUTE, end=MORNING)
    sooner, later = pair.shared(first, second)
    assert sooner.end == begin + is_h * HOUR
    assert (later.start, later.end) == (sooner.end + 10 * MINUTE, MORNING)
