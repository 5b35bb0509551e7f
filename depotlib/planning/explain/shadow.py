"""Duals of a solved problem: what the next kWh of each vehicle costs, and the next kW of each hour.

One linear program at the energies that a plan delivers. A dual is a slope between the two one-sided
differences; where the optimum is degenerate these differ, and the dual alone is no answer. So duals
rank and bound here (convexity: no saving exceeds what the duals say), and re-solves give figures.
"""

from dataclasses import dataclass, replace

import numpy as np

from depotlib.planning.changes import with_energies
from depotlib.planning.linear_program import solve_linear
from depotlib.planning.lp import PARTS
from depotlib.planning.lp.assembler import assemble
from depotlib.planning.lp.circuit_limit import CIRCUIT_LIMIT
from depotlib.planning.lp.claims import whole_claims
from depotlib.planning.lp.energy import ENERGY
from depotlib.planning.lp.peak_term import PEAK_TERM
from depotlib.planning.lp.site_limit import SITE_LIMIT
from depotlib.planning.problem import SITE, FloatArray, PlanningProblem

_ROUNDING_KWH = 1e-6


@dataclass(frozen=True, slots=True)
class ShadowPrices:
    """Duals at the energies of a plan.

    Parameters
    ----------
    energy_per_kwh : ndarray
        What one more kWh for each need adds to the bill, (needs,).
    power_per_kw : ndarray
        What one more kW at each node in each interval adds to the bill: energy, peaks and the
        limits from there up to the site, (nodes, intervals).
    """

    energy_per_kwh: FloatArray
    power_per_kw: FloatArray

    def most_saved_amount(
        self, problem: PlanningProblem, need: int, *, first: int, last: int
    ) -> float:
        """Return the most that a need could save with the intervals [first, last) as well.

        ``max over tasks of max_kw * Σ_t max(0, interval_h * energy_per_kwh - power_per_kw[n, t])``
        """
        own = np.flatnonzero(problem.tasks.need == need)
        most_amount = 0.0
        for task in own.tolist():
            cost_per_kw = self.power_per_kw[int(problem.tasks.node[task]), first:last]
            worth_per_kw = self.energy_per_kwh[need] * problem.grid.interval_h - cost_per_kw
            saved_amount = float(np.maximum(0.0, worth_per_kw).sum()) * problem.tasks.max_kw[task]
            most_amount = max(most_amount, float(saved_amount))
        return most_amount


def shadow_prices(problem: PlanningProblem, given_kwh: FloatArray) -> ShadowPrices:
    """Return the duals of a problem in which every need gets what a plan gives it.

    ``power_per_kw[n, t] = interval_h * price_per_kwh[t] + Σ_k λ[k, t] + Σ_{m from n up} μ[m, t]``

    Parameters
    ----------
    problem : PlanningProblem
    given_kwh : ndarray
        (needs,).

    Raises
    ------
    SolverError
        If the solver fails.
    """
    pinned_kwh = np.maximum(0.0, given_kwh - _ROUNDING_KWH)
    pinned = with_energies(problem, must_kwh=pinned_kwh, target_kwh=pinned_kwh)
    claims = replace(whole_claims(pinned), granted_kwh=(float(pinned_kwh.sum()),))
    model = assemble(pinned, claims, parts=PARTS)
    duals = solve_linear(model.program).row_duals
    count = problem.grid.count
    power_per_kw = np.tile(problem.price_per_kwh() * problem.grid.interval_h, (1, 1))
    power_per_kw = power_per_kw + _peaks_per_kw(problem, duals[model.rows_of(PEAK_TERM)])
    power_per_kw = power_per_kw - duals[model.rows_of(SITE_LIMIT)][:count]
    return ShadowPrices(
        energy_per_kwh=duals[model.rows_of(ENERGY)].copy(),
        power_per_kw=_down_the_tree(
            problem, power_per_kw[0], below=-duals[model.rows_of(CIRCUIT_LIMIT)]
        ),
    )


def _peaks_per_kw(problem: PlanningProblem, duals: FloatArray) -> FloatArray:
    """Return what a kW of the site in each interval adds to the peaks' bill, (intervals,)."""
    counted = [t for term in problem.prices.peaks for t in term.intervals]
    weights = duals[: len(counted)] if counted else None
    at = np.array(counted, dtype=np.int64)
    return np.bincount(at, weights=weights, minlength=problem.grid.count).astype(np.float64)


def _down_the_tree(
    problem: PlanningProblem, site_per_kw: FloatArray, *, below: FloatArray
) -> FloatArray:
    nodes, count = len(problem.tree.kinds), problem.grid.count
    own_per_kw = below.reshape(nodes - 1, count) if nodes > 1 else np.zeros((0, count))
    power_per_kw = np.zeros((nodes, count))
    power_per_kw[SITE] = site_per_kw
    for node in range(SITE + 1, nodes):
        parent = int(problem.tree.parent[node])
        power_per_kw[node] = power_per_kw[parent] + own_per_kw[node - 1]
    return power_per_kw
