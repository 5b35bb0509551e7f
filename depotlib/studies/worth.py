"""What one more is worth: one more station, ten more kilowatts, knowing more of the night."""

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import polars as pl

from depotlib.errors import StudyError
from depotlib.studies.band import SURE_SHARE
from depotlib.studies.declaration import Axis, Point
from depotlib.studies.paired import PairedDifference, paired_difference

POLICY: Final = "policy"


@dataclass(frozen=True, slots=True)
class Step:
    """From one value of an axis to the next.

    Parameters
    ----------
    low_value, high_value : float
        Values of the axis.
    change : PairedDifference
        Of the measure, for the whole step.
    """

    low_value: float
    high_value: float
    change: PairedDifference

    @property
    def per_unit(self) -> float:
        """Return the mean change of the measure per unit of the axis."""
        return self.change.band.mean_value / (self.high_value - self.low_value)


@dataclass(frozen=True, slots=True)
class InformationWorth:
    """What it is worth to know more of a night, in the unit of the measure.

    Parameters
    ----------
    replanning : PairedDifference
        From a plan that is carried out blindly to one that is made anew whenever something becomes
        known.
    foresight : PairedDifference
        From there to knowing everything at noon: the most that better forecasts could still bring.
    """

    replanning: PairedDifference
    foresight: PairedDifference


def worth_of_more(
    rows: pl.DataFrame,
    base: Point,
    *,
    axis: Axis,
    measure: str,
    share: float = SURE_SHARE,
) -> tuple[Step, ...]:
    """Return what each step along an axis of numbers changes, on the same nights.

    Parameters
    ----------
    rows : polars.DataFrame
        Results with their points.
    base : mapping of str to scalar
        The other parameters, without the seed.
    axis : Axis
        Of numbers.
    measure : str
    share : float
        Of cases that each band shall hold, 0-1.

    Raises
    ------
    StudyError
        If the axis has words, or a point has fewer than two seeds.
    """
    numbers = [value for value in axis.values if isinstance(value, int | float)]
    if len(numbers) < len(axis.values):
        raise StudyError(
            f"{axis.name} has values that are no numbers", where=axis.name, hint="choose another"
        )
    return tuple(
        Step(
            low,
            high,
            paired_difference(
                rows,
                {**base, axis.name: low},
                after={**base, axis.name: high},
                measure=measure,
                share=share,
            ),
        )
        for low, high in pairwise(sorted(numbers))
    )


def worth_of_information(
    rows: pl.DataFrame, base: Point, *, measure: str, share: float = SURE_SHARE
) -> InformationWorth:
    """Return what knowing more changes: the plan made anew, and full knowledge.

    Parameters
    ----------
    rows : polars.DataFrame
        With the policies ``blind``, ``replanned`` and ``hindsight``.
    base : mapping of str to scalar
        The other parameters, without the seed.
    measure : str
    share : float
        Of cases that each band shall hold, 0-1.

    Raises
    ------
    StudyError
        If a policy was not played with two seeds.
    """
    before, between, after = (
        {**base, POLICY: policy} for policy in ("blind", "replanned", "hindsight")
    )
    return InformationWorth(
        paired_difference(rows, before, after=between, measure=measure, share=share),
        paired_difference(rows, between, after=after, measure=measure, share=share),
    )
