"""Reactive energy beyond a free share of the active energy, reading by reading."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import sqrt
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.local_time import FloatArray
from depotlib.model.price_terms import EnergyTerm
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class ReactiveExcess:
    """A price on the reactive energy above what is free.

    Parameters
    ----------
    name : str
        As on the bill.
    price : Decimal
        Per kvarh above the free ones.
    free_share : Decimal
        Free kvarh for each kWh of the same reading: 0.33 is about a power factor of 0.95.
    windows : tuple of ClockWindow
        When it is charged; none: always.
    """

    name: str
    price: Decimal
    free_share: Decimal
    windows: tuple[ClockWindow, ...] = ()

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
        """Return None: a URDB record bills reactive power in another way."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line: the kvarh above the free ones, from readings or the power factor."""
        del before
        reactive_kvarh = self._reactive_kvarh(metered)
        excess_kvarh = (reactive_kvarh - float(self.free_share) * metered.energy_kwh).clip(min=0.0)
        charged = in_any(self.windows, metered.start_us, local=metered.local)
        quantity = quantity_of(float(excess_kvarh[charged].sum()))
        return (
            BillLine(
                component=self.name,
                quantity=quantity,
                unit="kvarh",
                unit_price=self.price,
                amount=amount_of(quantity, self.price),
                family="energy",
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that reactive energy is taken as 0, where nothing is known of it."""
        if metered.reactive_kvarh is not None or metered.inputs.power_factor_share is not None:
            return ()
        return (
            f"{self.name}: reactive energy is taken as 0: neither readings nor a power factor are "
            "given",
        )

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the price that the excess puts on a kWh, at the horizon's power factor."""
        per_kwh = _kvarh_per_kwh(horizon.inputs.power_factor_share) - float(self.free_share)
        charged = in_any(self.windows, horizon.start_us, local=horizon.local)
        price_per_kwh = np.where(charged, max(0.0, per_kwh) * float(self.price), 0.0)
        return ComponentTerms(
            energy=(EnergyTerm(name=self.name, price_per_kwh=tuple(price_per_kwh.tolist())),)
        )

    def _reactive_kvarh(self, metered: MeteredPeriod) -> FloatArray:
        if metered.reactive_kvarh is not None:
            return metered.reactive_kvarh
        return metered.energy_kwh * _kvarh_per_kwh(metered.inputs.power_factor_share)


def _kvarh_per_kwh(power_factor_share: float | None) -> float:
    share = power_factor_share or 1.0
    return sqrt(1 - share**2) / share
