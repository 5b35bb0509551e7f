"""Tonight's needs from duties and telematics, with what is missing named."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest

from depotlib.model.brief import NeedPolicy
from depotlib.model.calendar import BillingPeriod
from depotlib.model.duty import Duty
from depotlib.model.dwell import Need
from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.frames import TelematicsFrame
from depotlib.needs.night import needs_for_night

NOON = datetime(2026, 11, 2, 17, 0, tzinfo=UTC)
NIGHT = BillingPeriod(start=NOON, end=NOON + timedelta(days=1))
HOME = NOON + timedelta(hours=6)
LEAVES = NOON + timedelta(hours=18)
FLEET = Fleet(
    classes=(
        VehicleClass(
            class_id="van-68",
            usable_kwh=68.0,
            consumption_kwh_per_km=0.30,
            wall_efficiency_share=0.90,
            ac_max_kw=11.0,
            dc_max_kw=115.0,
        ),
    ),
    vehicles=(Vehicle(vehicle_id="van-14", class_id="van-68", pool="ac", telematics_ids=("b2A",)),),
)
TODAY = Duty(
    duty_id="today",
    vehicle_id="van-14",
    departure=NOON - timedelta(hours=6),
    return_at=HOME,
    distance_km=120.0,
)
NEXT = Duty(
    duty_id="next",
    vehicle_id="van-14",
    departure=LEAVES,
    return_at=LEAVES + timedelta(hours=9),
    distance_km=180.0,
)


def readings(*rows: tuple[datetime, float | None, float | None]) -> pl.DataFrame:
    return TelematicsFrame.validate(
        pl.DataFrame(
            [
                {
                    "vehicle_id": "b2A",
                    "at": at,
                    "soc": soc,
                    "odometer_km": odometer_km,
                    "source": "geotab",
                    "src_file": "status.json",
                    "src_row": row,
                }
                for row, (at, soc, odometer_km) in enumerate(rows, start=1)
            ],
            schema_overrides={"soc": pl.Float64, "odometer_km": pl.Float64},
        ).with_columns(
            power_kw=pl.lit(None, pl.Float64),
            is_charging=pl.lit(None, pl.Boolean),
            is_plugged=pl.lit(None, pl.Boolean),
            temperature_c=pl.lit(None, pl.Float64),
            soh_share=pl.lit(None, pl.Float64),
            charge_limit_soc=pl.lit(None, pl.Float64),
        )
        if rows
        else TelematicsFrame.create_empty(),
        cast=True,
    )


def the_need(telematics: pl.DataFrame, *duties: Duty) -> Need:
    (need,) = needs_for_night(
        FLEET, duties, telematics=telematics, night=NIGHT, policy=NeedPolicy()
    )
    return need


def test_a_reading_after_the_return_is_the_charge_on_arrival():
    need = the_need(readings((HOME + timedelta(minutes=5), 0.32, 41_000.0)), TODAY, NEXT)

    # Vehicle 14 of requirement 1.
    assert need.dwell.energy_target_kwh == pytest.approx(43.38, abs=0.005)
    assert (need.dwell.arrival, need.dwell.departure) == (HOME, LEAVES)
    assert need.missing == ()


def test_a_reading_on_the_road_is_lowered_by_the_distance_that_the_odometer_leaves():
    need = the_need(
        readings(
            (TODAY.departure, 0.85, 41_000.0),
            (HOME - timedelta(hours=1), 0.42, 41_000.0 + 97.0),
        ),
        TODAY,
        NEXT,
    )

    # 120 - 97 = 23 km left, x 0.30 / 68 = 10.15 %: arrives with 31.85 %.
    assert need.arrival_soc == pytest.approx(0.42 - 23.0 * 0.30 / 68.0)
    assert need.missing == ()


def test_without_an_odometer_the_route_left_goes_by_time_and_says_so():
    need = the_need(readings((HOME - timedelta(hours=3), 0.50, None)), TODAY, NEXT)

    # A quarter of the 12 h duty is left: 30 km x 0.30 / 68 = 13.24 %.
    assert need.arrival_soc == pytest.approx(0.50 - 30.0 * 0.30 / 68.0)
    assert need.missing == ("no odometer: what is left of the route was taken by time",)


def test_without_any_charge_the_battery_counts_as_empty_and_says_so():
    need = the_need(readings(), TODAY, NEXT)

    assert need.arrival_soc == 0.0
    assert need.missing == ("no state of charge: planned as if empty",)


def test_a_vehicle_without_a_departure_in_the_night_asks_for_nothing():
    assert (
        needs_for_night(FLEET, (TODAY,), telematics=readings(), night=NIGHT, policy=NeedPolicy())
        == ()
    )


def test_a_vehicle_without_an_earlier_duty_is_home_from_the_start():
    need = the_need(readings((NOON, 0.32, None)), NEXT)

    assert need.dwell.arrival == NOON


@pytest.mark.parametrize("leaves_at", [NIGHT.start, NIGHT.end])
def test_who_leaves_at_noon_is_charged_in_the_night_that_ends_then(leaves_at: datetime):
    duty = replace(NEXT, departure=leaves_at, return_at=leaves_at + timedelta(hours=3))

    needs = needs_for_night(
        FLEET, (duty,), telematics=readings((NOON, 0.32, None)), night=NIGHT, policy=NeedPolicy()
    )

    assert [one.dwell.departure for one in needs] == ([NIGHT.end] if leaves_at == NIGHT.end else [])


@pytest.mark.parametrize("pause_h", [0, 1])
def test_of_two_shifts_the_stay_of_the_night_is_planned_and_the_other_is_named(pause_h: int):
    leaves_at = HOME + timedelta(hours=pause_h)
    back_at = leaves_at + timedelta(hours=3)
    evening = replace(TODAY, duty_id="evening", departure=leaves_at, return_at=back_at)

    need = the_need(readings((HOME, 0.90, None)), TODAY, evening, NEXT)

    assert (need.dwell.arrival, need.dwell.departure) == (back_at, LEAVES)
    assert (
        f"also leaves at {leaves_at:%H:%M} for evening: the stay before it is not planned"
        in need.missing
    )


def test_a_vehicle_that_sleeps_after_a_pause_may_start_once_and_tells_its_phases():
    sleepy = replace(FLEET.classes[0], wakes_from_pause=False, ac_phases=3)
    fleet = replace(FLEET, classes=(sleepy,))

    (need,) = needs_for_night(
        fleet, (TODAY, NEXT), telematics=readings(), night=NIGHT, policy=NeedPolicy()
    )

    assert (need.dwell.most_starts, need.dwell.ac_phases) == (1, 3)
    assert the_need(readings(), TODAY, NEXT).dwell.most_starts is None
