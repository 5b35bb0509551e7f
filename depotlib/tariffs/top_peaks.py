"""Mean of the highest peaks on different days: the capacity charge of Nordic networks."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.errors import TariffFormatError, TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import BoolArray
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord


@dataclass(frozen=True, slots=True)
class TopPeaks:
    """A price on the mean of the billing period's highest daily peaks.

    Parameters
    ----------
    name : str
        As on the bill.
    price : Decimal
        Per kW and billing period (a month).
    count : int
        How many days' highest windows the mean is over.
    windows : tuple of ClockWindow
        When demand counts; none: always.
    """

    name: str
    price: Decimal
    count: int = 3
    windows: tuple[ClockWindow, ...] = ()

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a mean over no day."""
        if self.count < 1:
            raise TariffFormatError(
                f"a mean over {self.count} peaks", where=self.name, hint="use 1 or more"
            )

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return nothing: the tariff says all that is needed."""
        return ()

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: URDB has no such charge."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return one line: the mean of the highest windows, each of another local day."""
        del before
        tops = self._tops(metered)
        if not tops:
            return ()
        quantity = quantity_of(float(metered.window_kw[tops].mean()))
        set_by = [instant_of(int(metered.window_start_us[at])) for at in tops]
        return (
            BillLine(
                component=self.name,
                quantity=quantity,
                unit="kW",
                unit_price=self.price,
                amount=amount_of(quantity, self.price),
                set_by=set_by[0],
                family="demand",
                also_set_by=tuple(set_by[1:]),
            ),
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that the period has fewer days with demand than the mean is over."""
        found = len(self._tops(metered))
        if found >= self.count:
            return ()
        return (f"{self.name}: the mean is over {found} days, not {self.count}: there are no more",)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each local day of the grid, at its part of the price.

        With `count` days of a month on the grid or fewer, the mean is a sum of the days' peaks.
        A recorded peak is taken as the lowest of those that count so far: a day costs
        what it is above that.

        Raises
        ------
        TariffTermsError
            If the grid holds more days of one month: which of them count is then the plan's own
            choice, which no sum of peaks can say.
        """
        counts = in_any(self.windows, horizon.start_us, local=horizon.local)
        parts = [self._month_terms(horizon, number, counts=counts) for number in horizon.months()]
        return ComponentTerms(
            peaks=tuple(term for part in parts for term in part.peaks),
            fixed_amount=sum(part.fixed_amount for part in parts),
        )

    def _month_terms(self, horizon: Horizon, number: int, *, counts: BoolArray) -> ComponentTerms:
        in_month = counts & (horizon.local.month_number == number)
        days: list[int] = np.unique(horizon.local.day_number[in_month]).tolist()
        if len(days) > self.count:
            raise TariffTermsError(
                f"{self.name} bills the mean of {self.count} days' peaks, and the plan is over "
                f"{len(days)} days of a month",
                where=self.name,
                hint=f"plan at most {self.count} days at a time",
            )
        name = horizon.name_in_month(self.name, number)
        sunk_kw = horizon.sunk_of(name, number)
        price_per_kw = float(self.price) / self.count
        terms = [
            PeakTerm(
                name=f"{name}, day {place}",
                intervals=horizon.demand_intervals(in_month & (horizon.local.day_number == day)),
                price_per_kw=price_per_kw,
                sunk_kw=sunk_kw,
            )
            for place, day in enumerate(days, 1)
        ]
        # The places that no day of the grid takes are held by the recorded peaks.
        return ComponentTerms(
            peaks=tuple(terms),
            fixed_amount=price_per_kw * sunk_kw * (self.count - len(days)),
        )

    def _tops(self, metered: MeteredPeriod) -> list[int]:
        counts = in_any(self.windows, metered.window_start_us, local=metered.window_local)
        positions = np.flatnonzero(counts)
        # Highest first, the first of equals; then each day's first is its highest.
        ranked = positions[np.argsort(-metered.window_kw[positions], kind="stable")]
        _, first_of_day = np.unique(metered.window_local.day_number[ranked], return_index=True)
        return ranked[np.sort(first_of_day)[: self.count]].tolist()
