"""Peaks as limits: what the site has left for charging in each interval, and what decides it."""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.flow.network import limit_mwh
from depotlib.planning.flow.solvers import NO_LIMIT_MWH
from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class PeakLimits:
    """The peaks as limits on each interval.

    Parameters
    ----------
    names : tuple of str
    price_per_kw : ndarray
        (peaks,).
    lower_kw, upper_kw : ndarray
        No peak can be or is worth being outside, (peaks,).
    counts : ndarray of bool
        Whether a peak counts an interval, (peaks, intervals).
    """

    names: tuple[str, ...]
    price_per_kw: FloatArray
    lower_kw: FloatArray
    upper_kw: FloatArray
    counts: np.ndarray[tuple[int, int], np.dtype[np.bool_]]

    def active(self, peak_kw: FloatArray) -> tuple[IntArray, FloatArray]:
        """Return the lowest peak that counts each interval (-1: none) and its value [kW]."""
        if not len(self.names):
            none = np.full(self.counts.shape[1], -1, dtype=np.int64)
            return none, np.full(self.counts.shape[1], np.inf)
        values = np.where(self.counts, peak_kw[:, None], np.inf)
        lowest = np.argmin(values, axis=0)
        value_kw = values[lowest, np.arange(values.shape[1])]
        return np.where(np.isfinite(value_kw), lowest, -1), value_kw


def peak_limits(problem: PlanningProblem) -> PeakLimits:
    """Return the demand terms of a problem that have a price, as limits.

    ``max(sunk_j, floor_j, max_{t∈j} b_t) <= P_j``
    """
    terms = [term for term in problem.prices.peaks if term.intervals and term.price_per_kw > 0]
    counts = np.zeros((len(terms), problem.grid.count), dtype=np.bool_)
    lower_kw, upper_kw = np.zeros(len(terms)), np.zeros(len(terms))
    most_kw = problem.base_load_kw + problem.tree.cap_kw[SITE]
    for row, term in enumerate(terms):
        at = np.asarray(term.intervals, dtype=np.int64)
        counts[row, at] = True
        lower_kw[row] = max(term.paid_kw, float(problem.base_load_kw[at].max()))
        upper_kw[row] = max(lower_kw[row], float(most_kw[at].max())) + 1.0
    return PeakLimits(
        names=tuple(term.name for term in terms),
        price_per_kw=np.array([term.price_per_kw for term in terms], dtype=np.float64),
        lower_kw=lower_kw,
        upper_kw=upper_kw,
        counts=counts,
    )


@dataclass(frozen=True, slots=True)
class SiteRoom:
    """What the site has left for charging under given peaks, over the whole grid.

    Parameters
    ----------
    room_mwh : ndarray of int
        (intervals,).
    deciding : ndarray of int
        Index of the peak that limits the interval, -1 where the site's own limit does.
    """

    room_mwh: IntArray
    deciding: IntArray


def site_room(problem: PlanningProblem, *, limits: PeakLimits, peak_kw: FloatArray) -> SiteRoom:
    """Return what the site has left for charging under given peaks.

    ``min(cap_kw[site, t], max(0, min_{j∋t} P_j - b_t))``
    """
    active, value_kw = limits.active(peak_kw)
    interval_h = problem.grid.interval_h
    room_kw = np.maximum(0.0, value_kw - problem.base_load_kw)
    peak_mwh = np.full(len(room_kw), NO_LIMIT_MWH)
    finite = np.isfinite(room_kw)
    peak_mwh[finite] = limit_mwh(room_kw[finite] * interval_h)
    site_mwh = limit_mwh(problem.tree.cap_kw[SITE] * interval_h)
    return SiteRoom(
        room_mwh=np.minimum(site_mwh, peak_mwh),
        deciding=np.where(peak_mwh < site_mwh, active, -1),
    )
