"""Export credit: what a utility pays for energy fed back, by time-of-use period."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.price_terms import ExportTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.netting import ExportRule, export_rule, netted
from depotlib.tariffs.urdb_record import Schedule, UrdbRecord, UrdbTier


@dataclass(frozen=True, slots=True)
class ExportCredit:
    """The credit on energy fed back into the grid, after the netting of its rule.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour: that of the energy charge.
    prices : tuple of Decimal
        By period, per kWh fed back.
    rule : str
        What is set off before: all of a period's energy, an hour's, or a reading's.
    """

    schedule: Schedule
    prices: tuple[Decimal, ...]
    rule: ExportRule

    # The price stands in the tiers of the energy charge, which claims their field.
    urdb_fields: ClassVar[frozenset[str]] = frozenset({"dgrules"})

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is credited."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return what is netted before the rest is credited."""
        if self.rule == "net metering":
            return ("energy fed back beyond what its period took is credited at the sell price",)
        each = "hour" if self.rule == "net billing hourly" else "reading"
        return (f"energy fed back is credited at the sell price, netted within each {each}",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the export credit of a record, None if it has none."""
        structure = record.structure("energyratestructure")
        rule = export_rule(record)
        if structure is None or not any(entry.sell for tiers in structure for entry in tiers):
            return None
        return cls(
            schedule=record.schedule("energy", period_count=len(structure)),
            prices=tuple(_price(record, entries) for entries in structure),
            rule=rule,
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line for each period in which energy was fed back."""
        del before
        period = self.schedule.at(metered.local)
        export_kwh = netted(metered, period, rule=self.rule).export_kwh
        by_period = np.bincount(period, weights=export_kwh, minlength=len(self.prices))
        return tuple(
            self._line(which, quantity_of(float(by_period[which])))
            for which in np.flatnonzero(by_period).tolist()
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return what a kWh fed back is worth in each interval.

        Where energy is netted over an hour or more, that holds for what is left after it.
        """
        prices = np.array([float(price) for price in self.prices])
        credit_per_kwh: list[float] = prices[self.schedule.at(horizon.local)].tolist()
        return ComponentTerms(
            export=(ExportTerm(name="Export credit", price_per_kwh=tuple(credit_per_kwh)),)
        )

    def _line(self, period: int, quantity: Decimal) -> BillLine:
        name = "Export credit"
        return BillLine(
            component=name if len(self.prices) == 1 else f"{name}, period {period + 1}",
            quantity=quantity,
            unit="kWh",
            unit_price=-self.prices[period],
            amount=amount_of(quantity, -self.prices[period]),
            family="export",
        )


def _price(record: UrdbRecord, entries: tuple[UrdbTier, ...]) -> Decimal:
    prices = {entry.sell or Decimal(0) for entry in entries}
    if len(prices) > 1:
        raise record.refused(
            "energyratestructure.sell", "the record credits export by the tier of what was taken"
        )
    return prices.pop()
