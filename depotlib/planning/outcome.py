"""What a problem comes to when it is solved: the figures that two problems are compared by."""

from dataclasses import dataclass
from typing import Final

import numpy as np

from depotlib.model.plan import PlanHeader
from depotlib.planning.cost import cost_of
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem

READY_TOLERANCE_KWH: Final = 1e-4


@dataclass(frozen=True, slots=True)
class Outcome:
    """Readiness and bill of a solved problem.

    Parameters
    ----------
    bill_amount : float
    peak_kw : float
    ready, vehicles : int
        Needs whose must is met, and all.
    unmet_must_kwh, unmet_kwh : float
        What is missing of the musts, and of the targets.
    """

    bill_amount: float
    peak_kw: float
    ready: int
    vehicles: int
    unmet_must_kwh: float
    unmet_kwh: float

    @property
    def is_short(self) -> bool:
        """Return whether some vehicle lacks a part of its target."""
        return self.unmet_kwh > READY_TOLERANCE_KWH


def outcome_of(problem: PlanningProblem) -> Outcome:
    """Return the outcome of a problem, solved.

    Raises
    ------
    SolverError
        If a solver fails.
    """
    return outcome_of_solution(problem, solve_problem(problem))


def outcome_of_solution(problem: PlanningProblem, solution: Solution) -> Outcome:
    """Return the outcome of a problem under a solution of it."""
    task_kw = solution.task_kw
    given_kwh = delivered_kwh(problem, task_kw)
    needs = problem.needs
    cost = cost_of(problem, task_kw, assets=solution.assets)
    must_gap_kwh = needs.energy_must_kwh - given_kwh
    gap_kwh = needs.energy_target_kwh - given_kwh
    return Outcome(
        bill_amount=cost.bill_amount,
        peak_kw=cost.peak_kw,
        ready=int((must_gap_kwh <= READY_TOLERANCE_KWH).sum()),
        vehicles=len(needs.vehicle_ids),
        unmet_must_kwh=_above(must_gap_kwh),
        unmet_kwh=_above(gap_kwh),
    )


def outcome_of_plan(header: PlanHeader, *, unmet_must_kwh: float) -> Outcome:
    """Return the outcome that an audited plan states of itself."""
    return Outcome(
        bill_amount=header.bill_amount,
        peak_kw=header.peak_kw,
        ready=header.ready,
        vehicles=header.vehicles,
        unmet_must_kwh=unmet_must_kwh,
        unmet_kwh=header.unmet_kwh,
    )


def delivered_kwh(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return the energy that powers give to each need, (needs,)."""
    return np.bincount(
        problem.tasks.need,
        weights=task_kw.sum(axis=1) * problem.grid.interval_h,
        minlength=len(problem.needs.vehicle_ids),
    ).astype(np.float64)


def _above(gap_kwh: FloatArray) -> float:
    return float(gap_kwh[gap_kwh > READY_TOLERANCE_KWH].sum())
