"""A station that takes no limit goes on by what it holds: the plan of the others counts it."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from depotlib.dispatch.replan import replan
from depotlib.dispatch.unheard import unheard
from depotlib.model.live import Lease, StationState
from depotlib.model.release import LimitStep, Release
from tests.unit.dispatch import scenes
from tests.unit.dispatch.scenes import NEXT_QUARTER, NOW, energy_kwh, schedule_of
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

UNTIL = NEXT_QUARTER + timedelta(minutes=30)
LIMIT_KW = 10.0
ROUNDING_KW = 0.3
"""What every re-plan leaves free."""
SAFE_KW = 1.4


def lease(*, state: str = "accepted", seq: int = 1, limit_kw: float = 7.4, **facts) -> Lease:
    plain = replace(samples.lease(seq, state=state), steps=(LimitStep(EVENING, limit_kw),))
    return replace(plain, **facts)


def silent(station: StationState, *, minutes: float = 10.0) -> StationState:
    return replace(station, is_connected=False, last_seen=NOW - timedelta(minutes=minutes))


def pausing() -> Release:
    """Return a release in which van-1 waits for an hour and van-2 begins, each with 7.4 kW then."""
    first, second = scenes.pushed().schedules
    late = EVENING + timedelta(hours=1)
    waits = (LimitStep(EVENING, 0.0), LimitStep(late, 7.4), LimitStep(MORNING, 0.0))
    return replace(scenes.pushed(), schedules=(replace(first, steps=waits), second))


def night(station: StationState, *leases: Lease):
    plain = scenes.with_operating_limit(LIMIT_KW)
    here = replace(station.connectors[0], safe_limit_kw=SAFE_KW, measured_at=None)
    return replace(
        plain,
        pushed=pausing(),
        current=pausing(),
        leases=leases,
        stations=(replace(station, connectors=(here,)), scenes.plugged("AC-02/1", "van-2")),
    )


def most_kw_beside(release: Release, *, since: datetime = NEXT_QUARTER, until=UNTIL) -> float:
    """Return the most that van-2 is permitted in a span."""
    schedule = schedule_of(release, "van-2")
    instants = [since, *(one.start for one in schedule.steps if since <= one.start < until)]
    return max(schedule.limit_at(instant) or 0.0 for instant in instants)


HERE = scenes.plugged("AC-01/1", "van-1")
CASES = {
    "silent": (silent(HERE), (lease(),), 7.4),
    "mute": (HERE, (lease(), lease(seq=2, state="unknown", limit_kw=0.0)), 7.4),
    "mute, asked anew": (
        HERE,
        (
            lease(),
            lease(seq=2, state="unknown", limit_kw=0.0),
            lease(seq=3, state="sent", limit_kw=0.0),
        ),
        7.4,
    ),
    "silent, without a lease": (silent(HERE), (), SAFE_KW),
    "silent, its lease over": (silent(HERE), (lease(valid_to=NEXT_QUARTER),), SAFE_KW),
    "silent, its transaction's lease before the default": (
        silent(HERE),
        (lease(seq=2), lease(slot="tx-1", limit_kw=4.0)),
        4.0,
    ),
}


@pytest.mark.parametrize(("station", "leases", "held_kw"), CASES.values(), ids=CASES)
def test_what_an_unheard_station_holds_is_not_there_for_others(station, leases, held_kw):
    plan = replan(night(station, *leases))

    assert plan is not None
    # 10 kW for all: van-2 has no haste, but its quarter-hours are the cheapest peak there is.
    assert most_kw_beside(plan.release) <= LIMIT_KW - ROUNDING_KW - held_kw + 0.05


@pytest.mark.parametrize(
    ("station", "leases"),
    [
        (HERE, (lease(),)),
        (HERE, (lease(state="unknown"), lease(seq=2))),
        (HERE, (lease(), lease(seq=2, state="sent"))),
        (silent(HERE, minutes=0.5), (lease(),)),
        (silent(scenes.empty("AC-01/1")), (lease(),)),
    ],
    ids=["answers", "answers again", "asked a moment ago", "gone a moment ago", "nobody there"],
)
def test_a_station_that_hears_is_planned_for_as_any_other(station, leases):
    assert unheard(night(station, *leases)) == frozenset()


def test_what_flows_there_meanwhile_is_not_planned_a_second_time():
    plan = replan(night(silent(HERE), lease()))

    assert plan is not None
    schedule = schedule_of(plan.release, "van-1")
    # 30 kWh and their buffer of 0.29 kWh (0.2, and 0.3 %), less half an hour of 7.4 kW.
    assert energy_kwh(schedule, since=UNTIL) == pytest.approx(30.29 - 3.7, abs=0.1)


def test_should_it_hear_again_it_goes_on_as_the_release_in_force_has_it():
    in_force = pausing()
    (first, second) = in_force.schedules
    sooner = (LimitStep(EVENING, 2.0), LimitStep(NEXT_QUARTER + timedelta(minutes=15), 3.0))
    in_force = replace(in_force, schedules=(replace(first, steps=sooner), second))

    plan = replan(replace(night(silent(HERE), lease()), current=in_force, pushed=in_force))

    assert plan is not None
    schedule = schedule_of(plan.release, "van-1")
    assert schedule.limit_at(NOW) == 2.0
    assert schedule.limit_at(NEXT_QUARTER) == 2.0
    assert schedule.limit_at(UNTIL - timedelta(minutes=1)) == 3.0


def test_who_takes_less_than_its_station_permits_is_reckoned_with_what_it_takes():
    given = night(silent(HERE), lease())
    (station, other) = given.stations
    here = replace(station.connectors[0], power_kw=1.0, limit_kw=7.4, measured_at=NOW)

    plan = replan(replace(given, stations=(replace(station, connectors=(here,)), other)))

    assert plan is not None
    schedule = schedule_of(plan.release, "van-1")
    assert energy_kwh(schedule, since=UNTIL) == pytest.approx(30.29 - 0.5, abs=0.1)


def test_more_than_the_site_may_draw_leaves_nothing_for_others_and_is_no_failure():
    plan = replan(night(silent(HERE), lease(limit_kw=12.0)))

    assert plan is not None
    assert most_kw_beside(plan.release) == 0.0
