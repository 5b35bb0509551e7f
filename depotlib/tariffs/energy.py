"""Energy: a price on every kWh, by hour and month, with tiers on the period's total."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Final, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.local_time import FloatArray
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.energy_ladder import (
    Rung,
    counts_days,
    counts_hours_of_use,
    energy_tiers,
    has_bands,
    ladder,
    was_reordered,
)
from depotlib.tariffs.energy_terms import TieredEnergy, energy_terms
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.netting import ExportRule, NettedEnergy, export_rule, netted
from depotlib.tariffs.ratchet import Ratchet, billing_demand_kw
from depotlib.tariffs.tier import Tiers, tier_label
from depotlib.tariffs.urdb_record import Schedule, TierScope, UrdbRecord, UrdbTier, costs_something

NO_FUEL: Final = (Decimal(0),) * MONTHS_PER_YEAR


@dataclass(frozen=True, slots=True)
class Energy:
    """The energy charge.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour.
    tiers : tuple of tiers
        By period; edges in the unit of each tier.
    fuel_by_month : tuple of Decimal
        Added to every price, January first, per kWh.
    tier_scope : {'shared', 'by period'}
        Whether tiers count all energy, or that of their own time-of-use period.
    ratchet : Ratchet or None
        Floor of the billing demand that hours of use are counted by.
    export_rule : str
        What energy fed back comes off: the energy of its period, of its hour, or nothing.
    reading_notes : tuple of str
        How a record was read whose tiers stand in no order that can be billed.
    """

    schedule: Schedule
    tiers: tuple[Tiers, ...]
    fuel_by_month: tuple[Decimal, ...] = NO_FUEL
    tier_scope: TierScope = "shared"
    ratchet: Ratchet | None = None
    export_rule: ExportRule = "net billing instantaneous"
    reading_notes: tuple[str, ...] = ()

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
        """Return whether tiers are counted in hours of use."""
        return any(len(tiers) > 1 and counts_hours_of_use(tiers) for tiers in self.tiers)

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how tiers that meet several periods are counted, and what hours of use are."""
        months = [self.schedule.met_in(month_index) for month_index in range(MONTHS_PER_YEAR)]
        are_shared = any(
            len(met) > 1 and any(len(self.tiers[period]) > 1 for period in met) for met in months
        )
        found = list(self.reading_notes)
        if are_shared and self.tier_scope == "shared":
            found.append(
                "energy tiers count all energy of the billing period in the order it was taken, "
                "whichever time-of-use period it fell in"
            )
        elif are_shared:
            found.append("energy tiers count the energy of their own time-of-use period")
        if self.counts_demand:
            found.append("tiers in kWh/kW are counted by the highest demand window at any hour")
        if any(has_bands(tiers) for tiers in self.tiers):
            found.append(
                "an energy tier in kWh/kW without a rate is the heading of the tiers in kWh below "
                "it, which count from where its hours of use begin"
            )
        return tuple(found)

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
        by_period = tuple(energy_tiers(record, entries) for entries in structure)
        counts_hours = any(counts_hours_of_use(tiers) for tiers in by_period)
        return cls(
            schedule=record.schedule("energy", period_count=len(structure)),
            tiers=by_period,
            fuel_by_month=fuel,
            tier_scope=record.tier_scope,
            ratchet=Ratchet.from_urdb(record) if counts_hours else None,
            export_rule=export_rule(record),
            reading_notes=_reading_notes(structure, by_period),
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
        """Return what was netted, and what earlier peaks the hours of use miss."""
        found: tuple[str, ...] = ()
        if metered.export_kwh.any():
            net_kwh = float(self._netted(metered).import_kwh.sum())
            off_kwh = float(metered.energy_kwh.sum()) - net_kwh
            found = (f"{self.export_rule}: {off_kwh:.1f} kWh fed back came off the energy",)
        if self.ratchet is None or not self.counts_demand:
            return found
        return (*found, *self.ratchet.warnings(metered, metered.history))

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return one price an interval, and a term a month where tiers change it.

        Raises
        ------
        TariffTermsError
            If a tier's step depends on the time-of-use period: then the order of charging would
            decide its price, which no term can say; or if tiers stand inside hours of use.
        """
        return energy_terms(
            TieredEnergy(
                name=self._name(None),
                tou_period=self.schedule.at(horizon.local),
                tiers=self.tiers,
                fuel_by_month=self.fuel_by_month,
                tier_scope=self.tier_scope,
                ratchet=self.ratchet,
            ),
            horizon,
        )

    def _slices(self, metered: MeteredPeriod) -> Iterator[tuple[int, Decimal, int, float]]:
        period = self.schedule.at(metered.local)
        energy_kwh = netted(metered, period, rule=self.export_rule).import_kwh
        part = period * MONTHS_PER_YEAR
        if self._fuel_changes:
            part += metered.local.month_index
        part_kwh = np.bincount(part, weights=energy_kwh).astype(np.float64)
        met: list[int] = np.flatnonzero(np.bincount(part)).tolist()
        for combined in met:
            which, month_index = divmod(combined, MONTHS_PER_YEAR)
            fuel = self.fuel_by_month[month_index]
            if len(self.tiers[which]) == 1:
                yield which, fuel, 0, float(part_kwh[combined])
                continue
            rungs = self._rungs(which, metered)
            # Where one part holds all energy, its first kWh is the first and its last the last.
            found = _of_total(float(part_kwh[combined]), rungs)
            if len(met) > 1:
                chosen = part == combined
                # Tiers count all energy as it is taken, or that of their own period.
                is_counted = self.tier_scope == "shared" or period == which
                after_kwh = np.cumsum(energy_kwh * is_counted)[chosen]
                found = _by_rung(energy_kwh[chosen], after_kwh, rungs=rungs)
            for tier, tier_kwh in found:
                yield which, fuel, tier, tier_kwh

    @property
    def _fuel_changes(self) -> bool:
        return self.fuel_by_month.count(self.fuel_by_month[0]) < MONTHS_PER_YEAR

    def _rungs(self, period: int, metered: MeteredPeriod) -> tuple[Rung, ...]:
        billing_kw = billing_demand_kw(metered, self.ratchet) if self.counts_demand else 0.0
        days = metered.days if counts_days(self.tiers[period]) else 1
        return ladder(self.tiers[period], billing_kw=billing_kw, days=days)

    def _netted(self, metered: MeteredPeriod) -> NettedEnergy:
        return netted(metered, self.schedule.at(metered.local), rule=self.export_rule)

    def _name(self, period: int | None) -> str:
        if len(self.tiers) == 1:
            return "Energy"
        return "TOU energy" if period is None else f"TOU energy, period {period + 1}"


def _reading_notes(
    structure: Sequence[Sequence[UrdbTier]], by_period: Sequence[Tiers]
) -> tuple[str, ...]:
    pairs = zip(structure, by_period, strict=True)
    if not any(was_reordered(entries, tiers) for entries, tiers in pairs):
        return ()
    return (
        "the open energy tier in kWh, which the record has last, is taken to end the tiers in kWh "
        "above: only there an open one is missing",
    )


def _of_total(total_kwh: float, rungs: Sequence[Rung]) -> Iterator[tuple[int, float]]:
    lower_kwh = 0.0
    for rung in rungs:
        part_kwh = min(total_kwh, rung.upper_kwh) - lower_kwh
        if part_kwh > 0:
            yield rung.tier, part_kwh
        lower_kwh = rung.upper_kwh


def _by_rung(
    energy_kwh: FloatArray, after_kwh: FloatArray, *, rungs: Sequence[Rung]
) -> Iterator[tuple[int, float]]:
    before_kwh = after_kwh - energy_kwh
    lower_kwh = 0.0
    for rung in rungs:
        before, after = (
            np.minimum(np.maximum(counted_kwh, lower_kwh), rung.upper_kwh)
            for counted_kwh in (before_kwh, after_kwh)
        )
        total_kwh = float((after - before).sum())
        if total_kwh > 0:
            yield rung.tier, total_kwh
        lower_kwh = rung.upper_kwh
