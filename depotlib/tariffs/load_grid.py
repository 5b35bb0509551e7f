"""The grid of a load: its instants as whole microseconds, and where its readings stand."""

from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl

from depotlib.errors import LoadError
from depotlib.model.local_time import FloatArray, IntArray
from depotlib.tariffs.windows import duration_text

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
SECOND_US: Final = timedelta(seconds=1) // MICROSECOND


def instant_of(microseconds: int) -> datetime:
    """Return microseconds since the epoch as an instant."""
    return EPOCH + timedelta(microseconds=microseconds)


def is_whole(position: IntArray) -> bool:
    """Return whether the grid has no hole."""
    return int(position[-1]) + 1 == position.size


def spread(values: pl.Series, position: IntArray) -> FloatArray:
    """Return values on their grid, NaN where none is."""
    # A null becomes a NaN on its way to numpy.
    known = values.cast(pl.Float64).to_numpy()
    if is_whole(position):
        return known
    whole = np.full(int(position[-1]) + 1, np.nan)
    whole[position] = known
    return whole


def positions(stamp_us: IntArray, step_us: int) -> IntArray:
    """Return where each instant stands on the grid that begins at the first.

    Raises
    ------
    LoadError
        If an instant stands twice or off the grid.
    """
    if (np.diff(stamp_us) == step_us).all():
        return np.arange(stamp_us.size)
    since_first_us = stamp_us - stamp_us[0]
    position = since_first_us // step_us
    rest = since_first_us - position * step_us
    if rest.any():
        raise LoadError(
            f"the reading of {instant_of(int(stamp_us[np.flatnonzero(rest)[0]])).isoformat()} "
            f"does not lie on a grid of {duration_text(step_us // SECOND_US)}",
            where="load",
            hint="state the length of the load's intervals",
        )
    doubled = np.flatnonzero(np.diff(position) == 0)
    if doubled.size:
        raise LoadError(
            f"the load holds {instant_of(int(stamp_us[doubled[0]])).isoformat()} twice",
            where="load",
            hint="remove the repeated readings",
        )
    return position
