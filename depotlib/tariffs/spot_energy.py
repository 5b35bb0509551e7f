"""Energy at the market's price: day-ahead price x losses, and the supplier's markup beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import ClassVar, Final, Self

import numpy as np
import polars as pl

from depotlib.errors import SpotPriceError, TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import FloatArray, IntArray
from depotlib.model.price_terms import EnergyTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.spot.price_steps import price_steps
from depotlib.tariffs.urdb_record import UrdbRecord

MEAN_PRICE_STEP: Final = Decimal("0.0000000000001")
"""Fine enough that the mean price x the energy is the sum of all readings, to the cent."""


@dataclass(frozen=True, slots=True)
class SpotEnergy:
    """Energy priced by the market, interval by interval.

    Parameters
    ----------
    series : str
        The market's zone or node, as the prices call it; "" where the prices hold one.
    currency : str
        ISO 4217 of the tariff: prices in another are refused.
    loss_factor : Decimal
        Energy bought for a metered kWh, 1 or more.
    markup : Decimal
        The supplier's, per metered kWh.
    """

    series: str
    currency: str
    loss_factor: Decimal = Decimal(1)
    markup: Decimal = Decimal(0)

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how a reading that spans several prices is billed."""
        return ("a reading that spans several market prices has their mean over time",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: URDB names a market's prices but does not hold them."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the market's line, with the mean price of the energy taken, and the markup's.

        A negative price credits energy: it stays negative, and levies and taxes come after it.

        Raises
        ------
        SpotPriceError
            If there are no prices, or a reading has none: it is never read as 0.
        """
        del before
        price_per_kwh = self._prices(
            metered.inputs.prices, metered.start_us, interval_s=metered.interval_s
        )
        energy_kwh = float(metered.energy_kwh.sum())
        quantity = quantity_of(energy_kwh)
        paid = Decimal(repr(float(metered.energy_kwh @ price_per_kwh)))
        mean = paid / quantity if quantity else Decimal(0)
        unit_price = mean.quantize(MEAN_PRICE_STEP, ROUND_HALF_UP)
        lines = [self._line("Energy at market price", quantity, price=unit_price)]
        if self.markup:
            lines.append(self._line("Supplier's markup", quantity, price=self.markup))
        return tuple(lines)

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the market's price with losses and markup, an interval each.

        Raises
        ------
        TariffTermsError
            If there are no prices, or an interval has none.
        """
        try:
            price_per_kwh = self._prices(
                horizon.inputs.prices, horizon.start_us, interval_s=horizon.grid.interval_s
            )
        except SpotPriceError as error:
            raise TariffTermsError(error.what, where=error.where, hint=error.hint) from error
        whole = price_per_kwh + float(self.markup)
        term = EnergyTerm(name="Energy at market price", price_per_kwh=tuple(whole.tolist()))
        return ComponentTerms(energy=(term,))

    def _prices(
        self, prices: pl.DataFrame | None, start_us: IntArray, *, interval_s: int
    ) -> FloatArray:
        if prices is None:
            raise SpotPriceError(
                f"the tariff follows the market prices of {self.series or 'its zone'}, and none "
                "are given",
                where="prices",
                hint="give the market's prices of these days",
            )
        steps = price_steps(prices, series=self.series)
        if steps.currency != self.currency:
            raise SpotPriceError(
                f"the prices are in {steps.currency}, the tariff is in {self.currency}",
                where="prices",
            )
        mean_per_kwh = steps.mean_per_kwh(start_us, interval_s=interval_s)
        missing = np.flatnonzero(np.isnan(mean_per_kwh))
        if missing.size:
            raise SpotPriceError(
                f"{missing.size} intervals have no market price, the first at "
                f"{instant_of(int(start_us[missing[0]])).isoformat()}",
                where=steps.series,
                hint="give prices that cover the whole load",
            )
        return mean_per_kwh * float(self.loss_factor)

    def _line(self, name: str, quantity: Decimal, *, price: Decimal) -> BillLine:
        return BillLine(
            component=name,
            quantity=quantity,
            unit="kWh",
            unit_price=price,
            amount=amount_of(quantity, price),
            family="energy",
        )
