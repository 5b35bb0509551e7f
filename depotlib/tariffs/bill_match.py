"""A utility's lines set against ours: which belongs to which, and whether rounding tells them apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from depotlib.model.bill import Bill
from depotlib.model.utility_bill import KINDS, ExpectedLine, LineMatch, UtilityLine
from depotlib.tariffs.component import CENT

NOT_COMPARED: Final = "other"
METERED: Final = frozenset({"energy", "demand"})
HALF: Final = Decimal("0.5")
NOISE: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True)
class Precision:
    """How finely a bill prints the quantities of each kind and unit.

    Parameters
    ----------
    half_step_by_register : mapping of (str, str) to Decimal
        By kind and unit, half of the last decimal: what rounding may take away.
    roundings : int
        How many rounded quantities each expected one rests on.
    """

    half_step_by_register: Mapping[tuple[str, str], Decimal]
    roundings: int = 1

    def half_step(self, line: UtilityLine) -> Decimal:
        """Return what rounding may take from the quantity of a line."""
        return self._half_step(line) * self.roundings + NOISE

    def amount_slack(self, line: UtilityLine, price: Decimal) -> Decimal:
        """Return what rounding may take from an amount beyond its own line's rounding."""
        return CENT + self._half_step(line) * (self.roundings - 1) * abs(price)

    def _half_step(self, line: UtilityLine) -> Decimal:
        return self.half_step_by_register.get(_register(line), Decimal(0))


def precision_of(lines: Sequence[UtilityLine]) -> Precision:
    """Return how finely a bill prints quantities: the most decimals in each kind and unit."""
    halves: dict[tuple[str, str], Decimal] = {}
    for line in lines:
        if line.quantity is None:
            continue
        finest = _decimals(line.quantity)
        # Whole days and months are counted, not rounded.
        if finest or line.kind in METERED:
            half = HALF.scaleb(-finest)
            halves[_register(line)] = min(half, halves.get(_register(line), half))
    return Precision(half_step_by_register=halves)


def expected_lines(bill: Bill) -> tuple[ExpectedLine, ...]:
    """Return the lines of our bill that a utility would print: those with an amount."""
    return tuple(
        ExpectedLine(
            kind=line.family if line.family in KINDS else NOT_COMPARED,
            component=line.component,
            unit=line.unit,
            quantity=line.quantity,
            price=line.unit_price,
            amount=line.amount,
        )
        for line in bill.lines
        if line.amount != 0
    )


def match_lines(
    ours: Sequence[ExpectedLine], theirs: Sequence[UtilityLine], *, precision: Precision
) -> tuple[LineMatch, ...]:
    """Return the lines in pairs: ours in their order, then those of the utility that are left.

    Lines belong together by the component that the user named, else within a kind by what they
    have in common: first the pairs that agree, then equal prices, then the nearest quantities.

    Parameters
    ----------
    ours, theirs : sequence of lines
        Those of kind ``other`` are passed over.
    precision : Precision
    """
    compared = [line for line in theirs if line.kind != NOT_COMPARED and line.amount != 0]
    pairs = sorted(
        (_distance(mine, their, precision=precision), index, position)
        for index, mine in enumerate(ours)
        for position, their in enumerate(compared)
        if mine.kind == their.kind
    )
    partner: dict[int, int] = {}
    taken: set[int] = set()
    for distance, index, position in pairs:
        if index not in partner and position not in taken and distance[0] < APART:
            partner[index] = position
            taken.add(position)
    matches = [
        _match(mine, compared[partner[index]] if index in partner else None, precision=precision)
        for index, mine in enumerate(ours)
        if mine.kind != NOT_COMPARED
    ]
    left = [their for position, their in enumerate(compared) if position not in taken]
    return (*matches, *(LineMatch(ours=None, theirs=their, agrees=False) for their in left))


def all_agree(matches: Sequence[LineMatch]) -> bool:
    """Return whether nothing but rounding tells the two bills apart."""
    return all(match.agrees for match in matches)


APART: Final = 9
"""A distance at which two lines have nothing to do with each other."""


def _match(mine: ExpectedLine, their: UtilityLine | None, *, precision: Precision) -> LineMatch:
    agrees = their is not None and all(_agreements(mine, their, precision=precision))
    return LineMatch(ours=mine, theirs=their, agrees=agrees)


def _agreements(
    mine: ExpectedLine, their: UtilityLine, *, precision: Precision
) -> tuple[bool, bool, bool]:
    """Return whether quantity, price and amount agree."""
    off_quantity = Decimal(0) if their.quantity is None else abs(their.quantity - mine.quantity)
    off_price = Decimal(0) if their.price is None else abs(their.price - mine.price)
    price_step = Decimal(0) if their.price is None else HALF.scaleb(-_decimals(their.price))
    # The amount may be that of the printed factors, of the unrounded ones, or in between.
    of_printed = (mine.quantity if their.quantity is None else their.quantity) * (
        mine.price if their.price is None else their.price
    )
    lowest, highest = sorted((mine.amount, of_printed))
    slack = precision.amount_slack(their, mine.price)
    return (
        off_quantity <= precision.half_step(their),
        off_price <= price_step,
        lowest - slack <= their.amount <= highest + slack,
    )


def _distance(
    mine: ExpectedLine, their: UtilityLine, *, precision: Precision
) -> tuple[int, Decimal]:
    if their.component:
        return (-1, Decimal(0)) if their.component == mine.component else (APART, Decimal(0))
    has_quantity, has_price, has_amount = _agreements(mine, their, precision=precision)
    is_priced = their.price is not None and has_price
    apart = _relative(their.quantity, mine.quantity) + _relative(their.amount, mine.amount)
    if has_quantity and has_price and has_amount:
        return 0, apart
    if is_priced:
        return 1, apart
    return (2 if has_quantity and their.quantity is not None else 3), apart


def _register(line: UtilityLine) -> tuple[str, str]:
    return line.kind, line.unit.lower()


def _relative(one: Decimal | None, other: Decimal) -> Decimal:
    if one is None:
        return Decimal(0)
    scale = max(abs(one), abs(other))
    return abs(one - other) / scale if scale else Decimal(0)


def _decimals(number: Decimal) -> int:
    exponent = number.as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0
