"""The cheapest peaks: a small linear program over the peaks, fed with cuts from greatest flows.

For price levels ``c_1 < … < c_K`` of a night::

    V(P) = c_K F_K(P) - Σ_{k<K} (c_{k+1} - c_k) F_k(P)

where ``F_k(P)`` is the greatest flow through the intervals with price ``<= c_k`` under the limits
``min(cap_t, min_{j∋t} P_j) - b_t``. Each ``F_k`` is concave in P and its minimum cut is an affine
upper bound, so the program's optimum is a lower bound for every plan, proven at any time.
"""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.budget import Budget
from depotlib.planning.flow.dispatch import dispatch_mwh
from depotlib.planning.flow.known_flow import KnownFlow
from depotlib.planning.flow.level import (
    CUT_TOLERANCE_KWH,
    Level,
    cut_of,
    flowed,
    held_cuts,
    held_kwh,
    levels_of,
)
from depotlib.planning.flow.network import FlowSolver
from depotlib.planning.flow.site_room import PeakLimits, SiteRoom, site_room
from depotlib.planning.linear_program import LinearProgram, LinearSolution, solve_linear
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem
from depotlib.units import mwh_to_kwh

_MAX_ROUNDS = 200
_HALVINGS = 8
_MANY_LEVELS = 8
"""From here on one cheapest flow takes less time than the greatest flows of all levels."""
_EARLY_ROUNDS = 2
"""In the first rounds the peaks are still far off: every level will be short."""
_FEW_SHARE = 0.5
_TRUST_KWH = 2e-4
"""What is known is known to the rounding of a night's intervals; it is verified in the end."""


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
    dispatched : tuple of ndarray of int or None
        By night: the energy of every task arc under these peaks [mWh], where it is known already.
    """

    peak_kw: FloatArray
    bound_amount: float
    levels: tuple[Level, ...]
    worth_per_kwh: tuple[tuple[float, ...], ...]
    is_proven: bool
    dispatched: tuple[IntArray | None, ...]


@dataclass(frozen=True, slots=True)
class _Trial:
    """Peaks that are tried, what they leave of the site, and how many nights there are."""

    problem: PlanningProblem
    limits: PeakLimits
    site: SiteRoom
    price_per_kwh: FloatArray
    nights: int


@dataclass(slots=True)
class _NightSearch:
    """One night in the search: its levels and what the last round found.

    Parameters
    ----------
    solver : FlowSolver
    levels : list of Level
    added : int
        Cuts of the last round.
    trusted : bool
        Whether some level was taken as known in the last round.
    dispatched : ndarray of int or None
        The night's cheapest flow under the last peaks, where it was asked for.
    """

    solver: FlowSolver
    levels: list[Level]
    added: int = 0
    trusted: bool = False
    dispatched: IntArray | None = None

    def seek(
        self, trial: _Trial, *, assumed_kwh: FloatArray, least_kwh: FloatArray, is_late: bool
    ) -> FloatArray:
        """Add the cut of every level whose flow falls short of what the program assumes.

        One cheapest flow holds the greatest flows of all levels, and is the dispatch as well. It
        is worth its time where few of many levels will turn out to be short.

        Returns
        -------
        ndarray
            What each level's flow is at least, (levels,).
        """
        self.dispatched, self.added = None, 0
        open_levels = np.flatnonzero(least_kwh < assumed_kwh - _TRUST_KWH)
        self.trusted = len(open_levels) < len(self.levels)
        if is_late and len(open_levels) >= _MANY_LEVELS:
            return self.verify(trial, assumed_kwh=assumed_kwh)
        return self._cut(trial, open_levels, assumed_kwh=assumed_kwh, least_kwh=least_kwh)

    def verify(self, trial: _Trial, *, assumed_kwh: FloatArray) -> FloatArray:
        """Hold all levels against the cheapest flow; return what each level's flow is."""
        night, network = self.solver.network.night, self.solver.network
        span = slice(night.first, night.last)
        self.trusted = False
        self.dispatched = dispatch_mwh(
            self.solver,
            trial.site.room_mwh[span],
            price_per_kwh=trial.price_per_kwh[span],
            nights=trial.nights,
        )
        by_interval_mwh = np.bincount(
            network.task_head % network.span, weights=self.dispatched, minlength=network.span
        )
        flow_kwh = np.array(
            [mwh_to_kwh(float(by_interval_mwh[one.open_intervals].sum())) for one in self.levels]
        )
        short = np.flatnonzero(flow_kwh < assumed_kwh - CUT_TOLERANCE_KWH)
        return self._cut(trial, short, assumed_kwh=assumed_kwh, least_kwh=flow_kwh)

    def _cut(
        self, trial: _Trial, tried: IntArray, *, assumed_kwh: FloatArray, least_kwh: FloatArray
    ) -> FloatArray:
        if not len(tried):
            return least_kwh
        night = self.solver.network.night
        span = slice(night.first, night.last)
        room_mwh, deciding = trial.site.room_mwh[span], trial.site.deciding[span]
        # Twice the tolerance: a level is not called short for the sake of a sum of floats.
        held = held_kwh(self._levels_at(tried), room_mwh)
        is_held_short = held + CUT_TOLERANCE_KWH < assumed_kwh[tried] - CUT_TOLERANCE_KWH
        self._cut_held(trial, tried[is_held_short], deciding=deciding)
        known_kwh = least_kwh.copy()
        at: list[int] = tried[~is_held_short].tolist()
        for index in at:
            level = self.levels[index]
            found = flowed(level, room_mwh, assumed_kwh=float(assumed_kwh[index]))
            known_kwh[index] = max(float(known_kwh[index]), found.at_least_kwh)
            if found.arcs is None:
                continue
            level.cuts.append(
                cut_of(
                    trial.problem, level, arcs=found.arcs, deciding=deciding, limits=trial.limits
                )
            )
            self.added += 1
        return known_kwh

    def _cut_held(self, trial: _Trial, short: IntArray, *, deciding: IntArray) -> None:
        """Add the cut through its open intervals to each level whose intervals hold too little."""
        if not len(short):
            return
        levels = self._levels_at(short)
        cuts = held_cuts(trial.problem, levels, deciding=deciding, limits=trial.limits)
        for level, cut in zip(levels, cuts, strict=True):
            level.cuts.append(cut)
        self.added += len(levels)

    def _levels_at(self, indices: IntArray) -> list[Level]:
        at: list[int] = indices.tolist()
        return [self.levels[index] for index in at]


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
    price_per_kwh, rounds = problem.price_per_kwh(), 0
    nights = [_NightSearch(solver, levels_of(price_per_kwh, solver)) for solver in solvers]
    levels = tuple(level for night in nights for level in night.levels)
    program, known = _Program(limits, levels), KnownFlow(levels)
    while True:
        solution = program.solve(budget)
        peak_kw, assumed_kwh = np.split(solution.values, [len(limits.names)])
        site = site_room(problem, limits=limits, peak_kw=peak_kw)
        trial = _Trial(problem, limits, site, price_per_kwh, nights=len(nights))
        known_kwh = _sought(
            nights,
            trial,
            assumed_kwh=assumed_kwh,
            least_kwh=known.least_kwh(peak_kw, room_mwh=trial.site.room_mwh),
            rounds=rounds,
        )
        known.add(peak_kw, room_mwh=trial.site.room_mwh, flow_kwh=known_kwh)
        is_proven = not any(night.added for night in nights)
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
        dispatched=tuple(night.dispatched if is_proven else None for night in nights),
    )


def _sought(
    nights: list[_NightSearch],
    trial: _Trial,
    *,
    assumed_kwh: FloatArray,
    least_kwh: FloatArray,
    rounds: int,
) -> FloatArray:
    """Seek in all nights, and verify what was taken as known once nothing else is short."""
    ends: IntArray = np.cumsum([len(night.levels) for night in nights], dtype=np.int64)
    assumed, least = np.split(assumed_kwh, ends), np.split(least_kwh, ends)
    is_late = _is_late(nights, rounds=rounds)
    known = [
        night.seek(trial, assumed_kwh=assumed[index], least_kwh=least[index], is_late=is_late)
        for index, night in enumerate(nights)
    ]
    if not any(night.added for night in nights):
        for index, night in enumerate(nights):
            if night.trusted:
                known[index] = night.verify(trial, assumed_kwh=assumed[index])
    return np.concatenate([np.zeros(0), *known])


def _is_late(nights: list[_NightSearch], *, rounds: int) -> bool:
    """Return whether the next peaks are likely to be the last: few levels were short just now."""
    added = sum(night.added for night in nights)
    levels = sum(len(night.levels) for night in nights)
    return rounds >= _EARLY_ROUNDS and (len(nights) == 1 or added <= _FEW_SHARE * levels)


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
        if not cuts:
            return self._apart()
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

    def _apart(self) -> LinearSolution:
        """Return the optimum without a cut: each peak and flow stands at its cheaper bound."""
        values = np.where(self._cost < 0, self._upper, self._lower)
        return LinearSolution(
            values=values,
            objective_amount=float(self._cost @ values),
            row_duals=np.zeros(0),
            reduced_costs=self._cost,
        )

    def worth_per_kwh(self, solution: LinearSolution) -> tuple[tuple[float, ...], ...]:
        """Return what one more kWh on the right of each level's cuts would save."""
        return tuple(
            tuple((-part).tolist())
            for part in np.split(solution.row_duals, np.cumsum(self._counts))[: len(self._counts)]
        )
