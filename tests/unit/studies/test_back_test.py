"""A back-test: scores and bands as defined, days as the log says, and no look ahead."""

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from statistics import mean
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
import pytest

from depotlib.errors import ModelError, StudyError
from depotlib.simulation.alike import alike_weights
from depotlib.simulation.sampling import drawn_nights
from depotlib.simulation.scenario import PastNight
from depotlib.studies.back_test import back_test, chosen_factor, quantile, ranked_score
from depotlib.studies.past_day import PastDay, past_days
from tests.simulation_cases import plugs, scenario, stay

MONDAY = date(2026, 3, 2)
LONDON = ZoneInfo("Europe/London")


def session(start: str, hours: float, kwh: float, charged_h: float | None = None):
    begins = datetime.fromisoformat(start).replace(tzinfo=UTC)
    return {
        "plug_start": begins,
        "plug_end": begins + timedelta(hours=hours),
        "charge_end": None if charged_h is None else begins + timedelta(hours=charged_h),
        "energy_wall_kwh": kwh,
    }


def test_the_score_of_a_sample_is_that_of_its_definition():
    values, weights = np.array([4.0, 1.0, 2.0]), np.array([1.0, 2.0, 1.0])

    # Mean distance to 3: (1 + 2 * 2 + 1) / 4 = 1.5. Half the mean distance between two draws with
    # weights 1/4, 1/2, 1/4: 1/2 * 2 * (3/8 + 2/16 + 1/8) = 0.625.
    assert ranked_score(values, weights, actual_value=3.0) == pytest.approx(1.5 - 0.625)
    # One value alone: its distance.
    assert ranked_score(np.array([2.0]), np.array([5.0]), actual_value=5.0) == pytest.approx(3.0)


def test_the_score_is_the_integral_of_the_squared_distance_of_distributions():
    rng = np.random.default_rng(3)
    values, weights, actual = rng.normal(size=9), rng.uniform(0.1, 1.0, 9), 0.3

    at = np.linspace(-6, 6, 120_001)
    reached = ((values[None] <= at[:, None]) * weights).sum(axis=1) / weights.sum()
    integral = float(((reached - (at >= actual)) ** 2).sum() * (at[1] - at[0]))

    assert ranked_score(values, weights, actual_value=actual) == pytest.approx(integral, abs=1e-3)


def test_a_quantile_is_the_least_value_that_reaches_its_share():
    values, weights = np.array([30.0, 10.0, 20.0]), np.array([1.0, 1.0, 2.0])

    found = [quantile(values, weights, share=share) for share in (0.1, 0.25, 0.26, 0.75, 0.9, 1.0)]

    assert found == [10.0, 10.0, 20.0, 20.0, 30.0, 30.0]


def test_days_hold_what_their_sessions_say():
    log = pl.DataFrame(
        [
            session("2026-01-04T10:00", 1, 1.0),
            # Noon of the 5th to noon of the 6th: 20 kWh in 2 of 10 hours, 5 kWh even over one, from
            # 21:00 to 22:00. Both draw from 21:00 on; three are plugged in at 21:30.
            session("2026-01-05T20:00", 10, 20.0, 2.0),
            session("2026-01-05T21:00", 1, 5.0),
            session("2026-01-05T21:15", 0.5, 0.0),
            session("2026-01-06T20:00", 200, 9.0),
            session("2026-01-07T10:00", 4, 8.0),
            session("2026-01-07T14:00", 1, 2.0),
            session("2026-01-08T14:00", 1, 1.0),
        ],
        schema_overrides={"charge_end": pl.Datetime("us", "UTC")},
    )

    first, *others = past_days(log, time_zone=LONDON)

    # The first day, and the last, may be in the log in parts only; the 4th's morning is the 3rd's.
    assert first == PastDay(date(2026, 1, 4), 0.0, 0.0, 0)
    # Without energy nobody charged; 200 hours are no stay. The van of the 7th at ten is the 6th's,
    # and still there at noon, when it makes room at 14:00 for the next one.
    assert others == [
        PastDay(date(2026, 1, 5), 25.0, pytest.approx(15.0), 2),
        PastDay(date(2026, 1, 6), 8.0, pytest.approx(2.0), 1),
        PastDay(date(2026, 1, 7), 2.0, pytest.approx(2.0), 1),
    ]


def test_where_the_log_is_silent_vehicles_draw_what_they_can():
    log = pl.DataFrame(
        [session(f"2026-01-0{day}T20:00", 10, 14.4) for day in range(4, 9)],
    ).drop("charge_end")

    even = past_days(log, time_zone=LONDON)
    known = past_days(log, time_zone=LONDON, power_kw=7.2)

    assert [one.peak_kw for one in even] == pytest.approx([1.44] * 3)
    assert [one.peak_kw for one in known] == pytest.approx([7.2] * 3)


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (pl.DataFrame({"plug_start": []}), "have no energy_wall_kwh, plug_end"),
        (pl.DataFrame([session("2026-01-04T10:00", 1, 1.0)]), "not two whole days"),
    ],
)
def test_a_log_that_says_nothing_is_refused(frame: pl.DataFrame, said: str):
    with pytest.raises(StudyError, match=said):
        past_days(frame, time_zone=LONDON)


def invented(count: int, *, seed: int, swing: float = 0.0) -> list[PastDay]:
    """Return days around 100 kWh, by weekday as far as the swing goes."""
    rng = np.random.default_rng(seed)
    return [
        PastDay(
            MONDAY + timedelta(days=at),
            float(100 + swing * (at % 7) + 10 * rng.normal()),
            float(20 + rng.normal()),
            int(5 + rng.integers(0, 6)),
        )
        for at in range(count)
    ]


def test_bands_of_days_that_are_all_alike_hold_what_they_say():
    tests = [back_test(invented(120, seed=seed)) for seed in range(5)]

    energy, peak, plugs = zip(*(one.measures for one in tests), strict=True)
    assert (tests[0].known_days, tests[0].tested_days, len(tests[0].forecasts)) == (60, 60, 180)
    covered = [one.covered_share for one in (*energy, *peak)]
    # A band from 60 days scatters by some 8 % a test: by 2.5 % in the mean of ten.
    assert mean(covered) == pytest.approx(0.8, abs=0.07)
    # Six numbers of plugs only: a band of some of them holds more than it says.
    assert not any(one.is_covered for one in plugs)
    for one in energy:
        assert one.below_share + one.covered_share + one.above_share == pytest.approx(1.0)
        # Where no weekday differs, all days of a kind are better witnesses than a few.
        assert one.is_better
    # Of a normal distribution the score is sigma / sqrt(pi) = 5.64, were it known exactly.
    assert mean(one.score_value for one in energy) == pytest.approx(5.64, rel=0.1)


def test_weekdays_that_differ_are_told_apart_by_the_first_half_itself():
    days = invented(200, seed=2, swing=30.0)

    assert chosen_factor(days[:100], holidays=()) == 16.0
    assert chosen_factor(invented(100, seed=2), holidays=()) == 1.0


def test_nothing_of_the_second_half_is_used():
    days = invented(60, seed=4)
    wild = [*days[:30], *(replace(one, energy_kwh=1e4) for one in days[30:])]

    usual, other = back_test(days), back_test(wild)

    assert [one.high_value for one in usual.forecasts] == [
        one.high_value for one in other.forecasts
    ]
    assert other.measures[0].covered_share == 0.0
    assert other.measures[0].above_share == 1.0


def test_too_few_days_are_refused():
    with pytest.raises(StudyError, match="27 days are too few"):
        back_test(invented(27, seed=1))


def test_a_holiday_is_like_a_weekend_and_has_no_weekday():
    days = [MONDAY + timedelta(days=at) for at in range(14)]
    holiday = days[8]

    weights = alike_weights(days, days[1], holidays={holiday}, same_weekday_factor=4.0)
    free = alike_weights(days, holiday, holidays={holiday}, same_weekday_factor=4.0)

    # A Tuesday: workdays, the other Tuesday is the holiday.
    assert weights.tolist() == [1, 4, 1, 1, 1, 0, 0, 1, 0, 1, 1, 1, 0, 0]
    assert free.tolist() == [0, 0, 0, 0, 0, 1, 1, 0, 1, 0, 0, 0, 1, 1]
    assert alike_weights(days[:5], days[5]).tolist() == [1.0] * 5


def test_a_play_draws_the_same_weekday_as_often_as_it_counts():
    first = date(2026, 3, 2)
    nights = tuple(
        PastNight(first + timedelta(days=at), (stay("van", 16, 60, 10.0),)) for at in range(5)
    )
    one = replace(
        scenario(nights[0].stays, plugs(1)), nights=nights, first=MONDAY, same_weekday_factor=16.0
    )

    drawn = [drawn_nights(one, seed=seed).nights[0].drawn_evening for seed in range(200)]
    free = replace(one, holidays=frozenset({MONDAY}), same_weekday_factor=1.0)

    # 16 of 20: 160 of 200 draws, with a standard deviation of 5.7.
    assert 140 <= drawn.count(MONDAY) <= 180
    # The holiday is like itself only.
    assert {drawn_nights(free, seed=seed).nights[0].drawn_evening for seed in range(9)} == {MONDAY}
    with pytest.raises(ModelError, match="cannot count 0 times"):
        replace(one, same_weekday_factor=0.0)


def test_a_day_may_begin_at_midnight():
    log = pl.DataFrame([session(f"2026-01-0{day}T09:00", 2, 4.0, 1.0) for day in range(4, 9)])

    by_day = past_days(log, time_zone=LONDON, day_begins=time(0))

    assert [one.day.day for one in by_day] == [5, 6, 7]
