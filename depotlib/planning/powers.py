"""Powers of tasks as a list: an entry for each interval of a task's span, none elsewhere.

A month of 500 vehicles has 46 million pairs of task and interval, of which one in sixty is inside
a stay: powers are kept as a list, and made a table only where a night is small.
"""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class TaskPowers:
    """Power of every task in every interval of its span; 0 everywhere else.

    Parameters
    ----------
    task, interval : ndarray of int
        Of every entry, each pair once, (entries,).
    power_kw : ndarray
        (entries,).
    tasks, intervals : int
        Size of the problem.
    """

    task: IntArray
    interval: IntArray
    power_kw: FloatArray
    tasks: int
    intervals: int

    def table_kw(self) -> FloatArray:
        """Return the powers as a table, (tasks, intervals)."""
        table_kw = np.zeros((self.tasks, self.intervals))
        table_kw[self.task, self.interval] = self.power_kw
        return table_kw

    def by_interval_kw(self) -> FloatArray:
        """Return the power of all tasks in every interval [kW], (intervals,)."""
        total_kw = np.bincount(self.interval, weights=self.power_kw, minlength=self.intervals)
        return total_kw.astype(np.float64)

    def by_need_kwh(self, problem: PlanningProblem) -> FloatArray:
        """Return what every need of the problem gets [kWh], (needs,)."""
        total_kw = np.bincount(
            problem.tasks.need[self.task],
            weights=self.power_kw,
            minlength=len(problem.needs.vehicle_ids),
        )
        return total_kw.astype(np.float64) * problem.grid.interval_h
