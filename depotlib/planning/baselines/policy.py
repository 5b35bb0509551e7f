"""What every baseline is: a name, a title and a rule from a problem to setpoints."""

from collections.abc import Callable
from dataclasses import dataclass

from depotlib.planning.problem import FloatArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Baseline:
    """A way to charge without planning.

    Parameters
    ----------
    name : str
        As commands and plans say it; the name of its file.
    title : str
        For people.
    obeys_limits : bool
        Whether site, circuits and pools hold; windows, energies and connectors always do.
    setpoints : callable
        From a problem to the power of every task in every interval [kW], (tasks, intervals).
    """

    name: str
    title: str
    obeys_limits: bool
    setpoints: Callable[[PlanningProblem], FloatArray]
