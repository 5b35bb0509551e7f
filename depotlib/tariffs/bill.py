"""The bill of a load under a tariff: a ledger, to the cent."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl

from depotlib.errors import LoadError
from depotlib.model.bill import Bill, BillLine
from depotlib.model.calendar import BillingPeriod, calendar_month, local_days, month_periods
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.history import EarlierMonth, month_number_of
from depotlib.tariffs.holiday_calendar import with_tariff_holidays
from depotlib.tariffs.metered import (
    MeteredLoad,
    MeteredPeriod,
    demand_windows,
    metered_load,
    metered_period,
)
from depotlib.tariffs.tariff import Tariff
from depotlib.tariffs.versions import VersionPart, version_lines, version_parts
from depotlib.tariffs.windows import WindowMeans

ONE_DAY: Final = timedelta(days=1)


def bill_period(
    tariff: Tariff,
    load: pl.DataFrame,
    *,
    period: BillingPeriod,
    interval_s: int,
    time_zone: ZoneInfo,
    inputs: BillingInputs = NO_INPUTS,
) -> Bill:
    """Return the bill of one period, such as the days between two meter reads.

    Parameters
    ----------
    tariff : Tariff
    load : polars.DataFrame
        `LoadFrame`: interval_start, power_kw [kW]. Missing rows and nulls are gaps: they are
        counted in a warning and never read as zero.
    period : BillingPeriod
        Half-open; a reading belongs to the period of its start.
    interval_s : int
        Length of the load's intervals [s].
    time_zone : ZoneInfo
        Zone of the meter, whose wall clock the tariff follows.
    inputs : BillingInputs, optional
        Earlier months, power factor, holidays, kind of windows. Months that the load covers before
        the period count as history by themselves.

    Returns
    -------
    Bill
        Lines in the order of the tariff's components; energy has the price of each reading's own
        month, a peak is the highest of the whole period.

    Raises
    ------
    LoadError
        If the load cannot be billed, or has no reading in the period.
    """
    whole = _metered(tariff, load, interval_s=interval_s, time_zone=time_zone, inputs=inputs)
    windows = demand_windows(whole, window_s=tariff.demand_window_s)
    return _bill(tariff, whole, windows=windows, period=period)


def bills_of_parts(
    tariff: Tariff,
    parts: pl.DataFrame,
    *,
    period: BillingPeriod,
    interval_s: int,
    time_zone: ZoneInfo,
    inputs: BillingInputs = NO_INPUTS,
) -> tuple[Bill, ...]:
    """Return the bills of several loads with the same readings, each as if it was alone.

    What depends on the times of the readings alone is worked out once.

    Parameters
    ----------
    tariff : Tariff
    parts : polars.DataFrame
        interval_start, sorted, and for each load a column of its mean power [kW], without nulls.
    period, interval_s, time_zone, inputs
        As for `bill_period`.

    Raises
    ------
    LoadError
        As `bill_period` does.
    """
    starts, *powers = parts.get_columns()
    if not powers:
        return ()
    first = pl.DataFrame({"interval_start": starts, "power_kw": powers[0]})
    whole = _metered(tariff, first, interval_s=interval_s, time_zone=time_zone, inputs=inputs)
    has_reading = ~np.isnan(whole.power_kw)
    bills: list[Bill] = []
    for power in powers:
        power_kw = np.full_like(whole.power_kw, np.nan)
        power_kw[has_reading] = power.to_numpy()
        part = replace(whole, power_kw=power_kw)
        windows = demand_windows(part, window_s=tariff.demand_window_s)
        bills.append(_bill(tariff, part, windows=windows, period=period))
    return tuple(bills)


def bill_months(
    tariff: Tariff,
    load: pl.DataFrame,
    *,
    interval_s: int,
    time_zone: ZoneInfo,
    span: BillingPeriod | None = None,
    inputs: BillingInputs = NO_INPUTS,
) -> tuple[Bill, ...]:
    """Return the bills of the calendar months of a load.

    Parameters
    ----------
    tariff : Tariff
    load : polars.DataFrame
        As for `bill_period`.
    interval_s : int
        Length of the load's intervals [s].
    time_zone : ZoneInfo
        Zone of the meter.
    span : BillingPeriod, optional
        What to bill; default: from the load's first reading to its last. Its first and last month
        may be in part: the bill then says so.
    inputs : BillingInputs, optional
        As for `bill_period`; each month's peak, energy and amount are history for the next.

    Returns
    -------
    tuple of Bill
        In time order.

    Raises
    ------
    LoadError
        If the load cannot be billed, or has no reading in one of the months.
    """
    whole = _metered(tariff, load, interval_s=interval_s, time_zone=time_zone, inputs=inputs)
    windows = demand_windows(whole, window_s=tariff.demand_window_s)
    span = span or whole.span
    bills: list[Bill] = []
    for month in month_periods(span.start, span.end, time_zone=time_zone):
        bill = _bill(tariff, whole, windows=windows, period=month)
        doubts = _part_month(month, time_zone)
        bills.append(replace(bill, warnings=(*doubts, *bill.warnings)) if doubts else bill)
        billed = EarlierMonth(month_number_of(month.start, time_zone), amount=bill.total)
        history = whole.inputs.history.merged([billed])
        whole = replace(whole, inputs=replace(whole.inputs, history=history))
    return tuple(bills)


def _metered(
    tariff: Tariff,
    load: pl.DataFrame,
    *,
    interval_s: int,
    time_zone: ZoneInfo,
    inputs: BillingInputs,
) -> MeteredLoad:
    whole = metered_load(load, interval_s=interval_s, time_zone=time_zone, inputs=inputs)
    known = with_tariff_holidays(
        inputs, tariff.holiday_region, span=whole.span, time_zone=time_zone
    )
    if known is inputs:
        return whole
    return metered_load(load, interval_s=interval_s, time_zone=time_zone, inputs=known)


def _bill(
    tariff: Tariff, load: MeteredLoad, *, windows: WindowMeans, period: BillingPeriod
) -> Bill:
    window_s = tariff.demand_window_s if tariff.counts_demand else 0
    metered = metered_period(load, period, windows=windows, window_s=window_s)
    if window_s and metered.window_kw.size == 0:
        raise LoadError(
            f"no demand window from {period.start.isoformat()} to {period.end.isoformat()} is "
            "complete",
            where="load",
            hint="choose a period with readings",
        )
    parts = version_parts(tariff, period, time_zone=load.time_zone)
    if len(parts) > 1:

        def until(end: datetime) -> MeteredPeriod:
            part = BillingPeriod(start=period.start, end=end)
            return metered_period(load, part, windows=windows, window_s=window_s)

        lines = version_lines(parts, until)
    else:
        lines = _lines(parts[0].tariff, metered)
    doubts = [
        doubt
        for part in parts
        for component in part.tariff.components
        for doubt in component.warnings(metered)
    ]
    return Bill(
        period=period,
        currency=tariff.currency,
        lines=lines,
        warnings=(
            *metered.warnings,
            *_export_warning(metered, lines),
            *dict.fromkeys(doubts),
            *_validity(tariff, parts, period=period),
        ),
        assumptions=(
            *dict.fromkeys(assumed for part in parts for assumed in part.tariff.assumptions),
            *load.inputs.assumptions,
        ),
    )


def _lines(tariff: Tariff, metered: MeteredPeriod) -> tuple[BillLine, ...]:
    lines: tuple[BillLine, ...] = ()
    for component in tariff.components:
        lines += component.bill_lines(metered, lines)
    return lines


def _export_warning(metered: MeteredPeriod, lines: Sequence[BillLine]) -> tuple[str, ...]:
    exported_kwh = float(metered.export_kwh.sum())
    if exported_kwh == 0 or any(line.family == "export" for line in lines):
        return ()
    return (f"{exported_kwh:.1f} kWh were exported, and no money is credited for them",)


def _part_month(period: BillingPeriod, time_zone: ZoneInfo) -> tuple[str, ...]:
    month = calendar_month(period.start, time_zone)
    if period == month:
        return ()
    days, of_days = (
        local_days(span.start, span.end, time_zone=time_zone) for span in (period, month)
    )
    part = f"{days} of the month's {of_days} days"
    if days == of_days:
        part = "the month but for some hours of its first or last day"
    return (
        f"the load covers {part}: this is the bill of that part, with each monthly charge in full",
    )


def _validity(
    tariff: Tariff, parts: Sequence[VersionPart], *, period: BillingPeriod
) -> tuple[str, ...]:
    # Records state days as some hour of the day in UTC: a day's slack is no contradiction.
    start, end = period.start + ONE_DAY, period.end - ONE_DAY
    valid_to = parts[-1].tariff.valid_to
    valid_from = tariff.valid_from if parts[0].tariff is tariff else None
    if valid_from is not None and start < valid_from:
        return (f"the tariff is in force from {valid_from.date()}, after the period began",)
    if valid_to is not None and end > valid_to:
        return (f"the tariff ended on {valid_to.date()}, before the period did",)
    return ()
