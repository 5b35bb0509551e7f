"""Reactive power: a price on the highest kvar, metered or by the power factor."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.billing_inputs import BillingInputs
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class ReactivePower:
    """The charge on the highest reactive power of the billing period.

    Parameters
    ----------
    price : Decimal
        Per kvar.
    """

    price: Decimal

    urdb_fields: ClassVar[frozenset[str]] = frozenset({"demandreactivepowercharge"})

    @property
    def counts_demand(self) -> bool:
        """Return False: the windows of the demand charges serve, where there are some."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return what is billed, and that nothing is without a power factor."""
        return (
            f"reactive power: {self.price} per kvar of the highest demand window, all of it; "
            "without a power factor or metered kvarh it is that of power factor 1: 0",
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the reactive power charge of a record, None if it has none."""
        price = record.number("demandreactivepowercharge")
        return cls(price=price) if price else None

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line; 0 kvar where neither kvarh nor a power factor is given."""
        del before
        name = "Reactive power"
        if metered.window_kvar is not None:
            window_kvar = metered.window_kvar
        else:
            window_kvar = metered.window_kw * _kvar_per_kw(metered.inputs)
            factor = metered.inputs.power_factor_share or 1.0
            name = f"Reactive power at power factor {factor:g}"
        if window_kvar.size == 0 or not window_kvar.any():
            return (self._line(name, quantity=Decimal(0), window_us=None),)
        window = int(np.argmax(window_kvar))
        quantity = quantity_of(float(window_kvar[window]))
        return (
            self._line(name, quantity=quantity, window_us=int(metered.window_start_us[window])),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: what is assumed stands in the line's name."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month of the grid; none at power factor 1."""
        price_per_kw = float(self.price) * _kvar_per_kw(horizon.inputs)
        if price_per_kw == 0:
            return ComponentTerms()
        return ComponentTerms(
            peaks=tuple(
                PeakTerm(
                    name=horizon.name_in_month("Reactive power", number),
                    intervals=horizon.demand_intervals(horizon.local.month_number == number),
                    price_per_kw=price_per_kw,
                    sunk_kw=horizon.sunk_of(
                        horizon.name_in_month("Reactive power", number), number
                    ),
                )
                for number in horizon.months()
            )
        )

    def _line(self, name: str, *, quantity: Decimal, window_us: int | None) -> BillLine:
        return BillLine(
            component=name,
            quantity=quantity,
            unit="kvar",
            unit_price=self.price,
            amount=amount_of(quantity, self.price),
            set_by=None if window_us is None else instant_of(window_us),
            family="demand",
        )


def _kvar_per_kw(inputs: BillingInputs) -> float:
    share = inputs.power_factor_share or 1.0
    return sqrt(1 - share * share) / share
