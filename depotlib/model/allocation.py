"""A bill split among parties: the rules, and what each party bears."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from depotlib.model.bill import Bill

EnergyRule = Literal["by_use", "by_energy", "equally"]
DemandRule = Literal["by_peak", "by_energy", "equally"]
FixedRule = Literal["by_energy", "equally"]


@dataclass(frozen=True, slots=True)
class AllocationRules:
    """How each family of bill lines is split.

    Parameters
    ----------
    energy : {'by_use', 'by_energy', 'equally'}
    demand : {'by_peak', 'by_energy', 'equally'}
    fixed : {'by_energy', 'equally'}
        Also of minimum charges and everything else; a tax goes by what each party bears of the
        lines above it. Equal parts go to the named parties only; the
        base load has none of them unless it is alone.
    """

    energy: EnergyRule = "by_use"
    demand: DemandRule = "by_peak"
    fixed: FixedRule = "by_energy"


@dataclass(frozen=True, slots=True)
class AllocatedLine:
    """One bill line split.

    Parameters
    ----------
    component, family : str
    amount : Decimal
    rule : str
        How it was split, in words.
    amount_by_party : mapping of str to Decimal
        Cents, summing exactly to the amount.
    """

    component: str
    family: str
    amount: Decimal
    rule: str
    amount_by_party: Mapping[str, Decimal]


@dataclass(frozen=True, slots=True)
class PartyCost:
    """What one party bears.

    Parameters
    ----------
    party : str
    energy_kwh : float
        In the billing period [kWh].
    amount_by_family : mapping of str to Decimal
    total : Decimal
    distance_km : float or None
        Driven in the period [km], where known.
    cost_per_km, cost_per_mile : Decimal or None
        Total over distance, where a distance above 0 is known.
    """

    party: str
    energy_kwh: float
    amount_by_family: Mapping[str, Decimal]
    total: Decimal
    distance_km: float | None = None
    cost_per_km: Decimal | None = None
    cost_per_mile: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Allocation:
    """A bill and its split.

    Parameters
    ----------
    bill : Bill
    rules : AllocationRules
    lines : tuple of AllocatedLine
        In the order of the bill.
    parties : tuple of PartyCost
        Dearest first; their totals sum exactly to the bill's.
    warnings : tuple of str
    """

    bill: Bill
    rules: AllocationRules
    lines: tuple[AllocatedLine, ...]
    parties: tuple[PartyCost, ...]
    warnings: tuple[str, ...] = ()
