"""Slack against cost and battery stress: plans side by side, each with its figures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from depotlib.planning.flow.path import flow_refusal
from depotlib.planning.general import general_reason
from depotlib.planning.knobs.preference import Preference, preferred
from depotlib.planning.knobs.timing import waiting_h
from depotlib.planning.outcome import Outcome, outcome_of_solution
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.units import SECONDS_PER_HOUR

SLACKS_S: Final[tuple[int, ...]] = (0, SECONDS_PER_HOUR // 2, SECONDS_PER_HOUR)
CARES_PER_KWH: Final[tuple[float, ...]] = (0.0, 0.01, 0.02, 0.05)
"""Prices of a kWh that waits an hour: at 0.01 a night of eight hours is 0.08 a kWh."""
_SAME_AMOUNT: Final = 0.005
_SAME_H: Final = 1e-3
_SAME_KWH: Final = 1e-2


@dataclass(frozen=True, slots=True)
class FrontierPlan:
    """One plan of a frontier.

    Parameters
    ----------
    preference : Preference
    outcome : Outcome
        Bill, peak and readiness; the bill without the price of care.
    extra_amount : float
        How much dearer it is than the cheapest plan.
    slack_s : int
    waiting_h : float
        How long a kWh waits in a battery before departure, on average [h]: battery stress.
    is_dominated : bool
        Whether another plan is at least as good in everything and better in something.
    """

    preference: Preference
    outcome: Outcome
    extra_amount: float
    slack_s: int
    waiting_h: float
    is_dominated: bool


def frontier(
    problem: PlanningProblem,
    solution: Solution,
    *,
    slacks_s: Sequence[int] = SLACKS_S,
    cares_per_kwh: Sequence[float] = CARES_PER_KWH,
) -> tuple[FrontierPlan, ...]:
    """Return the plans of every pair of slack and care, by slack and then by what they cost.

    Each is as late as its bill allows, where that can be asked.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        The cheapest, of the same problem.
    slacks_s : sequence of int
    cares_per_kwh : sequence of float

    Raises
    ------
    SolverError
        If a solver fails.
    """
    priced = solution.priced or problem
    is_flow = not (general_reason(priced) or flow_refusal(priced))
    timing = "latest" if is_flow else "earliest"
    cheapest = outcome_of_solution(problem, solution)
    plans = [
        _plan(
            problem,
            solution,
            preference=Preference(timing=timing, waiting_per_kwh=care, slack_s=slack_s),
            cheapest=cheapest,
        )
        for slack_s in slacks_s
        for care in cares_per_kwh
    ]
    return tuple(
        sorted(
            (
                replace(plan, is_dominated=any(_dominates(other, plan) for other in plans))
                for plan in plans
            ),
            key=lambda plan: (plan.slack_s, plan.extra_amount),
        )
    )


def _plan(
    problem: PlanningProblem, solution: Solution, *, preference: Preference, cheapest: Outcome
) -> FrontierPlan:
    answer = preferred(problem, solution, preference=preference)
    outcome = outcome_of_solution(problem, answer)
    return FrontierPlan(
        preference=preference,
        outcome=outcome,
        extra_amount=outcome.bill_amount - cheapest.bill_amount,
        slack_s=preference.slack_s,
        waiting_h=waiting_h(problem, answer.task_kw),
        is_dominated=False,
    )


def _dominates(one: FrontierPlan, other: FrontierPlan) -> bool:
    """Return whether one plan is nowhere worse and somewhere better than another."""
    worse_by = [
        (one.extra_amount - other.extra_amount, _SAME_AMOUNT),
        (one.waiting_h - other.waiting_h, _SAME_H),
        (one.outcome.unmet_kwh - other.outcome.unmet_kwh, _SAME_KWH),
        (float(other.slack_s - one.slack_s), 0.0),
        (float(other.outcome.ready - one.outcome.ready), 0.0),
    ]
    return all(by <= same for by, same in worse_by) and any(by < -same for by, same in worse_by)
