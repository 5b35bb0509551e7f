"""Flat demand: a price on the highest demand window of the billing period, by month."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Final, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.demand_unit import DemandUnit, demand_unit
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.peak import PeakCharge, peak_lines, peak_terms
from depotlib.tariffs.ratchet import FIELDS, Ratchet
from depotlib.tariffs.tier import Tiers
from depotlib.tariffs.urdb_record import UrdbRecord, costs_something, plain_tiers

NAME: Final = "Flat demand"


@dataclass(frozen=True, slots=True)
class FlatDemand:
    """The demand charge that counts at all hours.

    Parameters
    ----------
    tiers : tuple of tiers
        By season; prices and edges per unit of demand.
    season_by_month : tuple of int
        Which tiers hold in each month, January first.
    unit : DemandUnit
    ratchet : Ratchet or None
        Floor that earlier months put under the billed peak.
    """

    tiers: tuple[Tiers, ...]
    season_by_month: tuple[int, ...]
    unit: DemandUnit = field(default_factory=DemandUnit)
    ratchet: Ratchet | None = None

    urdb_fields: ClassVar[frozenset[str]] = FIELDS | {
        "flatdemandstructure",
        "flatdemandmonths",
        "flatdemandunit",
    }

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return which month's price a peak has, how its unit is met, and what ratchets it."""
        season = ("the flat demand price is that of the month in which the peak occurred",)
        return (
            *(() if len(set(self.season_by_month)) == 1 else season),
            *self.unit.assumptions,
            *(() if self.ratchet is None else self.ratchet.assumptions),
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the flat demand charge of a record, None if it has none."""
        structure = record.structure("flatdemandstructure")
        if structure is None or not costs_something(structure):
            return None
        unit, ratchet = demand_unit(record, "flatdemandunit"), Ratchet.from_urdb(record)
        if unit.is_daily and ratchet is not None:
            raise record.refused(
                "lookbackpercent", "a month's peak under every day's demand is no ratchet we know"
            )
        return cls(
            tiers=tuple(plain_tiers(entries) for entries in structure),
            season_by_month=record.periods_by_month(
                "flatdemandmonths", period_count=len(structure)
            ),
            unit=unit,
            ratchet=ratchet,
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the lines of the period's highest window, one for each tier that it reaches."""
        del before
        return peak_lines(self._charge(), metered=metered)

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return what earlier peaks a ratchet misses, and a power factor that is not given."""
        ratchet = () if self.ratchet is None else self.ratchet.warnings(metered, metered.history)
        return (*self.unit.warnings(metered), *ratchet)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month of the grid and each tier with a dearer price."""
        everywhere = np.ones(horizon.grid.count, dtype=np.bool_)
        return peak_terms(self._charge(), chosen=everywhere, horizon=horizon)

    def _charge(self) -> PeakCharge:
        return PeakCharge(
            name=NAME,
            tiers_by_month=tuple(self.tiers[season] for season in self.season_by_month),
            unit=self.unit,
            ratchet=self.ratchet,
        )
