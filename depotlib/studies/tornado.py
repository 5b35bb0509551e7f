"""Which assumption matters most: one axis at a time, by how far it swings a measure."""

from dataclasses import dataclass

import polars as pl

from depotlib.model.live import Scalar
from depotlib.studies.band import LEAST_VALUES, SURE_SHARE
from depotlib.studies.declaration import Axis, Study
from depotlib.studies.paired import PairedDifference, difference_of, values_by_seed


@dataclass(frozen=True, slots=True)
class Swing:
    """What an axis does to a measure.

    Parameters
    ----------
    axis : str
    base : scalar
        Its value in the base.
    effects : tuple of (scalar, PairedDifference)
        Against the base, one for each other value, on the same nights; none for a value that
        shares fewer than two of them, since its scenarios failed.
    """

    axis: str
    base: Scalar
    effects: tuple[tuple[Scalar, PairedDifference], ...]

    @property
    def span(self) -> float:
        """Return the distance between the lowest and the highest mean; the base counts as 0."""
        means = [0.0, *(effect.band.mean_value for _, effect in self.effects)]
        return max(means) - min(means)


def tornado(
    rows: pl.DataFrame, study: Study, *, measure: str, share: float = SURE_SHARE
) -> tuple[Swing, ...]:
    """Return what each axis of a study does to a measure, the strongest first.

    Parameters
    ----------
    rows : polars.DataFrame
        Of a study that holds the base and one axis at a time.
    study : Study
        With a base for each axis.
    measure : str
    share : float
        Of cases that each band shall hold, 0-1.

    Raises
    ------
    StudyError
        If the measure is no column.
    """
    base = values_by_seed(rows, study.base, measure=measure)

    def swing(axis: Axis) -> Swing:
        others = {
            value: values_by_seed(rows, {**study.base, axis.name: value}, measure=measure)
            for value in axis.values
            if value != study.base[axis.name]
        }
        effects = tuple(
            (value, difference_of(base, other, measure=measure, share=share))
            for value, other in others.items()
            if len(base.keys() & other.keys()) >= LEAST_VALUES
        )
        return Swing(axis.name, study.base[axis.name], effects)

    swings = [swing(axis) for axis in study.axes]
    return tuple(sorted(swings, key=lambda swing: -swing.span))
