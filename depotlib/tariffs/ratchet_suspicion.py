"""Suspicions about ratchets: left out, carried too long, at another percentage, or made up."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

import polars as pl

from depotlib.errors import LoadError
from depotlib.tariffs.bill_match import expected_lines
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.component import amount_of, quantity_of
from depotlib.tariffs.history import (
    MONTHS_PER_YEAR,
    BillingHistory,
    EarlierMonth,
    month_number_of,
)
from depotlib.tariffs.line_suspicion import TIER
from depotlib.tariffs.metered import metered_load, months_of_load
from depotlib.tariffs.suspicion import LESS_SPECIFIC, SPECIFIC, Evidence, Suspicion

USUAL_SHARES: Final = tuple(
    Decimal(share)
    for share in (
        *("1", "0.95", "0.9", "0.85", "0.8", "0.75", "0.7", "0.65", "0.6", "0.55", "0.5"),
        *("0.45", "0.4", "0.35", "0.3", "0.25", "0.2"),
    )
)
LEAST_SHARE: Final = Decimal("0.005")
PROBE_KW: Final = 1e6
"""A peak that no depot has: what it bills as tells the tariff's own percentage."""


def other_ratchet(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the tariff's ratchet is left out, reaches too far back or has another share."""
    if not _may_be_ratchet(evidence):
        return
    months = earlier_months(evidence.case)
    yield from _with_months(evidence, (), sentence="the ratchet is left out")
    share = ratchet_share(evidence)
    if share is None:
        return
    for month in months:
        if month.peak_kw is not None:
            yield from _with_months(
                evidence,
                _everywhere(evidence, month),
                sentence=f"the ratchet carries the peak of {_name(month)} ({month.peak_kw:g} kW), "
                "which no longer counts",
            )
    for other in USUAL_SHARES:
        yield from _with_months(
            evidence,
            tuple(_scaled(month, float(other / share)) for month in months),
            sentence=f"the ratchet is {other:.0%} of the earlier peak, not {share:.0%}",
        )


def unknown_ratchet(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a demand line is a share of an earlier peak, though the tariff has no ratchet."""
    if not _may_be_ratchet(evidence):
        return
    for line in evidence.lines:
        if line.kind != "demand" or TIER.search(line.component):
            continue
        for month in earlier_months(evidence.case):
            for share in USUAL_SHARES:
                billed = quantity_of((month.peak_kw or 0.0) * float(share))
                if billed > line.quantity:
                    raised = replace(line, quantity=billed, amount=amount_of(billed, line.price))
                    yield Suspicion(
                        "ratchet",
                        f"{line.component} is {share:.0%} of the peak of {_name(month)} "
                        f"({month.peak_kw:g} kW): the tariff carries no such peak",
                        lines=tuple(raised if one is line else one for one in evidence.lines),
                        rank=LESS_SPECIFIC,
                    )


def earlier_months(case: BillingCase) -> tuple[EarlierMonth, ...]:
    """Return the months before a bill that are known, from its history and its own load."""
    before = case.load.filter(pl.col("interval_start") < case.period.start)
    stated = case.inputs.history
    if before.drop_nulls().is_empty():
        return stated.months
    load = metered_load(before, interval_s=case.interval_s, time_zone=case.time_zone)
    covered = months_of_load(load, window_s=case.tariff.demand_window_s)
    return stated.merged(covered.months).months


def ratchet_share(evidence: Evidence) -> Decimal | None:
    """Return the share of an earlier peak that the tariff bills at least, None if it has none.

    Asked of the tariff itself: with a peak beyond all measure in the year before, the highest
    demand line shows it.
    """
    probe = EarlierMonth(month_number=0, peak_kw=PROBE_KW)
    case = _without_earlier(evidence.case, _everywhere(evidence, probe))
    try:
        lines = expected_lines(case.bill())
    except LoadError:
        return None
    billed: dict[str, Decimal] = {}
    for line in lines:
        if line.kind == "demand":
            stem = TIER.sub("", line.component)
            billed[stem] = billed.get(stem, Decimal(0)) + line.quantity
    share = max(billed.values(), default=Decimal(0)) / Decimal(repr(PROBE_KW))
    return share if share >= LEAST_SHARE else None


def _may_be_ratchet(evidence: Evidence) -> bool:
    return "demand" in evidence.kinds_apart


def _with_months(
    evidence: Evidence, months: tuple[EarlierMonth, ...], *, sentence: str
) -> Iterator[Suspicion]:
    try:
        lines = expected_lines(_without_earlier(evidence.case, months).bill())
    except LoadError:
        return
    if lines != evidence.lines:
        yield Suspicion(kind="ratchet", sentence=sentence, lines=lines, rank=SPECIFIC)


def _without_earlier(case: BillingCase, months: tuple[EarlierMonth, ...]) -> BillingCase:
    load = case.load.filter(pl.col("interval_start") >= case.period.start)
    inputs = replace(case.inputs, history=BillingHistory(months))
    return replace(case, load=load, inputs=inputs)


def _everywhere(evidence: Evidence, month: EarlierMonth) -> tuple[EarlierMonth, ...]:
    # In every month of the year before, so that it counts whichever months the tariff looks at.
    case = evidence.case
    now = month_number_of(case.period.start, case.time_zone)
    by_line = dict(month.peaks_by_line_kw) or {
        TIER.sub("", line.component): month.peak_kw or 0.0
        for line in evidence.lines
        if line.kind == "demand"
    }
    return tuple(
        EarlierMonth(number, peak_kw=month.peak_kw, peaks_by_line_kw=by_line)
        for number in range(now - MONTHS_PER_YEAR, now)
    )


def _scaled(month: EarlierMonth, factor: float) -> EarlierMonth:
    return replace(
        month,
        peak_kw=None if month.peak_kw is None else month.peak_kw * factor,
        peaks_by_line_kw={line: kw * factor for line, kw in month.peaks_by_line_kw.items()},
    )


def _name(month: EarlierMonth) -> str:
    year, index = divmod(month.month_number, MONTHS_PER_YEAR)
    return f"{year}-{index + 1:02d}"
