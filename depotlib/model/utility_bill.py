"""A utility's bill, as printed, and what its audit finds: plain facts."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final, Literal, get_args

from depotlib.model.bill import Bill

LineKind = Literal["energy", "demand", "fixed", "minimum", "other"]
KINDS: Final[tuple[str, ...]] = get_args(LineKind)
CauseKind = Literal[
    "arithmetic",
    "doubled_line",
    "missing_line",
    "wrong_period",
    "holiday",
    "ratchet",
    "estimated_read",
    "wrong_window",
    "wrong_tariff",
    "wrong_tier",
    "wrong_multiplier",
    "clock_shift",
    "wrong_time_of_use",
    "wrong_days",
    "power_factor",
    "wrong_price",
]


@dataclass(frozen=True, slots=True)
class UtilityLine:
    """One line as the utility prints it.

    Parameters
    ----------
    kind : str
        ``energy``, ``demand``, ``fixed``, ``minimum``; ``other`` (taxes, riders that the tariff
        does not hold) is added up but not compared.
    name : str
        The utility's words.
    amount : Decimal
    quantity, price : Decimal or None
        None where the line does not print them. Decimals count: 240.0 is a tenth's rounding.
    unit : str
    component : str
        Name of our bill line, where the user knows it; else lines find each other.
    """

    kind: LineKind
    name: str
    amount: Decimal
    quantity: Decimal | None = None
    unit: str = ""
    price: Decimal | None = None
    component: str = ""


@dataclass(frozen=True, slots=True)
class MeterRead:
    """A register as the bill shows it.

    Parameters
    ----------
    register : str
        What it counts ("kWh", "on-peak kWh").
    previous, current : Decimal
    multiplier : Decimal
        Of the meter's transformers.
    is_estimated : bool
    """

    register: str
    previous: Decimal
    current: Decimal
    multiplier: Decimal = Decimal(1)
    is_estimated: bool = False

    @property
    def quantity(self) -> Decimal:
        """Return what the read says was taken."""
        return (self.current - self.previous) * self.multiplier


@dataclass(frozen=True, slots=True)
class UtilityBill:
    """A utility's bill.

    Parameters
    ----------
    first_day : date
        Local day of the earlier read; it is part of the period.
    end_day : date
        Local day of the later read; the first that is not.
    currency : str
    lines : tuple of UtilityLine
    reads : tuple of MeterRead
    total : Decimal or None
        As printed.
    is_estimated : bool
        Whether the bill calls itself estimated.
    """

    first_day: date
    end_day: date
    currency: str
    lines: tuple[UtilityLine, ...]
    reads: tuple[MeterRead, ...] = ()
    total: Decimal | None = None
    is_estimated: bool = False

    @property
    def says_estimated(self) -> bool:
        """Return whether the bill or one of its reads is marked as estimated."""
        return self.is_estimated or any(read.is_estimated for read in self.reads)

    @property
    def line_sum(self) -> Decimal:
        """Return the sum of the lines."""
        return sum((line.amount for line in self.lines), Decimal(0))


@dataclass(frozen=True, slots=True)
class ExpectedLine:
    """A line that the bill should hold, or would hold if a suspicion were true.

    Parameters
    ----------
    kind : str
        As the utility's lines have it.
    component : str
    unit : str
    quantity, price, amount : Decimal
    """

    kind: str
    component: str
    unit: str
    quantity: Decimal
    price: Decimal
    amount: Decimal


@dataclass(frozen=True, slots=True)
class LineMatch:
    """One of our lines and the utility's that belongs to it; None where there is no other.

    Parameters
    ----------
    ours : ExpectedLine or None
    theirs : UtilityLine or None
    agrees : bool
        Whether quantity, price and amount are equal but for the rounding of what is printed.
    """

    ours: ExpectedLine | None
    theirs: UtilityLine | None
    agrees: bool

    @property
    def difference(self) -> Decimal:
        """Return the utility's amount less ours."""
        theirs = Decimal(0) if self.theirs is None else self.theirs.amount
        return theirs - (Decimal(0) if self.ours is None else self.ours.amount)


@dataclass(frozen=True, slots=True)
class Cause:
    """A likely cause: with it, our bill is the utility's, to the rounding of what is printed.

    Parameters
    ----------
    kind : str
    sentence : str
        For a person.
    amount : Decimal
        What it costs: the utility's amount less ours over the lines it explains.
    matches : tuple of LineMatch
        The utility's lines beside those that the cause predicts: they all agree.
    """

    kind: CauseKind
    sentence: str
    amount: Decimal
    matches: tuple[LineMatch, ...]


@dataclass(frozen=True, slots=True)
class BillAudit:
    """A utility's bill beside ours.

    Parameters
    ----------
    theirs : UtilityBill
    ours : Bill
    matches : tuple of LineMatch
        Line by line: ours in order, then lines that we do not have.
    causes : tuple of Cause
        Those that explain every line that does not agree; none that needs more assumptions than
        another. Empty where all agree, and where no single cause explains the bill.
    findings : tuple of str
        What does not add up within the utility's bill itself.
    variance : Decimal
        Sum of the utility's compared lines less ours.
    not_compared : Decimal
        Sum of the utility's other lines (taxes, riders).
    """

    theirs: UtilityBill
    ours: Bill
    matches: tuple[LineMatch, ...]
    causes: tuple[Cause, ...]
    findings: tuple[str, ...]
    variance: Decimal
    not_compared: Decimal

    @property
    def is_clean(self) -> bool:
        """Return whether nothing but rounding tells the bills apart."""
        return all(match.agrees for match in self.matches) and not self.findings

    @property
    def unexplained(self) -> Decimal:
        """Return the money of lines that do not agree and that no cause explains."""
        apart = () if self.causes else (match for match in self.matches if not match.agrees)
        return sum((abs(match.difference) for match in apart), Decimal(0))
