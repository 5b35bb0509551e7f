"""Who caused a bill's peaks, and the bill without its worst windows: results, as plain facts."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from depotlib.model.bill import Bill

BASE_LOAD: Final = "base load"
"""The party of all that no vehicle or station is known to have drawn."""
UNNAMED: Final = "unnamed"
"""The party of sessions without the id that was asked for."""
NOT_KNOWN: Final = "not known"
"""The party of a peak whose interval nobody's use covers."""


@dataclass(frozen=True, slots=True)
class PeakShare:
    """What one party has of a billed peak.

    Parameters
    ----------
    party : str
        Vehicle, station, ``base load`` or ``not known``.
    quantity : Decimal
        In the line's unit; all parties' sum exactly to the line's.
    amount : Decimal
        Of the line's amount, in cents; all parties' sum exactly to it.
    drawn_kw : float
        Mean power of the party while the peak was set [kW].
    """

    party: str
    quantity: Decimal
    amount: Decimal
    drawn_kw: float


@dataclass(frozen=True, slots=True)
class PeakAttribution:
    """One demand line of a bill and who caused it.

    Parameters
    ----------
    component : str
        The bill line's name.
    quantity : Decimal
    unit : str
    amount : Decimal
    set_by, set_until : datetime or None
        Span that set the peak; None where no single one did.
    is_from_earlier : bool
        Whether that span lies before the billing period: a ratchet.
    shares : tuple of PeakShare
        Largest first; parties that drew nothing are left out.
    sentence : str
        How the line came to be attributed so.
    """

    component: str
    quantity: Decimal
    unit: str
    amount: Decimal
    set_by: datetime | None
    set_until: datetime | None
    is_from_earlier: bool
    shares: tuple[PeakShare, ...]
    sentence: str


@dataclass(frozen=True, slots=True)
class CappedBill:
    """A bill with its worst windows capped at the next highest.

    Parameters
    ----------
    count : int
        How many windows are capped.
    windows : tuple of datetime
        Their starts, worst first.
    cap_kw : float
        Mean power of the next highest window [kW].
    bill : Bill
        Billed again. What lay above the cap is not drawn at all; drawn at another hour instead,
        it would cost that hour's energy price.
    saving : Decimal
        Less than the bill as it was.
    """

    count: int
    windows: tuple[datetime, ...]
    cap_kw: float
    bill: Bill
    saving: Decimal
