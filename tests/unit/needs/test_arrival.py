"""What is missing is named in words: silence, odometer, lateness, stays that are too short."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest

from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import zone
from depotlib.model.dwell import Need
from depotlib.model.fleet import Fleet
from depotlib.needs.known import Known
from depotlib.needs.night import needs_for_night
from depotlib.needs.returns import RETURNS_SCHEMA, ReturnHistory, return_history
from tests.unit.needs.test_night import FLEET, HOME, LEAVES, NEXT, NIGHT, NOON, TODAY, readings

DEPOT = zone("America/New_York")  # NOON is Monday 12:00 there, HOME is 18:00
HOUR = timedelta(hours=1)


def the_need(telematics: pl.DataFrame, *, known: Known, fleet: Fleet = FLEET) -> Need:
    (need,) = needs_for_night(
        fleet,
        (TODAY, NEXT),
        telematics=telematics,
        night=NIGHT,
        policy=NeedPolicy(),
        known=known,
    )
    return need


def test_an_odometer_that_stopped_days_ago_is_named_with_its_day():
    telematics = readings((NOON - timedelta(days=6), None, 40_100.0), (HOME - 3 * HOUR, 0.50, None))

    need = the_need(telematics, known=Known(now=HOME - 3 * HOUR, time_zone=DEPOT))

    # NOON is a Monday; six days before is a Tuesday, still on summer time.
    assert need.missing == (
        "no odometer since Tuesday 13:00: what is left of the route was taken by time",
    )


def test_an_odometer_of_weeks_ago_is_named_with_its_date():
    telematics = readings(
        (NOON - timedelta(days=20), None, 40_100.0), (HOME - 3 * HOUR, 0.50, None)
    )

    need = the_need(telematics, known=Known(now=HOME - 3 * HOUR, time_zone=DEPOT))

    assert need.missing[0].startswith("no odometer since 13 October 2026:")


def test_nine_hours_of_silence_are_named_and_widen_the_need():
    telematics = readings((HOME, 0.32, 41_000.0))

    fresh = the_need(telematics, known=Known(now=HOME + HOUR, time_zone=DEPOT))
    silent = the_need(telematics, known=Known(now=HOME + 9 * HOUR, time_zone=DEPOT))

    assert fresh.missing == ()
    assert fresh.arrival_low_soc is None
    # Without past days: down to empty (9 h x 50 km/h x 0.30 = 135 kWh), up to full.
    assert silent.missing == (
        "no state of charge for 9 h: estimated from 32% Monday 18:00 and what driving and charging "
        "allow, 0% to 100%",
    )
    assert (silent.arrival_low_soc, silent.arrival_high_soc) == (0.0, 1.0)
    assert silent.dwell.energy_target_kwh == fresh.dwell.energy_target_kwh
    # Anywhere between empty and full: 68 kWh / sqrt(12) / 0.90 = 21.8 kWh.
    assert silent.dwell.energy_sigma_kwh == pytest.approx(21.81, abs=0.02)


def test_a_vehicles_charge_limit_of_its_last_reading_counts():
    telematics = readings((HOME, 0.32, None)).with_columns(charge_limit_soc=pl.lit(0.8))

    need = the_need(telematics, known=Known(now=HOME, time_zone=DEPOT))

    # (0.80 - 0.32) x 68 / 0.90 = 36.27 kWh.
    assert need.dwell.energy_target_kwh == pytest.approx(36.27, abs=0.005)
    assert "stops charging at 80% by its own setting" in need.missing[0]


def test_a_stay_too_short_for_its_target_is_named_with_the_time_it_takes():
    late = replace(TODAY, return_at=LEAVES - HOUR)
    telematics = readings((LEAVES - HOUR, 0.32, None))

    (need,) = needs_for_night(
        FLEET, (late, NEXT), telematics=telematics, night=NIGHT, policy=NeedPolicy()
    )

    # 43.38 kWh at 11 kW: 3.94 h.
    assert need.least_charge_s == pytest.approx(43.38 / 11 * 3600, rel=1e-3)
    assert need.missing == ("stays 1.0 h; its target takes at least 3.9 h",)


def test_a_dc_class_that_tapers_takes_longer_and_tells_the_plan_its_battery():
    fleet = Fleet(
        classes=(replace(FLEET.classes[0], dc_taper_share=0.8),),
        vehicles=(replace(FLEET.vehicles[0], pool="dc"),),
    )

    need = the_need(readings((HOME, 0.32, None)), known=Known(), fleet=fleet)

    battery = need.dwell.battery
    assert battery is not None
    assert (battery.taper_share, battery.arrival_soc) == (0.8, 0.32)
    # 89.4 % is above the taper's start: longer than 43.38 kWh at 115 kW.
    assert need.least_charge_s > 43.38 / 115 * 3600


def test_cold_weather_raises_the_need_and_shows_in_its_lines():
    need = the_need(readings((HOME, 0.32, None)), known=Known(temperature_c=0.0))

    # 0 °C: factor 1.34; 180 x 0.30 x 1.34 = 72.4 kWh is more than the 68 of the battery: full.
    assert need.dwell.energy_target_kwh == pytest.approx((1 - 0.32) * 68 / 0.90)
    assert need.lines[0].how == "180.0 km x 0.30 kWh/km x 1.34 at 0 °C"


def test_past_returns_move_the_arrival_and_tell_its_spread():
    late_s = [1200.0, 2400.0] * 15
    returns = ReturnHistory(
        pl.DataFrame(
            {"vehicle_id": ["van-14"] * 30, "weekday": [0] * 30, "late_s": late_s},
            schema=RETURNS_SCHEMA,
        )
    )

    need = the_need(
        readings((NOON, 0.50, 41_000.0)), known=Known(now=NOON, time_zone=DEPOT, returns=returns)
    )

    # Mean 1800 s late, all returns alike: the fleet's mean is the vehicle's and the weekday's.
    assert need.dwell.arrival == HOME + timedelta(minutes=30)
    # Half are 600 s before, half 600 s after the mean.
    assert need.dwell.arrival_spread_s == pytest.approx(600.0)
    assert (
        "comes home 30 min later than its duty says, as in 30 returns of its own"
        in (need.missing[-1])
    )


def test_returns_are_the_plug_ins_or_trips_nearest_to_the_end_of_a_duty():
    days = [timedelta(days=number) for number in range(1, 25)]
    duties = [
        replace(TODAY, departure=TODAY.departure - day, return_at=TODAY.return_at - day)
        for day in days
    ]
    plug_ins = [("b2A", HOME - day + timedelta(minutes=10)) for day in days]
    others = [("b2A", HOME - day + timedelta(hours=4)) for day in days]
    arrivals = pl.DataFrame(
        [*plug_ins, *others, ("stranger", HOME)],
        schema={"vehicle_id": pl.String, "at": pl.Datetime("us", "UTC")},
        orient="row",
    )

    history = return_history(duties, arrivals, fleet=FLEET, time_zone="America/New_York")

    assert history is not None
    assert history.returns.height == 24
    habit = history.habit("van-14", weekday=0)
    assert (habit.mean_s, habit.spread_s, habit.returns) == (600.0, 0.0, 24)
    assert return_history(duties[:5], arrivals, fleet=FLEET, time_zone="UTC") is None


def test_a_vehicle_with_few_returns_is_drawn_to_the_fleet():
    returns = ReturnHistory(
        pl.DataFrame(
            {
                "vehicle_id": ["van-1"] * 5 + ["van-2"] * 45,
                "weekday": [0] * 50,
                "late_s": [3600.0] * 5 + [0.0] * 45,
            },
            schema=RETURNS_SCHEMA,
        )
    )

    habit = returns.habit("van-1", weekday=3)

    # Fleet's mean 360 s; 5 own of 3600 beside 5 drawn: (5 x 3600 + 5 x 360) / 10 = 1980 s, and on
    # a weekday never seen the same.
    assert habit.mean_s == pytest.approx(1980.0)
