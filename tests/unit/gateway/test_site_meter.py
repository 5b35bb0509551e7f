"""The site's meter as a state: what is news, how it ages, and what follows for limits."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from depotlib.gateway.meters.site_meter import Charging, Drawn, SiteMeter
from depotlib.gateway.steps import constant, line_of
from depotlib.model.depot import GridConnection
from depotlib.model.site_meter import MeterPoint, MeterReading, SiteMeterSource

T0 = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)  # a quarter of an hour begins
GRID = GridConnection(service_kw=100.0, operating_limit_kw=90.0, base_load_max_kw=50.0)
SOURCE = SiteMeterSource("file", "meter.csv", points=(MeterPoint("power", "kw", "kW"),))
PROVEN = replace(SOURCE, base_rise_kw_per_s=0.1, base_margin_kw=1.0)
NONE = Charging(0.0, 0.0, 0.0)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def said(seconds: float, power_kw: float, **more) -> MeterReading:
    return MeterReading(power_kw, at(seconds), **more)


def metered(source: SiteMeterSource, *readings: MeterReading, charging: Charging = NONE):
    meter = SiteMeter(source, grid=GRID)
    for reading in readings:
        meter.take(reading, charging=charging)
    return meter


def test_a_site_without_meter_reckons_with_its_largest_base_load():
    meter = SiteMeter(None, grid=GRID)

    assert meter.base_line(T0).at(T0.timestamp()) == 50.0
    assert meter.power_kw(T0) is None
    assert meter.state(T0) is None
    assert meter.operating_line(constant(40.0), now=T0).at(T0.timestamp()) == 40.0


def test_a_meter_that_falls_silent_counts_no_longer_after_its_time():
    meter = metered(PROVEN, said(0, 20.0))

    assert meter.is_fresh(at(15))
    assert not meter.is_fresh(at(15.1))
    assert meter.power_kw(at(16)) is None
    assert meter.base_line(at(16)).at(at(16).timestamp()) == 50.0


def test_a_meter_that_repeats_its_own_time_is_stale_though_it_answers():
    frozen = [said(second, 20.0 + second, measured_at=T0) for second in range(20)]

    meter = metered(PROVEN, *frozen)

    assert meter.age_s(at(19)) == 19.0
    assert meter.state(at(19)).trouble == "it repeats itself"


def test_a_meter_without_time_that_repeats_every_number_is_stale_though_it_answers():
    meter = metered(PROVEN, *[said(second, 20.0, energy_kwh=7.0) for second in range(20)])

    assert not meter.is_fresh(at(19))


def test_the_same_power_with_a_register_that_moves_is_fresh():
    moving = [said(second, 20.0, energy_kwh=7.0 + second / 100) for second in range(20)]

    assert metered(PROVEN, *moving).is_fresh(at(19))


def test_a_reading_that_was_long_under_way_is_as_old_as_it_says():
    meter = metered(PROVEN, *[said(n, 20.0, measured_at=at(n)) for n in range(5)])

    meter.take(said(30, 30.0, measured_at=at(5)), charging=NONE)

    assert meter.age_s(at(30)) == 25.0
    assert not meter.is_fresh(at(30))


def test_a_meter_whose_clock_was_set_back_is_believed_again_after_a_minute():
    meter = metered(PROVEN, *[said(n, 20.0 + n, measured_at=at(n)) for n in range(5)])

    back = [said(n, 20.0 + n, measured_at=at(n - 3600)) for n in range(5, 110)]
    fresh = []
    for reading in back:
        meter.take(reading, charging=NONE)
        fresh.append(meter.is_fresh(reading.at))

    assert not fresh[30]
    assert fresh[-1]


def test_the_bound_on_the_base_load_is_the_most_of_a_minute_and_climbs_at_its_proven_rate():
    meter = metered(PROVEN, said(0, 30.0), said(30, 20.0), charging=Charging(10.0, 10.0, 10.0))

    line = meter.base_line(at(30))

    # 30 - 10 kW measured, 1 kW margin, 0.1 kW/s, at the most 50 kW.
    for seconds in (0.0, 10.0, 100.0, 250.0, 5000.0):
        bound_kw = min(50.0, 21.0 + 0.1 * seconds)
        assert bound_kw <= line.at(at(30 + seconds).timestamp()) <= min(50.0, bound_kw + 29 / 16)


def by_sample(seconds: float, **drawn_kw: tuple[float, float]) -> Charging:
    """What connectors told last: by name the second and the power."""
    drawn = {name: Drawn(at(s).timestamp(), kw) for name, (s, kw) in drawn_kw.items()}
    total_kw = sum(one.power_kw for one in drawn.values())
    return Charging(total_kw, total_kw, total_kw, drawn=drawn)


def test_vehicles_that_stop_one_after_the_other_hide_no_rise_of_the_base_load():
    meter = SiteMeter(PROVEN, grid=GRID)
    meter.take(said(0, 20.0 + 40.0), charging=by_sample(0, a=(-1, 20.0), b=(-1, 20.0)))
    for second in range(5, 176, 5):
        # `a` stops at once, but says so at 90 s only; `b` at 80 s, just after it told its 20 kW.
        base_kw = 20.0 + 0.1 * second
        drawn_kw = 20.0 if second < 80 else 0.0
        a = (-1, 20.0) if second < 90 else (90, 0.0)
        b = (second, 20.0) if second < 80 else (79, 20.0)
        charging = by_sample(second, a=a, b=b)
        meter.take(said(second, base_kw + drawn_kw), charging=charging)

        bound_kw = meter.base_line(at(second)).at(at(second).timestamp())
        assert bound_kw >= base_kw, second


def test_a_reading_counts_once_those_taken_off_it_have_told_their_power_again():
    meter = SiteMeter(PROVEN, grid=GRID)

    meter.take(said(0, 40.0), charging=by_sample(0, a=(-15, 20.0)))
    before_kw = meter.base_line(at(0)).at(at(0).timestamp())
    meter.take(said(5, 40.0, energy_kwh=1.0), charging=by_sample(5, a=(5, 20.0)))
    too_soon_kw = meter.base_line(at(5)).at(at(5).timestamp())
    meter.take(said(12, 40.0, energy_kwh=2.0), charging=by_sample(12, a=(11, 20.0)))
    after_kw = meter.base_line(at(12)).at(at(12).timestamp())

    # A clock may be wrong by 10 s. Then 40 - 20 + 1 kW, and 0.1 kW/s for the 12 s since.
    assert (before_kw, too_soon_kw) == (50.0, 50.0)
    assert 22.2 <= after_kw <= 22.2 + 28 / 16


def test_a_sample_that_a_slow_clock_stamps_early_takes_nothing_off_before_the_vehicle_began():
    meter = SiteMeter(PROVEN, grid=GRID)
    meter.take(said(-100, 30.0), charging=by_sample(-100, a=(-115, 0.0)))

    # 30 kW of base load; `a` begins at 21 s and tells its 20 kW at 23 s, by a clock 5 s slow.
    meter.take(said(20, 30.0, energy_kwh=1.0), charging=by_sample(20, a=(18, 20.0)))
    meter.take(said(32, 50.0, energy_kwh=2.0), charging=by_sample(32, a=(31, 20.0)))

    assert meter.base_line(at(32)).at(at(32).timestamp()) >= 30.0


def test_a_vehicle_that_starts_is_no_base_load_once_it_has_said_so():
    meter = SiteMeter(PROVEN, grid=GRID)
    for second in range(0, 120, 5):
        drawn_kw = 0.0 if second < 40 else 20.0
        told = (second - 1, drawn_kw) if second < 40 or second >= 60 else (39, 0.0)
        reading = said(second, 15.0 + drawn_kw, energy_kwh=float(second))
        meter.take(reading, charging=by_sample(second, a=told))

    # The reading 10 s ago is the last that a sample follows: 15 + 1 + 1 kW, though 5 that were
    # taken before the vehicle told its 20 kW look like 35.
    bound_kw = meter.base_line(at(115)).at(at(115).timestamp())
    assert bound_kw <= 15.0 + 1.0 + 0.1 * 15 + 34 / 16


@pytest.mark.parametrize("seed", range(6))
def test_whatever_stops_between_its_samples_the_bound_is_not_below_the_base_load(seed):
    rng = random.Random(seed)
    meter = SiteMeter(replace(PROVEN, base_rise_kw_per_s=0.03), grid=GRID)
    base_kw, drawn_kw = 10.0, dict.fromkeys("abcdef", 20.0)
    last = dict.fromkeys(drawn_kw, (-90.0, 0.0))
    offset = {name: rng.randrange(0, 80, 5) for name in drawn_kw}
    for second in range(0, 1200, 5):
        for name in drawn_kw:
            if second % 80 == offset[name]:
                last[name] = (second, drawn_kw[name])
                # Told just before it stops; or it has begun a moment ago.
                if rng.random() < 0.4:
                    drawn_kw[name] = 20.0 - drawn_kw[name]
        base_kw = 10.0 if rng.random() < 0.005 else min(50.0, base_kw + 0.15)
        power_kw = base_kw + sum(drawn_kw.values())
        reading = said(second, power_kw, energy_kwh=second / 10)
        told = {name: one for name, one in last.items() if one[0] >= second - 90}
        meter.take(reading, charging=by_sample(second, **told))

        bound_kw = meter.base_line(at(second)).at(at(second).timestamp())
        assert bound_kw >= base_kw - 1e-9, second


def test_without_a_proven_rise_the_largest_base_load_holds_however_fresh_the_meter():
    assert metered(SOURCE, said(0, 20.0)).base_line(T0).at(T0.timestamp()) == 50.0


def test_a_base_load_that_rose_faster_than_declared_ends_the_proof():
    quiet = [said(n, 20.0 + n % 2, energy_kwh=float(n)) for n in range(0, 91, 2)]
    high = [said(n, 45.0 + n % 4, energy_kwh=float(n)) for n in range(92, 190, 2)]

    meter = metered(PROVEN, *quiet, *high)

    # 25 kW in a minute and a half: more than 1 kW and 0.1 kW/s for three minutes
    assert meter.base_line(at(188)).at(at(188).timestamp()) == 50.0
    assert meter.state(at(188)).trouble == "the base load rose faster than declared"


def test_a_station_that_starts_before_it_says_so_does_not_end_the_proof():
    quiet = [said(n, 20.0, energy_kwh=float(n)) for n in range(0, 91, 2)]
    start = [said(n, 42.0, energy_kwh=float(n)) for n in range(92, 150, 2)]
    meter = metered(PROVEN, *quiet, *start)

    for n in range(150, 260, 2):
        meter.take(said(n, 42.0, energy_kwh=float(n)), charging=Charging(22.0, 22.0, 22.0))

    assert meter.state(at(258)).trouble == ""


def test_a_base_load_above_its_declared_maximum_raises_the_maximum_for_good():
    meter = metered(SOURCE, *[said(n, 60.0, energy_kwh=float(n)) for n in range(0, 190, 2)])

    assert meter.base_line(at(188)).at(at(188).timestamp()) == 60.0
    assert meter.base_line(at(900)).at(at(900).timestamp()) == 60.0
    assert "above its declared maximum: 60.0 kW" in meter.state(at(188)).trouble


def test_charging_may_have_what_the_window_and_the_base_load_leave():
    # The window began at T0 and its mean is 20 kW so far: 90 kW less 20 kW of base load.
    meter = metered(SOURCE, said(0, 20.0), said(2, 20.0, energy_kwh=1.0))

    line = meter.operating_line(constant(90.0 - 50.0), now=at(2))

    assert line.at(at(2).timestamp()) == pytest.approx(70.0)
    assert line.at(at(1000).timestamp()) == pytest.approx(70.0)  # corrected for an hour
    assert line.at(at(4000).timestamp()) == 40.0  # then as forecast


def test_a_forecast_keeps_its_shape_after_the_window_and_is_corrected_by_its_error():
    expected = line_of(
        [(0.0, 60.0), (at(1800).timestamp(), 50.0), (at(7200).timestamp(), 30.0)]
    )  # base load 30, 40, 60 kW
    meter = metered(SOURCE, said(0, 35.0), said(2, 35.0, energy_kwh=1.0))  # 5 kW above

    line = meter.operating_line(expected, now=at(2))

    assert line.at(at(1000).timestamp()) == pytest.approx(55.0)
    assert line.at(at(2000).timestamp()) == pytest.approx(45.0)
    assert line.at(at(5000).timestamp()) == pytest.approx(50.0)
    assert line.at(at(8000).timestamp()) == pytest.approx(30.0)


def test_a_target_below_the_operating_limit_holds_in_later_windows_too():
    meter = metered(
        replace(SOURCE, window_target_kw=70.0), said(0, 20.0), said(2, 20.0, energy_kwh=1.0)
    )

    line = meter.operating_line(constant(40.0), now=at(2))

    assert line.at(at(1000).timestamp()) == pytest.approx(50.0)


def test_small_changes_of_the_base_load_move_no_limit():
    meter = metered(SOURCE, said(0, 20.0))
    told = []

    for n in range(2, 120, 2):
        meter.take(said(n, 20.0 + n % 4 * 0.7, energy_kwh=float(n)), charging=NONE)
        told.append(meter.operating_line(constant(40.0), now=at(n)).at(at(n).timestamp()))

    assert len(set(told)) == 1


def test_a_site_above_its_service_is_told_by_how_much():
    meter = metered(SOURCE, said(0, 112.0))

    assert meter.excess_kw(at(1)) == 12.0
    assert meter.excess_kw(at(60)) is None


def test_the_mean_of_a_window_is_told_only_where_all_of_it_was_seen():
    late = [said(n, 20.0, energy_kwh=float(n)) for n in range(600, 900, 10)]
    next_one = [said(n, 20.0, energy_kwh=float(n)) for n in range(900, 960, 10)]
    meter = metered(SOURCE, *late)
    in_first = meter.state(at(890)).window_kw
    for reading in next_one:
        meter.take(reading, charging=NONE)
    in_second = meter.state(at(950)).window_kw
    meter.take(said(1000, 20.0, energy_kwh=2000.0), charging=NONE)

    assert in_first is None  # ten minutes of it went by before the first reading
    assert in_second == pytest.approx(20.0)
    assert meter.state(at(1000)).window_kw is None  # 50 s without a reading
