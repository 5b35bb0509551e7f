"""The cheapest peaks: a small linear program over the peaks, fed with cuts from greatest flows.

For price levels ``c_1 < … < c_K`` of a night::

    V(P) = c_K F_K(P) - Σ_{k<K} (c_{k+1} - c_k) F_k(P)

where ``F_k(P)`` is the greatest flow through the intervals with price ``<= c_k`` under the limits
``min(cap_t, min_{j∋t} P_j) - b_t``. Each ``F_k`` is concave in P and its minimum cut is an affine
upper bound, so the program's optimum is a lower bound for every plan, proven at any time.
"""

from dataclasses import dataclass, field

import numpy as np

from depotlib.planning.budget import Budget
from depotlib.planning.flow.network import FlowSolver, limit_mwh
from depotlib.planning.flow.solvers import NO_LIMIT_MWH
from depotlib.planning.linear_program import LinearProgram, LinearSolution, solve_linear
from depotlib.planning.problem import SITE, FloatArray, IntArray, PlanningProblem
from depotlib.units import MWH_PER_KWH, mwh_to_kwh

CUT_TOLERANCE_KWH = 2e-6
_MAX_ROUNDS = 200
_HALVINGS = 8


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


@dataclass(frozen=True, slots=True)
class Cut:
    """An affine upper bound of one ``F_k``: constant + coefficients · P, with its arcs.

    Parameters
    ----------
    constant_kwh : float
    coefficient_h : ndarray
        (peaks,).
    limit_arcs : ndarray of int
        Arcs of tasks, tree and sink in the cut whose limit is no peak.
    """

    constant_kwh: float
    coefficient_h: FloatArray
    limit_arcs: IntArray


@dataclass(frozen=True, slots=True)
class Level:
    """One ``F_k`` of one night in the program.

    Parameters
    ----------
    solver : FlowSolver
    open_intervals : ndarray of bool
        Intervals of the night with a price of at most the level's.
    value_per_kwh : float
        What a kWh at this level saves against the next, or 0 at the highest level.
    must_flow : bool
        Whether all of the night's energy must flow: at the highest level.
    cuts : list of Cut
        Learned so far.
    """

    solver: FlowSolver
    open_intervals: np.ndarray[tuple[int], np.dtype[np.bool_]]
    value_per_kwh: float
    must_flow: bool
    cuts: list[Cut] = field(default_factory=list[Cut])


@dataclass(frozen=True, slots=True)
class PeakPrices:
    """The solved program.

    Parameters
    ----------
    peak_kw : ndarray
        (peaks,).
    bound_amount : float
        Demand amount less what the lower price levels save: proven lower bound.
    levels : tuple of Level
    worth_per_kwh : tuple of tuple of float
        What one more kWh on the right of each level's cuts would save; nothing yet for cuts that
        came after the last solve.
    is_proven : bool
        Whether the bound is met.
    """

    peak_kw: FloatArray
    bound_amount: float
    levels: tuple[Level, ...]
    worth_per_kwh: tuple[tuple[float, ...], ...]
    is_proven: bool


def peak_limits(problem: PlanningProblem) -> PeakLimits:
    """Return the demand terms of a problem that have a price, as limits."""
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


def cheapest_peaks(
    problem: PlanningProblem,
    solvers: list[FlowSolver],
    *,
    limits: PeakLimits,
    budget: Budget,
) -> PeakPrices:
    """Return the peaks of the cheapest plan and the proven bound.

    Where the budget ends first, the peaks are the lowest found so far under which everything can
    be charged, and the bound is the last one proven.

    Raises
    ------
    SolverError
        If the linear program fails.
    """
    levels = tuple(level for solver in solvers for level in _levels(problem, solver))
    program = _Program(limits, levels)
    rounds = 0
    while True:
        solution = program.solve(budget)
        peak_kw, flow_kwh = np.split(solution.values, [len(limits.names)])
        is_proven = not _add_cuts(
            problem, levels, limits=limits, peak_kw=peak_kw, flow_kwh=flow_kwh
        )
        rounds += 1
        if is_proven or rounds == _MAX_ROUNDS or budget.is_spent:
            break
    if not is_proven:
        peak_kw = _enough_kw(problem, levels, limits=limits, peak_kw=peak_kw)
    return PeakPrices(
        peak_kw=peak_kw,
        bound_amount=solution.objective_amount,
        levels=levels,
        worth_per_kwh=program.worth_per_kwh(solution),
        is_proven=is_proven,
    )


def _enough_kw(
    problem: PlanningProblem,
    levels: tuple[Level, ...],
    *,
    limits: PeakLimits,
    peak_kw: FloatArray,
) -> FloatArray:
    """Return peaks under which everything can be charged: part of the way to the greatest."""
    too_low, enough = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (too_low + enough) / 2
        tried_kw = peak_kw + middle * (limits.upper_kw - peak_kw)
        if _all_flows(problem, levels, limits=limits, peak_kw=tried_kw):
            enough = middle
        else:
            too_low = middle
    return peak_kw + enough * (limits.upper_kw - peak_kw)


def _all_flows(
    problem: PlanningProblem,
    levels: tuple[Level, ...],
    *,
    limits: PeakLimits,
    peak_kw: FloatArray,
) -> bool:
    site = site_room(problem, limits=limits, peak_kw=peak_kw)
    for level in levels:
        night = level.solver.network.night
        if not level.must_flow:
            continue
        flow = level.solver.solve(site.room_mwh[night.first : night.last])
        if flow.value_mwh < level.solver.supply.total_mwh:
            return False
    return True


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
    """Return what the site has left for charging under given peaks."""
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


def _levels(problem: PlanningProblem, solver: FlowSolver) -> list[Level]:
    night = solver.network.night
    price_per_kwh = problem.price_per_kwh()[night.first : night.last]
    prices = np.unique(price_per_kwh)
    steps = np.append(np.diff(prices), 0.0)
    return [
        Level(
            solver=solver,
            open_intervals=price_per_kwh <= price,
            value_per_kwh=float(step),
            must_flow=index == len(prices) - 1,
        )
        for index, (price, step) in enumerate(zip(prices, steps, strict=True))
    ]


def _add_cuts(
    problem: PlanningProblem,
    levels: tuple[Level, ...],
    *,
    limits: PeakLimits,
    peak_kw: FloatArray,
    flow_kwh: FloatArray,
) -> int:
    """Add the cut of every level whose flow falls short of what the program assumes; count."""
    added = 0
    site = site_room(problem, limits=limits, peak_kw=peak_kw)
    for level, assumed_kwh in zip(levels, flow_kwh.tolist(), strict=True):
        night = level.solver.network.night
        room_mwh = np.where(level.open_intervals, site.room_mwh[night.first : night.last], 0)
        arcs = _narrow_arcs(level, room_mwh, assumed_kwh=assumed_kwh)
        if arcs is not None:
            deciding = site.deciding[night.first : night.last]
            level.cuts.append(_cut(problem, level, arcs=arcs, deciding=deciding, limits=limits))
            added += 1
    return added


def _narrow_arcs(level: Level, room_mwh: IntArray, *, assumed_kwh: float) -> IntArray | None:
    """Return the arcs of a cut that holds less than what the program assumes, if there is one.

    Where the open intervals alone hold less, no flow is needed to see it.
    """
    solver = level.solver
    if mwh_to_kwh(float(room_mwh.sum())) < assumed_kwh - CUT_TOLERANCE_KWH:
        return solver.arcs.sink + np.arange(len(room_mwh))
    flow = solver.solve(room_mwh)
    if mwh_to_kwh(flow.value_mwh) >= assumed_kwh - CUT_TOLERANCE_KWH:
        return None
    return flow.cut


def _cut(
    problem: PlanningProblem,
    level: Level,
    *,
    arcs: IntArray,
    deciding: IntArray,
    limits: PeakLimits,
) -> Cut:
    solver = level.solver
    night, interval_h = solver.network.night, solver.network.interval_h
    sink = arcs[arcs >= solver.arcs.sink] - solver.arcs.sink
    sink = sink[level.open_intervals[sink]]
    by_peak = sink[deciding[sink] >= 0]
    by_site = sink[deciding[sink] < 0]
    inner = arcs[arcs < solver.arcs.sink]
    constant_mwh = solver.arcs.cap_mwh[inner].sum() + solver.network.site_mwh[by_site].sum()
    base_kwh = problem.base_load_kw[night.first + by_peak].sum() * interval_h
    return Cut(
        constant_kwh=float(constant_mwh) / MWH_PER_KWH - float(base_kwh),
        coefficient_h=np.bincount(deciding[by_peak], minlength=len(limits.names)).astype(np.float64)
        * interval_h,
        limit_arcs=np.concatenate([inner[inner >= solver.arcs.tasks], by_site + solver.arcs.sink]),
    )


class _Program:
    """minimise Σ_j D_j P_j - Σ_levels value · F, each F below its cuts."""

    def __init__(self, limits: PeakLimits, levels: tuple[Level, ...]) -> None:
        self._levels = levels
        self._counts = [0] * len(levels)
        totals_kwh = np.array([mwh_to_kwh(level.solver.supply.total_mwh) for level in levels])
        must_flow = np.array([level.must_flow for level in levels], dtype=np.bool_)
        self._peak_count = len(limits.names)
        self._cost = np.concatenate(
            [limits.price_per_kw, [-level.value_per_kwh for level in levels]]
        )
        self._lower = np.concatenate([limits.lower_kw, np.where(must_flow, totals_kwh, 0.0)])
        self._upper = np.concatenate([limits.upper_kw, totals_kwh])

    def solve(self, budget: Budget) -> LinearSolution:
        """Return the optimum under the cuts so far: F - coefficients · P <= constant."""
        self._counts = [len(level.cuts) for level in self._levels]
        cuts = [(index, cut) for index, level in enumerate(self._levels) for cut in level.cuts]
        flows = self._peak_count + np.array([index for index, _ in cuts], dtype=np.int64)
        hours = np.array([cut.coefficient_h for _, cut in cuts]).reshape(
            len(cuts), self._peak_count
        )
        rows, peaks = np.nonzero(hours)
        return solve_linear(
            LinearProgram(
                cost=self._cost,
                lower=self._lower,
                upper=self._upper,
                row_lower=np.full(len(cuts), -np.inf),
                row_upper=np.array([cut.constant_kwh for _, cut in cuts], dtype=np.float64),
                row=np.concatenate([np.arange(len(cuts)), rows]),
                column=np.concatenate([flows, peaks]),
                value=np.concatenate([np.ones(len(cuts)), -hours[rows, peaks]]),
            ),
            time_limit_s=budget.left_s(),
        )

    def worth_per_kwh(self, solution: LinearSolution) -> tuple[tuple[float, ...], ...]:
        """Return what one more kWh on the right of each level's cuts would save."""
        return tuple(
            tuple((-part).tolist())
            for part in np.split(solution.row_duals, np.cumsum(self._counts))[: len(self._counts)]
        )
