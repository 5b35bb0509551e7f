"""Bands hold the truth as often as they say, and Student's quantiles are the tables'."""

import math

import numpy as np
import pytest
from scipy import stats

from depotlib.errors import StudyError
from depotlib.studies.band import (
    bootstrap_band,
    student_band,
    student_probability,
    student_quantile,
)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 7, 8, 29, 30, 120])
@pytest.mark.parametrize("probability", [0.6, 0.9, 0.95, 0.995, 0.9999])
def test_students_quantile_is_that_of_the_reference(freedom: int, probability: float):
    # SciPy's incomplete beta function: another way to the same integral.
    assert student_quantile(probability, freedom=freedom) == pytest.approx(
        stats.t.ppf(probability, freedom), rel=1e-9
    )
    assert student_probability(1.3, freedom=freedom) == pytest.approx(stats.t.cdf(1.3, freedom))


def test_students_band_is_the_textbooks():
    # Mean 5; deviation sqrt(20 / 3); 3.182446 is the quantile for 3 degrees of freedom and 95 %.
    band = student_band([2.0, 4.0, 6.0, 8.0], share=0.95)

    half = 3.182446 * math.sqrt(20 / 3) / 2
    assert (band.mean_value, band.count) == (5.0, 4)
    assert (band.low_value, band.high_value) == (
        pytest.approx(5 - half, rel=1e-6),
        pytest.approx(5 + half, rel=1e-6),
    )
    assert band.half_width == pytest.approx(half, rel=1e-6)
    assert band.excludes(11.0)
    assert not band.excludes(5.0)


@pytest.mark.parametrize("make", [bootstrap_band, student_band])
def test_a_band_of_ninety_percent_holds_the_truth_in_about_nine_of_ten_cases(make):
    rng = np.random.default_rng(7)
    samples = rng.normal(3.0, 2.0, size=(300, 12))

    held = [not make([*sample]).excludes(3.0) for sample in samples]

    # The spread of 300 trials is 1.7 %: 90 % and three spreads to both sides.
    assert 0.85 <= np.mean(held) <= 0.95


@pytest.mark.parametrize("count", [2, 3, 4])
def test_a_few_resampled_values_have_a_band_that_can_hold_the_truth(count: int):
    values = [1.0, 3.0, 4.0, 9.0][:count]

    band = bootstrap_band(values)

    # The span of four values holds their median in 7 of 8 cases only, fewer values more seldom.
    assert band == student_band(values)
    assert band.low_value < min(values)
    assert bootstrap_band([*values, 5.0, 6.0, 7.0]) != student_band([*values, 5.0, 6.0, 7.0])


def test_equal_values_leave_no_doubt_and_equal_seeds_draw_the_same():
    assert bootstrap_band([4.0, 4.0, 4.0]).half_width == 0
    assert bootstrap_band([1.0, 2.0, 4.0]) == bootstrap_band([1.0, 2.0, 4.0])
    values = [float(value * value) for value in range(12)]
    assert bootstrap_band(values, seed=1) != bootstrap_band(values, seed=2)


@pytest.mark.parametrize("make", [bootstrap_band, student_band])
def test_one_value_has_no_band(make):
    with pytest.raises(StudyError, match="spread"):
        make([1.0])
