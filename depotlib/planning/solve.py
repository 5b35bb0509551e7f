"""The two paths behind one door: flow where the problem is one, the linear program otherwise."""

from dataclasses import replace
from typing import Literal

from depotlib.errors import PathError
from depotlib.planning.cost import cost_of
from depotlib.planning.flow.path import flow_refusal, solve_flow
from depotlib.planning.lp.path import solve_lp
from depotlib.planning.objective import Objective, capped_problem, peak_problem
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solution import Solution

SolverPath = Literal["auto", "flow", "lp"]


def solve_problem(
    problem: PlanningProblem, *, objective: Objective = "bill", path: SolverPath = "auto"
) -> Solution:
    """Return the best plan for a problem: readiness first, then the objective, then ties.

    Parameters
    ----------
    problem : PlanningProblem
    objective : {'bill', 'peak'}
        ``peak``: the least peak first, then the bill under that peak.
    path : {'auto', 'flow', 'lp'}
        ``auto``: the flow path where it can express the problem.

    Raises
    ------
    PathError
        If a path is asked for that cannot express the problem.
    SolverError
        If a solver fails.
    """
    if objective == "peak":
        least = solve_problem(peak_problem(problem), path=path)
        peak_kw = cost_of(problem, least.task_kw).peak_kw
        best = solve_problem(capped_problem(problem, peak_kw), path=path)
        return replace(best, is_proven=best.is_proven and least.is_proven)
    refusal = flow_refusal(problem)
    if path == "flow" and refusal:
        raise PathError(
            f"the flow path cannot express this problem: {refusal}",
            where="path",
            hint="let the planner choose the path",
        )
    if path == "lp" or refusal:
        return solve_lp(problem)
    return solve_flow(problem)
