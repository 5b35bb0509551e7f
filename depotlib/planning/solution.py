"""What a solver's path hands over: powers, a proven bound and the limits that bind."""

from dataclasses import dataclass

from depotlib.model.plan import Binding, PlanPath
from depotlib.planning.asset_powers import AssetPowers
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import FloatArray, PlanningProblem


@dataclass(frozen=True, slots=True)
class Solution:
    """A claim about a problem, not yet audited.

    Parameters
    ----------
    path : {'flow', 'lp'}
    powers : TaskPowers
    bound_amount : float
        No plan that delivers as much can be cheaper.
    bindings : tuple of Binding
        Limits that bind, the dearest first.
    is_proven : bool
        Whether the set of ready vehicles is proven largest and the bound holds for all of them.
    priced : PlanningProblem or None
        The problem in the tiers that were chosen, where prices had tiers to choose.
    assets : AssetPowers or None
        What storage, solar and vehicles that feed back do, where there are any.
    """

    path: PlanPath
    powers: TaskPowers
    bound_amount: float
    bindings: tuple[Binding, ...]
    is_proven: bool
    priced: PlanningProblem | None = None
    assets: AssetPowers | None = None

    @property
    def task_kw(self) -> FloatArray:
        """Return the power of every task in every interval, made anew, (tasks, intervals)."""
        return self.powers.table_kw()
