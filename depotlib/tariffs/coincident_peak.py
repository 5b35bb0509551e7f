"""Coincident peak: a price on the load in the hour of the utility's own peak."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Final, Self

import numpy as np

from depotlib.errors import LoadError, TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import BoolArray, IntArray
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.demand_unit import DemandUnit, demand_unit
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.load_grid import EPOCH, MICROSECOND, SECOND_US
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.peak import PeakCharge, peak_lines, peak_terms
from depotlib.tariffs.tier import Tiers
from depotlib.tariffs.urdb_record import Schedule, UrdbRecord, costs_something, plain_tiers
from depotlib.units import SECONDS_PER_HOUR

WHERE: Final = "coincident peak"
HINT: Final = "give the hours of the utility's peak, as it publishes them each month"
HOUR_US: Final = SECONDS_PER_HOUR * SECOND_US


@dataclass(frozen=True, slots=True)
class CoincidentPeak:
    """The charge on what was drawn in the hour of the system's peak, which the utility states.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour.
    tiers : tuple of tiers
        By period; prices and edges per unit of demand.
    unit : DemandUnit
    """

    schedule: Schedule
    tiers: tuple[Tiers, ...]
    unit: DemandUnit = field(default_factory=DemandUnit)

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {
            "coincidentratestructure",
            "coincidentschedule",
            "coincidentrateschedule",
            "coincidentrateunit",
        }
    )

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return which of several windows in the system's hour counts."""
        return ("the charge on the system's peak hour is on the highest window in that hour",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the coincident peak charge of a record, None if it has none."""
        structure = record.structure("coincidentratestructure")
        if structure is None or not costs_something(structure):
            return None
        return cls(
            schedule=record.single_schedule(
                ("coincidentrateschedule", "coincidentschedule"), period_count=len(structure)
            ),
            tiers=tuple(plain_tiers(entries) for entries in structure),
            unit=demand_unit(record, "coincidentrateunit"),
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return a line for each period that holds a system peak.

        Raises
        ------
        LoadError
            If no system peak of the billing period is given, or no window lies in its hour.
        """
        del before
        period = self.schedule.at(metered.window_local)
        in_peak = _in_hours(metered.window_start_us, metered.inputs.system_peaks)
        if not in_peak.any():
            raise LoadError(
                "the tariff charges the load in the hour of the utility's peak, and none is given "
                f"from {metered.period.start.isoformat()} to {metered.period.end.isoformat()}",
                where=WHERE,
                hint=HINT,
            )
        return tuple(
            line
            for which in np.unique(period[in_peak]).tolist()
            for line in peak_lines(
                self._charge(which), metered=metered, chosen=in_peak & (period == which)
            )
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that a power factor is not given, where demand is in kVA."""
        return self.unit.warnings(metered)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term on the hours of the system's peak.

        Raises
        ------
        TariffTermsError
            If a month of the grid has no system peak: nobody knows yet which hour it will be.
        """
        in_peak = _in_hours(horizon.start_us, horizon.inputs.system_peaks)
        if not set(horizon.months()) <= set(horizon.local.month_number[in_peak].tolist()):
            raise TariffTermsError(
                "the tariff charges the hour of the utility's peak, which is not given",
                where=WHERE,
                hint=HINT,
            )
        period = self.schedule.at(horizon.local)
        parts = [
            peak_terms(self._charge(which), chosen=in_peak & (period == which), horizon=horizon)
            for which in np.unique(period[in_peak]).tolist()
        ]
        return ComponentTerms(
            peaks=tuple(term for part in parts for term in part.peaks),
            fixed_amount=sum(part.fixed_amount for part in parts),
        )

    def _charge(self, period: int) -> PeakCharge:
        name = "Coincident peak"
        return PeakCharge(
            name=name if len(self.tiers) == 1 else f"{name}, period {period + 1}",
            tiers_by_month=(self.tiers[period],) * MONTHS_PER_YEAR,
            unit=self.unit,
        )


def _in_hours(start_us: IntArray, instants: Sequence[datetime]) -> BoolArray:
    """Return which starts lie in the clock hours of some instants."""
    hours = [(instant - EPOCH) // MICROSECOND // HOUR_US for instant in instants]
    return np.isin(start_us // HOUR_US, hours)
