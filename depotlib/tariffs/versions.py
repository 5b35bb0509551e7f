"""A tariff whose prices change inside a billing period: which version bills what.

The rule. Energy has the prices of the version in force when it was taken; tiers count on from the
period's start whichever version held. Everything else (peaks of the whole period, fixed charges,
the minimum) is billed by each version for its part of the period's days.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.model.bill import BillLine
from depotlib.model.calendar import BillingPeriod, local_days
from depotlib.tariffs.component import CENT, Component, amount_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.tariff import Tariff

BY_READING: Final = ("energy", "export")
"""Families of lines that have the prices of their own time; all others go by days."""
COUNTED: Final = ("day", "month", "year", "kVA-day", "kW-day", "hp-day", "net amount")
"""Units of which a part of the period has a part; of others the price is taken in part."""
PRICE_STEP: Final = Decimal("0.0000000000001")


@dataclass(frozen=True, slots=True)
class VersionPart:
    """The part of a billing period in which one version holds.

    Parameters
    ----------
    tariff : Tariff
        The version.
    start, end : datetime
        Half-open.
    days, of_days : int
        Local days of the part and of the whole period.
    time_zone : ZoneInfo
        Zone of the meter.
    """

    tariff: Tariff
    start: datetime
    end: datetime
    days: int
    of_days: int
    time_zone: ZoneInfo

    @property
    def name(self) -> str:
        """Return the part's days, as they stand on a line."""
        first = self.start.astimezone(self.time_zone).date()
        last = (self.end - timedelta(microseconds=1)).astimezone(self.time_zone).date()
        return f"{first} to {last}"


def version_at(tariff: Tariff, instant: datetime) -> Tariff:
    """Return the version in force at an instant: the newest that has begun, else the tariff."""
    begun = [
        version for version in sorted(tariff.versions, key=_begins) if _begins(version) <= instant
    ]
    return begun[-1] if begun else tariff


def version_parts(
    tariff: Tariff, period: BillingPeriod, *, time_zone: ZoneInfo
) -> list[VersionPart]:
    """Return the parts of a period by the version in force, in time order.

    Parameters
    ----------
    tariff : Tariff
    period : BillingPeriod
    time_zone : ZoneInfo
        Zone of the meter.
    """
    changes = sorted(set(map(_begins, tariff.versions)))
    inside = [change for change in changes if period.start < change < period.end]
    spans = list(pairwise((period.start, *inside, period.end)))
    days = [local_days(start, end, time_zone=time_zone) for start, end in spans]
    return [
        VersionPart(
            tariff=version_at(tariff, start),
            start=start,
            end=end,
            days=part_days,
            of_days=sum(days),
            time_zone=time_zone,
        )
        for (start, end), part_days in zip(spans, days, strict=True)
    ]


def version_lines(
    parts: Sequence[VersionPart], metered_of: Callable[[datetime], MeteredPeriod]
) -> tuple[BillLine, ...]:
    """Return the lines of a period that several versions bill.

    Parameters
    ----------
    parts : sequence of VersionPart
        At least two.
    metered_of : callable
        Gives the load from the period's start to an instant.
    """
    whole = metered_of(parts[-1].end)
    taken = [None, *(metered_of(part.end) for part in parts[:-1]), whole]
    lines: tuple[BillLine, ...] = ()
    for part, before, until in zip(parts, taken, taken[1:], strict=False):
        assert until is not None
        span = _Span(part=part, before=before, until=until, whole=whole)
        of_part: tuple[BillLine, ...] = ()
        for component in part.tariff.components:
            of_part += _component_lines(component, span, above=of_part)
        lines += tuple(
            replace(line, component=f"{line.component}, {part.name}") for line in of_part
        )
    return lines


@dataclass(frozen=True, slots=True)
class _Span:
    part: VersionPart
    before: MeteredPeriod | None
    until: MeteredPeriod
    whole: MeteredPeriod


def _component_lines(
    component: Component, span: _Span, *, above: Sequence[BillLine]
) -> tuple[BillLine, ...]:
    # What looks at the lines above it (minimum, tax) sees the part's as if they were the period's.
    grown = tuple(
        replace(line, amount=line.amount * span.part.of_days / span.part.days) for line in above
    )
    until = component.bill_lines(span.until, grown)
    before = () if span.before is None else component.bill_lines(span.before, grown)
    by_reading = _difference(_by_reading(until), _by_reading(before))
    by_days = [
        _by_days(line, span.part)
        for line in component.bill_lines(span.whole, grown)
        if line.family not in BY_READING
    ]
    return (*by_reading, *by_days)


def _by_reading(lines: Sequence[BillLine]) -> list[BillLine]:
    return [line for line in lines if line.family in BY_READING]


def _difference(until: Sequence[BillLine], before: Sequence[BillLine]) -> tuple[BillLine, ...]:
    earlier = {(line.component, line.unit): line for line in before}
    lines: list[BillLine] = []
    for line in until:
        less = earlier.get((line.component, line.unit))
        quantity = line.quantity - (less.quantity if less else Decimal(0))
        price = line.unit_price
        if less is not None and quantity and less.unit_price != price:
            # A mean over readings, such as the market's: that of the part.
            exact = line.quantity * price - less.quantity * less.unit_price
            price = (exact / quantity).quantize(PRICE_STEP, ROUND_HALF_UP)
        if quantity:
            amount = amount_of(quantity, price)
            lines.append(replace(line, quantity=quantity, unit_price=price, amount=amount))
    return tuple(lines)


def _by_days(line: BillLine, part: VersionPart) -> BillLine:
    quantity, price = line.quantity, line.unit_price
    if line.unit in COUNTED:
        quantity = (quantity * part.days / part.of_days).quantize(PRICE_STEP, ROUND_HALF_UP)
    else:
        price = (price * part.days / part.of_days).quantize(PRICE_STEP, ROUND_HALF_UP)
    amount = (quantity * price).quantize(CENT, ROUND_HALF_UP)
    return replace(line, quantity=quantity.normalize(), unit_price=price, amount=amount)


def _begins(version: Tariff) -> datetime:
    # A version without a date cannot be: `Tariff` refuses it.
    assert version.valid_from is not None
    return version.valid_from
