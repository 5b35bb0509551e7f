"""A bill: a ledger of lines, each quantity x price, with the interval that set it."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal

from depotlib.model.calendar import BillingPeriod

BillUnit = Literal[
    "kWh", "kW", "kVA", "hp", "kW-day", "kVA-day", "hp-day", "kvar", "kvarh",
    "day", "month", "year", "bill", "net amount",
]  # fmt: skip


@dataclass(frozen=True, slots=True)
class BillLine:
    """One line of a bill.

    Parameters
    ----------
    component : str
        Name of the tariff component and, where it has some, its period ("TOU demand, period 2").
    quantity : Decimal
    unit : str
    unit_price : Decimal
        Per unit; the amount is their product, rounded to the cent.
    amount : Decimal
    set_by : datetime or None
        Start of the interval that set the quantity (peaks), UTC.
    also_set_by : tuple of datetime
        Starts of further intervals, where the quantity is a mean of several peaks.
    family : str
        ``energy``, ``demand``, ``fixed``, ``export``, ``minimum`` or ``tax``.
    """

    component: str
    quantity: Decimal
    unit: BillUnit
    unit_price: Decimal
    amount: Decimal
    set_by: datetime | None = None
    family: str = "energy"
    note: str = ""
    also_set_by: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Bill:
    """The bill of one period.

    Parameters
    ----------
    period : BillingPeriod
    currency : str
    lines : tuple of BillLine
    warnings : tuple of str
        What makes the bill less than sure (missing readings, no ratchet history).
    assumptions : tuple of str
        What the tariff record left open and we assumed.
    """

    period: BillingPeriod
    currency: str
    lines: tuple[BillLine, ...]
    warnings: tuple[str, ...] = ()
    assumptions: tuple[str, ...] = ()

    @property
    def total(self) -> Decimal:
        """Return the sum of all lines."""
        return sum((line.amount for line in self.lines), Decimal(0))

    def family_total(self, family: str) -> Decimal:
        """Return the sum of the lines of one family."""
        return sum((line.amount for line in self.lines if line.family == family), Decimal(0))
