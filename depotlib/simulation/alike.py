"""Which days of the past are like a day that is to come, and how much each of them counts."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

FIRST_WEEKEND_DAY: Final = 5


def alike_weights(
    past: Sequence[date],
    day: date,
    *,
    holidays: Collection[date] = (),
    same_weekday_factor: float = 1.0,
) -> NDArray[np.float64]:
    """Return how much each past day counts for a day, (past,).

    A workday is like workdays; a Saturday, a Sunday or a holiday like any of these. Where there is
    nothing alike, every day counts as much. A history of some weeks holds few days of one weekday
    and many of a kind, so both count, and the same weekday more.

    Parameters
    ----------
    past : sequence of date
    day : date
    holidays : collection of date
        Past and to come.
    same_weekday_factor : float
        What a day of the same weekday counts, where another of its kind counts 1; holidays have no
        weekday.
    """
    is_free = _is_free(day, holidays)
    weights = np.array([float(_is_free(one, holidays) == is_free) for one in past])
    if not weights.any():
        return np.ones(len(past))
    if day not in holidays:
        same = [one.weekday() == day.weekday() and one not in holidays for one in past]
        weights[np.array(same)] *= same_weekday_factor
    return weights


def _is_free(day: date, holidays: Collection[date]) -> bool:
    return day.weekday() >= FIRST_WEEKEND_DAY or day in holidays
