"""A calendar year's charge on the bills of its parts: each bill brings the year up to date.

A price per kW and year is billed by days. When a bill finds a higher peak than the bills before
it, it also asks for the difference over the year's days already billed, so that the bills of a
year sum to the year's price x the year's peak.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

import numpy as np

from depotlib.model.calendar import BillingPeriod
from depotlib.model.local_time import BoolArray, FloatArray, IntArray
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.history import EarlierMonth
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.windows import DemandWindows

SHARE_STEP: Final = Decimal("0.000000000001")


@dataclass(frozen=True, slots=True)
class YearPart:
    """The part of one calendar year that a bill covers, and what the year holds before it.

    Parameters
    ----------
    year : int
    days, days_in_year : int
        Of the bill in this year; 365 or 366.
    billed_days : int
        Days of the year before the bill whose months are known.
    earlier : tuple of EarlierMonth
        Those months.
    unknown_months : int
        Months of the year before the bill of which nothing is known.
    """

    year: int
    days: int
    days_in_year: int
    billed_days: int
    earlier: tuple[EarlierMonth, ...]
    unknown_months: int

    @property
    def share(self) -> Decimal:
        """Return the bill's part of the year."""
        return share_of(self.days, self.days_in_year)

    @property
    def billed_share(self) -> Decimal:
        """Return the part of the year that is already billed."""
        return share_of(self.billed_days, self.days_in_year)


def share_of(days: int, days_in_year: int) -> Decimal:
    """Return days as a part of their year."""
    return (Decimal(days) / days_in_year).quantize(SHARE_STEP)


def year_parts(metered: MeteredPeriod) -> list[YearPart]:
    """Return the calendar years that a billing period touches, in time order."""
    first, last = _dates(metered)
    return [
        _part(metered, max(first, date(year, 1, 1)), last=min(last, date(year, 12, 31)))
        for year in range(first.year, last.year + 1)
    ]


def highest_in(value_kw: FloatArray, chosen: BoolArray) -> tuple[float, int | None]:
    """Return the highest of the chosen values and its position; 0 and None where none is."""
    positions = np.flatnonzero(chosen)
    if positions.size == 0:
        return 0.0, None
    at = int(positions[np.argmax(value_kw[positions])])
    return float(value_kw[at]), at


def years_of(month_number: IntArray) -> IntArray:
    """Return the calendar years of month numbers."""
    return month_number // MONTHS_PER_YEAR


def earlier_peak_kw(
    part: YearPart, windows: DemandWindows, *, line: str, clock: Sequence[ClockWindow]
) -> float:
    """Return the highest peak of the year before a bill [kW], 0 where none is known.

    Parameters
    ----------
    part : YearPart
    windows : DemandWindows
        The load's own windows before the bill.
    line : str
        Name of the demand line, by which a history states its peaks.
    clock : sequence of ClockWindow
        When demand counts; where there are windows the months' peaks over all hours say nothing.
    """
    in_year = years_of(windows.local.month_number) == part.year
    counts = in_year & in_any(clock, windows.start_us, local=windows.local)
    stated = [month.peak_of(line) for month in part.earlier]
    if not clock:
        stated += [month.peak_kw for month in part.earlier]
    known = [peak_kw for peak_kw in stated if peak_kw is not None]
    return max([highest_in(windows.mean_kw, counts)[0], *known])


def unknown_months_warning(parts: Sequence[YearPart], name: str) -> tuple[str, ...]:
    """Return a warning where a year's bill begins with months of which nothing is known."""
    return tuple(
        f"{name}: {part.unknown_months} earlier months of {part.year} are not known; the year is "
        "billed as if it began with those that are"
        for part in parts
        if part.unknown_months
    )


def billed_year_share(horizon: Horizon, year: int) -> float:
    """Return the part of a year whose bills belong to a horizon: its billed months' days."""
    days = sum(
        _days_of(month, horizon)
        for month in horizon.billed_months()
        if month.start.astimezone(horizon.time_zone).year == year
    )
    return days / days_in_year(year)


def days_in_year(year: int) -> int:
    """Return 365 or 366."""
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


def days_in_month(year: int, month_index: int) -> int:
    """Return 28 to 31 for a month counted from 0."""
    number = year * MONTHS_PER_YEAR + month_index + 1
    following = date(number // MONTHS_PER_YEAR, number % MONTHS_PER_YEAR + 1, 1)
    return (following - date(year, month_index + 1, 1)).days


def _days_of(month: BillingPeriod, horizon: Horizon) -> int:
    start, end = (each.astimezone(horizon.time_zone).date() for each in (month.start, month.end))
    return (end - start).days


def _dates(metered: MeteredPeriod) -> tuple[date, date]:
    last_instant = metered.period.end - timedelta(microseconds=1)
    first, last = (
        instant.astimezone(metered.time_zone).date()
        for instant in (metered.period.start, last_instant)
    )
    return first, last


def _part(metered: MeteredPeriod, first: date, *, last: date) -> YearPart:
    begins = first.year * MONTHS_PER_YEAR
    # In a read period that crosses New Year the second year begins with it.
    is_start = first == metered.period.start.astimezone(metered.time_zone).date()
    earlier = metered.history.of_year(metered.month_number) if is_start else ()
    known = {month.month_number - begins for month in earlier}
    expected = metered.month_number - begins if is_start else 0
    # The days of a first month before a bill were billed by nobody that we know of.
    is_whole = bool(known) and len(known) == expected
    days_before = (first - date(first.year, 1, 1)).days
    return YearPart(
        year=first.year,
        days=(last - first).days + 1,
        days_in_year=days_in_year(first.year),
        billed_days=days_before if is_whole else sum(days_in_month(first.year, at) for at in known),
        earlier=earlier,
        unknown_months=expected - len(known),
    )
