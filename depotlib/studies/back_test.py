"""Whether resampled days of a depot's first half are like its second half, and better than a naive guess."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from statistics import mean
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import StudyError
from depotlib.simulation.alike import alike_weights
from depotlib.studies.past_day import PastDay

FloatArray = NDArray[np.float64]

MEASURES: Final = ("energy_kwh", "peak_kw", "most_plugs")
BAND_SHARE: Final = 0.8
COVERED_BETWEEN: Final = (0.75, 0.85)
"""A band of 80 % that holds less or more of what comes says too much, or too little."""
FACTORS: Final = (1.0, 2.0, 4.0, 8.0, 16.0)
"""What a day of the same weekday may count; the first half itself chooses."""
LEAST_DAYS: Final = 28


@dataclass(frozen=True, slots=True)
class DayForecast:
    """What was foretold of a day of the second half, and what came.

    Parameters
    ----------
    day : date
    measure : str
    low_value, median_value, high_value : float
        Of the band and its middle.
    actual_value : float
    score_value, naive_score_value : float
        Continuous ranked probability score of the resampled days, and of the same weekday's own
        past; in the unit of the measure, 0 is best.
    """

    day: date
    measure: str
    low_value: float
    median_value: float
    high_value: float
    actual_value: float
    score_value: float
    naive_score_value: float


@dataclass(frozen=True, slots=True)
class MeasureTest:
    """How one measure was foretold.

    Parameters
    ----------
    measure : str
    covered_share, below_share, above_share : float
        Of days: in their band, below it, above it.
    score_value, naive_score_value : float
        Means of `DayForecast`.
    first_mean_value, second_mean_value : float
        Of both halves: what has drifted nobody can foretell from the first.
    """

    measure: str
    covered_share: float
    below_share: float
    above_share: float
    score_value: float
    naive_score_value: float
    first_mean_value: float
    second_mean_value: float

    @property
    def is_covered(self) -> bool:
        """Return whether the band holds as much as it says."""
        low, high = COVERED_BETWEEN
        return low <= self.covered_share <= high

    @property
    def is_better(self) -> bool:
        """Return whether resampled days score better than the same weekday's own past."""
        return self.score_value < self.naive_score_value


@dataclass(frozen=True, slots=True)
class BackTest:
    """What a back-test says.

    Parameters
    ----------
    known_days, tested_days : int
        Of the first half and of the second.
    same_weekday_factor : float
        That the first half chose (`alike_weights`).
    measures : tuple of MeasureTest
    forecasts : tuple of DayForecast
        Day by day and measure by measure.
    """

    known_days: int
    tested_days: int
    same_weekday_factor: float
    measures: tuple[MeasureTest, ...]
    forecasts: tuple[DayForecast, ...]


def back_test(days: Sequence[PastDay], *, holidays: Collection[date] = ()) -> BackTest:
    """Return how well days drawn from the first half foretell the second half.

    A day is drawn whole, so drawing without end is the weighted distribution of the past days
    themselves: exact, and without a seed. The naive guess is the past of the same weekday, each day
    as much, holidays unknown.

    Parameters
    ----------
    days : sequence of PastDay
        In turn, without a gap.
    holidays : collection of date
        Known beforehand, in both halves.

    Raises
    ------
    StudyError
        If there are fewer than `LEAST_DAYS`.
    """
    if len(days) < LEAST_DAYS:
        raise StudyError(
            f"{len(days)} days are too few to foretell one half from the other",
            where="days",
            hint=f"{LEAST_DAYS} or more show each weekday twice in both halves",
        )
    known, tested = days[: len(days) // 2], days[len(days) // 2 :]
    factor = chosen_factor(known, holidays=holidays)
    forecasts = tuple(
        _forecast(one, known, measure=measure, holidays=holidays, factor=factor)
        for one in tested
        for measure in MEASURES
    )
    return BackTest(
        known_days=len(known),
        tested_days=len(tested),
        same_weekday_factor=factor,
        measures=tuple(_summed_up(name, forecasts, known=known) for name in MEASURES),
        forecasts=forecasts,
    )


def chosen_factor(known: Sequence[PastDay], *, holidays: Collection[date]) -> float:
    """Return how much more a day of the same weekday should count, as the days themselves say.

    Each week is foretold from all others; the factor with the least mean score is chosen, each
    measure in parts of its own mean.

    Parameters
    ----------
    known : sequence of PastDay
    holidays : collection of date
    """

    def weights(factor: float) -> FloatArray:
        rows = [_weights(known, one.day, holidays=holidays, factor=factor) for one in known]
        return np.array(rows)

    week = np.array([str(one.day.isocalendar()[:2]) for one in known])
    is_other = week[:, None] != week[None, :]
    plain = weights(1.0) * is_other
    is_same = weights(max(FACTORS)) * is_other > plain
    figures = [values / (float(values.mean()) or 1.0) for values in _all_values(known)]

    def score(factor: float) -> float:
        kept = np.where(is_same, factor, 1.0) * plain
        return sum(
            ranked_score(values, row, actual_value=values[at])
            for values in figures
            for at, row in enumerate(kept)
            if row.any()
        )

    return min(FACTORS, key=score)


def ranked_score(values: FloatArray, weights: FloatArray, *, actual_value: float) -> float:
    """Return the continuous ranked probability score of a weighted sample, 0 or more.

    ``sum_i w[i] |x[i] - y| - 1/2 sum_ij w[i] w[j] |x[i] - x[j]|``, weights summing to 1

    Parameters
    ----------
    values, weights : ndarray
        (sample,).
    actual_value : float

    References
    ----------
    .. [1] T. Gneiting, A. Raftery, "Strictly Proper Scoring Rules, Prediction, and Estimation",
       Journal of the American Statistical Association 102 (2007), equation 21.
    """
    share = weights / weights.sum()
    order = np.argsort(values)
    rising, part = values[order], share[order]
    # Half of the mean distance between two draws, by the part that lies below each step.
    below = np.cumsum(part)[:-1]
    apart = float(np.sum(np.diff(rising) * below * (1 - below)))
    return float(np.sum(part * np.abs(rising - actual_value))) - apart


def quantile(values: FloatArray, weights: FloatArray, *, share: float) -> float:
    """Return the least value that a share of a weighted sample does not pass.

    Parameters
    ----------
    values, weights : ndarray
        (sample,).
    share : float
        0-1.
    """
    order = np.argsort(values)
    reached = np.cumsum(weights[order]) / weights.sum()
    # A sum of parts may miss its end by a hair.
    return float(values[order][min(np.searchsorted(reached, share - 1e-9), len(values) - 1)])


def _all_values(days: Sequence[PastDay]) -> list[FloatArray]:
    return [_values(days, measure) for measure in MEASURES]


def _values(days: Sequence[PastDay], measure: str) -> FloatArray:
    return np.array([float(getattr(one, measure)) for one in days])


def _weights(
    known: Sequence[PastDay], day: date, *, holidays: Collection[date], factor: float
) -> FloatArray:
    return alike_weights(
        [one.day for one in known], day, holidays=holidays, same_weekday_factor=factor
    )


def _forecast(
    one: PastDay,
    known: Sequence[PastDay],
    *,
    measure: str,
    holidays: Collection[date],
    factor: float,
) -> DayForecast:
    values, actual = _values(known, measure), float(getattr(one, measure))
    weights = _weights(known, one.day, holidays=holidays, factor=factor)
    naive = np.array([float(two.day.weekday() == one.day.weekday()) for two in known])
    low, median, high = (
        quantile(values, weights, share=share)
        for share in ((1 - BAND_SHARE) / 2, 0.5, (1 + BAND_SHARE) / 2)
    )
    return DayForecast(
        day=one.day,
        measure=measure,
        low_value=low,
        median_value=median,
        high_value=high,
        actual_value=actual,
        score_value=ranked_score(values, weights, actual_value=actual),
        naive_score_value=ranked_score(values, naive, actual_value=actual),
    )


def _summed_up(
    measure: str, forecasts: Sequence[DayForecast], *, known: Sequence[PastDay]
) -> MeasureTest:
    own = [one for one in forecasts if one.measure == measure]
    return MeasureTest(
        measure=measure,
        covered_share=mean(one.low_value <= one.actual_value <= one.high_value for one in own),
        below_share=mean(one.actual_value < one.low_value for one in own),
        above_share=mean(one.actual_value > one.high_value for one in own),
        score_value=mean(one.score_value for one in own),
        naive_score_value=mean(one.naive_score_value for one in own),
        first_mean_value=float(_values(known, measure).mean()),
        second_mean_value=mean(one.actual_value for one in own),
    )
