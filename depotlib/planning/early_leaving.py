"""How likely each vehicle is ready when some of them leave before their time.

The plan is followed and nobody knows beforehand who is fetched early. A vehicle then has what the
plan gives it up to the hour it is fetched; its need is as uncertain as in `ready_chance`.
"""

from dataclasses import dataclass

import numpy as np

from depotlib.errors import ProblemError
from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.ready_chance import chances_as_planned
from depotlib.units import SECONDS_PER_MINUTE


@dataclass(frozen=True, slots=True)
class EarlyLeaving:
    """How often a vehicle is fetched before its time, and by how much.

    Parameters
    ----------
    share : float
        0-1, of all departures, whoever's.
    early_s : float
        [s].
    """

    share: float = 0.10
    early_s: float = 45.0 * SECONDS_PER_MINUTE

    def __post_init__(self) -> None:
        """Refuse what is no share and no time."""
        if not (0 <= self.share <= 1 and 0 <= self.early_s < float("inf")):
            raise ProblemError(
                f"{self.share} of the vehicles cannot leave {self.early_s} s early",
                where="early_leaving",
                hint="give a share from 0 to 1 and seconds of 0 or more",
            )

    @property
    def words(self) -> str:
        """Return it for people: ``10 % leave 45 min early``."""
        minutes = self.early_s / SECONDS_PER_MINUTE
        return f"{self.share:.0%} leave {minutes:.0f} min early"


def chances_if_some_leave_early(
    problem: PlanningProblem, task_kw: FloatArray, *, sigma_kwh: FloatArray, early: EarlyLeaving
) -> FloatArray:
    """Return how likely each need is met by a plan that is followed, (needs,).

    ``(1 - q) Φ((delivered - must) / sigma) + q Φ((delivered by d - e - must) / sigma)``

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        Of the plan, (tasks, intervals).
    sigma_kwh : ndarray
        Standard deviation of each need, (needs,).
    early : EarlyLeaving
    """
    must_kwh = problem.needs.energy_must_kwh
    in_time, early_share = (
        chances_as_planned(must_kwh, given_kwh, sigma_kwh=sigma_kwh)
        for given_kwh in (
            delivered_kwh(problem, task_kw),
            delivered_kwh(problem, task_kw * _share_before(problem, early.early_s)),
        )
    )
    return (1 - early.share) * in_time + early.share * early_share


def _share_before(problem: PlanningProblem, early_s: float) -> FloatArray:
    """Return which part of each interval a task still has when its stay ends early, 0-1.

    ``clip(d - e - t, 0, 1)``

    Of a stay that is shorter than that nothing is left.
    """
    leaves = problem.needs.last[problem.tasks.need] - early_s / problem.grid.interval_s
    left = leaves[:, None] - np.arange(problem.grid.count, dtype=np.float64)
    return np.clip(left, 0.0, 1.0).astype(np.float64)
