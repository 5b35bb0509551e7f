"""Differences between two points of a study on the very same nights: chance cancels out."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import polars as pl

from depotlib.errors import StudyError
from depotlib.studies.band import SURE_SHARE, Band, bootstrap_band
from depotlib.studies.declaration import SEED, Point


@dataclass(frozen=True, slots=True)
class PairedDifference:
    """What changes from one point to another.

    Parameters
    ----------
    measure : str
        Column that was compared.
    band : Band
        Of the second less the first, over seeds.
    variance_share : float
        Variance of the paired difference over what unpaired nights would give: what common random
        numbers leave of the noise. NaN where nothing varies.
    """

    measure: str
    band: Band
    variance_share: float


def values_by_seed(rows: pl.DataFrame, point: Point, *, measure: str) -> dict[int, float]:
    """Return a measure at a point, by seed; failed scenarios are not there.

    Parameters
    ----------
    rows : polars.DataFrame
        Results with their points, as of `table.study_table`.
    point : mapping of str to scalar
        Parameters that name it, without the seed.
    measure : str

    Raises
    ------
    StudyError
        If there is no such column.
    """
    missing = {measure, SEED, *point} - set(rows.columns)
    if missing:
        raise StudyError(
            f"the study has no column {', '.join(sorted(missing))}",
            where="columns",
            hint="choose one of " + ", ".join(rows.columns),
        )
    held = rows.filter(
        pl.col(measure).is_not_null(), *(pl.col(name) == value for name, value in point.items())
    )
    return dict(zip(held[SEED].to_list(), held[measure].cast(pl.Float64).to_list(), strict=True))


def paired_difference(
    rows: pl.DataFrame,
    before: Point,
    *,
    after: Point,
    measure: str,
    share: float = SURE_SHARE,
) -> PairedDifference:
    """Return what a measure changes by from one point to another, over the seeds of both.

    Parameters
    ----------
    rows : polars.DataFrame
    before, after : mapping of str to scalar
        Each names one point, without its seed.
    measure : str
    share : float
        Of cases that the band shall hold, 0-1.

    Raises
    ------
    StudyError
        If the points share fewer than two seeds.
    """
    one = values_by_seed(rows, before, measure=measure)
    other = values_by_seed(rows, after, measure=measure)
    return difference_of(one, other, measure=measure, share=share)


def difference_of(
    one: Mapping[int, float],
    other: Mapping[int, float],
    *,
    measure: str,
    share: float = SURE_SHARE,
) -> PairedDifference:
    """Return the difference of two measures that are known by seed.

    Parameters
    ----------
    one, other : mapping of int to float
    measure : str
        What they are called.
    share : float

    Raises
    ------
    StudyError
        If they share fewer than two seeds.
    """
    seeds = sorted(one.keys() & other.keys())
    first, second = _array(one, seeds), _array(other, seeds)
    band = bootstrap_band([*(second - first)], share=share)
    unpaired = float(first.var(ddof=1) + second.var(ddof=1))
    left = float((second - first).var(ddof=1))
    return PairedDifference(
        measure=measure,
        band=band,
        variance_share=left / unpaired if unpaired > 0 else float("nan"),
    )


def _array(
    values: Mapping[int, float], seeds: Sequence[int]
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    return np.array([values[seed] for seed in seeds], dtype=np.float64)
