"""Uncontrolled: everyone at full power from plug-in until full, whatever the limits say.

It shows what would happen, not what may: site, circuits and pools are ignored.
"""

from typing import Final

import numpy as np

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.queue import serve_queue
from depotlib.planning.problem import FloatArray, PlanningProblem


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return full power for every task from its first interval until its need is met."""
    endless_kw = np.full_like(problem.tree.cap_kw, np.inf)
    rank = np.zeros(len(problem.needs.vehicle_ids), dtype=np.int64)
    return serve_queue(problem, rank, room_kw=endless_kw)


UNCONTROLLED: Final = Baseline(
    name="uncontrolled", title="Uncontrolled", obeys_limits=False, setpoints=setpoints
)
