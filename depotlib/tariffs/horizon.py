"""The grid for which a planner asks for price terms, as the components see it."""

from calendar import monthrange
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.calendar import BillingPeriod, calendar_month, month_periods
from depotlib.model.local_time import BoolArray, IntArray, LocalTimes
from depotlib.model.timegrid import TimeGrid
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.load_grid import EPOCH, MICROSECOND

MONTHS_PER_YEAR: Final = 12


@dataclass(frozen=True, slots=True)
class PeriodSoFar:
    """What the billing period of a grid's start holds already, and what the grid stands for.

    Parameters
    ----------
    nights_per_month : float, optional
        How many times the grid's energy stands in the month's bill; default once.
    sunk_kw : mapping of str to float, or float
        Peak already recorded in the billing period [kW]: one for every term of the first month,
        or by the term's name. What it costs is part of the terms.
    used_kwh : float
        Energy already taken in the billing period [kWh], for tiers.
    """

    nights_per_month: float | None = None
    sunk_kw: Mapping[str, float] | float = 0.0
    used_kwh: float = 0.0


@dataclass(frozen=True, slots=True)
class Horizon:
    """A planning grid with its local facts and what the billing period holds already.

    Parameters
    ----------
    grid : TimeGrid
    time_zone : ZoneInfo
        Zone of the meter.
    local : LocalTimes
        (count,), of the intervals' starts.
    window_s : int
        The tariff's demand window [s].
    energy_factor : float
        How many times the grid's energy stands in the bill.
    sunk_kw : mapping of str to float, or float
        Peaks already recorded: one for every term, or by the term's name.
    used_kwh : float
        Energy already taken in the billing period of the grid's start [kWh].
    inputs : BillingInputs
        What a bill needs beside tariff and load: earlier months, power factor, market prices.
    """

    grid: TimeGrid
    time_zone: ZoneInfo
    local: LocalTimes
    window_s: int
    energy_factor: float
    sunk_kw: Mapping[str, float] | float
    used_kwh: float
    inputs: BillingInputs = NO_INPUTS

    @property
    def start_us(self) -> IntArray:
        """Return the starts of the intervals, microseconds since the epoch, (count,)."""
        return starts_us(self.grid)

    def months(self) -> list[int]:
        """Return the calendar months on the grid, as month numbers in time order."""
        return [int(number) for number in np.unique(self.local.month_number)]

    def name_in_month(self, name: str, month_number: int) -> str:
        """Return a line's name, with its month where the grid holds more than one."""
        if len(self.months()) == 1:
            return name
        year, month = self._year_month(month_number)
        return f"{name}, {year}-{month:02d}"

    def sunk_of(self, name: str, month_number: int) -> float:
        """Return the peak already recorded for a term [kW].

        One number for all belongs to the billing period that runs at the grid's start: later
        months begin at 0.
        """
        if isinstance(self.sunk_kw, Mapping):
            return self.sunk_kw.get(name, 0.0)
        return self.sunk_kw if month_number == self.months()[0] else 0.0

    def billed_months(self) -> list[BillingPeriod]:
        """Return the calendar months whose fixed charges belong to the grid, each whole.

        The month of the grid's start, and every other month that the grid covers from its first
        day to its last.
        """
        clipped = month_periods(self.grid.start, self.grid.end, time_zone=self.time_zone)
        whole = [calendar_month(part.start, self.time_zone) for part in clipped]
        return [
            month
            for part, month in zip(clipped, whole, strict=True)
            if part is clipped[0] or part == month
        ]

    def days_in(self, month_number: int) -> int:
        """Return the days of a calendar month on the grid."""
        return monthrange(*self._year_month(month_number))[1]

    def demand_intervals(self, chosen: BoolArray) -> tuple[int, ...]:
        """Return the positions of chosen intervals, for a peak term.

        Raises
        ------
        TariffTermsError
            If the grid is finer than the demand window: a term has no windows of its own.
        """
        if self.grid.interval_s < self.window_s:
            raise TariffTermsError(
                f"the tariff bills the mean of {self.window_s} s, the grid's intervals are "
                f"{self.grid.interval_s} s",
                where="demand window",
                hint=f"plan on a grid of {self.window_s} s",
            )
        return tuple(int(position) for position in np.flatnonzero(chosen))

    def positions(self, month_number: int) -> IntArray:
        """Return the positions of the intervals of one month."""
        return np.flatnonzero(self.local.month_number == month_number)

    def _year_month(self, month_number: int) -> tuple[int, int]:
        year, month_index = divmod(month_number, MONTHS_PER_YEAR)
        return year, month_index + 1


def starts_us(grid: TimeGrid) -> IntArray:
    """Return the starts of a grid's intervals, microseconds since the epoch, (count,)."""
    first_us = (grid.start - EPOCH) // MICROSECOND
    return first_us + np.arange(grid.count, dtype=np.int64) * (grid.step // MICROSECOND)
