"""The two paths behind one door: flow where the problem is one, the linear program otherwise."""

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from depotlib.errors import PathError, SolverTimeError
from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.cost import cost_of, cost_of_site
from depotlib.planning.flow.path import flow_refusal, solve_flow
from depotlib.planning.general import broken_rule, general_reason
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.objective import Objective, capped_problem, peak_problem
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.stopgap import stopgap
from depotlib.planning.taper import needs_beyond_taper
from depotlib.planning.tier_choice import has_choices, plain_problems

SolverPath = Literal["auto", "flow", "lp"]
_SAME_KWH: Final = 1e-3


def solve_problem(
    problem: PlanningProblem,
    *,
    objective: Objective = "bill",
    path: SolverPath = "auto",
    budget: Budget | None = None,
) -> Solution:
    """Return the best plan for a problem: readiness first, then the objective, then ties.

    Parameters
    ----------
    problem : PlanningProblem
    objective : {'bill', 'peak'}
        ``peak``: the least peak first, then the bill under that peak.
    path : {'auto', 'flow', 'lp'}
        ``auto``: the flow path where it can express the problem and keeps the hard limit with
        idle stations.
    budget : Budget, optional
        Time for all of it; default `TIME_LIMIT_S` from now. Where it ends early, the plan is the
        best at hand, with a gap that is true.

    Raises
    ------
    PathError
        If a path is asked for that cannot express the problem.
    SolverError
        If a solver fails.
    """
    budget = budget or budget_of()
    if objective == "peak":
        least = solve_problem(peak_problem(problem), path=path, budget=budget)
        peak_kw = cost_of(problem, least.task_kw, assets=least.assets).peak_kw
        best = solve_problem(capped_problem(problem, peak_kw), path=path, budget=budget)
        return replace(best, is_proven=best.is_proven and least.is_proven)
    if has_choices(problem.prices):
        return _cheapest_tiers(problem, path=path, budget=budget)
    refusal = flow_refusal(problem) or general_reason(problem)
    if path == "flow" and refusal:
        raise PathError(
            f"the flow path cannot express this problem: {refusal}",
            where="path",
            hint="let the planner choose the path",
        )
    if path == "lp" or refusal:
        return _solve_general(problem, budget=budget)
    solution = solve_flow(problem, budget=budget)
    broken = broken_rule(problem, solution.powers)
    if broken and path == "flow":
        raise PathError(
            f"the flow path cannot express this problem: {broken}",
            where="path",
            hint="let the planner choose the path",
        )
    return _solve_general(problem, budget=budget) if broken else solution


def _solve_general(problem: PlanningProblem, *, budget: Budget) -> Solution:
    """Return the general path's plan; a taper is made part of the model once a plan meets it."""
    solution: Solution | None = None
    while True:
        try:
            solution = solve_lp(problem, budget=budget)
        except SolverTimeError:
            return stopgap(problem, budget=budget, earlier=solution)
        feed_kw = None if solution.assets is None else solution.assets.feed_kw
        met = needs_beyond_taper(problem, solution.task_kw, feed_kw=feed_kw)
        if met <= set(problem.tapered):
            return solution
        problem = replace(problem, tapered=tuple(sorted(met | set(problem.tapered))))


def _cheapest_tiers(problem: PlanningProblem, *, path: SolverPath, budget: Budget) -> Solution:
    """Return the best plan over all choices of tiers; its bound is the least of theirs.

    A choice whose limits cost readiness is none.
    """
    charged_kwh = 0.0
    if problem.prices.hours_use:
        energy_only = replace(problem.prices, hours_use=(), peaks=())
        served = solve_problem(replace(problem, prices=energy_only), path=path, budget=budget)
        charged_kwh = float(served.powers.by_need_kwh(problem).sum())
    choices = plain_problems(problem, charged_kwh=charged_kwh)
    solutions = [
        replace(solve_problem(one, path=path, budget=budget), priced=one) for one in choices
    ]
    reference_kwh = solutions[-1].powers.by_need_kwh(problem)
    kept = [one for one in solutions if _is_as_ready(one, reference_kwh, problem=problem)]
    best = min(kept, key=lambda one: _bill_amount(problem, one))
    bill_amount = _bill_amount(problem, best)
    return replace(
        best,
        bound_amount=min(bill_amount, *(one.bound_amount for one in kept)),
        is_proven=all(one.is_proven for one in kept),
    )


def _bill_amount(problem: PlanningProblem, solution: Solution) -> float:
    charging_kw = solution.powers.by_interval_kw()
    return cost_of_site(problem, charging_kw, assets=solution.assets).bill_amount


def _is_as_ready(
    solution: Solution, reference_kwh: FloatArray, *, problem: PlanningProblem
) -> bool:
    """Return whether a solution serves as many musts and as much energy as another."""
    given_kwh = solution.powers.by_need_kwh(problem)
    must_kwh = problem.needs.energy_must_kwh - _SAME_KWH
    return (
        int(np.sum(given_kwh >= must_kwh)) >= int(np.sum(reference_kwh >= must_kwh))
        and float(given_kwh.sum()) >= float(reference_kwh.sum()) - _SAME_KWH
    )
