"""How sure a mean is: bands by resampling, and by Student's distribution."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import Final

import numpy as np
import numpy.typing as npt

from depotlib.errors import StudyError

FloatArray = npt.NDArray[np.float64]

SURE_SHARE: Final = 0.9
"""Share of cases in which a band holds the truth, where nobody says another."""
DRAWS: Final = 2000
LEAST_VALUES: Final = 2
"""From one value nothing is known of its spread."""


@dataclass(frozen=True, slots=True)
class Band:
    """A mean and the span that holds the true one in a stated share of cases.

    Parameters
    ----------
    mean_value, low_value, high_value : float
        In the unit of the values.
    count : int
        Values behind it.
    """

    mean_value: float
    low_value: float
    high_value: float
    count: int

    @property
    def half_width(self) -> float:
        """Return half the span."""
        return (self.high_value - self.low_value) / 2

    def excludes(self, value: float) -> bool:
        """Return whether a value lies outside the span."""
        return not self.low_value <= value <= self.high_value


def bootstrap_band(
    values: Sequence[float], *, share: float = SURE_SHARE, draws: int = DRAWS, seed: int = 0
) -> Band:
    """Return the mean of values and its band by drawing them again, with replacement.

    Makes no assumption on how the values are spread. The plain span of resampled means is too
    narrow for few values; here its ends are moved out as far as Student's distribution says [1]_.
    No draw leaves the span of the values, and that of two to four holds the true mean too seldom:
    so few have the band of `student_band`.

    Parameters
    ----------
    values : sequence of float
        Independent of each other: one a seed, not one a night.
    share : float
        Of cases that the band shall hold, 0-1.
    draws : int
    seed : int
        Of the draws.

    Raises
    ------
    StudyError
        If there are fewer than two values.

    References
    ----------
    .. [1] T. Hesterberg, "What Teachers Should Know About the Bootstrap", The American
       Statistician 69 (2015): expanded percentile interval.
    """
    known = _known(values)
    count = len(known)
    # All of them lie on the same side of their median in one case of 2 ** (count - 1).
    if 1 - 0.5 ** (count - 1) < share:
        return student_band(values, share=share)
    out = student_quantile((1 + share) / 2, freedom=count - 1) * math.sqrt(count / (count - 1))
    doubt_share = NormalDist().cdf(-out)
    drawn = np.random.default_rng(seed).integers(0, count, size=(draws, count))
    low, high = np.quantile(known[drawn].mean(axis=1), (doubt_share, 1 - doubt_share))
    return Band(
        mean_value=float(known.mean()), low_value=float(low), high_value=float(high), count=count
    )


def student_band(values: Sequence[float], *, share: float = SURE_SHARE) -> Band:
    """Return the mean of values and its band by Student's distribution.

    ``mean -+ quantile(count - 1) * deviation / sqrt(count)``: exact where the values are normal,
    and near it for sums over many nights.

    Parameters
    ----------
    values : sequence of float
    share : float
        Of cases that the band shall hold, 0-1.

    Raises
    ------
    StudyError
        If there are fewer than two values.
    """
    known = _known(values)
    half = student_quantile((1 + share) / 2, freedom=len(known) - 1)
    half *= float(known.std(ddof=1)) / math.sqrt(len(known))
    mean = float(known.mean())
    return Band(mean_value=mean, low_value=mean - half, high_value=mean + half, count=len(known))


def student_quantile(probability: float, *, freedom: int) -> float:
    """Return the quantile of Student's distribution.

    Parameters
    ----------
    probability : float
        0.5 or more, below 1.
    freedom : int
        Degrees of freedom, 1 or more.
    """
    low, high = 0.0, 1.0
    while student_probability(high, freedom=freedom) < probability:
        low, high = high, 2 * high
    # Bisection to the last bit: the function grows, and is evaluated in microseconds.
    while low < (middle := (low + high) / 2) < high:
        if student_probability(middle, freedom=freedom) < probability:
            low = middle
        else:
            high = middle
    return high


def student_probability(value: float, *, freedom: int) -> float:
    """Return the chance that a variable of Student's distribution stays below a value.

    Parameters
    ----------
    value : float
        0 or more.
    freedom : int
        Degrees of freedom, 1 or more.

    References
    ----------
    .. [1] M. Abramowitz, I. A. Stegun, "Handbook of Mathematical Functions", 26.7.3 and 26.7.4:
       for whole degrees of freedom the integral is a finite sum.
    """
    angle = math.atan2(value, math.sqrt(freedom))
    sine, cosine = math.sin(angle), math.cos(angle)
    is_odd = freedom % 2 == 1
    term = cosine if is_odd else 1.0
    total = term if freedom > 1 else 0.0
    for power in range(3 if is_odd else 2, freedom - 1, 2):
        term *= cosine * cosine * (power - 1) / power
        total += term
    inside = (angle + sine * total) * 2 / math.pi if is_odd else sine * total
    return (1 + inside) / 2


def _known(values: Sequence[float]) -> FloatArray:
    if len(values) < LEAST_VALUES:
        raise StudyError(
            f"{len(values)} values say nothing of their spread",
            where="band",
            hint="play the study with two seeds or more",
        )
    return np.asarray(values, dtype=np.float64)
