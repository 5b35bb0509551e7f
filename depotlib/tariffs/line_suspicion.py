"""Suspicions that a single line or a kind of lines bears out: no re-billing is needed."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import combinations, pairwise
from typing import Final

from depotlib.model.utility_bill import ExpectedLine
from depotlib.tariffs.component import amount_of
from depotlib.tariffs.fixed_charge import MEAN_MONTH_DAYS
from depotlib.tariffs.suspicion import CERTAIN, FREE, LESS_SPECIFIC, Evidence, Suspicion

TIER: Final = re.compile(r", tier \d+")
USUAL_DAYS: Final = (
    *(Decimal(days) for days in (28, 29, 30, 31, 32, 33)),
    *(Decimal(days) for days in ("30.4", "30.42", "30.41667")),
    MEAN_MONTH_DAYS,
)
MULTIPLIERS: Final = tuple(
    Decimal(factor)
    for factor in (
        *("10", "0.1", "100", "0.01", "1000", "0.001"),
        *("2", "0.5", "3", "4", "0.25", "5", "0.2", "1.5", "0.75", "0.8", "1.25", "0.6"),
        *("20", "0.05", "40", "0.025", "60", "80", "120", "160"),
    )
)
"""Slips of a decimal and ratios of usual current transformers (100:5 to 800:5)."""


def arithmetic(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that an amount is not its own line's quantity x price."""
    for match in evidence.matches:
        ours, theirs = match.ours, match.theirs
        if match.agrees or ours is None or theirs is None:
            continue
        if theirs.quantity is not None and theirs.price is not None:
            due = amount_of(theirs.quantity, theirs.price)
            yield Suspicion(
                "arithmetic",
                f"{theirs.name}: {theirs.quantity} x {theirs.price} is {due}, not {theirs.amount}",
                lines=_with(evidence.lines, ours, new=replace(ours, amount=theirs.amount)),
                rank=CERTAIN,
            )


def doubled_line(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a line stands twice on the bill."""
    for line in evidence.lines:
        yield Suspicion(
            "doubled_line",
            f"{line.component} is billed twice",
            lines=(*evidence.lines, line),
            rank=CERTAIN,
        )


def missing_line(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a line is not on the bill."""
    for match in evidence.matches:
        if match.ours is not None and match.theirs is None:
            yield Suspicion(
                "missing_line",
                f"{match.ours.component} is not on the bill",
                lines=tuple(line for line in evidence.lines if line is not match.ours),
                rank=CERTAIN,
            )


def wrong_days(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that daily charges count other days than the period has."""
    daily = [line for line in evidence.lines if line.unit == "day"]
    for line in daily:
        near = [line.quantity + offset for offset in (-3, -2, -1, 1, 2, 3)]
        for days in dict.fromkeys([*near, *USUAL_DAYS]):
            if days != line.quantity:
                yield Suspicion(
                    "wrong_days",
                    f"{line.component} counts {days} days; the period has {line.quantity}",
                    lines=_with(evidence.lines, line, new=_of_quantity(line, days)),
                )


def power_factor(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that demand is raised by the power factor once too often."""
    share = evidence.case.inputs.power_factor_share
    if share is None or share == 1:
        return
    factor = 1 / Decimal(repr(share))
    demand = [line for line in evidence.lines if line.kind == "demand" and line.quantity]
    apparent = [line for line in demand if line.unit == "kVA"]
    for chosen in (demand, apparent):
        if chosen:
            yield Suspicion(
                "power_factor",
                f"demand is divided by the power factor of {share:g} once too often",
                lines=tuple(
                    _of_quantity(line, line.quantity * factor) if line in chosen else line
                    for line in evidence.lines
                ),
            )


def multiplier(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that the meter's multiplier is wrong, where no tiers depend on it."""
    for kinds, words in METERED:
        scaled = [line for line in evidence.lines if line.kind in kinds]
        if not scaled or any(TIER.search(line.component) for line in scaled):
            continue
        for factor in MULTIPLIERS:
            yield Suspicion(
                "wrong_multiplier",
                f"{words} is {factor} times what the meter saw: a wrong multiplier or decimal",
                lines=tuple(
                    _of_quantity(line, line.quantity * factor) if line.kind in kinds else line
                    for line in evidence.lines
                ),
            )


def wrong_tier(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a quantity is billed in one tier, or stepped at another edge."""
    for stem in dict.fromkeys(TIER.sub("", line.component) for line in evidence.lines):
        tiers = [line for line in evidence.lines if _is_tier_of(line, stem)]
        whole = sum((line.quantity for line in tiers), Decimal(0))
        for line in tiers if len(tiers) > 1 else ():
            others = [other for other in evidence.lines if other not in tiers]
            yield Suspicion(
                "wrong_tier",
                f"all of {stem} is billed at the price of one tier, {line.price}",
                lines=(*others, _of_quantity(line, whole)),
            )
        for lower, upper in pairwise(tiers):
            yield from _other_edge(evidence, lower=lower, upper=upper)


def swapped_prices(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that two time-of-use periods have each other's price."""
    for one, other in combinations(evidence.lines, 2):
        if one.kind == other.kind and one.kind in {"energy", "demand"} and one.price != other.price:
            lines = _with(evidence.lines, one, new=_of_price(one, other.price))
            yield Suspicion(
                "wrong_time_of_use",
                f"{one.component} and {other.component} are billed at each other's price",
                lines=_with(lines, other, new=_of_price(other, one.price)),
            )


def wrong_hours(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a time-of-use demand is the peak of other hours."""
    demand = [line for line in evidence.lines if line.kind == "demand"]
    for one in demand:
        for other in demand:
            if one.quantity < other.quantity and one.unit == other.unit:
                yield Suspicion(
                    "wrong_time_of_use",
                    f"{one.component} has the peak of {other.component}, outside its hours",
                    lines=_with(evidence.lines, one, new=_of_quantity(one, other.quantity)),
                    rank=LESS_SPECIFIC,
                )


def wrong_price(evidence: Evidence) -> Iterator[Suspicion]:
    """Yield that a line has a price that is not the tariff's."""
    lines = evidence.lines
    changed: list[str] = []
    for match in evidence.matches:
        ours, theirs = match.ours, match.theirs
        if ours is None or theirs is None or theirs.price is None or match.agrees:
            continue
        changed.append(f"{theirs.name} at {theirs.price} instead of {ours.price}")
        lines = _with(lines, ours, new=_of_price(ours, theirs.price))
    if changed:
        yield Suspicion(
            "wrong_price",
            f"a price that is not the tariff's: {', '.join(changed)}",
            lines=lines,
            rank=FREE,
        )


METERED: Final = (
    (frozenset({"energy", "demand"}), "everything metered"),
    (frozenset({"energy"}), "energy"),
    (frozenset({"demand"}), "demand"),
)
"""Kinds of line that one register feeds, and what to call them."""


def _other_edge(
    evidence: Evidence, *, lower: ExpectedLine, upper: ExpectedLine
) -> Iterator[Suspicion]:
    theirs = next((match.theirs for match in evidence.matches if match.ours is lower), None)
    whole = lower.quantity + upper.quantity
    if theirs is None or theirs.quantity is None or not 0 < theirs.quantity < whole:
        return
    lines = _with(evidence.lines, lower, new=_of_quantity(lower, theirs.quantity))
    yield Suspicion(
        "wrong_tier",
        f"{upper.component} begins at {theirs.quantity} {lower.unit} instead of {lower.quantity}",
        lines=_with(lines, upper, new=_of_quantity(upper, whole - theirs.quantity)),
        rank=LESS_SPECIFIC,
    )


def _is_tier_of(line: ExpectedLine, stem: str) -> bool:
    return line.component != stem and TIER.sub("", line.component) == stem


def _of_quantity(line: ExpectedLine, quantity: Decimal) -> ExpectedLine:
    return replace(line, quantity=quantity, amount=amount_of(quantity, line.price))


def _of_price(line: ExpectedLine, price: Decimal) -> ExpectedLine:
    return replace(line, price=price, amount=amount_of(line.quantity, price))


def _with(
    lines: Sequence[ExpectedLine], old: ExpectedLine, *, new: ExpectedLine
) -> tuple[ExpectedLine, ...]:
    return tuple(new if line is old else line for line in lines)
