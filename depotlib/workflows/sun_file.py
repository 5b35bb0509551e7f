"""Read a plant's profile: what a kilowatt of it gives, day by day."""

import io
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.errors import PlanFileError
from depotlib.ingest.content import read_content
from depotlib.simulation.scenario import Sun

COLUMNS: Final = ("local_time", "kw_per_kwp")


def sun_from_file(path: Path, *, peak_kw: float) -> Sun:
    """Return the plant of a CSV: ``local_time`` (ISO, without zone) and ``kw_per_kwp``.

    Standard time throughout, whole days without a gap, each with as many rows of equal length; as
    calculators of solar yield give them for a year.

    Parameters
    ----------
    path : Path
    peak_kw : float
        Of the plant.

    Raises
    ------
    PlanFileError
        If a column is missing, a cell is no instant or number, or days have a gap or differ.
    InputError
        If the file cannot be read.
    ModelError
        If a power is negative.
    """
    try:
        table = pl.read_csv(io.BytesIO(read_content(path).data), columns=list(COLUMNS)).select(
            pl.col("local_time").str.to_datetime(), pl.col("kw_per_kwp").cast(pl.Float64)
        )
    except pl.exceptions.PolarsError as error:
        raise PlanFileError(
            f"no profile of the sun: {str(error).splitlines()[0]}",
            where=str(path),
            hint="give the columns local_time, as 2026-01-01T00:00, and kw_per_kwp",
        ) from error
    rows = table.drop_nulls().sort("local_time")
    days = rows.group_by(pl.col("local_time").dt.date(), maintain_order=True).agg("kw_per_kwp")
    lengths, found = set(days["kw_per_kwp"].list.len()), days["local_time"].to_list()
    is_whole = len(lengths) == 1 and _are_even(rows["local_time"])
    if not (is_whole and rows.height == table.height):
        raise PlanFileError(
            f"the profile holds {rows.height} rows on {len(found)} days, not whole days",
            where=str(path),
            hint="give each day from 00:00 on as many rows, at equal distances, none empty",
        )
    return Sun(peak_kw, found[0], tuple(tuple(day) for day in days["kw_per_kwp"].to_list()))


def _are_even(times: pl.Series) -> bool:
    """Return whether instants follow each other at one distance, from a midnight on."""
    begins_at_midnight = times[0].hour == times[0].minute == 0
    return begins_at_midnight and times.diff().drop_nulls().n_unique() <= 1
