"""Energy by named bands of the clock: network unit rates (red, amber, green), levies, taxes on kWh."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.errors import TariffFormatError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import IntArray, LocalTimes
from depotlib.model.price_terms import EnergyTerm
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class EnergyBand:
    """One band and its price.

    Parameters
    ----------
    name : str
        Such as ``red``; "" where the charge has one price.
    price : Decimal
        Per kWh.
    windows : tuple of ClockWindow
        When it holds; none: whenever no band before it does.
    """

    name: str
    price: Decimal
    windows: tuple[ClockWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class BandedEnergy:
    """A charge on every kWh, its price by the clock.

    Parameters
    ----------
    name : str
        As on the bill: ``Network energy``, ``Electricity tax``.
    bands : tuple of EnergyBand
        The first that covers a reading's start prices it; the last must have no windows.
    """

    name: str
    bands: tuple[EnergyBand, ...]

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        """Refuse bands that leave an hour without a price."""
        if not self.bands or self.bands[-1].windows:
            raise TariffFormatError(
                f"the last band of {self.name!r} does not hold at all other times",
                where="bands",
                hint="end with a band without windows",
            )

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
        """Return None: a URDB record has its own form of this charge."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return a line for each band that has energy."""
        del before
        band = self._band_of(metered.start_us, metered.local)
        taken_kwh = np.bincount(band, weights=metered.energy_kwh, minlength=len(self.bands))
        return tuple(
            self._line(each, float(energy_kwh))
            for each, energy_kwh in zip(self.bands, taken_kwh, strict=True)
            if energy_kwh > 0
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return one price an interval: that of its start."""
        price_per_kwh = np.array([float(band.price) for band in self.bands])
        band = self._band_of(horizon.start_us, horizon.local)
        term = EnergyTerm(name=self.name, price_per_kwh=tuple(price_per_kwh[band].tolist()))
        return ComponentTerms(energy=(term,))

    def _band_of(self, start_us: IntArray, local: LocalTimes) -> IntArray:
        covered = [in_any(band.windows, start_us, local=local) for band in self.bands]
        return np.argmax(np.array(covered), axis=0)

    def _line(self, band: EnergyBand, energy_kwh: float) -> BillLine:
        quantity = quantity_of(energy_kwh)
        return BillLine(
            component=f"{self.name}, {band.name}" if band.name else self.name,
            quantity=quantity,
            unit="kWh",
            unit_price=band.price,
            amount=amount_of(quantity, band.price),
            family="energy",
        )
