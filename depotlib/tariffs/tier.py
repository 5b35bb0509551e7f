"""Tiers: a price that changes with the quantity, shared by energy and demand."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

Tiers = tuple["Tier", ...]
EdgeUnit = Literal["kWh", "kWh daily", "kWh/kW", "kWh/kW daily"]


@dataclass(frozen=True, slots=True)
class Tier:
    """One slice of a quantity and its price.

    Parameters
    ----------
    price : Decimal
        Per unit, the record's adjustment included.
    upper : Decimal or None
        Quantity at which the next tier begins; None for the last.
    edge_unit : str
        Of an energy tier's edge: per billing period or per day of it, and of energy or of hours
        of use (energy over the billing demand). A demand tier's edge is in the demand's unit.
    opens_band : bool
        The tier has no energy of its own: the tiers that follow count from its lower edge and
        end at its upper one.
    """

    price: Decimal
    upper: Decimal | None = None
    edge_unit: EdgeUnit = "kWh"
    opens_band: bool = False

    @property
    def counts_hours(self) -> bool:
        """Return whether the edge grows with the billing demand."""
        return self.edge_unit.startswith("kWh/kW")

    @property
    def counts_days(self) -> bool:
        """Return whether the edge grows with the days of the billing period."""
        return self.edge_unit.endswith("daily")


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
