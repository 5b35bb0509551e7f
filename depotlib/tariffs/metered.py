"""A metered load ready to be billed: gaps kept as gaps, import and export apart."""

from dataclasses import dataclass
from datetime import timedelta
from math import isfinite
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import LoadError
from depotlib.model.calendar import BillingPeriod, local_days
from depotlib.model.frames import LoadFrame
from depotlib.model.local_time import BoolArray, FloatArray, IntArray, LocalTimes, local_times
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.history import (
    BillingHistory,
    EarlierMonth,
    month_number_of,
    months_of,
    peaks_by_month,
)
from depotlib.tariffs.load_grid import (
    EPOCH,
    MICROSECOND,
    SECOND_US,
    instant_of,
    is_whole,
    positions,
    spread,
)
from depotlib.tariffs.windows import (
    DemandWindows,
    Readings,
    WindowMeans,
    each_reading,
    gap_warning,
    window_means,
    window_warnings,
)
from depotlib.units import energy_kwh, mean_power_kw

REACTIVE_COLUMN: Final = "reactive_kvarh"
LOAD_TYPES: Final = LoadFrame.create_empty().schema


@dataclass(frozen=True, slots=True)
class MeteredLoad:
    """A load on its own grid, without holes: a missing reading is a NaN, never 0 kW.

    Parameters
    ----------
    start_us : ndarray of int
        (n,), interval starts as microseconds since the epoch, UTC.
    power_kw : ndarray of float
        (n,), mean power of each interval [kW], export negative; NaN where the reading is missing.
    reactive_kvarh : ndarray of float, optional
        (n,), reactive energy of each interval [kvarh], where it is metered.
    local : LocalTimes
        Local facts of the starts.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Zone of the meter.
    inputs : BillingInputs
    """

    start_us: IntArray
    power_kw: FloatArray
    reactive_kvarh: FloatArray | None
    local: LocalTimes
    interval_s: int
    time_zone: ZoneInfo
    inputs: BillingInputs = NO_INPUTS

    @property
    def span(self) -> BillingPeriod:
        """Return the span from the first reading's start to the last one's end."""
        last = instant_of(int(self.start_us[-1])) + timedelta(seconds=self.interval_s)
        return BillingPeriod(start=instant_of(int(self.start_us[0])), end=last)


@dataclass(frozen=True, slots=True)
class LoadBefore:
    """The part of a load before a billing period: worked out only for tariffs that look back.

    Parameters
    ----------
    load : MeteredLoad
    means : WindowMeans
        All demand windows of the load.
    end : int
        Grid position at which the period begins.
    """

    load: MeteredLoad
    means: WindowMeans
    end: int

    def windows(self) -> DemandWindows:
        """Return the demand windows before the period."""
        return _with_instants(self.load, self.means.between(0, self.end))

    def months(self, ends: int) -> tuple[EarlierMonth, ...]:
        """Return the months before the period with their peaks and energies.

        What a read period leaves of its first calendar month belongs to the month before, as on
        the bills between two reads: no month number reaches `ends`.
        """
        if self.end == 0:
            return ()
        load, windows = self.load, self.windows()
        peaks_kw = peaks_by_month(windows.mean_kw, windows.local.month_number.clip(max=ends - 1))
        month_number = load.local.month_number[: self.end].clip(max=ends - 1)
        taken_kw = np.nan_to_num(load.power_kw[: self.end]).clip(min=0.0)
        to_kwh = energy_kwh(1.0, load.interval_s)
        return months_of(month_number, taken_kw * to_kwh, peaks_kw=peaks_kw)


@dataclass(frozen=True, slots=True)
class MeteredPeriod:
    """What the components of a tariff ask of one billing period.

    Parameters
    ----------
    period : BillingPeriod
    time_zone : ZoneInfo
    interval_s : int
        Length of every reading [s].
    start_us : ndarray of int
        (n,), starts of the readings that are there, microseconds since the epoch.
    energy_kwh : ndarray of float
        (n,), imported energy of each reading [kWh], in time order.
    export_kwh : ndarray of float
        (n,), exported energy of each reading [kWh]; a reading has one of the two.
    reactive_kvarh : ndarray of float, optional
        (n,), reactive energy of each reading [kvarh], where it is metered.
    local : LocalTimes
        (n,), of the readings' starts.
    window_kw : ndarray of float
        (w,), mean import power of each complete demand window [kW].
    window_kvar : ndarray of float, optional
        (w,), mean reactive power of each window [kvar], where it is metered.
    window_start_us : ndarray of int
        (w,), starts of the windows, microseconds since the epoch.
    window_local : LocalTimes
        (w,), of the windows' starts: a window belongs to the tariff period of its start.
    before : LoadBefore
        What the load covers before the period.
    inputs : BillingInputs
    warnings : tuple of str
    """

    period: BillingPeriod
    time_zone: ZoneInfo
    interval_s: int
    start_us: IntArray
    energy_kwh: FloatArray
    export_kwh: FloatArray
    reactive_kvarh: FloatArray | None
    local: LocalTimes
    window_kw: FloatArray
    window_kvar: FloatArray | None
    window_start_us: IntArray
    window_local: LocalTimes
    before: LoadBefore
    inputs: BillingInputs
    warnings: tuple[str, ...]

    @property
    def earlier(self) -> DemandWindows:
        """Return the same load's windows before the period (all), for ratchets by the hour."""
        return self.before.windows()

    @property
    def history(self) -> BillingHistory:
        """Return the earlier months: those given, and those that the load covers before."""
        return self.inputs.history.merged(self.before.months(self.month_number))

    @property
    def days(self) -> int:
        """Return the number of local days of the period."""
        return local_days(self.period.start, self.period.end, time_zone=self.time_zone)

    @property
    def month_number(self) -> int:
        """Return the month number of the period's start: what is earlier lies before it."""
        return month_number_of(self.period.start, self.time_zone)

    @property
    def window_kva(self) -> FloatArray:
        """Return the apparent power of each window [kVA], (w,).

        From metered reactive energy, else from the power factor, else at power factor 1.
        """
        if self.window_kvar is not None:
            return np.hypot(self.window_kw, self.window_kvar)
        return self.window_kw / (self.inputs.power_factor_share or 1.0)


def metered_load(
    load: pl.DataFrame,
    *,
    interval_s: int,
    time_zone: ZoneInfo,
    inputs: BillingInputs = NO_INPUTS,
) -> MeteredLoad:
    """Return a load frame on a grid without holes.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`: interval_start, power_kw [kW], export negative; rows may be missing or null.
        A further column reactive_kvarh [kvarh] is the metered reactive energy of each interval.
    interval_s : int
        Length of every interval [s].
    time_zone : ZoneInfo
        Zone of the meter.
    inputs : BillingInputs

    Raises
    ------
    LoadError
        If the load is empty, holds an interval twice or leaves its grid.
    """
    table = load if load["interval_start"].is_sorted() else load.sort("interval_start")
    frame = table if _is_surely_valid(table) else LoadFrame.validate(table, cast=True)
    if frame.height == 0:
        raise LoadError("the load holds no reading", where="load")
    stamp_us = frame["interval_start"].to_physical().to_numpy()
    position = positions(stamp_us, interval_s * SECOND_US)
    start_us = stamp_us
    if not is_whole(position):
        grid = np.arange(int(position[-1]) + 1, dtype=np.int64)
        start_us = stamp_us[0] + grid * (interval_s * SECOND_US)
    reactive_kvarh = None
    if REACTIVE_COLUMN in table.columns:
        reactive_kvarh = spread(table[REACTIVE_COLUMN], position).clip(min=0.0)
    return MeteredLoad(
        start_us=start_us,
        power_kw=spread(frame["power_kw"], position),
        reactive_kvarh=reactive_kvarh,
        local=local_times(start_us, time_zone, holidays=inputs.holidays),
        interval_s=interval_s,
        time_zone=time_zone,
        inputs=inputs,
    )


def demand_windows(load: MeteredLoad, *, window_s: int) -> WindowMeans:
    """Return all complete demand windows of a load.

    Parameters
    ----------
    load : MeteredLoad
    window_s : int
        Length of the tariff's demand window [s]: finer readings are averaged over it.

    Raises
    ------
    LoadError
        If the readings do not fill a demand window evenly.
    """
    is_known = _is_known(load, slice(None))
    known = slice(None) if is_known.all() else np.flatnonzero(is_known)
    reactive_kvar = None
    if load.reactive_kvarh is not None:
        reactive_kvar = load.reactive_kvarh[known] * mean_power_kw(1.0, load.interval_s)
    readings = Readings(
        position=np.arange(is_known.size)[known],
        power_kw=np.maximum(load.power_kw[known], 0.0),
        reactive_kvar=reactive_kvar,
        interval_s=load.interval_s,
    )
    if load.interval_s >= window_s:
        return each_reading(readings)
    # Windows follow the local clock; only the offset's part below a window shifts them, so that
    # the repeated hour of a clock change keeps its own windows.
    offset_s = load.local.offset_s[known]
    phase_s = offset_s - offset_s // window_s * window_s
    clock_s = load.start_us[known] // SECOND_US + phase_s
    return window_means(readings, clock_s=clock_s, window_s=window_s, kind=load.inputs.windows)


def metered_period(
    load: MeteredLoad, period: BillingPeriod, *, windows: WindowMeans, window_s: int
) -> MeteredPeriod:
    """Return the part of a load that one bill covers.

    Parameters
    ----------
    load : MeteredLoad
    period : BillingPeriod
        A reading belongs to the period of its start.
    windows : WindowMeans
        The load's demand windows.
    window_s : int
        Their length, 0 where no peak is billed (then nothing is said about windows) [s].

    Raises
    ------
    LoadError
        If the period holds no reading.
    """
    bounds = [(instant - EPOCH) // MICROSECOND for instant in (period.start, period.end)]
    first, last = (int(at) for at in np.searchsorted(load.start_us, bounds))
    is_known = _is_known(load, slice(first, last))
    known_count = int(np.count_nonzero(is_known))
    if known_count == 0:
        raise LoadError(
            f"the load has no reading from {period.start.isoformat()} to {period.end.isoformat()}",
            where="load",
            hint="choose a period that the load covers",
        )
    # Without gaps a slice serves, which copies nothing.
    known = slice(first, last)
    if known_count < last - first:
        known = first + np.flatnonzero(is_known)
    means = windows.between(first, last)
    demand = _with_instants(load, means)
    warnings = gap_warning(_expected_count(load, bounds) - known_count, load.interval_s)
    if window_s:
        warnings += window_warnings(means, interval_s=load.interval_s, window_s=window_s)
    power_kw, to_kwh = load.power_kw[known], energy_kwh(1.0, load.interval_s)
    return MeteredPeriod(
        period=period,
        time_zone=load.time_zone,
        interval_s=load.interval_s,
        start_us=load.start_us[known],
        energy_kwh=np.maximum(power_kw, 0.0) * to_kwh,
        export_kwh=np.maximum(-power_kw, 0.0) * to_kwh,
        reactive_kvarh=None if load.reactive_kvarh is None else load.reactive_kvarh[known],
        local=load.local.only(known),
        window_kw=demand.mean_kw,
        window_kvar=means.mean_kvar,
        window_start_us=demand.start_us,
        window_local=demand.local,
        before=LoadBefore(load, windows, first),
        inputs=load.inputs,
        warnings=warnings,
    )


def months_of_load(load: MeteredLoad, *, window_s: int) -> BillingHistory:
    """Return the months that a load covers, with their peaks and energies.

    A month covered in part has the peak and the energy of that part.
    """
    whole = LoadBefore(load, demand_windows(load, window_s=window_s), load.start_us.size)
    return BillingHistory(whole.months(int(load.local.month_number[-1]) + 1))


def _with_instants(load: MeteredLoad, means: WindowMeans) -> DemandWindows:
    chosen = means.positions()
    return DemandWindows(
        start_us=load.start_us[chosen],
        mean_kw=means.mean_kw,
        local=load.local.only(chosen),
    )


def _is_known(load: MeteredLoad, span: slice) -> BoolArray:
    is_known = ~np.isnan(load.power_kw[span])
    if load.reactive_kvarh is not None:
        is_known &= ~np.isnan(load.reactive_kvarh[span])
    return is_known


def _is_surely_valid(table: pl.DataFrame) -> bool:
    """Return whether a frame keeps the schema's rules, in less than a tenth of the schema's time.

    One power that is infinite or no number makes their sum so.
    """
    if table.schema != LOAD_TYPES or table["interval_start"].null_count():
        return False
    return isfinite(float(table["power_kw"].sum()))


def _expected_count(load: MeteredLoad, bounds_us: list[int]) -> int:
    step_us = load.interval_s * SECOND_US
    start, end = (-((int(load.start_us[0]) - bound) // step_us) for bound in bounds_us)
    return end - start
