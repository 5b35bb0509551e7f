"""What a plan is to minimise after readiness: the bill, or first the peak and then the bill."""

from dataclasses import replace
from typing import Final, Literal

import numpy as np

from depotlib.model.price_terms import PeakTerm, PriceTerms
from depotlib.planning.problem import SITE, LimitTree, PlanningProblem

Objective = Literal["bill", "peak"]
_SLACK_KW: Final = 1e-6


def peak_problem(problem: PlanningProblem) -> PlanningProblem:
    """Return the problem whose bill is the highest mean power of any interval [kW]."""
    every = tuple(range(problem.grid.count))
    prices = PriceTerms(
        currency="kW",
        peaks=(PeakTerm(name="peak", intervals=every, price_per_kw=1.0),),
    )
    return replace(problem, prices=prices)


def capped_problem(problem: PlanningProblem, peak_kw: float) -> PlanningProblem:
    """Return the problem in which the site may not exceed a peak either.

    ``cap_kw[site, t] = min(cap_kw[site, t], max(0, peak - base_load[t]))``
    """
    cap_kw = problem.tree.cap_kw.copy()
    room_kw = np.maximum(0.0, peak_kw + _SLACK_KW - problem.base_load_kw)
    cap_kw[SITE] = np.minimum(cap_kw[SITE], room_kw)
    tree = LimitTree(
        kinds=problem.tree.kinds,
        ids=problem.tree.ids,
        parent=problem.tree.parent,
        cap_kw=cap_kw,
    )
    return replace(problem, tree=tree)
