"""Points that no other beats: fewer stations, a smaller service, readier vans, less money."""

from collections.abc import Mapping, Sequence
from typing import Literal

import numpy as np
import polars as pl

from depotlib.errors import StudyError
from depotlib.studies.band import SURE_SHARE, bootstrap_band
from depotlib.studies.declaration import SEED

Sense = Literal["least", "most"]


def point_means(
    rows: pl.DataFrame,
    parameters: Sequence[str],
    *,
    measures: Sequence[str],
    share: float = SURE_SHARE,
) -> pl.DataFrame:
    """Return one row a point: the mean of each measure over seeds, with its band.

    Parameters
    ----------
    rows : polars.DataFrame
        Results with their points.
    parameters : sequence of str
        Columns that name a point, without the seed; none: all rows are of one point.
    measures : sequence of str
    share : float
        Of cases that each band shall hold, 0-1.

    Returns
    -------
    polars.DataFrame
        The parameters, ``seeds`` (how many), and for each measure ``<measure>``,
        ``<measure>_low`` and ``<measure>_high``; the band is null with a single seed. In the order
        of the rows.

    Raises
    ------
    StudyError
        If a column is not there.
    """
    missing = {SEED, *parameters, *measures} - set(rows.columns)
    if missing:
        raise StudyError(
            f"the study has no column {', '.join(sorted(missing))}",
            where="columns",
            hint="choose one of " + ", ".join(rows.columns),
        )
    table: list[dict[str, object]] = []
    for held in rows.partition_by(parameters, maintain_order=True) if parameters else [rows]:
        row: dict[str, object] = {name: held[name][0] for name in parameters}
        row["seeds"] = held.height
        for measure in measures:
            values = held[measure].drop_nulls().cast(pl.Float64).to_list()
            band = bootstrap_band(values, share=share) if len(values) > 1 else None
            row[measure] = sum(values) / len(values) if values else None
            row[f"{measure}_low"] = band.low_value if band else None
            row[f"{measure}_high"] = band.high_value if band else None
        table.append(row)
    return pl.DataFrame(table, infer_schema_length=None)


def frontier(
    points: pl.DataFrame, goals: Mapping[str, Sense], *, under: Sequence[str] = ()
) -> pl.DataFrame:
    """Return the points that are not beaten: none is as good in every goal and better in one.

    Parameters
    ----------
    points : polars.DataFrame
        One row a point; rows in which a goal is null are left out.
    goals : mapping of str to {'least', 'most'}
        Columns, and which way is better.
    under : sequence of str
        Columns of what is assumed and not chosen: points are weighed only against those of equal
        assumptions. A depot in a mild winter beats none in a hard one.

    Returns
    -------
    polars.DataFrame
        The rows that are left, in their order. Equal points stand beside each other.

    Raises
    ------
    StudyError
        If a goal is no column, or there is none.
    """
    missing = {*goals, *under} - set(points.columns)
    if missing or not goals:
        raise StudyError(
            f"a frontier needs goals that are columns; {', '.join(sorted(missing)) or 'none'} is not",
            where="goals",
            hint="choose of " + ", ".join(points.columns),
        )
    known = points.drop_nulls(list(goals))
    signed = known.select(
        (pl.col(name) * (1 if sense == "least" else -1)).cast(pl.Float64)
        for name, sense in goals.items()
    ).to_numpy()
    held = known.select(under).rows() if under else [()] * known.height
    groups = np.unique([repr(one) for one in held], return_inverse=True)[1]
    beaten = [
        bool(
            np.any((groups == group) & np.all(signed <= one, axis=1) & np.any(signed < one, axis=1))
        )
        for one, group in zip(signed, groups, strict=True)
    ]
    return known.filter(~pl.Series(beaten, dtype=pl.Boolean))
