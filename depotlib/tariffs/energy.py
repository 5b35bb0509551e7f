"""Energy: a price on every kWh, by hour and month, with tiers on the period's total."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import FloatArray, IntArray
from depotlib.model.price_terms import BlockTerm, EnergyTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.tier import Tiers, tier_label
from depotlib.tariffs.urdb_record import (
    Schedule,
    UrdbRecord,
    UrdbTier,
    costs_something,
    plain_tiers,
)

NO_FUEL = (Decimal(0),) * MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Energy:
    """The energy charge.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour.
    tiers : tuple of tiers
        By period; edges in kWh of the billing period.
    fuel_by_month : tuple of Decimal
        Added to every price, January first, per kWh.
    """

    schedule: Schedule
    tiers: tuple[Tiers, ...]
    fuel_by_month: tuple[Decimal, ...] = NO_FUEL

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {
            "energyratestructure",
            "energyweekdayschedule",
            "energyweekendschedule",
            "fueladjustmentsmonthly",
        }
    )

    @property
    def counts_demand(self) -> bool:
        """Return False: no peak is billed here."""
        return False

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how tiers that meet several periods are counted."""
        months = [self.schedule.met_in(month_index) for month_index in range(MONTHS_PER_YEAR)]
        are_shared = any(
            len(met) > 1 and any(len(self.tiers[period]) > 1 for period in met) for met in months
        )
        if not are_shared:
            return ()
        return (
            "energy tiers count all energy of the billing period in the order it was taken, "
            "whichever time-of-use period it fell in",
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the energy charge of a record, None if it has none."""
        structure = record.structure("energyratestructure")
        fuel = record.numbers_by_month("fueladjustmentsmonthly") or NO_FUEL
        if structure is None:
            if any(fuel):
                raise record.malformed("fueladjustmentsmonthly", "adjusts no energy price")
            return None
        if not (any(fuel) or costs_something(structure)):
            return None
        for entries in structure:
            _refuse_other_units(record, entries)
        return cls(
            schedule=record.schedule("energy", period_count=len(structure)),
            tiers=tuple(plain_tiers(entries) for entries in structure),
            fuel_by_month=fuel,
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return a line for each period and tier that has energy, and each fuel adjustment."""
        del before
        energy_by_price: dict[tuple[int, int, Decimal], float] = {}
        for period, fuel, tier, energy_kwh in self._slices(metered):
            key = (period, tier, fuel)
            energy_by_price[key] = energy_by_price.get(key, 0.0) + energy_kwh
        fuels = {fuel for _, _, fuel in energy_by_price}
        lines: list[BillLine] = []
        for (period, tier, fuel), energy_kwh in sorted(energy_by_price.items()):
            name = tier_label(self._name(period), tier + 1, count=len(self.tiers[period]))
            quantity = quantity_of(energy_kwh)
            price = self.tiers[period][tier].price + fuel
            lines.append(
                BillLine(
                    component=name if len(fuels) == 1 else f"{name}, fuel adjustment {fuel}",
                    quantity=quantity,
                    unit="kWh",
                    unit_price=price,
                    amount=amount_of(quantity, price),
                    family="energy",
                )
            )
        return tuple(lines)

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return one price an interval, and a block term a month where tiers change it.

        Raises
        ------
        TariffTermsError
            If a tier's step depends on the time-of-use period: then the order of charging would
            decide its price, which no term can say.
        """
        period = self.schedule.at(horizon.local)
        month = horizon.local.month_index
        first_tier = np.array([float(tiers[0].price) for tiers in self.tiers])
        fuel = np.array([float(price) for price in self.fuel_by_month])
        price_per_kwh: FloatArray = first_tier[period] + fuel[month]
        blocks = tuple(
            block
            for number in horizon.months()
            for block in self._block(period, number, horizon=horizon)
        )
        name = "Energy" if len(self.tiers) == 1 else "TOU energy"
        return ComponentTerms(
            energy=(EnergyTerm(name=name, price_per_kwh=tuple(price_per_kwh.tolist())),),
            blocks=blocks,
        )

    def _slices(self, metered: MeteredPeriod) -> Iterator[tuple[int, Decimal, int, float]]:
        period = self.schedule.at(metered.local)
        month = metered.local.month_index
        after_kwh = np.cumsum(metered.energy_kwh)
        for combined in np.unique(period * len(self.fuel_by_month) + month):
            which, month_index = divmod(int(combined), len(self.fuel_by_month))
            chosen = np.flatnonzero((period == which) & (month == month_index))
            taken_kwh = metered.energy_kwh[chosen]
            for tier, energy_kwh in _by_tier(taken_kwh, after_kwh[chosen], tiers=self.tiers[which]):
                yield which, self.fuel_by_month[month_index], tier, energy_kwh

    def _name(self, period: int) -> str:
        return "Energy" if len(self.tiers) == 1 else f"TOU energy, period {period + 1}"

    def _block(
        self, period: IntArray, month_number: int, *, horizon: Horizon
    ) -> tuple[BlockTerm, ...]:
        positions = horizon.positions(month_number)
        met: list[int] = np.unique(period[positions]).tolist()
        ladders = {_steps(self.tiers[which]) for which in met}
        if len(ladders) > 1:
            raise TariffTermsError(
                "the energy tiers differ between time-of-use periods of one month",
                where="energy tiers",
                hint="plan under a tariff whose tiers step alike in all periods",
            )
        edges, steps = ladders.pop()
        if not any(steps):
            return ()
        is_first = month_number == horizon.months()[0]
        return (
            BlockTerm(
                name=horizon.name_in_month("Energy tiers", month_number),
                intervals=tuple(int(position) for position in positions),
                edges_kwh=tuple(float(edge) for edge in edges),
                prices_per_kwh=tuple(float(step) for step in steps),
                start_kwh=horizon.used_kwh if is_first else 0.0,
            ),
        )


def _steps(tiers: Tiers) -> tuple[tuple[Decimal, ...], tuple[Decimal, ...]]:
    first = tiers[0].price
    edges = tuple(tier.upper for tier in tiers if tier.upper is not None)
    return edges, tuple(tier.price - first for tier in tiers)


def _by_tier(
    energy_kwh: FloatArray, after_kwh: FloatArray, *, tiers: Tiers
) -> Iterator[tuple[int, float]]:
    if len(tiers) == 1:
        yield 0, float(energy_kwh.sum())
        return
    before_kwh = after_kwh - energy_kwh
    lower_kwh = 0.0
    for number, tier in enumerate(tiers):
        upper_kwh = np.inf if tier.upper is None else float(tier.upper)
        part_kwh = after_kwh.clip(lower_kwh, upper_kwh) - before_kwh.clip(lower_kwh, upper_kwh)
        total_kwh = float(part_kwh.sum())
        if total_kwh > 0:
            yield number, total_kwh
        lower_kwh = upper_kwh


def _refuse_other_units(record: UrdbRecord, entries: tuple[UrdbTier, ...]) -> None:
    # Without an edge the unit says nothing: the price is per kWh in all of them.
    if len(entries) > 1:
        for entry in entries:
            if entry.unit.lower() != "kwh":
                raise record.refused(
                    "energyratestructure", f"tiers in {entry.unit} are not billed yet"
                )
