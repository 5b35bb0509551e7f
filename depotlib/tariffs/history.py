"""What earlier months hold against a bill: their peaks for ratchets, their energy and amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.model.local_time import MONTHS_PER_YEAR, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class EarlierMonth:
    """What is known of one earlier calendar month.

    Parameters
    ----------
    month_number : int
        Year x 12 + month - 1, as in `LocalTimes`.
    peak_kw : float, optional
        Highest demand window of the month at any hour [kW].
    energy_kwh : float, optional
        Import of the month [kWh].
    amount : Decimal, optional
        Total of the month's bill.
    peaks_by_line_kw : mapping of str to float
        Measured peaks by the name of a demand line ("TOU demand, period 2") [kW]; where a line is
        absent, it is not known.
    """

    month_number: int
    peak_kw: float | None = None
    energy_kwh: float | None = None
    amount: Decimal | None = None
    peaks_by_line_kw: Mapping[str, float] = field(default_factory=dict[str, float])

    @property
    def month_index(self) -> int:
        """Return the month as 0 to 11."""
        return self.month_number % MONTHS_PER_YEAR

    def peak_of(self, line: str | None) -> float | None:
        """Return the peak of a demand line [kW], of all hours for None; None if not known."""
        return self.peak_kw if line is None else self.peaks_by_line_kw.get(line)


@dataclass(frozen=True, slots=True)
class BillingHistory:
    """Earlier months, in time order; the newest statement of a month holds.

    Parameters
    ----------
    months : tuple of EarlierMonth
    """

    months: tuple[EarlierMonth, ...] = ()

    def last(self, count: int, *, before: int) -> tuple[EarlierMonth, ...]:
        """Return the months known among the `count` before the month number `before`."""
        return tuple(
            month for month in self.months if before - count <= month.month_number < before
        )

    def of_year(self, month_number: int) -> tuple[EarlierMonth, ...]:
        """Return the months known of the same calendar year before a month."""
        return self.last(month_number % MONTHS_PER_YEAR, before=month_number)

    def merged(self, months: Sequence[EarlierMonth]) -> "BillingHistory":
        """Return the history with more months; what is stated in `self` holds over `months`."""
        known = {month.month_number: month for month in months}
        for month in self.months:
            other = known.get(month.month_number)
            known[month.month_number] = month if other is None else _joined(month, other)
        return BillingHistory(tuple(known[number] for number in sorted(known)))


def month_number_of(instant: datetime, time_zone: ZoneInfo) -> int:
    """Return the month number of an instant in local time."""
    local = instant.astimezone(time_zone)
    return local.year * MONTHS_PER_YEAR + local.month - 1


def month_runs(month_number: IntArray) -> IntArray:
    """Return where each month begins in values that are in time order."""
    return np.flatnonzero(np.diff(month_number, prepend=month_number[:1] - 1))


def peaks_by_month(value_kw: FloatArray, month_number: IntArray) -> dict[int, float]:
    """Return the highest value of each month number that occurs [kW].

    Parameters
    ----------
    value_kw : ndarray of float
        (n,), in time order [kW].
    month_number : ndarray of int
        (n,), month of each value.
    """
    if value_kw.size == 0:
        return {}
    begin = month_runs(month_number)
    peaks_kw: list[float] = np.maximum.reduceat(value_kw, begin).tolist()
    return dict(zip(month_number[begin].tolist(), peaks_kw, strict=True))


def months_of(
    month_number: IntArray, energy_kwh: FloatArray, *, peaks_kw: Mapping[int, float]
) -> tuple[EarlierMonth, ...]:
    """Return the months of some readings.

    Parameters
    ----------
    month_number : ndarray of int
        (n,), month of each reading, in time order.
    energy_kwh : ndarray of float
        (n,), energy of each [kWh].
    peaks_kw : mapping of int to float
        Peak of each month that has one [kW].
    """
    begin = month_runs(month_number)
    taken_kwh: list[float] = np.add.reduceat(energy_kwh, begin).tolist()
    return tuple(
        EarlierMonth(month_number=number, peak_kw=peaks_kw.get(number), energy_kwh=kwh)
        for number, kwh in zip(month_number[begin].tolist(), taken_kwh, strict=True)
    )


def _joined(stated: EarlierMonth, other: EarlierMonth) -> EarlierMonth:
    return EarlierMonth(
        month_number=stated.month_number,
        peak_kw=other.peak_kw if stated.peak_kw is None else stated.peak_kw,
        energy_kwh=other.energy_kwh if stated.energy_kwh is None else stated.energy_kwh,
        amount=other.amount if stated.amount is None else stated.amount,
        peaks_by_line_kw={**other.peaks_by_line_kw, **stated.peaks_by_line_kw},
    )
