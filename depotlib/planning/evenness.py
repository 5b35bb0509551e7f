"""How evenly what there is was shared, and how much of its stay each vehicle has to spare."""

import numpy as np

from depotlib.planning.outcome import delivered_kwh
from depotlib.planning.problem import FloatArray, PlanningProblem


def jain_share(parts: FloatArray) -> float:
    """Return how even parts are: 1 all alike, 1 / n one has it all; 1 for none.

    ``(Σ x)^2 / (n Σ x^2)``

    Parameters
    ----------
    parts : ndarray
        What each gets of what it asks for, 0 or more.

    References
    ----------
    .. [1] Jain, Chiu, Hawe: A quantitative measure of fairness and discrimination, DEC-TR-301, 1984.
    """
    squares = float(np.sum(parts**2))
    return float(np.sum(parts)) ** 2 / (len(parts) * squares) if squares > 0 else 1.0


def met_shares(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return which part of its target each need gets, 0-1, (needs,); 1 where nothing is asked for.

    ``delivered / target``
    """
    target_kwh = problem.needs.energy_target_kwh
    given_kwh = delivered_kwh(problem, task_kw)
    return np.divide(given_kwh, target_kwh, out=np.ones_like(given_kwh), where=target_kwh > 0)


def slack_shares(problem: PlanningProblem) -> FloatArray:
    """Return which part of its stay each need could do without, (needs,); negative: too short.

    ``1 - (target / most power) / stay``

    The most power is that of the strongest of its tasks; 0 for a stay of no whole interval.
    """
    needs, tasks = problem.needs, problem.tasks
    most_kw = np.zeros(len(needs.vehicle_ids))
    np.maximum.at(most_kw, tasks.need, tasks.max_kw)
    stay_kwh = most_kw * (needs.last - needs.first) * problem.grid.interval_h
    used = np.divide(
        needs.energy_target_kwh, stay_kwh, out=np.ones_like(stay_kwh), where=stay_kwh > 0
    )
    return 1.0 - used
