"""Consumption learned from days that were driven: a made-up fleet whose truth is known.

No public fleet log states distance and energy of many days; the benchmark shows the three drives
that there are. The fleet here is seeded: vehicles differ by up to a quarter, cold costs more than
the curve says, days scatter by 8 %.
"""

from datetime import UTC, datetime, timedelta
from functools import cache

import numpy as np
import polars as pl
import pytest

from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.model.frames import TelematicsFrame, TripFrame
from depotlib.needs.consumption import LearnedConsumption, Outing, learned_consumption
from depotlib.needs.drives import (
    DRIVES_SCHEMA,
    drives_from_telematics,
    drives_from_trips,
    known_drives,
)
from depotlib.needs.driving import temperature_factor

VAN = VehicleClass("van", 68.0, 0.30, 0.90, ac_max_kw=11.0, dc_max_kw=50.0)
NAMES = tuple(f"van-{number}" for number in range(12))
FLEET = Fleet((VAN,), tuple(Vehicle(name, "van", telematics_ids=(f"g{name}",)) for name in NAMES))
SCATTER_SHARE = 0.08
EXTRA_COLD_PER_TEN_DEGREES = 0.10


def own_factor(name: str) -> float:
    return 0.85 + 0.3 * NAMES.index(name) / 11


def true_kwh(name: str, distance_km: float, temperature_c: float) -> float:
    cold = max(0.0, 10.0 - temperature_c) / 10
    factor = own_factor(name) + EXTRA_COLD_PER_TEN_DEGREES * cold
    return distance_km * 0.30 * temperature_factor(temperature_c) * factor


@cache
def drives(days: int = 60) -> pl.DataFrame:
    random = np.random.default_rng(7)
    rows = []
    for day in range(days):
        temperature_c = float(random.uniform(-5, 20))
        for name in NAMES:
            km = float(random.uniform(40, 180))
            kwh = true_kwh(name, km, temperature_c) * random.normal(1, SCATTER_SHARE)
            rows.append((name, "van", 20_000 + day, day % 7, km, float(kwh), temperature_c))
    return pl.DataFrame(rows, schema=DRIVES_SCHEMA, orient="row")


@cache
def learned() -> LearnedConsumption:
    found = learned_consumption(drives(), FLEET)
    assert found is not None
    return found


def test_on_held_out_days_it_beats_class_mean_and_weekday_history():
    error = learned().learned.held_out.error

    assert error.rows > 400
    assert error.model_kwh < 0.8 * error.class_mean_kwh
    assert error.model_kwh < 0.9 * error.weekday_mean_kwh
    assert 0.85 <= error.coverage_share <= 0.95
    # No belief can beat the days' own scatter: |normal| has mean 0.8 sigma, 0.08 of about 36 kWh.
    assert error.model_kwh > 0.8 * SCATTER_SHARE * 30


@pytest.mark.parametrize("name", ["van-0", "van-6", "van-11"])
def test_a_vehicles_own_consumption_is_found(name):
    driving = learned().driving(Outing(name, VAN, 120.0, weekday=1, temperature_c=15.0))

    # 60 days of 8 % scatter: the mean is known to 1 %; shrinkage and weekday add a little. The
    # spread is that of held-out errors: the scatter, and what was not yet learned then.
    assert driving.consumption_kwh_per_km == pytest.approx(0.30 * own_factor(name), rel=0.04)
    assert driving.spread_share == pytest.approx(SCATTER_SHARE, rel=0.5)
    assert "learned from 60 days" in driving.how


def test_what_the_cold_adds_beyond_the_curve_is_found():
    driving = learned().driving(Outing("van-6", VAN, 100.0, weekday=2, temperature_c=0.0))

    assert driving.consumption_kwh_per_km == pytest.approx(
        true_kwh("van-6", 100.0, 0.0) / 100, rel=0.04
    )


def test_a_new_vehicle_gets_its_classs_and_days_of_its_own_take_over():
    rows = drives()
    mine = (pl.col("vehicle_id") == "van-11") & (pl.col("day") < 20_055)
    found = []

    for only in (pl.col("vehicle_id") == "van-11", mine):
        some = learned_consumption(rows.filter(~only), FLEET)
        assert some is not None
        outing = Outing("van-11", VAN, 120.0, weekday=1, temperature_c=15.0)
        found.append(some.driving(outing).consumption_kwh_per_km / 0.30)

    # The others' mean factor is 0.986; the truth of van-11 is 1.15: five days go most of the way.
    assert found[0] == pytest.approx(0.986, abs=0.02)
    assert 1.05 < found[1] < 1.16


def test_with_too_few_days_the_classs_figure_stands():
    assert learned_consumption(drives().filter(pl.col("day") < 20_015), FLEET) is None
    assert learned_consumption(pl.DataFrame(schema=DRIVES_SCHEMA), FLEET) is None


def reading(at: datetime, soc: float | None, odometer_km: float | None, **more):
    return {
        "vehicle_id": "gvan-0",
        "at": at,
        "soc": soc,
        "odometer_km": odometer_km,
        "power_kw": None,
        "is_charging": more.get("is_charging"),
        "is_plugged": None,
        "temperature_c": more.get("temperature_c"),
        "source": "geotab",
        "src_file": "status.json",
        "src_row": 1,
        "soh_share": None,
        "charge_limit_soc": None,
    }


def test_a_days_drive_is_what_the_odometer_rose_and_the_charge_fell_while_not_charging():
    nine = datetime(2026, 6, 1, 9, tzinfo=UTC)
    hour = timedelta(hours=1)
    telematics = TelematicsFrame.validate(
        pl.DataFrame(
            [
                reading(nine, 0.90, 1000.0, temperature_c=5.0),
                reading(nine + hour, 0.80, 1030.0, temperature_c=7.0),
                reading(nine + 2 * hour, 0.85, 1030.0, is_charging=True),
                reading(nine + 3 * hour, 0.75, None),
                reading(nine + 3 * hour, None, 1060.0),
                reading(nine + 12 * hour, 0.60, 1100.0),
            ],
            infer_schema_length=None,
        ),
        cast=True,
    )

    (day,) = drives_from_telematics(telematics, fleet=FLEET, time_zone="UTC").to_dicts()

    # 30 km and 10 %, then 30 km and 10 %; the 5 % charged and the 9 silent hours stay out.
    assert day["vehicle_id"] == "van-0"
    assert day["distance_km"] == pytest.approx(60.0)
    assert day["energy_kwh"] == pytest.approx(0.20 * 68)


def test_trips_come_first_and_faults_stay_out():
    at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    trip = {
        "vehicle_id": "van-1",
        "start": at,
        "end": at + timedelta(hours=2),
        "distance_km": 50.0,
        "energy_battery_kwh": 16.0,
        "start_odometer_km": None,
        "end_odometer_km": None,
        "source": "geotab",
        "src_file": "trips.json",
        "src_row": 1,
    }
    fault = {**trip, "vehicle_id": "van-2", "energy_battery_kwh": 900.0}
    still = {**trip, "vehicle_id": "van-3", "end": None}
    trips = TripFrame.validate(pl.DataFrame([trip, fault, still]), cast=True)

    found = drives_from_trips(trips, fleet=FLEET, time_zone="UTC")
    same = found.with_columns(energy_kwh=pl.lit(1.0))

    # 900 kWh on 50 km is no vehicle; a trip that still runs has no energy yet.
    assert found["vehicle_id"].to_list() == ["van-1"]
    assert known_drives(found, same)["energy_kwh"].to_list() == [16.0]
