"""Capacity price: per kW of the year's (or month's) highest demand window, by days of the year.

Peak-load windows ("atypical use"): where they are given, only peaks inside them count, as long as
they stay far enough below the year's peak; if not, the year's peak counts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal, Self

import numpy as np

from depotlib.errors import TariffFormatError
from depotlib.model.bill import BillLine
from depotlib.model.local_time import BoolArray
from depotlib.model.price_terms import PeakTerm
from depotlib.tariffs.clock_window import ClockWindow, in_any
from depotlib.tariffs.component import ComponentTerms, amount_of, quantity_of
from depotlib.tariffs.horizon import Horizon
from depotlib.tariffs.load_grid import instant_of
from depotlib.tariffs.metered import MeteredPeriod
from depotlib.tariffs.urdb_record import UrdbRecord
from depotlib.tariffs.year_to_date import (
    YearPart,
    billed_year_share,
    earlier_peak_kw,
    highest_in,
    unknown_months_warning,
    year_parts,
    years_of,
)


@dataclass(frozen=True, slots=True)
class CapacityPrice:
    """The capacity charge of a network.

    Parameters
    ----------
    name : str
        As on the bill: ``Network capacity``.
    price : Decimal
        Per kW and year, or per kW and month.
    cycle : {'year', 'month'}
        A year's peak is billed by days and corrected when a higher one comes; a month's peak is
        that of the billing period, at the whole month's price.
    windows : tuple of ClockWindow
        When demand counts; none: always.
    significance_share : Decimal
        Peaks inside the windows count alone only while they lie at least this share below the
        period's highest peak.
    least_shift_kw : Decimal
        And at least this much below it [kW].
    """

    name: str
    price: Decimal
    cycle: Literal["year", "month"] = "year"
    windows: tuple[ClockWindow, ...] = ()
    significance_share: Decimal = Decimal(0)
    least_shift_kw: Decimal = Decimal(0)

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    def __post_init__(self) -> None:
        """Refuse a threshold that no peak can pass, and one without windows."""
        has_threshold = bool(self.significance_share or self.least_shift_kw)
        if not 0 <= self.significance_share < 1 or (has_threshold and not self.windows):
            raise TariffFormatError(
                f"a significance of {self.significance_share} with {len(self.windows)} windows",
                where=self.name,
                hint="give a share below 1, and the windows that it belongs to",
            )

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how a year's price stands on the bills of its parts."""
        if self.cycle == "month":
            return ()
        return (
            f"{self.name}: billed by days of the year at its highest peak so far; a higher peak is "
            "also charged for the days already billed",
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: a URDB record has its own forms of demand."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the line of the peak, and one that catches up on the year's earlier days."""
        del before
        if self.cycle == "month":
            everywhere = np.ones(metered.window_kw.size, dtype=np.bool_)
            peak_kw, at = self._counted(metered, everywhere, floors_kw=(0.0, 0.0))
            return (self._line(self.name, peak_kw, price=self.price, set_by=at, metered=metered),)
        return tuple(
            line for part in year_parts(metered) for line in self._year_lines(metered, part)
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that months of the year are not known, or that the windows do not count alone."""
        if self.cycle == "month":
            return ()
        return unknown_months_warning(year_parts(metered), self.name)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return a peak term for each year (or month) of the grid.

        A year's term has the price of the whole year, for that is what a higher peak costs over
        the year's bills; while no peak is higher than the one recorded, terms and bill are equal.
        Windows count alone: their significance is judged by the bill.
        """
        counts = in_any(self.windows, horizon.start_us, local=horizon.local)
        if self.cycle == "month":
            return self._month_terms(horizon, counts)
        terms: list[PeakTerm] = []
        fixed_amount = 0.0
        years = years_of(horizon.local.month_number)
        for year in np.unique(years).tolist():
            in_year = counts & (years == year)
            if not in_year.any():
                continue
            is_first = year == int(years[0])
            sunk_kw = horizon.sunk_of(self.name, horizon.months()[0]) if is_first else 0.0
            name = self.name if np.all(years == year) else f"{self.name}, {year}"
            price = float(self.price)
            terms.append(
                PeakTerm(
                    name=name,
                    intervals=horizon.demand_intervals(in_year),
                    price_per_kw=price,
                    sunk_kw=sunk_kw,
                )
            )
            fixed_amount += price * sunk_kw * (billed_year_share(horizon, year) - 1)
        return ComponentTerms(peaks=tuple(terms), fixed_amount=fixed_amount)

    def _month_terms(self, horizon: Horizon, counts: BoolArray) -> ComponentTerms:
        terms = [
            PeakTerm(
                name=horizon.name_in_month(self.name, number),
                intervals=horizon.demand_intervals(in_month),
                price_per_kw=float(self.price),
                sunk_kw=horizon.sunk_of(horizon.name_in_month(self.name, number), number),
            )
            for number in horizon.months()
            if (in_month := counts & (horizon.local.month_number == number)).any()
        ]
        return ComponentTerms(peaks=tuple(terms))

    def _year_lines(self, metered: MeteredPeriod, part: YearPart) -> tuple[BillLine, ...]:
        in_year = years_of(metered.window_local.month_number) == part.year
        all_before_kw = earlier_peak_kw(part, metered.earlier, line="", clock=())
        before_kw = earlier_peak_kw(part, metered.earlier, line=self.name, clock=self.windows)
        billed_kw = self._significant(before_kw, all_before_kw)
        now_kw, at = self._counted(metered, in_year, floors_kw=(before_kw, all_before_kw))
        line = self._line(
            self.name, now_kw, price=self.price * part.share, set_by=at, metered=metered
        )
        if now_kw == billed_kw or not part.billed_days:
            return (line,)
        catch_up = self._line(
            f"{self.name}, change of the year's peak",
            now_kw - billed_kw,
            price=self.price * part.billed_share,
            set_by=at,
            metered=metered,
        )
        return (line, catch_up)

    def _counted(
        self, metered: MeteredPeriod, chosen: BoolArray, *, floors_kw: tuple[float, float]
    ) -> tuple[float, int | None]:
        inside = chosen & in_any(self.windows, metered.window_start_us, local=metered.window_local)
        peak_kw, at = highest_in(metered.window_kw, inside)
        top_kw, top_at = highest_in(metered.window_kw, chosen)
        if peak_kw <= floors_kw[0]:
            peak_kw, at = floors_kw[0], None
        if top_kw <= floors_kw[1]:
            top_kw, top_at = floors_kw[1], None
        counted_kw = self._significant(peak_kw, top_kw)
        return (counted_kw, at) if counted_kw == peak_kw else (top_kw, top_at)

    def _significant(self, peak_kw: float, top_kw: float) -> float:
        shift_kw = top_kw - peak_kw
        needed_kw = max(float(self.significance_share) * top_kw, float(self.least_shift_kw))
        return peak_kw if shift_kw >= needed_kw else top_kw

    def _line(
        self,
        name: str,
        peak_kw: float,
        *,
        price: Decimal,
        set_by: int | None,
        metered: MeteredPeriod,
    ) -> BillLine:
        quantity = quantity_of(peak_kw)
        at = None if set_by is None else instant_of(int(metered.window_start_us[set_by]))
        return BillLine(
            component=name,
            quantity=quantity,
            unit="kW",
            unit_price=price,
            amount=amount_of(quantity, price),
            set_by=at,
            family="demand",
        )
