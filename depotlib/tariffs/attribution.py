"""Who caused each billed peak, by vehicle or station, summing exactly to it."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final

import numpy as np

from depotlib.model.attribution import NOT_KNOWN, PeakAttribution, PeakShare
from depotlib.model.bill import Bill, BillLine
from depotlib.model.local_time import FloatArray
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.component import CENT, QUANTITY_STEP
from depotlib.tariffs.division import divide
from depotlib.tariffs.party_use import PartyUse

RATCHET: Final = "ratchet"
"""How the note of a line begins that an earlier month's peak sets."""


def attribute_peaks(bill: Bill, use: PartyUse, *, case: BillingCase) -> tuple[PeakAttribution, ...]:
    """Return who caused each demand line of a bill.

    A party's part is its mean power while the peak was set, over the mean power of all. A line
    that an earlier month's peak sets (a ratchet) goes to those who drew then.

    Parameters
    ----------
    bill : Bill
    use : PartyUse
        Should reach back to the peaks that a ratchet carries; where it does not, a peak's party
        is ``not known``.
    case : BillingCase
        Whose bill it is.

    Returns
    -------
    tuple of PeakAttribution
        In the order of the bill; lines of quantity 0 are left out.
    """
    return tuple(
        attribute_line(line, use, case=case)
        for line in bill.lines
        if line.family == "demand" and line.quantity != 0
    )


def spans_of_peaks(bill: Bill, *, case: BillingCase) -> tuple[tuple[datetime, datetime], ...]:
    """Return when there must be known who drew what: in the period, and as earlier peaks were set."""
    earlier = sorted(
        {
            start
            for line in bill.lines
            for start in (line.set_by, *line.also_set_by)
            if start is not None and start < case.period.start
        }
    )
    windows = ((start, case.window_end(start)) for start in earlier)
    return (*windows, (case.period.start, case.period.end))


def attribute_line(line: BillLine, use: PartyUse, *, case: BillingCase) -> PeakAttribution:
    """Return who caused one demand line."""
    until = None if line.set_by is None else case.window_end(line.set_by)
    is_earlier = line.note.startswith(RATCHET) or (
        line.set_by is not None and line.set_by < case.period.start
    )
    drawn_kw = _drawn_kw(line, use, case=case)
    if drawn_kw is None or not drawn_kw.sum() > 0:
        shares: tuple[PeakShare, ...] = (
            PeakShare(party=NOT_KNOWN, quantity=line.quantity, amount=line.amount, drawn_kw=0.0),
        )
    else:
        shares = _shares(line, use.parties, drawn_kw=drawn_kw)
    return PeakAttribution(
        component=line.component,
        quantity=line.quantity,
        unit=line.unit,
        amount=line.amount,
        set_by=line.set_by,
        set_until=until,
        is_from_earlier=is_earlier,
        shares=shares,
        sentence=_sentence(line, is_earlier=is_earlier, is_known=shares[0].party != NOT_KNOWN),
    )


def _drawn_kw(line: BillLine, use: PartyUse, *, case: BillingCase) -> FloatArray | None:
    # A quantity that is a mean of several peaks belongs to the parties of all of them.
    starts = [start for start in (line.set_by, *line.also_set_by) if start is not None]
    found = [use.mean_kw(start, case.window_end(start)) for start in starts]
    known = [drawn_kw for drawn_kw in found if drawn_kw is not None]
    return np.mean(known, axis=0) if known and len(known) == len(starts) else None


def _shares(
    line: BillLine, parties: Sequence[str], *, drawn_kw: FloatArray
) -> tuple[PeakShare, ...]:
    active = [
        (party, float(power_kw))
        for party, power_kw in zip(parties, drawn_kw, strict=True)
        if power_kw > 0
    ]
    weights = [power_kw for _, power_kw in active]
    quantities = divide(line.quantity, weights, step=_step_of(line.quantity))
    amounts = divide(line.amount, weights, step=CENT)
    shares = [
        PeakShare(party=party, quantity=quantity, amount=amount, drawn_kw=power_kw)
        for (party, power_kw), quantity, amount in zip(active, quantities, amounts, strict=True)
    ]
    return tuple(sorted(shares, key=lambda share: (-share.drawn_kw, share.party)))


def _step_of(quantity: Decimal) -> Decimal:
    exponent = quantity.as_tuple().exponent
    finest = Decimal(1).scaleb(exponent) if isinstance(exponent, int) else QUANTITY_STEP
    return min(finest, QUANTITY_STEP)


def _sentence(line: BillLine, *, is_earlier: bool, is_known: bool) -> str:
    if is_earlier:
        who = "goes to those who drew then" if is_known else "who drew then is not known"
        return f"a ratchet: an earlier month's peak set this line; {who}"
    if line.set_by is None:
        return "no single interval set this line, so nobody's use is held against it"
    if not is_known:
        return "the interval that set this line has no known use"
    if line.unit.endswith("-day"):
        return "by mean power in the highest of the days' peaks, for all days of the line"
    if line.also_set_by:
        return "by mean power over all the peaks of which the quantity is the mean"
    return "by mean power while the peak was set"
