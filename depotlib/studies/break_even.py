"""Where two choices cost the same: the root of a difference that is expensive to evaluate."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from depotlib.errors import StudyError

MOST_EVALUATIONS: Final = 60


@dataclass(frozen=True, slots=True)
class BreakEven:
    """Where one choice becomes better than the other.

    Parameters
    ----------
    at_value : float or None
        The value at which both are alike, to the tolerance; None: one is better throughout.
    low_amount, high_amount : float
        The difference at both ends of the span.
    better : {'changes', 'first', 'second', 'neither'}
        What happens over the span: it changes at ``at_value``; one is cheaper throughout; both cost the
        same at both ends.
    evaluations : int
    """

    at_value: float | None
    low_amount: float
    high_amount: float
    better: Literal["changes", "first", "second", "neither"]
    evaluations: int


def break_even(
    difference_amount: Callable[[float], float],
    span: tuple[float, float],
    *,
    tolerance: float,
) -> BreakEven:
    """Return where a difference changes its sign: second less first.

    False position with the Illinois rule: it uses that bills are nearly straight lines in a price
    and never leaves the span; where two steps have not halved it, the next one does. A difference
    that changes its sign more than once has one of its roots found.

    Parameters
    ----------
    difference_amount : callable
        What the second choice costs more than the first, at a value.
    span : tuple of float
        Where to look, low and high.
    tolerance : float
        Of the value.

    Raises
    ------
    StudyError
        If the span or the tolerance cannot be.
    """
    low, high = span
    if not (low < high and tolerance > 0):
        raise StudyError(
            f"nothing lies between {low:g} and {high:g} to a tolerance of {tolerance:g}",
            where="span",
            hint="give a lower end, a higher end, and a tolerance above 0",
        )
    low_amount, high_amount = difference_amount(low), difference_amount(high)
    if low_amount == high_amount == 0:
        return BreakEven(None, low_amount, high_amount, "neither", 2)
    if low_amount == 0 or high_amount == 0:
        at = low if low_amount == 0 else high
        return BreakEven(at, low_amount, high_amount, "changes", 2)
    if low_amount * high_amount > 0:
        better = "first" if low_amount > 0 else "second"
        return BreakEven(None, low_amount, high_amount, better, 2)
    bracket = _Bracket(low, high, low_amount, high_amount)
    while bracket.high - bracket.low > tolerance and bracket.evaluations < MOST_EVALUATIONS:
        at = bracket.next_value(tolerance)
        bracket.narrow(at, difference_amount(at))
    return BreakEven(bracket.best(), low_amount, high_amount, "changes", bracket.evaluations)


class _Bracket:
    """The span in which the sign changes."""

    def __init__(self, low: float, high: float, *amounts: float) -> None:
        self.low, self.high = low, high
        self._low_amount, self._high_amount = amounts
        self._kept = 0
        self._widths = (math.inf, math.inf)
        self.evaluations = 2

    def next_value(self, tolerance: float) -> float:
        width = self.high - self.low
        is_slow = width > self._widths[0] / 2
        self._widths = (self._widths[1], width)
        if is_slow:
            return self.low + width / 2
        slope = self._high_amount - self._low_amount
        at = self.low - self._low_amount * width / slope
        # Half a tolerance beside the guess: once it is right, the span closes around it.
        margin = min(tolerance, width) / 2
        return min(max(at, self.low + margin), self.high - margin)

    def narrow(self, at: float, amount: float) -> None:
        self.evaluations += 1
        if amount == 0:
            self.low = self.high = at
        elif (amount > 0) == (self._high_amount > 0):
            self.high, self._high_amount = at, amount
            self._low_amount /= 2 if self._kept == -1 else 1
            self._kept = -1
        else:
            self.low, self._low_amount = at, amount
            self._high_amount /= 2 if self._kept == 1 else 1
            self._kept = 1

    def best(self) -> float:
        return (self.low + self.high) / 2
