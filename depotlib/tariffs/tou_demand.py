"""Time-of-use demand: a price on the highest demand window inside each period's hours."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.flat_demand import refuse_other_units
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.peak import highest_window, peak_lines, peak_terms
from depotlib.tariffs.tier import Tiers
from depotlib.tariffs.urdb_record import Schedule, UrdbRecord, costs_something, plain_tiers


@dataclass(frozen=True, slots=True)
class TouDemand:
    """The demand charge that counts by hour: one peak for each period.

    Parameters
    ----------
    schedule : Schedule
        Which period holds in each hour; a window belongs to the period of its start.
    tiers : tuple of tiers
        By period; prices per kW, edges in kW.
    """

    schedule: Schedule
    tiers: tuple[Tiers, ...]

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
        """Return nothing: the record says all that is needed."""
        return ()

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the time-of-use demand charge of a record, None if it has none."""
        structure = record.structure("demandratestructure")
        if structure is None or not costs_something(structure):
            return None
        refuse_other_units(record, "demandrateunit")
        return cls(
            schedule=record.schedule("demand", period_count=len(structure)),
            tiers=tuple(plain_tiers(entries) for entries in structure),
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the lines of each period's highest window."""
        del before
        period = self.schedule.at(metered.window_local)
        met: list[int] = np.unique(period).tolist()
        return tuple(
            line
            for which in met
            for line in peak_lines(
                _name(which),
                self.tiers[which],
                metered=metered,
                window=highest_window(metered, period == which),
            )
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month and period that occur on the grid, and each tier."""
        period = self.schedule.at(horizon.local)
        met: list[int] = np.unique(period).tolist()
        parts = [
            peak_terms(
                _name(which),
                # The same prices in every month: the schedule itself knows the season.
                (self.tiers[which],) * MONTHS_PER_YEAR,
                chosen=period == which,
                horizon=horizon,
            )
            for which in met
        ]
        return ComponentTerms(
            peaks=tuple(term for part in parts for term in part.peaks),
            fixed_amount=sum(part.fixed_amount for part in parts),
        )


def _name(period: int) -> str:
    return f"TOU demand, period {period + 1}"
