"""Demand windows: means over blocks of the fixed clock, or sliding from every reading on."""

from dataclasses import dataclass

import numpy as np

from depotlib.errors import LoadError
from depotlib.model.local_time import FloatArray, IntArray, LocalTimes
from depotlib.tariffs.billing_inputs import WindowKind
from depotlib.units import SECONDS_PER_MINUTE, s_to_h


@dataclass(frozen=True, slots=True)
class Readings:
    """The readings that are there, of a load on its own grid.

    Parameters
    ----------
    position : ndarray of int
        (n,), position of each on the grid, rising.
    power_kw : ndarray of float
        (n,), mean import power [kW].
    reactive_kvar : ndarray of float, optional
        (n,), mean reactive power [kvar].
    interval_s : int
        Length of every reading [s].
    """

    position: IntArray
    power_kw: FloatArray
    reactive_kvar: FloatArray | None
    interval_s: int


@dataclass(frozen=True, slots=True)
class WindowMeans:
    """The complete windows of some readings, in time order.

    Parameters
    ----------
    first : ndarray of int
        (w,), grid position of each window's first reading.
    mean_kw : ndarray of float
        (w,), mean import power [kW].
    mean_kvar : ndarray of float, optional
        (w,), mean reactive power [kvar].
    broken_first : ndarray of int
        First positions of the windows that lack readings: they set no peak.
    size : int
        Readings of a window.
    are_apart : bool
        No two windows share a reading: blocks, not sliding.
    """

    first: IntArray
    mean_kw: FloatArray
    mean_kvar: FloatArray | None
    broken_first: IntArray
    size: int
    are_apart: bool = True

    def positions(self) -> IntArray | slice:
        """Return where the windows begin on the grid; as a slice, which copies nothing, if all."""
        least = self.size if self.are_apart else 1
        # Positions lie at least so far apart: where the last is no farther, none is missing.
        if self.first.size > 1 and int(self.first[-1] - self.first[0]) == least * (
            self.first.size - 1
        ):
            return slice(int(self.first[0]), int(self.first[-1]) + 1, least)
        return self.first

    def between(self, start: int, end: int) -> "WindowMeans":
        """Return the windows that lie between two grid positions, half-open.

        Those that reach over a bound lack readings of this side.
        """
        from_, to = (int(at) for at in np.searchsorted(self.first, (start, end - self.size + 1)))
        broken = self.broken_first
        if broken.size:
            broken = broken[(broken >= start) & (broken < end)]
        # Only windows of more than one reading reach over a bound, and those lie beside it.
        if self.size > 1:
            near = [
                *range(max(0, from_ - self.size), from_),
                *range(to, min(to + self.size, self.first.size)),
            ]
            cut = [at for at in near if self.first[at] < end and self.first[at] + self.size > start]
            broken = np.concatenate([broken, self.first[cut]])
        return WindowMeans(
            first=self.first[from_:to],
            mean_kw=self.mean_kw[from_:to],
            mean_kvar=None if self.mean_kvar is None else self.mean_kvar[from_:to],
            broken_first=broken,
            size=self.size,
            are_apart=self.are_apart,
        )


@dataclass(frozen=True, slots=True)
class DemandWindows:
    """Windows with their instants, as the components of a tariff see them.

    Parameters
    ----------
    start_us : ndarray of int
        (w,), microseconds since the epoch.
    mean_kw : ndarray of float
        (w,), mean import power [kW].
    local : LocalTimes
        (w,), of the starts: a window belongs to the tariff period of its start.
    """

    start_us: IntArray
    mean_kw: FloatArray
    local: LocalTimes


def each_reading(readings: Readings) -> WindowMeans:
    """Return readings as windows: no shorter than the tariff's, each is its own."""
    return WindowMeans(
        first=readings.position,
        mean_kw=readings.power_kw,
        mean_kvar=readings.reactive_kvar,
        broken_first=readings.position[:0],
        size=1,
    )


def window_means(
    readings: Readings, *, clock_s: IntArray, window_s: int, kind: WindowKind
) -> WindowMeans:
    """Return the means over every complete demand window.

    Parameters
    ----------
    readings : Readings
        Finer than the window: averaged over it.
    clock_s : ndarray of int
        (n,), their starts in seconds since the epoch on a clock whose windows are the meter's.
    window_s : int
        Length of a window [s].
    kind : {'block', 'sliding'}

    Raises
    ------
    LoadError
        If the readings do not fill a window evenly.
    """
    if window_s % readings.interval_s:
        raise LoadError(
            f"readings of {duration_text(readings.interval_s)} do not fill a demand window of "
            f"{duration_text(window_s)} evenly",
            where="load",
            hint="use readings whose length divides the demand window",
        )
    size = window_s // readings.interval_s
    if kind == "sliding":
        return _sliding(readings, size)
    return _blocks(readings, size, window=clock_s // window_s)


def gap_warning(missing: int, interval_s: int) -> tuple[str, ...]:
    """Return that readings are missing, where some are."""
    if missing == 0:
        return ()
    missing_h = s_to_h(missing * interval_s)
    return (
        f"{missing} readings ({missing_h:g} h) are missing: their energy and their peaks are not "
        "in this bill, and none is read as zero",
    )


def window_warnings(windows: WindowMeans, *, interval_s: int, window_s: int) -> tuple[str, ...]:
    """Return that the readings are coarser than a window, or that windows lack readings."""
    if interval_s > window_s:
        return (
            f"readings of {duration_text(interval_s)} are coarser than the demand window of "
            f"{duration_text(window_s)}: the billed peaks are lower than the utility's",
        )
    if windows.broken_first.size:
        return (f"{windows.broken_first.size} demand windows lack readings and set no peak",)
    return ()


def duration_text(duration_s: int) -> str:
    """Return a duration as people say it: 15 min, or 30 s."""
    if duration_s % SECONDS_PER_MINUTE == 0 and duration_s >= SECONDS_PER_MINUTE:
        return f"{duration_s // SECONDS_PER_MINUTE} min"
    return f"{duration_s} s"


def _blocks(readings: Readings, size: int, *, window: IntArray) -> WindowMeans:
    begin = np.flatnonzero(np.diff(window, prepend=window[:1] - 1))
    count = np.diff(np.append(begin, window.size))
    is_complete = count == size

    def mean(values: FloatArray) -> FloatArray:
        if values.size == 0:
            return values
        return (np.add.reduceat(values, begin) / count)[is_complete]

    return WindowMeans(
        first=readings.position[begin[is_complete]],
        mean_kw=mean(readings.power_kw),
        mean_kvar=None if readings.reactive_kvar is None else mean(readings.reactive_kvar),
        broken_first=readings.position[begin[~is_complete]],
        size=size,
    )


def _sliding(readings: Readings, size: int) -> WindowMeans:
    starts = np.arange(max(0, readings.position.size - size + 1))
    # A window is complete where its last reading lies size - 1 grid steps after its first.
    is_complete = readings.position[starts + size - 1] - readings.position[starts] == size - 1
    chosen = starts[is_complete]

    def mean(values: FloatArray) -> FloatArray:
        total = np.concatenate([np.zeros(1), np.cumsum(values)])
        return (total[chosen + size] - total[chosen]) / size

    return WindowMeans(
        first=readings.position[chosen],
        mean_kw=mean(readings.power_kw),
        mean_kvar=None if readings.reactive_kvar is None else mean(readings.reactive_kvar),
        broken_first=readings.position[starts[~is_complete]],
        size=size,
        are_apart=False,
    )
