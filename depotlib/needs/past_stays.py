"""The stays of a long past as arrays: a year of 500 vehicles is 182,500 of them."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from depotlib.model.timegrid import TimeGrid
from depotlib.needs.history import drawn_at_plug_in_kw, plannable

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]
BoolArray = NDArray[np.bool_]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
HOUR_US: Final = timedelta(hours=1) // MICROSECOND


@dataclass(frozen=True, slots=True)
class PastStays:
    """Sessions that happened and could be planned again, by their plug-in.

    Parameters
    ----------
    vehicle_ids : tuple of str
        (stays,); empty text where the log names none.
    arrival_us, departure_us : ndarray of int
        Microseconds since 1970, (stays,).
    energy_kwh : ndarray
        What each took at the wall, (stays,).
    """

    vehicle_ids: tuple[str, ...]
    arrival_us: IntArray
    departure_us: IntArray
    energy_kwh: FloatArray

    def __len__(self) -> int:
        """Return the number of stays."""
        return len(self.energy_kwh)

    def content(self) -> bytes:
        """Return all of it, so that what differs anywhere differs here."""
        names = "\n".join(self.vehicle_ids).encode()
        parts = (self.arrival_us, self.departure_us, self.energy_kwh)
        return b"\n".join([names, *(part.tobytes() for part in parts)])

    def chosen(self, which: BoolArray) -> "PastStays":
        """Return some of the stays, (stays,)."""
        names = zip(self.vehicle_ids, which.tolist(), strict=True)
        return PastStays(
            vehicle_ids=tuple(name for name, is_chosen in names if is_chosen),
            arrival_us=self.arrival_us[which],
            departure_us=self.departure_us[which],
            energy_kwh=self.energy_kwh[which],
        )

    def spans(self, grid: TimeGrid) -> tuple[IntArray, IntArray]:
        """Return the whole intervals of a grid inside each stay, half-open, each (stays,)."""
        first, last = self._whole(grid)
        first = np.clip(first, 0, grid.count)
        return first, np.maximum(first, np.minimum(last, grid.count))

    def has_room(self, grid: TimeGrid, *, max_kw: float) -> BoolArray:
        """Return which stays were longer than their energy took, in whole intervals, (stays,)."""
        first, last = self._whole(grid)
        return (last - first) * grid.interval_h * max_kw > self.energy_kwh

    def load_kw(self, grid: TimeGrid, *, max_kw: float) -> FloatArray:
        """Return the load that they made, if each charged from plug-in on, (intervals,)."""
        start_us = _microseconds(grid.start)
        return drawn_at_plug_in_kw(
            (self.arrival_us - start_us) / HOUR_US,
            self.energy_kwh,
            stay_h=(self.departure_us - self.arrival_us) / HOUR_US,
            grid=grid,
            max_kw=max_kw,
        )

    def _whole(self, grid: TimeGrid) -> tuple[IntArray, IntArray]:
        start_us, step_us = _microseconds(grid.start), grid.step // MICROSECOND
        return -((start_us - self.arrival_us) // step_us), (self.departure_us - start_us) // step_us


def past_stays(sessions: pl.DataFrame) -> PastStays:
    """Return the sessions of a `SessionFrame` that can be planned again, as stays."""
    chosen = plannable(sessions)
    return PastStays(
        vehicle_ids=tuple(chosen["vehicle_id"].fill_null("").to_list()),
        arrival_us=chosen["plug_start"].dt.epoch("us").to_numpy(),
        departure_us=chosen["plug_end"].dt.epoch("us").to_numpy(),
        energy_kwh=chosen["energy_wall_kwh"].to_numpy(),
    )


def double_stay(stays: PastStays) -> tuple[int, int] | None:
    """Return two stays of one vehicle at the same time, by their place; None: there are none."""
    names = np.array(stays.vehicle_ids, dtype=np.str_)
    order = np.lexsort((stays.arrival_us, names))
    one, after = order[:-1], order[1:]
    is_double = (
        (names[one] == names[after])
        & (names[one] != "")
        & (stays.arrival_us[after] < stays.departure_us[one])
    )
    at = np.flatnonzero(is_double)
    return (int(one[at[0]]), int(after[at[0]])) if len(at) else None


def instant_of(instant_us: int) -> datetime:
    """Return the instant so many microseconds after 1970."""
    return EPOCH + instant_us * MICROSECOND


def _microseconds(instant: datetime) -> int:
    return (instant - EPOCH) // MICROSECOND
