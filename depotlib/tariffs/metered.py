"""A metered load ready to be billed: gaps kept as gaps, demand windows on the fixed clock."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import LoadError
from depotlib.model.calendar import BillingPeriod, local_days
from depotlib.model.frames import LoadFrame
from depotlib.model.local_time import FloatArray, IntArray, LocalTimes, local_times
from depotlib.units import SECONDS_PER_MINUTE, energy_kwh, s_to_h

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
SECOND_US: Final = timedelta(seconds=1) // MICROSECOND


@dataclass(frozen=True, slots=True)
class MeteredLoad:
    """A load on its own grid, without holes: a missing reading is a NaN, never 0 kW.

    Parameters
    ----------
    start_us : ndarray of int
        (n,), interval starts as microseconds since the epoch, UTC.
    power_kw : ndarray of float
        (n,), mean power of each interval [kW]; NaN where the reading is missing.
    local : LocalTimes
        Local facts of the starts.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Zone of the meter.
    """

    start_us: IntArray
    power_kw: FloatArray
    local: LocalTimes
    interval_s: int
    time_zone: ZoneInfo

    @property
    def span(self) -> BillingPeriod:
        """Return the span from the first reading's start to the last one's end."""
        last = instant_of(int(self.start_us[-1])) + timedelta(seconds=self.interval_s)
        return BillingPeriod(start=instant_of(int(self.start_us[0])), end=last)


@dataclass(frozen=True, slots=True)
class MeteredPeriod:
    """What the components of a tariff ask of one billing period.

    Parameters
    ----------
    period : BillingPeriod
    time_zone : ZoneInfo
    energy_kwh : ndarray of float
        (n,), energy of each reading that is there [kWh], in time order.
    local : LocalTimes
        (n,), of the readings' starts.
    window_kw : ndarray of float
        (w,), mean power of each complete demand window [kW].
    window_start_us : ndarray of int
        (w,), starts of the windows, microseconds since the epoch.
    window_local : LocalTimes
        (w,), of the windows' starts: a window belongs to the tariff period of its start.
    warnings : tuple of str
    """

    period: BillingPeriod
    time_zone: ZoneInfo
    energy_kwh: FloatArray
    local: LocalTimes
    window_kw: FloatArray
    window_start_us: IntArray
    window_local: LocalTimes
    warnings: tuple[str, ...]

    @property
    def days(self) -> int:
        """Return the number of local days of the period."""
        return local_days(self.period.start, self.period.end, time_zone=self.time_zone)


def instant_of(microseconds: int) -> datetime:
    """Return microseconds since the epoch as an instant."""
    return EPOCH + timedelta(microseconds=microseconds)


def metered_load(load: pl.DataFrame, *, interval_s: int, time_zone: ZoneInfo) -> MeteredLoad:
    """Return a load frame on a grid without holes.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`: interval_start, power_kw [kW]; rows may be missing or null.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Zone of the meter.

    Raises
    ------
    LoadError
        If the load is empty, holds an interval twice, leaves its grid or is negative.
    """
    frame = LoadFrame.validate(load, cast=True).sort("interval_start")
    if frame.height == 0:
        raise LoadError("the load holds no reading", where="load")
    stamp_us = frame["interval_start"].dt.epoch("us").to_numpy()
    power_kw = frame["power_kw"].fill_null(float("nan")).to_numpy()
    position = _positions(stamp_us, interval_s * SECOND_US)
    _refuse_export(power_kw, stamp_us)
    count = int(position[-1]) + 1
    start_us = stamp_us[0] + np.arange(count, dtype=np.int64) * (interval_s * SECOND_US)
    whole_kw = np.full(count, np.nan)
    whole_kw[position] = power_kw
    return MeteredLoad(
        start_us=start_us,
        power_kw=whole_kw,
        local=local_times(start_us, time_zone),
        interval_s=interval_s,
        time_zone=time_zone,
    )


def metered_period(
    load: MeteredLoad, period: BillingPeriod, *, window_s: int, counts_demand: bool
) -> MeteredPeriod:
    """Return the part of a load that one bill covers.

    Parameters
    ----------
    load : MeteredLoad
    period : BillingPeriod
        A reading belongs to the period of its start.
    window_s : int
        Length of the tariff's demand window [s]: finer readings are averaged over it.
    counts_demand : bool
        Whether a peak is billed at all (else nothing is said about windows).

    Raises
    ------
    LoadError
        If the period holds no reading, or the readings do not fill a demand window evenly.
    """
    bounds = [(instant - EPOCH) // MICROSECOND for instant in (period.start, period.end)]
    first, last = np.searchsorted(load.start_us, bounds)
    is_known = ~np.isnan(load.power_kw[first:last])
    known = first + np.flatnonzero(is_known)
    if known.size == 0:
        raise LoadError(
            f"the load has no reading from {period.start.isoformat()} to {period.end.isoformat()}",
            where="load",
            hint="choose a period that the load covers",
        )
    windows = _complete_windows(load, known, window_s=window_s)
    missing = _expected_count(load, bounds) - int(known.size)
    warnings = _gap_warning(load, missing)
    if counts_demand:
        warnings += _window_warnings(load, windows, window_s=window_s)
    return MeteredPeriod(
        period=period,
        time_zone=load.time_zone,
        energy_kwh=load.power_kw[known] * energy_kwh(1.0, load.interval_s),
        local=load.local.only(known),
        window_kw=windows.mean_kw,
        window_start_us=load.start_us[windows.first],
        window_local=load.local.only(windows.first),
        warnings=warnings,
    )


@dataclass(frozen=True, slots=True)
class _Windows:
    first: IntArray
    mean_kw: FloatArray
    broken: int


def _complete_windows(load: MeteredLoad, known: IntArray, *, window_s: int) -> _Windows:
    if load.interval_s >= window_s:
        return _Windows(first=known, mean_kw=load.power_kw[known], broken=0)
    if window_s % load.interval_s:
        raise LoadError(
            f"readings of {_minutes(load.interval_s)} do not fill a demand window of "
            f"{_minutes(window_s)} evenly",
            where="load",
            hint="use readings whose length divides the demand window",
        )
    # Windows follow the local clock; only the offset's part below a window shifts them, so that
    # the repeated hour of a clock change keeps its own windows.
    phase_s = load.local.offset_s[known] % window_s
    window = (load.start_us[known] // SECOND_US + phase_s) // window_s
    begin = np.flatnonzero(np.diff(window, prepend=window[0] - 1))
    size = np.diff(np.append(begin, known.size))
    mean_kw = np.add.reduceat(load.power_kw[known], begin) / size
    is_complete = size == window_s // load.interval_s
    return _Windows(
        first=known[begin[is_complete]],
        mean_kw=mean_kw[is_complete],
        broken=int((~is_complete).sum()),
    )


def _expected_count(load: MeteredLoad, bounds_us: list[int]) -> int:
    step_us = load.interval_s * SECOND_US
    start, end = (-((int(load.start_us[0]) - bound) // step_us) for bound in bounds_us)
    return end - start


def _gap_warning(load: MeteredLoad, missing: int) -> tuple[str, ...]:
    if missing == 0:
        return ()
    missing_h = s_to_h(missing * load.interval_s)
    return (
        f"{missing} readings ({missing_h:g} h) are missing: their energy and their peaks are not "
        "in this bill, and none is read as zero",
    )


def _window_warnings(load: MeteredLoad, windows: _Windows, *, window_s: int) -> tuple[str, ...]:
    if load.interval_s > window_s:
        return (
            f"readings of {_minutes(load.interval_s)} are coarser than the demand window of "
            f"{_minutes(window_s)}: the billed peaks are lower than the utility's",
        )
    if windows.broken:
        return (f"{windows.broken} demand windows lack readings and set no peak",)
    return ()


def _positions(stamp_us: IntArray, step_us: int) -> IntArray:
    position, rest = np.divmod(stamp_us - stamp_us[0], step_us)
    if rest.any():
        raise LoadError(
            f"the reading of {instant_of(int(stamp_us[np.flatnonzero(rest)[0]])).isoformat()} "
            f"does not lie on a grid of {_minutes(step_us // SECOND_US)}",
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


def _refuse_export(power_kw: FloatArray, stamp_us: IntArray) -> None:
    negative = np.flatnonzero(power_kw < 0)
    if negative.size:
        at = int(negative[0])
        raise LoadError(
            f"the load of {instant_of(int(stamp_us[at])).isoformat()} is {power_kw[at]:g} kW; "
            "import is 0 or more, and export credit is not billed",
            where="load",
            hint="give import and export as two loads",
        )


def _minutes(duration_s: int) -> str:
    if duration_s % SECONDS_PER_MINUTE == 0 and duration_s >= SECONDS_PER_MINUTE:
        return f"{duration_s // SECONDS_PER_MINUTE} min"
    return f"{duration_s} s"
