"""Two price pairs by hours of use: the year's energy over its peak says which pair prices both.

The German rule for metered customers: below 2,500 hours a low price per kW and a high one per kWh,
from there on the reverse. At the threshold the year's charge jumps: a cliff, for bill and planner.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import ClassVar, Self

import numpy as np

from depotlib.errors import TariffTermsError
from depotlib.model.bill import BillLine
from depotlib.model.price_terms import EnergyTerm, HoursUseTerm, PeakTerm
from depotlib.tariffs.component import CENT, ComponentTerms, amount_of, quantity_of
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

PEAK_NAME = "Network capacity"
ENERGY_NAME = "Network energy"


@dataclass(frozen=True, slots=True)
class PricePair:
    """What a kW and a kWh cost together.

    Parameters
    ----------
    capacity_price : Decimal
        Per kW and year.
    energy_price : Decimal
        Per kWh.
    """

    capacity_price: Decimal
    energy_price: Decimal


@dataclass(frozen=True, slots=True)
class UtilisationPrice:
    """The network charge of a metered customer by hours of use.

    Parameters
    ----------
    threshold_h : Decimal
        Hours of use a year from which `above` holds.
    below, above : PricePair
    expected_h : Decimal or None
        Hours of use that the site expects of the year: what a plan of less than a year takes.
    """

    threshold_h: Decimal
    below: PricePair
    above: PricePair
    expected_h: Decimal | None = None

    urdb_fields: ClassVar[frozenset[str]] = frozenset()

    @property
    def counts_demand(self) -> bool:
        """Return True: the demand window matters."""
        return True

    @property
    def assumptions(self) -> tuple[str, ...]:
        """Return how a year's rule stands on the bills of its parts."""
        return (
            "hours of use are the year's energy so far, per part of the year that is billed, over "
            "its highest peak so far; each bill brings the year's earlier ones up to date",
        )

    @classmethod
    def from_urdb(cls, record: UrdbRecord) -> Self | None:
        """Return None: URDB has no such charge."""
        del record

    def bill_lines(
        self, metered: MeteredPeriod, before: Sequence[BillLine]
    ) -> tuple[BillLine, ...]:
        """Return the lines of energy and peak, and one that brings earlier bills up to date."""
        del before
        return tuple(
            line for part in year_parts(metered) for line in self._year_lines(metered, part)
        )

    def warnings(self, metered: MeteredPeriod) -> tuple[str, ...]:
        """Return that earlier months of the year are not known."""
        return unknown_months_warning(year_parts(metered), PEAK_NAME)

    def price_terms(self, horizon: Horizon) -> ComponentTerms:
        """Return the year's rule for a grid of whole years, else the expected pair's prices.

        For less than a year the peak has the price of the whole year, as for any yearly peak.

        Raises
        ------
        TariffTermsError
            If the grid is less than a year and the tariff does not say which hours of use to
            expect.
        """
        years = years_of(horizon.local.month_number)
        parts = [
            self._terms_of_year(horizon, year, first_year=int(years[0]))
            for year in np.unique(years).tolist()
        ]
        return ComponentTerms(
            energy=tuple(term for part in parts for term in part.energy),
            peaks=tuple(term for part in parts for term in part.peaks),
            hours_use=tuple(term for part in parts for term in part.hours_use),
            fixed_amount=sum(part.fixed_amount for part in parts),
        )

    def pair_of(self, energy_kwh: Decimal, *, peak_kw: Decimal, share: Decimal) -> PricePair:
        """Return the pair for an energy and a peak of a part of a year.

        Exact: at the threshold the charge jumps, and float noise must not decide it.
        """
        needed_kwh = self.threshold_h * peak_kw * share
        return self.above if energy_kwh >= needed_kwh and peak_kw > 0 else self.below

    def _terms_of_year(self, horizon: Horizon, year: int, *, first_year: int) -> ComponentTerms:
        in_year = years_of(horizon.local.month_number) == year
        is_first = year == first_year
        sunk_kw = horizon.sunk_of(PEAK_NAME, horizon.months()[0]) if is_first else 0.0
        intervals = horizon.demand_intervals(in_year)
        share = billed_year_share(horizon, year)
        if share >= 1 and horizon.energy_factor == 1:
            pairs = (self.below, self.above)
            term = HoursUseTerm(
                name=f"{PEAK_NAME} and energy",
                intervals=intervals,
                edges_h=(float(self.threshold_h),),
                prices_per_kwh=tuple(float(pair.energy_price) for pair in pairs),
                prices_per_kw=tuple(float(pair.capacity_price) for pair in pairs),
                start_kwh=horizon.used_kwh if is_first else 0.0,
                paid_kw=sunk_kw,
            )
            return ComponentTerms(hours_use=(term,))
        pair = self._expected_pair(year)
        price = float(pair.capacity_price)
        prices_per_kwh: list[float] = (in_year * float(pair.energy_price)).tolist()
        peak = PeakTerm(
            name=PEAK_NAME if is_first else f"{PEAK_NAME}, {year}",
            intervals=intervals,
            price_per_kw=price,
            sunk_kw=sunk_kw,
        )
        return ComponentTerms(
            energy=(EnergyTerm(name=ENERGY_NAME, price_per_kwh=tuple(prices_per_kwh)),),
            peaks=(peak,),
            fixed_amount=price * sunk_kw * (share - 1),
        )

    def _expected_pair(self, year: int) -> PricePair:
        if self.expected_h is None:
            raise TariffTermsError(
                f"the prices depend on the hours of use of all of {year}, and the plan is shorter",
                where=PEAK_NAME,
                hint="state expected_h in the tariff's file, or plan a whole year",
            )
        return self.above if self.expected_h >= self.threshold_h else self.below

    def _year_lines(self, metered: MeteredPeriod, part: YearPart) -> tuple[BillLine, ...]:
        in_year = years_of(metered.window_local.month_number) == part.year
        before_kw = earlier_peak_kw(part, metered.earlier, line=PEAK_NAME, clock=())
        peak_kw, at = highest_in(metered.window_kw, in_year)
        if peak_kw <= before_kw:
            peak_kw, at = before_kw, None
        is_here = years_of(metered.local.month_number) == part.year
        before = quantity_of(sum(month.energy_kwh or 0.0 for month in part.earlier))
        taken = quantity_of(float(metered.energy_kwh[is_here].sum()))
        peak, peak_before = quantity_of(peak_kw), quantity_of(before_kw)
        so_far = part.share + part.billed_share
        now = self.pair_of(before + taken, peak_kw=peak, share=so_far)
        was = self.pair_of(before, peak_kw=peak_before, share=part.billed_share)
        billed = _amount(was, before, peak=peak_before, share=part.billed_share)
        owed = _amount(now, before, peak=peak, share=part.billed_share)
        return (
            self._energy_line(now, taken),
            self._peak_line(
                now,
                peak,
                share=part.share,
                set_by=None if at is None else instant_of(int(metered.window_start_us[at])),
            ),
            *_catch_up_line(owed - billed),
        )

    def _energy_line(self, pair: PricePair, quantity: Decimal) -> BillLine:
        return BillLine(
            component=f"{ENERGY_NAME}, {self._label(pair)}",
            quantity=quantity,
            unit="kWh",
            unit_price=pair.energy_price,
            amount=amount_of(quantity, pair.energy_price),
            family="energy",
        )

    def _peak_line(
        self, pair: PricePair, quantity: Decimal, *, share: Decimal, set_by: datetime | None
    ) -> BillLine:
        price = pair.capacity_price * share
        return BillLine(
            component=f"{PEAK_NAME}, {self._label(pair)}",
            quantity=quantity,
            unit="kW",
            unit_price=price,
            amount=amount_of(quantity, price),
            set_by=set_by,
            family="demand",
        )

    def _label(self, pair: PricePair) -> str:
        return f"{'below' if pair is self.below else 'from'} {self.threshold_h.normalize():f} h"


def _amount(pair: PricePair, energy: Decimal, *, peak: Decimal, share: Decimal) -> Decimal:
    return amount_of(energy, pair.energy_price) + amount_of(peak, pair.capacity_price * share)


def _catch_up_line(amount: Decimal) -> tuple[BillLine, ...]:
    if abs(amount) < CENT:
        return ()
    return (
        BillLine(
            component=f"{PEAK_NAME}, the year's earlier bills brought up to date",
            quantity=Decimal(1),
            unit="bill",
            unit_price=amount,
            amount=amount,
            family="demand",
        ),
    )
