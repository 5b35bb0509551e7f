"""A utility's bill audited: line by line against ours, and the likely cause of a variance."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from depotlib.model.utility_bill import BillAudit, Cause, LineMatch, UtilityBill
from depotlib.tariffs.bill_match import (
    NOT_COMPARED,
    all_agree,
    expected_lines,
    match_lines,
    precision_of,
)
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.component import CENT
from depotlib.tariffs.line_suspicion import (
    arithmetic,
    doubled_line,
    missing_line,
    multiplier,
    power_factor,
    swapped_prices,
    wrong_days,
    wrong_hours,
    wrong_price,
    wrong_tier,
)
from depotlib.tariffs.ratchet_suspicion import other_ratchet, unknown_ratchet
from depotlib.tariffs.rebilled_suspicion import (
    any_day_off,
    other_clock,
    other_day_type,
    other_multiplier,
    other_period,
    other_read,
    other_schedule,
    other_tariff,
    other_window,
)
from depotlib.tariffs.suspicion import Evidence, Suspicion
from depotlib.tariffs.tariff import Tariff

Source = Callable[[Evidence], Iterator[Suspicion]]

STAGES: Final[tuple[tuple[Source, ...], ...]] = (
    (arithmetic, doubled_line, missing_line),
    (
        wrong_days,
        power_factor,
        multiplier,
        wrong_tier,
        swapped_prices,
        other_window,
        other_tariff,
        other_day_type,
        other_period,
        other_clock,
        other_schedule,
        other_multiplier,
        other_ratchet,
        other_read,
    ),
    (wrong_hours, unknown_ratchet, any_day_off),
    (wrong_price,),
)
"""What is suspected, the plainest first: a later stage is asked only if no earlier one explains."""


def audit_bill(
    theirs: UtilityBill,
    case: BillingCase,
    *,
    former_tariffs: tuple[Tariff, ...] = (),
    public_holidays: frozenset[date] = frozenset(),
) -> BillAudit:
    """Return a utility's bill audited.

    Causes are found by billing again under each suspicion; one is offered only if it makes every
    line agree, and only if no plainer one does.

    Parameters
    ----------
    theirs : UtilityBill
    case : BillingCase
        Tariff, load and inputs as they should be, for the period that the bill states.
    former_tariffs : tuple of Tariff
        Earlier versions and other schedules that may have been used by mistake.
    public_holidays : frozenset of date
        Holidays of the region, whether or not the tariff observes them.

    Raises
    ------
    LoadError
        If the load cannot be billed.
    """
    ours = case.bill()
    lines = expected_lines(ours)
    precision = precision_of(theirs.lines)
    evidence = Evidence(
        case=case,
        bill=ours,
        lines=lines,
        theirs=theirs,
        matches=match_lines(lines, theirs.lines, precision=precision),
        precision=precision,
        former_tariffs=former_tariffs,
        public_holidays=public_holidays,
    )
    not_compared = sum(
        (line.amount for line in theirs.lines if line.kind == NOT_COMPARED), Decimal(0)
    )
    compared_ours = sum((line.amount for line in lines if line.kind != NOT_COMPARED), Decimal(0))
    return BillAudit(
        theirs=theirs,
        ours=ours,
        matches=evidence.matches,
        causes=_causes(evidence) if evidence.is_apart else (),
        findings=_findings(theirs),
        variance=theirs.line_sum - not_compared - compared_ours,
        not_compared=not_compared,
    )


def _causes(evidence: Evidence) -> tuple[Cause, ...]:
    for stage in STAGES:
        explaining = [
            (suspicion, matches)
            for source in stage
            for suspicion in source(evidence)
            if all_agree(matches := _matched(suspicion, evidence))
        ]
        if explaining:
            rank = min(suspicion.rank for suspicion, _ in explaining)
            return tuple(
                _cause(suspicion, matches, evidence=evidence)
                for suspicion, matches in explaining
                if suspicion.rank == rank
            )
    return ()


def _matched(suspicion: Suspicion, evidence: Evidence) -> tuple[LineMatch, ...]:
    precision = replace(evidence.precision, roundings=suspicion.roundings)
    return match_lines(suspicion.lines, evidence.theirs.lines, precision=precision)


def _cause(suspicion: Suspicion, matches: tuple[LineMatch, ...], *, evidence: Evidence) -> Cause:
    return Cause(
        kind=suspicion.kind,
        sentence=suspicion.sentence,
        amount=sum(
            (match.difference for match in evidence.matches if not match.agrees), Decimal(0)
        ),
        matches=matches,
    )


def _findings(theirs: UtilityBill) -> tuple[str, ...]:
    found: list[str] = []
    # Some utilities add unrounded amounts: half a cent a line is no finding.
    slack = CENT * len(theirs.lines)
    if theirs.total is not None and abs(theirs.total - theirs.line_sum) > slack:
        found.append(f"the lines sum to {theirs.line_sum}, the bill says {theirs.total}")
    quantities = [line.quantity for line in theirs.lines if line.quantity is not None]
    energy_kwh = [line.quantity for line in theirs.lines if line.kind == "energy" and line.quantity]
    billed = (*quantities, sum(energy_kwh, Decimal(0)))
    # A register counts whole units of its multiplier: one of them is rounding.
    found += [
        f"the register {read.register} gives {read.quantity}, which this bill nowhere holds"
        for read in theirs.reads
        if not any(abs(quantity - read.quantity) <= read.multiplier for quantity in billed)
    ]
    return tuple(found)
