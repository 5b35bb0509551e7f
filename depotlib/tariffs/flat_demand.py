"""Flat demand: a price on the highest demand window of the billing period, by month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.tariffs.component import ComponentTerms
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.peak import highest_window, peak_lines, peak_terms
from depotlib.tariffs.tier import Tiers
from depotlib.tariffs.urdb_record import UrdbRecord, costs_something, plain_tiers

NAME = "Flat demand"


@dataclass(frozen=True, slots=True)
class FlatDemand:
    """The demand charge that counts at all hours.

    Parameters
    ----------
    tiers : tuple of tiers
        By season; prices per kW, edges in kW.
    season_by_month : tuple of int
        Which tiers hold in each month, January first.
    """

    tiers: tuple[Tiers, ...]
    season_by_month: tuple[int, ...]

    urdb_fields: ClassVar[frozenset[str]] = frozenset(
        {"flatdemandstructure", "flatdemandmonths", "flatdemandunit"}
    )

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return which month's price a peak has, where prices change with the season."""
        if len(set(self.season_by_month)) == 1:
            return ()
        return ("the flat demand price is that of the month in which the peak occurred",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return the flat demand charge of a record, None if it has none."""
        structure = record.structure("flatdemandstructure")
        if structure is None or not costs_something(structure):
            return None
        refuse_other_units(record, "flatdemandunit")
        return cls(
            tiers=tuple(plain_tiers(entries) for entries in structure),
            season_by_month=record.periods_by_month(
                "flatdemandmonths", period_count=len(structure)
            ),
        )

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the lines of the period's highest window, one for each tier that it reaches."""
        del before
        window = highest_window(metered, np.ones(metered.window_kw.size, dtype=np.bool_))
        if window is None:
            return ()
        month_index = int(metered.window_local.month_index[window])
        return peak_lines(NAME, self._tiers_by_month()[month_index], metered=metered, window=window)

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return nothing: the lines are as sure as the readings."""
        del metered
        return ()

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month of the grid and each tier with a dearer price."""
        everywhere = np.ones(horizon.grid.count, dtype=np.bool_)
        return peak_terms(NAME, self._tiers_by_month(), chosen=everywhere, horizon=horizon)

    def _tiers_by_month(self) -> tuple[Tiers, ...]:
        return tuple(self.tiers[season] for season in self.season_by_month)


def refuse_other_units(record: UrdbRecord, field: str) -> None:
    """Refuse demand that is not billed per kW of the period.

    Raises
    ------
    TariffRefusedError
        If the record bills kVA or hp, or every day's demand.
    """
    unit = record.text(field) or "kW"
    if unit.lower() != "kw":
        raise record.refused(field, f"demand in {unit} is not billed yet")
