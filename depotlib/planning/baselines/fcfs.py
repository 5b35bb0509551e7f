"""First come, first served: who arrived first takes all power it can, the next what is left."""

from typing import Final

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.queue import serve_queue
from depotlib.planning.problem import FloatArray, PlanningProblem


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return the setpoints of a queue by arrival, within all limits."""
    return serve_queue(problem, problem.needs.first, room_kw=problem.tree.cap_kw)


FCFS: Final = Baseline(
    name="fcfs", title="First come, first served", obeys_limits=True, setpoints=setpoints
)
