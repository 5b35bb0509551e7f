"""What may be wrong with a utility's bill: suspicions, each with the bill that it predicts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from depotlib.model.bill import Bill
from depotlib.model.utility_bill import CauseKind, ExpectedLine, LineMatch, UtilityBill
from depotlib.tariffs.bill_match import Precision
from depotlib.tariffs.billing_case import BillingCase
from depotlib.tariffs.tariff import Tariff

CERTAIN: Final = 0
"""Rank of what is plain on the face of the bill."""
SPECIFIC: Final = 1
"""Rank of what a re-billing reproduces without a free number."""
LESS_SPECIFIC: Final = 2
"""Rank of what one of many re-billings reproduces."""
FREE: Final = 3
"""Rank of what takes its number from the bill itself, and so would explain much."""


@dataclass(frozen=True, slots=True)
class Suspicion:
    """Something that may be wrong, and the lines that the utility's bill would then have.

    Parameters
    ----------
    kind : str
    sentence : str
        What would have happened, for a person.
    lines : tuple of ExpectedLine
    rank : int
        Lower needs fewer assumptions; of suspicions that explain a bill, the lowest is offered.
    roundings : int
        How many rounded quantities of the bill each predicted one rests on.
    """

    kind: CauseKind
    sentence: str
    lines: tuple[ExpectedLine, ...]
    rank: int = SPECIFIC
    roundings: int = 1


@dataclass(frozen=True, slots=True)
class Evidence:
    """What suspicions are made of.

    Parameters
    ----------
    case : BillingCase
        Our view of the facts.
    bill : Bill
        Of the case.
    lines : tuple of ExpectedLine
        Of the bill.
    theirs : UtilityBill
    matches : tuple of LineMatch
        The two bills as they stand.
    precision : Precision
    former_tariffs : tuple of Tariff
        Earlier versions and other schedules that the utility may have billed by mistake.
    public_holidays : frozenset of date
        Local dates that a utility may take for holidays though the tariff does not say so.
    """

    case: BillingCase
    bill: Bill
    lines: tuple[ExpectedLine, ...]
    theirs: UtilityBill
    matches: tuple[LineMatch, ...]
    precision: Precision
    former_tariffs: tuple[Tariff, ...] = ()
    public_holidays: frozenset[date] = frozenset()

    @property
    def kinds_apart(self) -> frozenset[str]:
        """Return the kinds of line that do not agree: whatever is wrong must touch them all."""
        return frozenset(
            line.kind
            for match in self.matches
            if not match.agrees
            for line in (match.ours, match.theirs)
            if line is not None
        )

    @property
    def is_apart(self) -> bool:
        """Return whether any line does not agree."""
        return bool(self.kinds_apart)


def of_kinds(
    taken: Sequence[ExpectedLine], kinds: frozenset[str], *, rest: Sequence[ExpectedLine]
) -> tuple[ExpectedLine, ...]:
    """Return the lines of some kinds from one bill and all others from another."""
    return (
        *(line for line in taken if line.kind in kinds),
        *(line for line in rest if line.kind not in kinds),
    )
