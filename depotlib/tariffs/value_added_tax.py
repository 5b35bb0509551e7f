"""Value added tax: a share of everything above it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms, amount_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class ValueAddedTax:
    """The tax on the sum of the bill; the last component of a tariff.

    Parameters
    ----------
    tax_share : Decimal
        0.19 for 19 %.
    """

    tax_share: Decimal

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return nothing: the tariff says all that is needed."""
        return ()

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: a URDB record is without tax."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line: the sum of the lines above x the share, whatever the sum's sign."""
        del metered
        net = sum((line.amount for line in before), Decimal(0))
        return (
            BillLine(
                component="Value added tax",
                quantity=net,
                unit="net amount",
                unit_price=self.tax_share,
                amount=amount_of(net, self.tax_share),
                family="tax",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the line is as sure as those above it."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the factor by which every other term is raised."""
        del horizon
        return ComponentTerms(total_factor=float(1 + self.tax_share))
