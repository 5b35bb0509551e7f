"""Least laxity first: who has the least time to spare takes all power it can, the next what is left.

Laxity is the time until departure less the time that charging at full power would still take.
"""

from typing import Final

import numpy as np

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.queue import serve_ranking
from depotlib.planning.problem import FloatArray, PlanningProblem


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return the setpoints of a queue by laxity, within all limits; it is re-made every interval.

    ``laxity = stay left - energy left / max_kw``
    """
    fastest_kw = np.full(len(problem.needs.vehicle_ids), 1e-9)
    np.maximum.at(fastest_kw, problem.tasks.need, problem.tasks.max_kw)

    def laxity_h(interval: int, left_kwh: FloatArray) -> FloatArray:
        stay_h = (problem.needs.last - interval) * problem.grid.interval_h
        return stay_h - left_kwh / fastest_kw

    return serve_ranking(problem, laxity_h, room_kw=problem.tree.cap_kw)


LLF: Final = Baseline(
    name="llf", title="Least laxity first", obeys_limits=True, setpoints=setpoints
)
