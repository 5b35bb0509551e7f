"""Earliest departure first: who leaves first takes all power it can, the next what is left."""

from typing import Final

from depotlib.planning.baselines.policy import Baseline
from depotlib.planning.baselines.queue import serve_queue
from depotlib.planning.problem import FloatArray, PlanningProblem


def setpoints(problem: PlanningProblem) -> FloatArray:
    """Return the setpoints of a queue by departure, within all limits."""
    return serve_queue(problem, problem.needs.last, room_kw=problem.tree.cap_kw)


EDF: Final = Baseline(
    name="edf", title="Earliest departure first", obeys_limits=True, setpoints=setpoints
)
