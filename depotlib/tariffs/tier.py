"""Tiers: a price that changes with the quantity, shared by energy and demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

Tiers = tuple["Tier", ...]


@dataclass(frozen=True, slots=True)
class Tier:
    """One slice of a quantity and its price.

    Parameters
    ----------
    price : Decimal
        Per unit, the record's adjustment included.
    upper : Decimal or None
        Quantity at which the next tier begins; None for the last.
    """

    price: Decimal
    upper: Decimal | None = None


def slices(quantity: Decimal, tiers: Sequence[Tier]) -> list[tuple[int, Decimal, Tier]]:
    """Return the part of a quantity that falls in each tier: (tier number from 1, part, tier).

    Empty parts are left out; the parts sum to the quantity.
    """
    parts: list[tuple[int, Decimal, Tier]] = []
    lower = Decimal(0)
    for number, tier in enumerate(tiers, 1):
        upper = quantity if tier.upper is None else min(quantity, tier.upper)
        if upper > lower:
            parts.append((number, upper - lower, tier))
            lower = upper
    return parts


def costs_nothing(tiers: Sequence[Tier]) -> bool:
    """Return whether no tier has a price."""
    return all(tier.price == 0 for tier in tiers)


def tier_label(name: str, number: int, *, count: int) -> str:
    """Return a line's name with its tier, where there is more than one."""
    return name if count == 1 else f"{name}, tier {number}"
