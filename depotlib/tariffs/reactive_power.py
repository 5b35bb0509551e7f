"""Reactive power: a price on kvar, of which a load of power factor 1 draws none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class ReactivePower:
    """The charge on reactive power, at power factor 1.

    Parameters
    ----------
    price : Decimal
        Per kvar.
    """

    price: Decimal

    urdb_fields: ClassVar[frozenset[str]] = frozenset({"demandreactivepowercharge"})

    @property
    def counts_demand(self) -> bool:
        """Return False: at power factor 1 there is nothing to measure."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return the power factor that makes this line 0."""
        return (
            f"power factor 1: the charge of {self.price} per kvar of reactive power comes to 0",
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the reactive power charge of a record, None if it has none."""
        price = record.number("demandreactivepowercharge")
        return cls(price=price) if price else None

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line of 0 kvar: the charge is on the bill, its quantity is assumed."""
        del metered, before
        return (
            BillLine(
                component="Reactive power at power factor 1",
                quantity=Decimal(0),
                unit="kvar",
                unit_price=self.price,
                amount=Decimal("0.00"),
                family="demand",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return nothing: a planner cannot change what is 0."""
        del horizon
        return ComponentTerms()
