"""The month behind a night: peaks worth paying for, and what a kW is worth when a ratchet follows.

A demand charge is billed once a month, a night is planned thirty times. A night that pays the full
price from zero on is too shy, one that pays nothing too bold. So tonight pays nothing up to the
greater of the peak so far and a target, and the full price above; the target is the median of the
peaks that are optimal in sampled months.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from statistics import median
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from depotlib.errors import MonthError
from depotlib.model.calendar import local_to_utc
from depotlib.model.dwell import Dwell
from depotlib.model.price_terms import PriceTerms
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solve import solve_problem

NOON: Final = timedelta(hours=12)
ONE_DAY: Final = timedelta(days=1)
FIRST_WEEKEND_DAY: Final = 5


@dataclass(frozen=True, slots=True)
class PeakTarget:
    """The peak of a month that is worth paying for, of one demand term.

    Parameters
    ----------
    name : str
        Of the demand term.
    target_kw : float
        Median of the samples.
    sampled_kw : tuple of float
        Optimal peak in each sampled month, rising.
    """

    name: str
    target_kw: float
    sampled_kw: tuple[float, ...]

    def share_above(self, peak_kw: float) -> float:
        """Return the share of sampled months whose optimal peak is above one."""
        return sum(one > peak_kw for one in self.sampled_kw) / len(self.sampled_kw)


def sampled_month(
    nights: Sequence[Sequence[Dwell]],
    *,
    first: date,
    days: int,
    time_zone: ZoneInfo,
    seed: int,
) -> tuple[Dwell, ...]:
    """Return the stays of a month in which each day is a night of the past, drawn at random.

    Whole nights are drawn, so that vehicles that come home late together do so again; a weekday
    draws from weekdays and a weekend day from weekend days where the past has both. Local times
    stay what they were, whatever the clock does in between.

    Parameters
    ----------
    nights : sequence of sequence of Dwell
        Nights of the past, each from noon to noon.
    first : date
        Local date of the month's first evening.
    days : int
        Evenings of the month.
    time_zone : ZoneInfo
        Of the depot.
    seed : int
        The same seed gives the same month.

    Raises
    ------
    MonthError
        If there is no night to draw from.
    """
    known = [(_evening(night, time_zone), night) for night in nights if night]
    if not known:
        raise MonthError(
            "there is no night of the past to sample a month from",
            where="nights",
            hint="import session logs or telematics of some weeks",
        )
    rng = np.random.default_rng(seed)
    stays: list[Dwell] = []
    for number in range(days):
        evening = first + number * ONE_DAY
        alike = [one for one in known if _is_weekend(one[0]) == _is_weekend(evening)] or known
        drawn, night = alike[int(rng.integers(len(alike)))]
        stays.extend(_moved(one, days=evening - drawn, time_zone=time_zone) for one in night)
    return tuple(stays)


def month_peaks_kw(month: PlanningProblem) -> dict[str, float]:
    """Return the peak of each demand term in the cheapest plan of a month [kW].

    Raises
    ------
    SolverError
        If the month cannot be solved.
    """
    solution = solve_problem(month)
    site_kw = month.base_load_kw + solution.powers.by_interval_kw()
    if solution.assets is not None and month.solar_kw is not None:
        site_kw = site_kw + solution.assets.net_kw(month.solar_kw)
    return {
        term.name: float(site_kw[list(term.intervals)].max(initial=0.0))
        for term in month.prices.peaks
    }


def peak_targets(months: Iterable[PlanningProblem]) -> tuple[PeakTarget, ...]:
    """Return the target of each demand term from sampled months.

    ``target[k] = median over sampled months of the optimal peak of k``

    Parameters
    ----------
    months : iterable of PlanningProblem
        Each a whole billing month with its own stays, under the same tariff. Its demand terms
        are taken by name, so every month must lie within one calendar month.

    Raises
    ------
    MonthError
        If there is no month.
    """
    peaks = [month_peaks_kw(month) for month in months]
    if not peaks:
        raise MonthError("there is no sampled month", where="months", hint="sample 20")
    samples = {name: tuple(sorted(one[name] for one in peaks)) for name in peaks[0]}
    return tuple(
        PeakTarget(name=name, target_kw=median(sampled_kw), sampled_kw=sampled_kw)
        for name, sampled_kw in samples.items()
    )


def terms_toward(
    prices: PriceTerms, *, target_kw: Mapping[str, float], so_far_kw: Mapping[str, float]
) -> PriceTerms:
    """Return price terms that pay nothing for a peak up to its target or the peak so far.

    ``sunk[k] = max(sunk[k], target[k], peak so far[k])``

    What the peak up to there costs is in the bill of such a plan whatever the plan does, so the
    bill is that of a month that reaches its targets.

    Parameters
    ----------
    prices : PriceTerms
        Of the night.
    target_kw, so_far_kw : mapping of str to float
        By name of the demand term; what is not named has none.
    """
    peaks = tuple(
        replace(
            term,
            sunk_kw=max(term.sunk_kw, target_kw.get(term.name, 0.0), so_far_kw.get(term.name, 0.0)),
        )
        for term in prices.peaks
    )
    return replace(prices, peaks=peaks)


def ratchet_price_per_kw(
    price_per_kw: float, *, ratchet_share: float, binding_shares: Sequence[float]
) -> float:
    """Return what one kW of this month's peak costs, later months under its floor included.

    ``D × (1 + ρ Σ_m P(the floor binds in month m))`` over the months that the ratchet reaches.

    Parameters
    ----------
    price_per_kw : float
        Demand price of a month, D.
    ratchet_share : float
        Share of the peak that later months are billed at least, ρ.
    binding_shares : sequence of float
        For each later month that the ratchet reaches: how likely its floor, set by this month's
        peak, is above that month's own peak (`PeakTarget.share_above` gives the contrary).

    Raises
    ------
    MonthError
        If a share lies outside 0 to 1.
    """
    shares = (ratchet_share, *binding_shares)
    if not all(0 <= share <= 1 for share in shares):
        raise MonthError("a share lies outside 0 to 1", where="ratchet", hint="80 % is 0.8")
    return price_per_kw * (1 + ratchet_share * sum(binding_shares))


def _evening(night: Sequence[Dwell], time_zone: ZoneInfo) -> date:
    first = min(dwell.arrival for dwell in night)
    return (_naive(first, time_zone) - NOON).date()


def _is_weekend(day: date) -> bool:
    return day.weekday() >= FIRST_WEEKEND_DAY


def _moved(dwell: Dwell, *, days: timedelta, time_zone: ZoneInfo) -> Dwell:
    arrival, departure = (
        local_to_utc(_naive(instant, time_zone) + days, time_zone)
        for instant in (dwell.arrival, dwell.departure)
    )
    return replace(dwell, arrival=arrival, departure=departure)


def _naive(instant: datetime, time_zone: ZoneInfo) -> datetime:
    return instant.astimezone(time_zone).replace(tzinfo=None)
