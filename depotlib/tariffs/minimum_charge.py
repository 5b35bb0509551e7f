"""Minimum charge: a bill below it is raised to it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import CENT, ComponentTerms
from depotlib.tariffs.fixed_charge import Cycle, cycle_of, cycles_in
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class MinimumCharge:
    """The least that a bill comes to; the last component of a tariff, for it looks at the others.

    Parameters
    ----------
    price : Decimal
        Per cycle.
    cycle : str
        ``day`` or ``month``.
    """

    price: Decimal
    cycle: Cycle

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {"mincharge", "minchargeunits", "minmonthlycharge"}
    )

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return nothing: the record says all that is needed."""
        return ()

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the minimum charge of a record, None if it has none."""
        monthly = record.number("minmonthlycharge")
        price = record.number("mincharge")
        if price and monthly:
            raise record.malformed("minmonthlycharge", "stands beside mincharge, its newer name")
        if not price:
            return cls(price=monthly, cycle="month") if monthly else None
        cycle = cycle_of(record, "minchargeunits")
        # A minimum over the year is settled once, by the component of its own.
        return None if cycle == "year" else cls(price=price, cycle=cycle)

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line that raises the bill to the minimum, none where it is above."""
        cycles = cycles_in(metered.period, self.cycle, time_zone=metered.time_zone)
        missing = cycles * self.price - sum((line.amount for line in before), Decimal(0))
        top_up = missing.quantize(CENT)
        if top_up <= 0:
            return ()
        return (
            BillLine(
                component="Minimum charge top-up",
                quantity=Decimal(1),
                unit="bill",
                unit_price=top_up,
                amount=top_up,
                family="minimum",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the minimum over the calendar months that belong to the grid."""
        cycles = sum(
            (
                cycles_in(month, self.cycle, time_zone=horizon.time_zone)
                for month in horizon.billed_months()
            ),
            Decimal(0),
        )
        return ComponentTerms(minimum_amount=float(cycles * self.price))
