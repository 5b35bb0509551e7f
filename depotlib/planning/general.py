"""Why a problem needs the general path: what no flow can express."""

from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import PlanningProblem
from depotlib.planning.taper import needs_beyond_taper, tapering_needs


def general_reason(problem: PlanningProblem) -> str:
    """Return what no flow can express in a problem, or nothing.

    What `broken_rule` sees is not in it: whether it binds is seen in the powers.
    """
    traits = problem.needs.traits
    if traits is not None and traits.late_needs():
        return "preconditioning limits what is drawn before it"
    if problem.solar_kw is not None:
        return "storage, solar or feeding back is planned with it"
    return ""


def broken_rule(problem: PlanningProblem, powers: TaskPowers) -> str:
    """Return what powers of a flow break that no flow knows, or nothing.

    Parameters
    ----------
    problem : PlanningProblem
    powers : TaskPowers
    """
    if problem.safe is None and problem.phases is None and not tapering_needs(problem):
        return ""
    # Only now: as a table a year of 500 vehicles is 50 GB.
    task_kw = powers.table_kw()
    if problem.safe is not None and not problem.safe.holds(task_kw):
        return "setpoints and the safe limits of idle stations exceed the hard limit"
    if problem.phases is not None and not problem.phases.holds(task_kw):
        return "a single phase would carry more than it may"
    if needs_beyond_taper(problem, task_kw):
        return "a battery tapers before it has what is planned"
    return ""
