"""Demand prices with tiers, cliffs and hours of use, as problems with plain prices only.

Rising tiers are a sum of plain terms with floors. Falling tiers are the least of several straight
lines: each line is a problem of its own, and the cheapest plan of any is the cheapest of all. Other
shapes (cliffs, tiers that fall and rise) are one problem for each tier, whose peak may not leave
it. Hours of use depend on energy and peak; readiness settles the energy before money is asked
for, so they are tiers of the peak, too.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise, product
from typing import Final

import numpy as np

from depotlib.errors import PathError
from depotlib.model.price_terms import HoursUseTerm, PeakTerm, PeakTier, PriceTerms
from depotlib.planning.problem import SITE, PlanningProblem

MOST_CHOICES: Final = 64
_EDGE_SLACK_KW: Final = 1e-4
"""How far below a tier's edge a plan stays, so that rounding does not put it above."""
_MEETING_AMOUNT: Final = 1e-6
_Choice = tuple[tuple[PeakTerm, ...], float, float]
"""Plain terms, an amount due beside them, and the most that the peak may be [kW]."""


def has_choices(prices: PriceTerms) -> bool:
    """Return whether prices hold more than plain terms."""
    return bool(prices.hours_use) or any(term.tiers for term in prices.peaks)


def plain_problems(problem: PlanningProblem, *, charged_kwh: float) -> tuple[PlanningProblem, ...]:
    """Return the problems with plain prices whose best plan is the best plan of a problem.

    ``C(P) = min_j (base_j + D_j P)``

    Parameters
    ----------
    problem : PlanningProblem
    charged_kwh : float
        What all needs get together: for hours of use.

    Returns
    -------
    tuple of PlanningProblem
        The last has no limit that the problem itself does not have.

    Raises
    ------
    PathError
        If the tiers make more than `MOST_CHOICES` problems, or hours of use cannot be told from
        the peak alone.
    """
    tiered = [term for term in problem.prices.peaks if term.tiers]
    tiered += [
        _as_peak_term(term, problem=problem, charged_kwh=charged_kwh)
        for term in problem.prices.hours_use
    ]
    options = [_choices(term, problem=problem) for term in tiered]
    if np.prod([len(option) for option in options]) > MOST_CHOICES:
        raise PathError(
            f"the tiers of {len(tiered)} demand prices make more than {MOST_CHOICES} combinations",
            where="prices",
            hint="plan one billing month at a time",
        )
    plain = tuple(term for term in problem.prices.peaks if not term.tiers)
    return tuple(
        _chosen_problem(problem, plain=plain, chosen=list(zip(tiered, chosen, strict=True)))
        for chosen in product(*options)
    )


def _chosen_problem(
    problem: PlanningProblem,
    *,
    plain: tuple[PeakTerm, ...],
    chosen: Sequence[tuple[PeakTerm, _Choice]],
) -> PlanningProblem:
    """Return the problem in which every term with tiers is in one of them."""
    cap_kw = problem.tree.cap_kw.copy()
    for term, (_, _, most_kw) in chosen:
        at = list(term.intervals)
        room_kw = np.maximum(0.0, most_kw - problem.base_load_kw[at])
        cap_kw[SITE, at] = np.minimum(cap_kw[SITE, at], room_kw)
    prices = replace(
        problem.prices,
        peaks=(*plain, *(term for _, (terms, _, _) in chosen for term in terms)),
        hours_use=(),
        fixed_amount=problem.prices.fixed_amount + sum(amount for _, (_, amount, _) in chosen),
    )
    return replace(problem, prices=prices, tree=replace(problem.tree, cap_kw=cap_kw))


def _choices(term: PeakTerm, *, problem: PlanningProblem) -> list[_Choice]:
    """Return the ways to price a term with tiers, the one without limit last."""
    if not term.intervals:
        return [((), term.amount_of(term.paid_kw), np.inf)]
    if _meets(term.tiers):
        prices_per_kw = [tier.price_per_kw for tier in term.tiers]
        if prices_per_kw == sorted(prices_per_kw):
            return [_rising(term)]
        if prices_per_kw == sorted(prices_per_kw, reverse=True):
            return [
                ((_plain(term, tier.price_per_kw),), tier.base_amount, np.inf)
                for tier in term.tiers
            ]
    least_kw = max(term.paid_kw, float(problem.base_load_kw[list(term.intervals)].max()))
    edges_kw = [*(tier.from_kw for tier in term.tiers[1:]), np.inf]
    choices: list[_Choice] = []
    for tier, edge_kw in zip(term.tiers, edges_kw, strict=True):
        if least_kw > edge_kw:
            continue
        inside = _plain(term, tier.price_per_kw, floor_kw=tier.from_kw)
        choices.append(((inside,), tier.base_amount, max(least_kw, edge_kw - _EDGE_SLACK_KW)))
    return choices


def _meets(tiers: Sequence[PeakTier]) -> bool:
    """Return whether there is no jump between tiers.

    ``base_{j+1} - base_j + (D_{j+1} - D_j) edge_{j+1} = 0``
    """
    return all(
        abs(
            later.base_amount
            - earlier.base_amount
            + (later.price_per_kw - earlier.price_per_kw) * later.from_kw
        )
        <= _MEETING_AMOUNT
        for earlier, later in pairwise(tiers)
    )


def _rising(term: PeakTerm) -> _Choice:
    """Return rising tiers as the first price on all and each increase above its edge.

    ``C(P) = base_1 + D_1 P + Σ_j (D_{j+1} - D_j) max(0, P - edge_{j+1})``
    """
    first = term.tiers[0]
    terms = [_plain(term, first.price_per_kw)]
    amount = first.base_amount
    for earlier, later in pairwise(term.tiers):
        more_per_kw = later.price_per_kw - earlier.price_per_kw
        terms.append(_plain(term, more_per_kw, floor_kw=later.from_kw))
        amount -= more_per_kw * later.from_kw
    return tuple(terms), amount, np.inf


def _plain(term: PeakTerm, price_per_kw: float, *, floor_kw: float = 0.0) -> PeakTerm:
    return replace(term, price_per_kw=price_per_kw, floor_kw=max(term.floor_kw, floor_kw), tiers=())


def _as_peak_term(term: HoursUseTerm, *, problem: PlanningProblem, charged_kwh: float) -> PeakTerm:
    """Return hours of use as tiers of the peak, the energy being known.

    Raises
    ------
    PathError
        If some energy may be drawn in intervals that the term does not count, or a higher peak
        would be cheaper.
    """
    if not problem.drawn_intervals() <= set(term.intervals):
        raise PathError(
            f"the hours of use of {term.name!r} count only a part of the night",
            where=term.name,
            hint="plan on a grid inside one billing month",
        )
    base_kwh = float(problem.base_load_kw[list(term.intervals)].sum()) * problem.grid.interval_h
    energy_kwh = term.start_kwh + problem.prices.energy_factor * (base_kwh + charged_kwh)
    tiers = (
        _marginal_tiers(term, energy_kwh) if term.is_marginal else _class_tiers(term, energy_kwh)
    )
    steepest_per_kw = max(tier.price_per_kw for tier in tiers)
    if min(tier.price_per_kw for tier in tiers) < 0:
        raise PathError(
            f"under {term.name!r} more hours of use are dearer, so that a higher peak pays",
            where=term.name,
            hint="bill the load instead",
        )
    return PeakTerm(
        name=term.name,
        intervals=term.intervals,
        price_per_kw=steepest_per_kw,
        sunk_kw=term.paid_kw,
        tiers=tuple(tiers),
    )


def _class_tiers(term: HoursUseTerm, energy_kwh: float) -> list[PeakTier]:
    """Return the classes by peak: the fewer kW, the more hours.

    ``edge_kw = energy / hours``
    """
    prices_per_kw = term.prices_per_kw or (0.0,) * len(term.prices_per_kwh)
    edges_kw = [0.0, *(energy_kwh / hours for hours in reversed(term.edges_h))]
    return [
        PeakTier(edge_kw, price_per_kw, base_amount=price_per_kwh * energy_kwh)
        for edge_kw, price_per_kw, price_per_kwh in zip(
            edges_kw, reversed(prices_per_kw), reversed(term.prices_per_kwh), strict=True
        )
    ]


def _marginal_tiers(term: HoursUseTerm, energy_kwh: float) -> list[PeakTier]:
    """Return tiers of hours by peak: below energy / hours all kWh of the earlier tiers are used.

    ``C(P) = p_j E + (Σ_{i<j} p_i (h_{i+1} - h_i) - p_j h_j) P``
    """
    edges_kw = [0.0, *(energy_kwh / hours for hours in reversed(term.edges_h))]
    edges_h = (0.0, *term.edges_h)
    tiers: list[PeakTier] = []
    for edge_kw, last in zip(edges_kw, reversed(range(len(term.prices_per_kwh))), strict=True):
        filled_per_kw = sum(
            term.prices_per_kwh[j] * (edges_h[j + 1] - edges_h[j]) for j in range(last)
        )
        price = term.prices_per_kwh[last]
        tiers.append(PeakTier(edge_kw, filled_per_kw - price * edges_h[last], price * energy_kwh))
    return tiers
