"""Two facts of a night that hide each other: what shows of the hidden one gets its share all the same.

The truth is the simulated night with one fact put right at a time, shared in halves.
"""

from dataclasses import replace
from datetime import timedelta

import pytest

from depotlib.reconciliation.night import reconcile_stays
from tests.unit.reconciliation import faulty_night as night
from tests.unit.reconciliation.faulty_depot import depot, planned_stay
from tests.unit.reconciliation.faulty_world import NIGHT_STEPS, STEPS_AN_HOUR, World, at, play

HOUR = STEPS_AN_HOUR
# 20:00 to 23:00 at 8 kW are 24 kWh; from 17:30 to 06:00 there
SOUND = World(
    van="van-1",
    plan_line=tuple(8.0 if 12 <= quarter < 24 else 0.0 for quarter in range(57)),
    arrives=HOUR // 2,
    departs=13 * HOUR,
    target_kwh=24.0,
    is_dc=False,
    usable_kwh=40.0,
    start_soc=0.3,
    plugged=HOUR // 2,
    unplugged=13 * HOUR,
    bay="AC-1/1",
)
FOLLOWING_KWH = 0.05
"""Vehicles follow a limit some seconds late, and meters round."""


def found(world):
    course = play(world, seed=1)
    told = tuple(night.journal(world, course))
    van = night.FaultyVan(SOUND, world, told, (), (), course.energy_kwh)
    (one,), _ = reconcile_stays(
        [planned_stay(van)], told, depot=depot([van]), until=at(NIGHT_STEPS)
    )
    return {share.cause: share.missing_wh / 1000 for share in one.shares}


def lost_kwh(world):
    return SOUND.target_kwh - min(SOUND.target_kwh, play(world, seed=1).energy_kwh)


def halves(first, second):
    """What each of two facts took: alone, and its half of what only both together take."""
    both = lost_kwh(replace(SOUND, **first, **second))
    alone = [lost_kwh(replace(SOUND, **one)) for one in (first, second)]
    return (both + alone[0] - alone[1]) / 2, (both + alone[1] - alone[0]) / 2


@pytest.mark.parametrize(
    ("first", "second", "causes"),
    [
        pytest.param(
            {"plugged": 5 * HOUR},
            {"refuses": True},
            ("late_plug_in", "station_fault"),
            id="a station that refuses its first limit would have before",
        ),
        pytest.param(
            {"bay": "SLOW-1/1", "bay_kw": 2.3},
            {"feeder": (3 * HOUR, 6 * HOUR, 4.0)},
            ("wrong_bay", "limit"),
            id="a weak plug hides a limit above its power",
        ),
        pytest.param(
            {"held": (4 * HOUR, 7 * HOUR)},
            {"unplugged": 5 * HOUR},
            ("override", "early_plug_out"),
            id="an order to pause unplugs nobody",
        ),
        pytest.param(
            {"asleep": (4 * HOUR, 8 * HOUR)},
            {"dead": (4 * HOUR + 60, 9 * HOUR)},
            ("vehicle_limit", "station_fault"),
            id="who sleeps when a station fails sleeps on",
        ),
        pytest.param(
            {"held": (4 * HOUR, 7 * HOUR)},
            {"onboard_kw": 3.0},
            ("override", "vehicle_limit"),
            id="who is stopped by an order has not stopped by itself",
        ),
        pytest.param(
            {"bay": "SLOW-1/1", "bay_kw": 2.3},
            {"unplugged": 4 * HOUR},
            ("wrong_bay", "early_plug_out"),
            id="who left early would have got what the lease still held and no more",
        ),
    ],
)
def test_each_of_two_facts_gets_its_part(first, second, causes):
    shares = found(replace(SOUND, **first, **second))

    assert set(shares) == set(causes)
    for cause, due_kwh in zip(causes, halves(first, second), strict=True):
        assert shares[cause] == pytest.approx(due_kwh, abs=FOLLOWING_KWH * 4)


def test_an_order_that_takes_a_place_out_of_use_is_why_it_was_left():
    world = replace(SOUND, held=(4 * HOUR, 7 * HOUR), unplugged=5 * HOUR)
    told = [
        replace(one, payload={**one.payload, "action": "exclude"})
        if one.kind == "operator_action"
        else one
        for one in night.journal(world, play(world, seed=1))
    ]
    van = night.FaultyVan(SOUND, world, tuple(told), (), (), 0.0)

    (one,), _ = reconcile_stays(
        [planned_stay(van)], told, depot=depot([van]), until=at(NIGHT_STEPS)
    )

    assert [share.cause for share in one.shares] == ["override"]


@pytest.mark.parametrize("seconds", [10, 30, 50])
def test_the_minute_in_which_a_van_came_late_is_explained_too(seconds):
    # 50 s at 40 kW are 0.56 kWh: more than may stay unexplained
    line = tuple(40.0 if 12 <= quarter < 16 else 0.0 for quarter in range(57))
    sound = replace(
        SOUND, plan_line=line, target_kwh=40.0, usable_kwh=80.0, bay_kw=50.0, is_dc=True
    )
    late = timedelta(minutes=20, seconds=seconds)
    world = replace(sound, plugged=3 * HOUR + round(late.total_seconds() / 10))
    course = play(world, seed=1)
    van = night.FaultyVan(sound, world, tuple(night.journal(world, course)), (), (), 0.0)

    (one,), _ = reconcile_stays(
        [planned_stay(van)], van.journal, depot=depot([van]), until=at(NIGHT_STEPS)
    )

    assert [share.cause for share in one.shares] == ["late_plug_in"]
    # the meter's samples lie up to a minute apart, and a vehicle follows some seconds late
    assert one.unexplained_wh < 60
