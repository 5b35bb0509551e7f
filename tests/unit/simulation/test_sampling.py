"""Nights drawn from the past, and what may happen beside."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from depotlib.errors import ModelError, MonthError, PolicyError
from depotlib.model.dwell import Dwell, DwellBattery
from depotlib.simulation.play_grid import play_grid
from depotlib.simulation.sampling import DrawnNights, drawn_nights, with_energy
from depotlib.simulation.scenario import POLICIES, Chances, PastNight
from tests.simulation_cases import EVENING, at, fleet, plugs, scenario, stay

EVERYTHING = Chances(
    late_share=0.3,
    arrival_sigma_s=900.0,
    energy_sigma_share=0.2,
    weather_sigma_share=0.1,
    no_show_share=0.1,
    outage_share=0.2,
)


def many(chances: Chances, days: int = 20, **more: object) -> DrawnNights:
    return drawn_nights(
        scenario(fleet(1, 20), plugs(20), chances=chances, days=days, **more), seed=5
    )


def test_equal_seeds_draw_equal_nights_whoever_is_in_control():
    drawn = [many(EVERYTHING, days=4, policy=policy) for policy in POLICIES]

    assert all(one == drawn[0] for one in drawn)
    assert (
        many(EVERYTHING, days=4).stays
        != drawn_nights(scenario(fleet(1, 20), plugs(20), chances=EVERYTHING, days=4), seed=6).stays
    )


def test_another_vehicle_or_station_changes_nothing_for_the_others():
    few = drawn_nights(scenario(fleet(1, 20)[:10], plugs(5), chances=EVERYTHING, days=5))
    more = drawn_nights(scenario(fleet(1, 20), plugs(9), chances=EVERYTHING, days=5))

    names = {one.dwell.vehicle_id for one in few.stays}
    assert [one.dwell for one in few.stays] == [
        one.dwell for one in more.stays if one.dwell.vehicle_id in names
    ]
    assert set(few.outages) < set(more.outages)


def test_a_chance_more_changes_none_of_the_other_draws():
    plain = many(Chances(late_share=0.3))
    also = many(Chances(late_share=0.3, energy_sigma_share=0.3))

    assert [one.dwell.arrival for one in plain.stays] == [one.dwell.arrival for one in also.stays]


def test_so_many_come_late_by_so_much():
    typical = {one.vehicle_id: one.arrival for one in fleet(1, 20)}
    chances = Chances(late_share=0.25, late_least_s=3600, late_most_s=10_800)

    late = [
        one.dwell.arrival - (typical[one.dwell.vehicle_id] + timedelta(days=one.night))
        for one in many(chances, days=50).stays
    ]

    come_late = [by for by in late if by]
    # 1,000 stays: three standard deviations are 0.041.
    assert len(come_late) / len(late) == pytest.approx(0.25, abs=0.041)
    assert min(come_late) >= timedelta(hours=1)
    assert max(come_late) <= timedelta(hours=3)


def test_spread_alone_costs_no_energy():
    typical_kwh = sum(one.energy_target_kwh for one in fleet(1, 20))

    spread = many(Chances(energy_sigma_share=0.3), days=50)

    drawn_kwh = sum(one.dwell.energy_target_kwh for one in spread.stays) / 50
    # 1,000 factors of standard deviation 0.31, weighted by energies that differ: 0.01 each.
    assert drawn_kwh == pytest.approx(typical_kwh, rel=0.035)


def test_whole_nights_are_drawn_so_that_who_comes_late_together_does_so_again():
    early = PastNight(EVENING, (stay("a", 16, 70, 9.0), stay("b", 17, 70, 9.0)), 15.0)
    late = PastNight(
        EVENING + timedelta(days=1), (stay("a", 130, 166, 9.0), stay("b", 131, 166, 9.0)), -5.0
    )

    drawn = drawn_nights(
        replace(scenario(early.stays, plugs(2), days=20), nights=(early, late)), seed=3
    )

    hours = {(one.dwell.vehicle_id, one.night): one.dwell.arrival.hour for one in drawn.stays}
    pairs = {(hours["a", night], hours["b", night]) for night in range(20)}
    # 16:00 and 16:15 after noon on 3 November, 20:30 and 20:45 on the 4th.
    assert pairs == {(16, 16), (20, 20)}
    assert {one.temperature_c for one in drawn.nights} == {15.0, -5.0}


def test_a_weekend_is_drawn_from_weekends():
    weekday = PastNight(EVENING, (stay("a", 16, 70, 9.0),))
    saturday = PastNight(date(2026, 11, 7), (stay("b", 16 + 4 * 96, 70 + 4 * 96, 9.0),))

    drawn = drawn_nights(
        replace(scenario(weekday.stays, plugs(1), days=7), nights=(weekday, saturday))
    )

    weekends = {one.evening.weekday() for one in drawn.nights if one.drawn_evening.day == 7}
    assert weekends == {5, 6}


def test_local_times_stay_what_they_were_when_the_clocks_change():
    new_york = ZoneInfo("America/New_York")
    evening = date(2026, 10, 30)
    one = Dwell(
        "van",
        datetime(2026, 10, 30, 18, tzinfo=new_york).astimezone(UTC),
        datetime(2026, 10, 31, 6, tzinfo=new_york).astimezone(UTC),
        9.0,
        9.0,
    )
    depot = replace(plugs(1), time_zone="America/New_York")
    plan = replace(
        scenario([one], depot, first=evening, days=3), nights=(PastNight(evening, (one,)),)
    )

    drawn = drawn_nights(plan)

    local = [
        (x.dwell.arrival.astimezone(new_york).hour, x.dwell.departure.astimezone(new_york).hour)
        for x in drawn.stays
    ]
    assert local == [(18, 6)] * 3
    # Noon to noon over the end of summer time, on 1 November, is 25 hours.
    assert np.diff(play_grid(plan).noons).tolist() == [96, 100, 96]


def test_six_of_sixty_stand_in_anothers_bay_in_pairs_of_a_pool():
    stays = [
        stay(f"van-{n}", 16 + n % 10, 70, 9.0, pool="dc" if n < 12 else "ac") for n in range(60)
    ]

    drawn = drawn_nights(scenario(stays, plugs(1), chances=Chances(misplaced_share=0.1)))

    moved = {n: one.acts_for for n, one in enumerate(drawn.stays) if one.acts_for != n}
    assert len(moved) == 6
    for one, other in moved.items():
        assert moved[other] == one
        assert drawn.stays[one].dwell.pool == drawn.stays[other].dwell.pool


def test_a_vehicle_that_needs_more_comes_home_emptier_and_an_empty_one_lacks_no_more():
    battery = DwellBattery(usable_kwh=60.0, arrival_soc=0.3, wall_efficiency_share=0.9)
    one = stay("van", 0, 40, 40.0, battery=battery)

    more, most = with_energy(one, 1.25), with_energy(one, 9.0)

    assert more.battery is not None
    assert most.battery is not None
    # 10 kWh more at the wall are 9 in the battery, 15 % of 60.
    assert (more.energy_target_kwh, more.battery.arrival_soc) == pytest.approx((50.0, 0.15))
    # 30 % of 60 kWh are 18, or 20 at the wall.
    assert (most.energy_target_kwh, most.battery.arrival_soc) == pytest.approx((60.0, 0.0))


def test_cold_takes_energy_below_20_degrees():
    chances = Chances(temperature_mean_c=-5.0, energy_per_c_share=0.01)

    drawn = drawn_nights(scenario([stay("van", 16, 70, 20.0)], plugs(1), chances=chances))

    # 25 degrees below 20: a quarter more.
    assert drawn.stays[0].dwell.energy_target_kwh == pytest.approx(25.0)
    assert drawn.nights[0].temperature_c == -5.0


def test_who_is_still_there_begins_no_second_stay_before_it_has_left():
    # It stays for 30 hours, every evening anew.
    drawn = drawn_nights(scenario([stay("van", 16, 136, 20.0)], plugs(1), days=2))

    first, second = (one.dwell for one in drawn.stays)
    assert second.arrival == first.departure
    assert drawn.left_out == 0


def test_a_second_stay_of_a_night_begins_no_earlier_than_the_first_ends():
    twice = [stay("van", 16, 40, 20.0), stay("van", 41, 70, 20.0)]
    plan = scenario(twice, plugs(1), chances=Chances(arrival_sigma_s=7200.0), days=20)

    stays = [one.dwell for one in drawn_nights(plan, seed=5).stays]

    pairs = [*zip(stays[::2], stays[1::2], strict=True)]
    # Planned 15 minutes apart, and two hours of scatter: many a second one would come too early.
    assert all(first.departure <= second.arrival for first, second in pairs)
    assert sum(first.departure == second.arrival for first, second in pairs) >= 4


def test_a_stay_that_lies_within_an_earlier_one_is_left_out_and_counted():
    long = PastNight(EVENING, (stay("van", 16, 300, 20.0),))
    short = PastNight(EVENING + timedelta(days=1), (stay("van", 120, 140, 20.0),))
    plan = replace(scenario(long.stays, plugs(1), days=2), nights=(long, short))

    counts = {
        drawn.left_out
        for seed in range(20)
        if (drawn := drawn_nights(plan, seed=seed)).nights[0].drawn_evening == EVENING
        and drawn.nights[1].drawn_evening != EVENING
    }

    assert counts == {1}


def test_an_outage_begins_in_its_night_and_lasts_within_its_span():
    chances = Chances(outage_share=1.0, outage_least_s=3600, outage_most_s=7200)

    drawn = drawn_nights(scenario(fleet(1, 2), plugs(3), chances=chances))

    assert len(drawn.outages) == 3
    for one in drawn.outages:
        assert at(0) <= one.derating.start < at(96)
        span = one.derating.end - one.derating.start
        assert timedelta(hours=1) <= span <= timedelta(hours=2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"late_share": 1.5},
        {"no_show_share": -0.1},
        {"arrival_sigma_s": -1.0},
        {"late_least_s": 2.0, "late_most_s": 1.0},
        {"energy_sigma_share": float("inf")},
    ],
)
def test_chances_that_cannot_be_are_refused(wrong: dict[str, float]):
    with pytest.raises(ModelError):
        Chances(**wrong)


def test_a_scenario_without_policy_nights_or_days_is_refused():
    with pytest.raises(PolicyError):
        scenario(fleet(1, 2), plugs(2), "by magic")
    with pytest.raises(MonthError):
        scenario([], plugs(2))
    with pytest.raises(ModelError):
        scenario(fleet(1, 2), plugs(2), days=0)
    with pytest.raises(ModelError):
        play_grid(scenario(fleet(1, 2), plugs(2), interval_s=1000))
