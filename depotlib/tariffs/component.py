"""What every tariff component answers: its bill lines, its price terms and its file form."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final, Protocol, Self

from depotlib.model.bill import BillLine
from depotlib.model.price_terms import (
    BlockTerm,
    EnergyTerm,
    ExportTerm,
    HoursUseTerm,
    PeakTerm,
)
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord

CENT: Final = Decimal("0.01")
QUANTITY_STEP: Final = Decimal("0.000001")
"""Quantities on a bill are whole milliwatt-hours and milliwatts: no float noise in the ledger."""


@dataclass(frozen=True, slots=True)
class ComponentTerms:
    """What one component adds to the price terms of a grid.

    Parameters
    ----------
    energy : tuple of EnergyTerm
    peaks : tuple of PeakTerm
    blocks : tuple of BlockTerm
    hours_use : tuple of HoursUseTerm
    export : tuple of ExportTerm
    fixed_amount : float
        Due whatever happens.
    minimum_amount : float
        The bill is not less than this.
    total_factor : float
        All of the tariff's terms are raised by this: a tax on the sum.
    """

    energy: tuple[EnergyTerm, ...] = ()
    peaks: tuple[PeakTerm, ...] = ()
    blocks: tuple[BlockTerm, ...] = ()
    hours_use: tuple[HoursUseTerm, ...] = ()
    export: tuple[ExportTerm, ...] = ()
    fixed_amount: float = 0.0
    minimum_amount: float = 0.0
    total_factor: float = 1.0


class Component(Protocol):
    """One charge of a tariff.

    To add a component, write one file with one such class and name it in `tariff.COMPONENTS`.
    The fields of a record that it claims in `urdb_fields` are no longer refused.
    """

    urdb_fields: ClassVar[frozenset[str]]

    @property
    def counts_demand(self) -> bool:
        """Return whether the demand window matters to this component."""
        ...

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return what the record left open and this component assumed."""
        ...

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the component as a URDB record holds it, None if it holds none.

        Raises
        ------
        TariffFormatError
            If the component's fields are damaged or contradict each other.
        TariffRefusedError
            If they hold what the component cannot bill.
        """
        ...

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the component's lines for one period; `before` are the lines above them."""
        ...

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return what makes the component's lines of one period less than sure."""
        ...

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return what a planner may know of this component on a grid.

        Raises
        ------
        TariffTermsError
            If the component cannot be put in terms that mean the same as its bill lines.
        """
        ...


def quantity_of(value: float) -> Decimal:
    """Return a metered quantity as it stands on a bill."""
    return Decimal(repr(float(value))).quantize(QUANTITY_STEP, ROUND_HALF_UP)


def amount_of(quantity: Decimal, price: Decimal) -> Decimal:
    """Return quantity x price, rounded half up to the cent."""
    return (quantity * price).quantize(CENT, ROUND_HALF_UP)
