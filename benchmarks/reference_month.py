"""Random months of the reference fleet: the ground on which policies are compared."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from benchmarks.plan_reference_night import NIGHT, ZONE, night_depot, night_dwells
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.cost import cost_of_site
from depotlib.planning.formulation import relaxed_problem
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solve import solve_problem
from depotlib.tariffs.terms import price_terms
from depotlib.tariffs.urdb import tariff_from_urdb

NIGHTS: Final = 29
"""Evenings of 1 to 29 November 2026: all of their charging lies in one billing month."""
PER_DAY: Final = 96
FIRST_EVENING: Final = date(2026, 11, 1)
REFERENCE_EVENING: Final = date(2026, 11, 2)
MONTH: Final = TimeGrid(
    start=datetime(2026, 11, 1, 12, tzinfo=ZONE), interval_s=900, count=NIGHTS * PER_DAY
)
LATE_SHARE: Final = 0.25
WEEKEND_SHARE: Final = 0.2
SATURDAY: Final = 5
VAN_SIGMA: Final = 0.25
WEATHER_SIGMA: Final = 0.10
ARRIVAL_SIGMA_H: Final = 0.5
MOST_SHARE: Final = 0.6
"""No van needs more than this share of what its stay can hold, so every night is feasible."""
AC_KW: Final = 6.9


@dataclass(frozen=True)
class Fleet:
    """The reference fleet, its depot and its tariff on the month's grid."""

    dwells: Sequence[Dwell]
    prices: PriceTerms

    def month(self, seed: int) -> list[list[Dwell]]:
        """Return the nights of a random month: who comes when, with what need.

        A quarter of the vans come 1 to 4 h late, all scatter by half an hour; needs scatter by
        25 % a van and 10 % a night; on a weekend evening a fifth of the fleet is out.
        """
        rng = np.random.default_rng(seed)
        return [self._night(number, rng) for number in range(NIGHTS)]

    def _night(self, number: int, rng: np.random.Generator) -> list[Dwell]:
        evening = FIRST_EVENING + timedelta(days=number)
        weather = rng.lognormal(0, WEATHER_SIGMA)
        draws = rng.random((len(self.dwells), 3))
        scatter_h = ARRIVAL_SIGMA_H * rng.normal(size=len(self.dwells))
        factor = weather * rng.lognormal(0, VAN_SIGMA, len(self.dwells))
        late_h = np.where(draws[:, 1] < LATE_SHARE, 1 + 3 * draws[:, 2], 0.0) + scatter_h
        return [
            self._stay(dwell, evening, late_h=float(late_h[at]), factor=float(factor[at]))
            for at, dwell in enumerate(self.dwells)
            if evening.weekday() < SATURDAY or draws[at, 0] < WEEKEND_SHARE
        ]

    def _stay(self, dwell: Dwell, evening: date, *, late_h: float, factor: float) -> Dwell:
        shift = evening - REFERENCE_EVENING
        arrival = dwell.arrival + shift + timedelta(hours=late_h)
        stay = replace(dwell, arrival=arrival, departure=dwell.departure + shift)
        return with_need(stay, dwell.energy_target_kwh * factor)


def with_need(stay: Dwell, energy_kwh: float) -> Dwell:
    """Return a stay with another need, no more than it can hold with some slack."""
    stay_h = (stay.departure - stay.arrival) / timedelta(hours=1)
    need_kwh = min(energy_kwh, MOST_SHARE * stay_h * AC_KW)
    return replace(stay, energy_must_kwh=need_kwh, energy_target_kwh=need_kwh)


def reference_fleet() -> Fleet:
    """Return the fleet of `data/reference_night` under its tariff."""
    tariff = tariff_from_urdb((NIGHT / "tariff.json").read_bytes(), where="tariff.json")
    return Fleet(night_dwells(), price_terms(tariff, MONTH, time_zone=ZONE))


def night_grid(night: int) -> TimeGrid:
    """Return one night's part of the month's grid, from noon to noon."""
    return TimeGrid(start=MONTH.start + night * timedelta(days=1), interval_s=900, count=PER_DAY)


def terms_on(prices: PriceTerms, span: range) -> PriceTerms:
    """Return price terms on a part of their grid."""
    return replace(
        prices,
        energy=tuple(
            replace(term, price_per_kwh=term.price_per_kwh[span.start : span.stop])
            for term in prices.energy
        ),
        peaks=tuple(
            replace(term, intervals=tuple(at - span.start for at in term.intervals if at in span))
            for term in prices.peaks
        ),
        fixed_amount=0.0,
    )


def terms_of_night(prices: PriceTerms, night: int) -> PriceTerms:
    """Return the month's price terms on one night's part of its grid."""
    return terms_on(prices, range(night * PER_DAY, (night + 1) * PER_DAY))


def problem_of(dwells: Sequence[Dwell], *, grid: TimeGrid, prices: PriceTerms) -> PlanningProblem:
    """Return the problem of some stays, occupancy relaxed, without base load."""
    return relaxed_problem(
        dwells, night_depot(), grid=grid, prices=prices, base_load_kw=np.zeros(grid.count)
    )


def month_problem(fleet: Fleet, nights: Sequence[Sequence[Dwell]]) -> PlanningProblem:
    """Return the problem of a whole month at once."""
    stays = [dwell for night in nights for dwell in night]
    return problem_of(stays, grid=MONTH, prices=fleet.prices)


def foresight_amount(fleet: Fleet, nights: Sequence[Sequence[Dwell]]) -> float:
    """Return the bill of the month planned at once."""
    problem = month_problem(fleet, nights)
    return cost_of_site(problem, solve_problem(problem).powers.by_interval_kw()).bill_amount


@dataclass
class RunningMonth:
    """A month as it goes: what was drawn so far, and the bill at its end."""

    prices: PriceTerms
    drawn_kw: list[FloatArray]

    def so_far_kw(self) -> dict[str, float]:
        """Return the peak of each demand term so far."""
        site_kw = np.concatenate([*self.drawn_kw, np.zeros(0)])
        return {
            term.name: max((site_kw[at] for at in term.intervals if at < len(site_kw)), default=0.0)
            for term in self.prices.peaks
        }

    def bill_amount(self) -> float:
        """Return the bill of the whole month."""
        problem = problem_of([], grid=MONTH, prices=self.prices)
        return cost_of_site(problem, np.concatenate(self.drawn_kw)).bill_amount
