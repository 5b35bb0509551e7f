"""Earliest or latest among equal bills, and how long energy waits in the batteries.

Over a polymatroid the cheapest dispatch depends on the order of the prices alone. So the latest is
the dispatch under the peaks of the plan with the intervals ranked by price first and by lateness
second: exact, without an epsilon.
"""

from dataclasses import replace

import numpy as np

from depotlib.errors import KnobError
from depotlib.model.price_terms import EnergyTerm, PriceTerms
from depotlib.planning.changes import with_energies
from depotlib.planning.flow.path import flow_refusal
from depotlib.planning.general import general_reason
from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.problem import SITE, FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem

_ROUNDING_KW = 1e-6


def latest(problem: PlanningProblem, solution: Solution) -> Solution:
    """Return the solution whose energy comes as late as its bill allows.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        Of the same problem; what it delivers and what it proves stay the same.

    Raises
    ------
    KnobError
        If the problem is no flow: then equal bills are not a question of order alone.
    """
    priced = solution.priced or problem
    refusal = general_reason(priced) or flow_refusal(priced)
    if refusal:
        raise KnobError(
            f"the latest of equal bills cannot be found: {refusal}",
            where="timing",
            hint="choose earliest, or give battery care a price",
        )
    ranked = _ranked(priced, solution.task_kw)
    return replace(solution, powers=solve_problem(ranked).powers)


def waiting_h(problem: PlanningProblem, task_kw: FloatArray) -> float:
    """Return how long a kWh waits in a battery before departure, on average [h]; 0 without any.

    ``Σ (d_i - t) e_it / Σ e_it``

    From the middle of the interval in which it is charged to the end of the stay.
    """
    energy_kwh = task_kw * problem.grid.interval_h
    leaves_at = problem.needs.last[problem.tasks.need]
    intervals = leaves_at[:, None] - np.arange(problem.grid.count) - 0.5
    total_kwh = float(energy_kwh.sum())
    if total_kwh <= 0:
        return 0.0
    return float((energy_kwh * intervals).sum()) * problem.grid.interval_h / total_kwh


def _ranked(problem: PlanningProblem, task_kw: FloatArray) -> PlanningProblem:
    """Return the problem under the peaks of a plan, its prices the order wanted."""
    site_kw = problem.base_load_kw + task_kw.sum(axis=0)
    cap_kw = problem.tree.cap_kw.copy()
    for term in problem.prices.peaks:
        at = np.array(term.intervals, dtype=np.int64)
        if len(at) and term.price_per_kw > 0:
            peak_kw = max(term.paid_kw, float(site_kw[at].max())) + _ROUNDING_KW
            room_kw = np.maximum(0.0, peak_kw - problem.base_load_kw[at])
            cap_kw[SITE, at] = np.minimum(cap_kw[SITE, at], room_kw)
    price_per_kwh = problem.price_per_kwh()
    order = np.lexsort((-np.arange(problem.grid.count), np.round(price_per_kwh, 9)))
    rank = np.empty(problem.grid.count)
    rank[order] = np.arange(problem.grid.count)
    given_kwh = delivered_kwh(problem, task_kw)
    asked = with_energies(
        problem,
        must_kwh=np.minimum(problem.needs.energy_must_kwh, given_kwh),
        target_kwh=np.minimum(problem.needs.energy_target_kwh, given_kwh),
    )
    prices = PriceTerms(
        currency="place in the order", energy=(EnergyTerm("order", tuple(rank.tolist())),)
    )
    return replace(asked, prices=prices, tree=replace(problem.tree, cap_kw=cap_kw))
