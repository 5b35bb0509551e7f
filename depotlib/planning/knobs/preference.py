"""Preferences of a depot among equally ready plans, and the solution that follows them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from depotlib.errors import KnobError
from depotlib.planning.knobs.battery_care import care_problem
from depotlib.planning.knobs.done_earlier import EarlierProblem, decided_earlier
from depotlib.planning.knobs.fairness import fair_problem
from depotlib.planning.knobs.timing import latest
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.solve import solve_problem
from depotlib.units import SECONDS_PER_HOUR

Timing = Literal["earliest", "latest"]
MOST_SLACK_S = 12 * SECONDS_PER_HOUR


@dataclass(frozen=True, slots=True)
class Preference:
    """What a depot prefers.

    Parameters
    ----------
    timing : {'earliest', 'latest'}
        Among equal bills; latest spares batteries.
    waiting_per_kwh : float
        What a kWh that waits an hour in a battery is held to cost, beside the bill.
    slack_s : int
        How long before its departure a vehicle should have what it must have, where that costs no
        readiness [s].
    is_fair : bool
        Whether equals share what is missing, instead of whatever the bill likes best.
    turns : mapping of str to int
        How often a vehicle was short lately; counts where `is_fair`.
    """

    timing: Timing = "earliest"
    waiting_per_kwh: float = 0.0
    slack_s: int = 0
    is_fair: bool = False
    turns: Mapping[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        """Refuse a slack that cannot be."""
        if not 0 <= self.slack_s <= MOST_SLACK_S:
            raise KnobError(
                f"a slack of {self.slack_s} s cannot be",
                where="slack_s",
                hint=f"give 0 to {MOST_SLACK_S} s",
            )

    def slack_intervals(self, interval_s: int) -> int:
        """Return its slack in intervals of a grid, rounded up."""
        return -(-self.slack_s // interval_s)


NO_PREFERENCE = Preference()


def preferred(problem: PlanningProblem, solution: Solution, *, preference: Preference) -> Solution:
    """Return the solution that follows a preference; its bound and bindings stay the optimum's.

    So the plan's gap says what the preference costs.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        The cheapest, of the same problem.
    preference : Preference

    Raises
    ------
    KnobError
        If the problem does not allow the preference.
    SolverError
        If a solver fails.
    """
    if preference == NO_PREFERENCE:
        return solution
    asked = problem
    if preference.is_fair:
        asked = fair_problem(asked, solution, turns=preference.turns)

    def cared(one: EarlierProblem) -> PlanningProblem:
        return care_problem(one.problem, waiting_per_kwh=preference.waiting_per_kwh)

    def decide(one: EarlierProblem) -> tuple[FloatArray, Solution]:
        answer = solution if cared(one) is problem else solve_problem(cared(one))
        return answer.task_kw, answer

    slack = preference.slack_intervals(problem.grid.interval_s)
    earlier, _, answer = decided_earlier(asked, slack, decide=decide)
    if preference.timing == "latest":
        answer = latest(cared(earlier), answer)
    powers = earlier.summed(answer.powers, tasks=len(problem.tasks.need))
    return replace(solution, powers=powers, assets=answer.assets)
