"""Bills as utilities print them, with one error sown in each: what the audit has to find.

Nothing of the audit is used here. A wrong bill is a right bill of wrong facts, or a right bill with
one line spoilt, put into the words, the order and the rounding of a utility.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.bill import BillLine
from depotlib.model.calendar import BillingPeriod
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.billing_inputs import NO_INPUTS, BillingInputs
from depotlib.tariffs.tariff import Tariff
from tests.tariff_samples import interval_s, year_kw

CENT: Final = Decimal("0.01")
MARGIN: Final = timedelta(days=9)
"""Load that is known on both sides of a billing period."""
WORDS: Final = ("Usage charge", "Service", "Delivery", "Rider", "Facilities", "Supply", "Basic")


@dataclass(frozen=True, slots=True)
class Site:
    """A meter with a year of readings: one of the sample loads at some place."""

    load_file: str
    time_zone: str

    def case(
        self,
        tariff: Tariff,
        days: tuple[date, date],
        *,
        inputs: BillingInputs = NO_INPUTS,
    ) -> BillingCase:
        """Return the bill of the days between two reads, with some load around it."""
        zone = ZoneInfo(self.time_zone)
        power_kw = year_kw(self.load_file)
        step_s = interval_s(power_kw)
        step = timedelta(seconds=step_s)
        first = datetime(2018, 1, 1, tzinfo=zone).astimezone(UTC)
        period = period_of(days, zone)
        begin = max(0, (period.start - MARGIN - first) // step)
        near_kw = power_kw[begin : (period.end + MARGIN - first) // step]
        starts = [first + (begin + number) * step for number in range(near_kw.size)]
        load = pl.DataFrame(
            {"interval_start": starts, "power_kw": near_kw},
            schema={"interval_start": pl.Datetime("us", "UTC"), "power_kw": pl.Float64},
        )
        return BillingCase(
            tariff=tariff,
            load=load,
            period=period,
            interval_s=step_s,
            time_zone=zone,
            inputs=inputs,
        )


def period_of(days: tuple[date, date], zone: ZoneInfo) -> BillingPeriod:
    """Return the span between two local midnights."""
    start, end = (datetime.combine(day, time(0), tzinfo=zone).astimezone(UTC) for day in days)
    return BillingPeriod(start=start, end=end)


def scaled_load(case: BillingCase, factor: float) -> BillingCase:
    """Return a bill with all readings multiplied."""
    return replace(case, load=case.load.with_columns(pl.col("power_kw") * factor))


def lines_of(case: BillingCase) -> tuple[BillLine, ...]:
    """Return the lines of a bill that a utility prints."""
    return tuple(line for line in case.bill().lines if line.amount != 0)


def family_from(
    family: str, other: Sequence[BillLine], *, rest: Sequence[BillLine]
) -> tuple[BillLine, ...]:
    """Return lines of one family from one bill, and all others from another."""
    return (
        *(line for line in other if line.family == family),
        *(line for line in rest if line.family != family),
    )


def with_quantity(line: BillLine, quantity: Decimal) -> BillLine:
    """Return a line with another quantity and the amount that follows."""
    amount = (quantity * line.unit_price).quantize(CENT, ROUND_HALF_UP)
    return replace(line, quantity=quantity, amount=amount)


def times(lines: Sequence[BillLine], factor: str, *, family: str) -> tuple[BillLine, ...]:
    """Return lines with the quantities of one family multiplied."""
    return tuple(
        with_quantity(line, line.quantity * Decimal(factor)) if line.family == family else line
        for line in lines
    )


def longest(lines: Sequence[BillLine], family: str) -> BillLine:
    """Return the dearest line of a family."""
    return max((line for line in lines if line.family == family), key=lambda line: line.amount)


def printed(
    lines: Sequence[BillLine],
    days: tuple[date, date],
    *,
    seed: int,
    estimated: bool = False,
    spoilt_amount: Decimal | None = None,
) -> str:
    """Return a bill as a utility prints it (docs/utility-bill.md).

    Lines come in another order under other names, energy in whole kWh, demand to a tenth; a
    printed amount is that of the printed factors or of the unrounded ones.

    Parameters
    ----------
    lines : sequence of BillLine
    days : tuple of date
        Of the two reads, as printed.
    seed : int
    estimated : bool
        Whether the bill calls itself so.
    spoilt_amount : Decimal, optional
        What is added to the amount of the dearest line after it was worked out.
    """
    chance = random.Random(seed)
    dearest = max(lines, key=lambda line: line.amount)
    rows: list[str] = []
    total = Decimal(0)
    for number, line in enumerate(chance.sample(list(lines), len(lines))):
        step = Decimal(1) if line.unit == "kWh" else Decimal("0.1")
        quantity = line.quantity
        if line.unit in {"kWh", "kW", "kVA", "hp"}:
            quantity = quantity.quantize(step, ROUND_HALF_UP)
        by_printed = (quantity * line.unit_price).quantize(CENT, ROUND_HALF_UP)
        amount = by_printed if seed % 2 else line.amount
        if line is dearest and spoilt_amount is not None:
            amount = by_printed + spoilt_amount
        total += amount
        rows.append(
            f'[[line]]\nkind = "{line.family}"\nname = "{chance.choice(WORDS)} {number + 1}"\n'
            f'quantity = {quantity}\nunit = "{line.unit}"\nprice = {line.unit_price}\n'
            f"amount = {amount}\n"
        )
    head = (
        f"[bill]\nfrom = {days[0]}\nto = {days[1]}\ntotal = {total}\n"
        f"estimated = {str(estimated).lower()}\n"
    )
    return "\n".join([head, *rows])
