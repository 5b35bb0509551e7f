"""Money and quantities divided so that the parts sum exactly to the whole: largest remainder."""

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction
from math import floor

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
    exact = [Fraction(weight) for weight in weights]
    total = sum(exact, Fraction(0))
    if total == 0:
        raise AllocationError(
            f"{whole} cannot be divided: no part has any weight",
            where="weights",
            hint="choose another rule, or divide equally",
        )
    steps = Fraction(whole) / Fraction(step)
    if steps.denominator != 1:
        raise AllocationError(f"{whole} is no multiple of {step}", where="whole")
    ideal = [steps * weight / total for weight in exact]
    parts = [floor(share) for share in ideal]
    left = int(steps) - sum(parts)
    by_loss = sorted(range(len(parts)), key=lambda index: parts[index] - ideal[index])
    for index in by_loss[:left]:
        parts[index] += 1
    return tuple(part * step for part in parts)
