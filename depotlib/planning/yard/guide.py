"""What a kWh in each interval is worth to a depot without plugs: the prices that guide the yard.

Energy prices plus each demand price spread over the intervals that would set its peak: evenly over
those that set it in an optimum, or as conditional gradients (Frank and Wolfe) on a smoothed bill
find them. Guides for a search, not proofs.
"""

from typing import Final

import numpy as np

from depotlib.planning.problem import SITE, FloatArray, PlanningProblem

_ROUNDS: Final = 240
_LATE: Final = 4
"""Power of the round's number by which its prices count: the first rounds are far off."""
_CELLS: Final = 80_000_000
"""Tasks x intervals x rounds that a guide may cost."""
_SHARPNESS: Final = 20.0
"""Exponent of the mean that stands for a peak; a larger one is closer and less steady."""
_PEAK_SHARE: Final = 1e-4
"""How far below a peak an interval may be that sets it."""
_TOLERANCE_SHARE: Final = 0.02
"""How far above its limit the smoothed site load may be before a kWh costs all prices again."""


def guide_price_per_kwh(problem: PlanningProblem) -> FloatArray:
    """Return the guide price of every interval, in the bill's currency, (intervals,).

    ``load += 2 / (n + 2) * (answer - load)``

    Parameters
    ----------
    problem : PlanningProblem
        With occupancy relaxed, or within windows.
    """
    price_per_kwh = problem.price_per_kwh()
    cells = max(1, len(problem.tasks.need) * problem.grid.count)
    rounds = max(10, min(_ROUNDS, _CELLS // cells))
    mask = problem.windows_mask()
    load_kw = _cheapest_kw(problem, mask, price_per_kwh=price_per_kwh)
    mean_per_kwh = np.zeros(problem.grid.count)
    weight_total = 0.0
    for number in range(1, rounds + 1):
        marginal_per_kwh = _marginal_per_kwh(problem, load_kw)
        mean_per_kwh += number**_LATE * marginal_per_kwh
        weight_total += number**_LATE
        answer_kw = _cheapest_kw(problem, mask, price_per_kwh=marginal_per_kwh)
        load_kw = load_kw + (2.0 / (number + 2.0)) * (answer_kw - load_kw)
    return mean_per_kwh / weight_total


def settled_price_per_kwh(problem: PlanningProblem, charging_kw: FloatArray) -> FloatArray:
    """Return the guide prices that an optimum's own peaks suggest, (intervals,).

    ``price_per_kwh[t] + Σ_k D_k / interval_h / intervals at the peak of k``

    Each demand price is spread evenly over the intervals that set its peak. Where vehicles can
    move energy between all of these, no other price is right, and this one has no noise.

    Parameters
    ----------
    problem : PlanningProblem
    charging_kw : ndarray
        Of all vehicles together in an optimum, (intervals,).
    """
    price_per_kwh = problem.price_per_kwh()
    site_kw = charging_kw + problem.base_load_kw
    for term in problem.prices.peaks:
        at = np.array(term.intervals, dtype=np.int64)
        if len(at) == 0 or site_kw[at].max() <= term.paid_kw:
            continue
        highest_kw = site_kw[at].max()
        setting = at[site_kw[at] >= highest_kw - _PEAK_SHARE * abs(highest_kw)]
        price_per_kwh[setting] += term.price_per_kw / problem.grid.interval_h / len(setting)
    return price_per_kwh


def _cheapest_kw(
    problem: PlanningProblem, mask: np.ndarray[tuple[int, int], np.dtype[np.bool_]], *,
    price_per_kwh: FloatArray,
) -> FloatArray:  # fmt: skip
    """Return the fleet's power when every task takes its cheapest intervals [kW], (intervals,)."""
    order = np.argsort(price_per_kwh, kind="stable")
    most_kwh = mask[:, order] * (problem.tasks.max_kw * problem.grid.interval_h)[:, None]
    wanted_kwh = problem.needs.energy_target_kwh[problem.tasks.need]
    taken_kwh = np.minimum(np.cumsum(most_kwh, axis=1), wanted_kwh[:, None])
    fleet_kwh = np.zeros(problem.grid.count)
    fleet_kwh[order] = np.diff(taken_kwh, axis=1, prepend=0.0).sum(axis=0)
    return fleet_kwh / problem.grid.interval_h


def _marginal_per_kwh(problem: PlanningProblem, load_kw: FloatArray) -> FloatArray:
    """Return what one more kWh in each interval adds to the smoothed bill.

    ``D_k / interval_h * (g_t / max g)^20 / Σ_s (g_s / max g)^20``
    """
    interval_h = problem.grid.interval_h
    site_kw = np.maximum(load_kw + problem.base_load_kw, 0.0)
    marginal_per_kwh = problem.price_per_kwh()
    steepest_per_kwh = float(np.ptp(marginal_per_kwh)) if len(marginal_per_kwh) else 0.0
    for term in problem.prices.peaks:
        at = np.array(term.intervals, dtype=np.int64)
        steepest_per_kwh += term.price_per_kw / interval_h
        if len(at) == 0 or site_kw[at].max() <= term.paid_kw:
            continue
        height_share = site_kw[at] / site_kw[at].max()
        weight_share = height_share**_SHARPNESS
        marginal_per_kwh[at] += term.price_per_kw / interval_h * weight_share / weight_share.sum()
    room_kw = problem.tree.cap_kw[SITE]
    above_share = np.maximum(load_kw - room_kw, 0.0) / (_TOLERANCE_SHARE * np.maximum(room_kw, 1.0))
    return marginal_per_kwh + above_share * max(steepest_per_kwh, 1.0)
