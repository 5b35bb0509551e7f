"""Time-of-use demand: a price on the highest demand window inside each period's hours."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.demand_unit import DemandUnit, demand_unit
from depotlib.tariffs.history import EarlierMonth, peaks_by_month
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.peak import PeakCharge, peak_lines, peak_terms
from depotlib.tariffs.ratchet import Ratchet
from depotlib.tariffs.tier import Tiers, costs_nothing
from depotlib.tariffs.urdb_record import Schedule, UrdbRecord, costs_something, plain_tiers


@dataclass(frozen=True, slots=True)
class TouDemand:
    """The demand charge that counts by hour: one peak for each period.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour; a window belongs to the period of its start.
    tiers : tuple of tiers
        By period; prices and edges per unit of demand.
    unit : DemandUnit
    ratchet : Ratchet or None
        Floor that a period's own earlier peaks put under its billed peak.
    unused_ratchet : Ratchet or None
        What the record has, and this charge is taken not to have.
    """

    schedule: Schedule
    tiers: tuple[Tiers, ...]
    unit: DemandUnit = field(default_factory=DemandUnit)
    ratchet: Ratchet | None = None
    unused_ratchet: Ratchet | None = None

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {
            "demandratestructure",
            "demandweekdayschedule",
            "demandweekendschedule",
            "demandrateunit",
        }
    )

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how the unit of demand is met, and whether a ratchet holds for it."""
        found = self.unit.assumptions
        if self.ratchet is not None:
            found += (
                *self.ratchet.assumptions,
                "a time-of-use period is ratcheted by its own peaks",
            )
        if self.unused_ratchet is not None:
            found += (
                "the record's ratchet is taken to hold for flat demand and hours of use only, not "
                "for time-of-use demand: look it up in the tariff sheet",
            )
        return found

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the time-of-use demand charge of a record, None if it has none."""
        structure = record.structure("demandratestructure")
        if structure is None or not costs_something(structure):
            return None
        ratchet, is_ratcheted = Ratchet.from_urdb(record), record.ratchet_scope == "all"
        return cls(
            schedule=record.schedule("demand", period_count=len(structure)),
            tiers=tuple(plain_tiers(entries) for entries in structure),
            unit=demand_unit(record, "demandrateunit"),
            ratchet=ratchet if is_ratcheted else None,
            unused_ratchet=None if is_ratcheted else ratchet,
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the lines of each period's highest window."""
        del before
        metered = self._with_own_peaks(metered)
        period = self.schedule.at(metered.window_local)
        met: list[int] = np.flatnonzero(np.bincount(period)).tolist()
        return tuple(
            line
            for which in met
            if not costs_nothing(self.tiers[which])
            for line in peak_lines(self._charge(which), metered=metered, chosen=period == which)
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that a power factor is not given, and what earlier peaks a ratchet misses."""
        found = self.unit.warnings(metered)
        if self.ratchet is None:
            return found
        history = self._with_own_peaks(metered).history
        met: list[int] = np.unique(self.schedule.at(metered.window_local)).tolist()
        for which in met:
            found += self.ratchet.warnings(metered, history, line=_name(which))
        return found

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month and period that occur on the grid, and each tier."""
        period = self.schedule.at(horizon.local)
        met: list[int] = np.unique(period).tolist()
        parts = [
            peak_terms(self._charge(which), chosen=period == which, horizon=horizon)
            for which in met
        ]
        return ComponentTerms(
            peaks=tuple(term for part in parts for term in part.peaks),
            fixed_amount=sum(part.fixed_amount for part in parts),
        )

    def _charge(self, period: int) -> PeakCharge:
        return PeakCharge(
            name=_name(period),
            # The same prices in every month: the schedule itself knows the season.
            tiers_by_month=(self.tiers[period],) * MONTHS_PER_YEAR,
            unit=self.unit,
            ratchet=self.ratchet,
            ratchet_line=_name(period),
        )

    def _with_own_peaks(self, metered: MeteredPeriod) -> MeteredPeriod:
        """Return the period with what the load itself tells of each line's earlier peaks."""
        if self.ratchet is None:
            return metered
        earlier = metered.earlier
        period, month = self.schedule.at(earlier.local), earlier.local.month_number
        by_month: dict[int, dict[str, float]] = {}
        met: list[int] = np.unique(period).tolist()
        for which in met:
            peaks = peaks_by_month(earlier.mean_kw[period == which], month[period == which])
            for number, peak_kw in peaks.items():
                by_month.setdefault(number, {})[_name(which)] = peak_kw
        months = [
            EarlierMonth(number, peaks_by_line_kw=peaks) for number, peaks in by_month.items()
        ]
        history = metered.inputs.history.merged(months)
        return replace(metered, inputs=replace(metered.inputs, history=history))


def _name(period: int) -> str:
    return f"TOU demand, period {period + 1}"
