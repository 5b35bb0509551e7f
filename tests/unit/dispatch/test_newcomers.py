"""Who has just come draws at once what the site has left, and nothing beyond it."""

from dataclasses import replace
from datetime import timedelta

from depotlib.dispatch.newcomers import with_newcomers
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.replan import replan
from depotlib.model.live import StationState
from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.model.timegrid import TimeGrid
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

LATER = TimeGrid(NEXT_QUARTER, 900, 47)


def since(minutes: float, station: StationState) -> StationState:
    """Return a station whose session began so long ago."""
    (state,) = station.connectors
    started = replace(state, session_started_at=NOW - timedelta(minutes=minutes))
    return replace(station, connectors=(started,))


def until_then(vehicle_id: str, now_kw: float, then_kw: float) -> ConnectorSchedule:
    """Return what goes on until the new plan begins, and what it gives then."""
    place = {van: place for place, van in scenes.PLACES}[vehicle_id]
    steps = (LimitStep(NOW, now_kw), LimitStep(NEXT_QUARTER, then_kw))
    return replace(samples.schedule(place, vehicle_id), steps=steps, valid_to=MORNING)


def scene(**facts) -> LiveNight:
    """Return the night in which van-1 has been there and van-2 has just come."""
    first, second = (scenes.plugged(place, van) for place, van in scenes.PLACES)
    return scenes.night(stations=(since(60, first), since(1, second)), **facts)


def begun_kw(night: LiveNight, *schedules: ConnectorSchedule) -> list[float | None]:
    return [one.limit_at(NOW) for one in with_newcomers(schedules, night, grid=LATER)]


def test_a_newcomer_begins_with_what_the_plan_gives_it_where_the_site_has_as_much_left():
    assert begun_kw(scene(), until_then("van-1", 7.4, 7.4), until_then("van-2", 0.0, 7.4)) == [
        7.4,
        7.4,
    ]


def test_a_newcomer_waits_where_somebody_gives_way_to_it_when_the_plan_begins():
    # 11 kW now, 3.6 and 7.4 from the next quarter on: nothing is left until then.
    assert begun_kw(scene(), until_then("van-1", 11.0, 3.6), until_then("van-2", 0.0, 7.4)) == [
        11.0,
        0.0,
    ]
    # 5 kW of 7.4 are left where van-1 goes from 6 to 3.6.
    assert begun_kw(scene(), until_then("van-1", 6.0, 3.6), until_then("van-2", 0.0, 7.4)) == [
        6.0,
        5.0,
    ]
    # 1 kW is not worth a message.
    assert begun_kw(scene(), until_then("van-1", 10.0, 3.6), until_then("van-2", 0.0, 7.4)) == [
        10.0,
        0.0,
    ]


def test_who_has_been_there_waits_for_the_plan():
    assert begun_kw(scene(), until_then("van-1", 0.0, 7.4), until_then("van-2", 7.4, 7.4)) == [
        0.0,
        7.4,
    ]


def test_nobody_begins_before_a_cheaper_hour_or_within_a_limit_from_outside():
    schedules = (until_then("van-1", 7.4, 7.4), until_then("van-2", 0.0, 7.4))
    cheaper = PriceTerms("EUR", energy=(EnergyTerm("Energy", (0.3, *(0.1,) * 47)),))
    limited = scene(grid_limits=(samples.grid_limit(),))
    plain = scene()

    assert begun_kw(replace(plain, brief=replace(plain.brief, prices=cheaper)), *schedules) == [
        7.4,
        0.0,
    ]
    assert begun_kw(limited, *schedules) == [7.4, 0.0]


def test_in_a_new_plan_a_newcomer_draws_at_once():
    # Nothing was planned for van-2 before the next quarter of an hour: it was not reckoned with.
    first, second = (
        replace(one, steps=(LimitStep(EVENING, 0.0), LimitStep(NEXT_QUARTER, 7.4)))
        for one in scenes.pushed().schedules
    )
    current = replace(scenes.pushed(), schedules=(first, second))
    hasty = replace(samples.change(departure=NOW + timedelta(hours=4)), vehicle_id="van-2")

    plan = replan(scene(current=current, changes=(hasty,)))

    assert plan is not None
    schedule = scenes.schedule_of(plan.release, "van-2")
    assert 0.0 < (schedule.limit_at(NOW) or 0.0) == schedule.limit_at(NEXT_QUARTER)
    assert scenes.schedule_of(plan.release, "van-1").limit_at(NOW) == 0.0
