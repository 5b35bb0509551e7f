"""Requirement 10, replayed: a silent vehicle's state of charge lies in its band."""

from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest

from depotlib.model.fleet import Fleet, Vehicle, VehicleClass
from depotlib.needs.soc_band import carried_on, soc_history

VAN = VehicleClass("van", 68.0, 0.30, 0.90, ac_max_kw=11.0, dc_max_kw=50.0)
FLEET = Fleet((VAN,), tuple(Vehicle(f"van-{number}", "van") for number in range(6)))
START = datetime(2026, 6, 1, tzinfo=UTC)
DAYS, QUARTER_H = 42, 0.25
SILENCE = timedelta(hours=8)


def synthetic_fleet(seed: int) -> pl.DataFrame:
    """Return made-up readings each quarter of an hour: out by day, charging from a late hour on.

    Distance, leaving, coming home and the start of charging differ by vehicle and from day to day.
    """
    random = np.random.default_rng(seed)
    rows: list[tuple[str, datetime, float]] = []
    for vehicle in FLEET.vehicles:
        soc, usual_km = 0.9, random.uniform(60, 150)
        for day in range(DAYS):
            is_off = (START + timedelta(days=day)).weekday() >= 5
            leaves, returns = random.normal(7, 0.4), random.normal(16.5, 0.8)
            charges = random.normal(20, 1.0)
            km = 0.0 if is_off else max(5.0, random.normal(usual_km, 20))
            for quarter in range(96):
                clock_h = quarter * QUARTER_H
                if leaves <= clock_h < returns:
                    soc -= km * 0.30 / 68 * QUARTER_H / (returns - leaves)
                elif clock_h >= charges or clock_h < leaves:
                    soc += 11 * 0.9 / 68 * QUARTER_H
                soc = float(np.clip(soc, 0.0, 1.0))
                rows.append(
                    (vehicle.vehicle_id, START + timedelta(days=day, hours=clock_h), round(soc, 2))
                )
    return pl.DataFrame(
        rows,
        schema={"vehicle_id": pl.String, "at": pl.Datetime("us", "UTC"), "soc": pl.Float64},
        orient="row",
    )


@pytest.mark.parametrize(
    ("seed", "draws"),
    [(1, 50), *(pytest.param(seed, 300, marks=pytest.mark.full) for seed in (2, 3, 4))],
)
def test_requirement_10_after_8_h_of_silence_95_of_100_bands_hold_the_truth(seed, draws):
    telematics = synthetic_fleet(seed)
    history = soc_history(telematics, FLEET)
    random = np.random.default_rng(seed)
    lately = telematics.filter(
        pl.col("at").is_between(START + timedelta(days=28), START + timedelta(days=DAYS - 1))
    )

    inside, widths = [], []
    for row in random.choice(lately.height, draws, replace=False).tolist():
        vehicle_id, last, soc = lately.row(row)
        truth = telematics.filter(
            (pl.col("vehicle_id") == vehicle_id) & (pl.col("at") == last + SILENCE)
        )["soc"][0]
        past = history.pairs(FLEET.vehicle(vehicle_id), last=last, then=last + SILENCE)
        band = carried_on(soc, last=last, then=last + SILENCE, vehicle_class=VAN, past=past)
        inside.append(band.low_soc - 0.005 <= truth <= band.high_soc + 0.005)
        widths.append(band.high_soc - band.low_soc)

    # Requirement 10 asks for 95 of 100; a band of everything would not be an estimate.
    assert np.mean(inside) >= 0.95
    assert np.mean(widths) < 0.5


def test_the_band_grows_with_the_silence():
    history = soc_history(synthetic_fleet(3), FLEET)
    last = START + timedelta(days=35, hours=6)
    widths = []

    for silent_h in (1, 4, 8):
        then = last + timedelta(hours=silent_h)
        past = history.pairs(FLEET.vehicles[0], last=last, then=then)
        assert past is not None
        band = carried_on(0.9, last=last, then=then, vehicle_class=VAN, past=past)
        widths.append(band.high_soc - band.low_soc)

    assert widths[0] < widths[1] < widths[2]


def test_without_past_days_the_band_is_what_driving_and_charging_allow():
    band = carried_on(0.5, last=START, then=START + timedelta(hours=2), vehicle_class=VAN)

    # Down by 2 h x 50 km/h x 0.30 kWh/km = 30 kWh of 68; up by 2 h x 50 kW x 0.9: beyond full.
    assert band.low_soc == pytest.approx(0.5 - 30 / 68)
    assert band.high_soc == 1.0
    assert band.soc == 0.5
    # A uniform's deviation: width / sqrt(12).
    assert band.sigma_soc == pytest.approx((0.5 + 30 / 68) / 12**0.5)


def test_readings_after_the_last_one_are_never_looked_at():
    telematics = synthetic_fleet(4)
    last = START + timedelta(days=35, hours=6)
    then = last + SILENCE

    whole = soc_history(telematics, FLEET).pairs(FLEET.vehicles[0], last=last, then=then)
    cut = soc_history(telematics.filter(pl.col("at") <= last), FLEET).pairs(
        FLEET.vehicles[0], last=last, then=then
    )

    assert whole is not None
    assert cut is not None
    assert np.array_equal(whole[0], cut[0])


def test_a_vehicle_with_few_days_borrows_its_classs():
    telematics = synthetic_fleet(5).filter(
        (pl.col("vehicle_id") != "van-0") | (pl.col("at") > START + timedelta(days=33))
    )
    last = START + timedelta(days=38, hours=6)
    history = soc_history(telematics, FLEET)

    _, new = history.pairs(FLEET.vehicle("van-0"), last=last, then=last + SILENCE) or ((), "")

    assert "its class's" in new
