"""Mean of the last monthly peaks: the Flemish capacity tariff, with its floor and its ceiling."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.model.bill import BillLine
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.fixed_charge import cycles_in
from depotlib.tariffs.horizon import MONTHS_PER_YEAR, Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord
from depotlib.tariffs.year_to_date import highest_in


@dataclass(frozen=True, slots=True)
class MeanMonthlyPeak:
    """A yearly price on the mean of the last monthly peaks, the bill's own among them.

    Parameters
    ----------
    name : str
        As on the bill: ``Capacity tariff``.
    price : Decimal
        Per kW and year, billed by days.
    months : int
        How many monthly peaks the mean is over.
    floor_kw : Decimal
        A monthly peak counts at least this [kW].
    ceiling : Decimal or None
        The charge is at most this per kWh of the bill.
    """

    name: str
    price: Decimal
    months: int = 12
    floor_kw: Decimal = Decimal(0)
    ceiling: Decimal | None = None

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return what the mean is over while months are missing."""
        return (f"{self.name}: the mean is over those of the last {self.months} months known",)

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: URDB has no such charge."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the line of the mean peak, and one that lowers it to the ceiling."""
        del before
        everywhere = np.ones(metered.window_kw.size, dtype=np.bool_)
        peak_kw, at = highest_in(metered.window_kw, everywhere)
        peaks_kw = [*self._earlier_kw(metered), peak_kw]
        floor_kw = float(self.floor_kw)
        quantity = quantity_of(sum(max(each, floor_kw) for each in peaks_kw) / len(peaks_kw))
        years = cycles_in(metered.period, "year", time_zone=metered.time_zone)
        line = BillLine(
            component=self.name,
            quantity=quantity,
            unit="kW",
            unit_price=self.price * years,
            amount=amount_of(quantity, self.price * years),
            set_by=None if at is None else instant_of(int(metered.window_start_us[at])),
            family="demand",
        )
        return (line, *self._ceiling_line(line.amount, metered))

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that the mean is over fewer months than the tariff says."""
        missing = self.months - 1 - len(self._earlier_kw(metered))
        if missing == 0:
            return ()
        return (f"{self.name}: {missing} of the {self.months - 1} earlier peaks are not known",)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each month of the grid.

        A month's peak stands in the means of as many bills as the mean has months, which together
        are that many months' part of the yearly price: a kW costs price / 12 in all. That, and not
        its twelfth on this month's bill, is what a planner should weigh. Earlier months are
        sunk, and the ceiling, which only lowers a bill, is left out.
        """
        price_per_kw = float(self.price) / MONTHS_PER_YEAR
        terms = [
            PeakTerm(
                name=(name := horizon.name_in_month(self.name, number)),
                intervals=horizon.demand_intervals(horizon.local.month_number == number),
                price_per_kw=price_per_kw,
                sunk_kw=horizon.sunk_of(name, number),
                floor_kw=float(self.floor_kw),
            )
            for number in horizon.months()
        ]
        return ComponentTerms(peaks=tuple(terms))

    def _earlier_kw(self, metered: MeteredPeriod) -> list[float]:
        months = metered.history.last(self.months - 1, before=metered.month_number)
        return [month.peak_kw for month in months if month.peak_kw is not None]

    def _ceiling_line(self, amount: Decimal, metered: MeteredPeriod) -> tuple[BillLine, ...]:
        if self.ceiling is None:
            return ()
        highest = amount_of(quantity_of(float(metered.energy_kwh.sum())), self.ceiling)
        if amount <= highest:
            return ()
        return (
            BillLine(
                component=f"{self.name}, ceiling of {self.ceiling} per kWh",
                quantity=Decimal(1),
                unit="bill",
                unit_price=highest - amount,
                amount=highest - amount,
                family="demand",
            ),
        )
