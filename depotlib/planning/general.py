"""Why a problem needs the general path: what no flow can express."""

from depotlib.planning.problem import PlanningProblem


def general_reason(problem: PlanningProblem) -> str:
    """Return what no flow can express in a problem, or nothing.

    The hard limit with idle stations is not in it: whether it binds is seen in the powers.
    """
    traits = problem.needs.traits
    if traits is not None and traits.late_needs():
        return "preconditioning limits what is drawn before it"
    if problem.solar_kw is not None:
        return "storage, solar or feeding back is planned with it"
    return ""
