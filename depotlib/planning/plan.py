"""A night's plan: the problem built, solved or left to a policy, explained and audited."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from depotlib.errors import PolicyError
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import AuditReport, Occupancy, Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid
from depotlib.planning.asset_powers import AssetPowers, solar_alone
from depotlib.planning.audit.verdict import audit_plan
from depotlib.planning.baselines import BASELINES
from depotlib.planning.budget import TIME_LIMIT_S, Budget, budget_of
from depotlib.planning.formulation import relaxed_problem, windowed_problem
from depotlib.planning.knobs.preference import NO_PREFERENCE, Preference, preferred
from depotlib.planning.minimum_power import at_least_minimum
from depotlib.planning.objective import Objective
from depotlib.planning.problem import FloatArray, PlanningProblem
from depotlib.planning.site_assets import beside, with_assets
from depotlib.planning.solution import Solution
from depotlib.planning.solve import SolverPath, solve_problem
from depotlib.planning.statement import Decision, unaudited_plan
from depotlib.planning.yard.assignment import (
    SWAPS_FOR_MONEY,
    YardAssignment,
    YardPolicy,
    assign_windows,
)

OPTIMAL: Final = "optimal"
POLICIES: Final[tuple[str, ...]] = (OPTIMAL, *(baseline.name for baseline in BASELINES))
"""What a plan can be made by: the optimum, or a baseline by its name."""


@dataclass(frozen=True, slots=True)
class PlanOrder:
    """What is asked of the planner.

    Parameters
    ----------
    made_at : datetime
        Stands in the header.
    policy : str
        One of `POLICIES`.
    occupancy : {'assigned', 'relaxed'}
        Whether every vehicle gets a connector window, or none waits for a plug.
    objective : {'bill', 'peak'}
    path : {'auto', 'flow', 'lp'}
    preference : Preference
        Among equally ready plans; the plan's gap says what it costs.
    timer : callable
        Seconds of a running clock.
    yard_policy : YardPolicy
        What a swap is worth: where assigned, swaps are bought at that price or counted first.
    solar_kw : tuple of float
        Forecast of what the sun could give, (intervals,); empty: nothing.
    time_limit_s : float
        For its solvers together; where it ends, the plan is the best so far, with its true gap.
    """

    made_at: datetime
    policy: str = OPTIMAL
    occupancy: Occupancy = "assigned"
    objective: Objective = "bill"
    path: SolverPath = "auto"
    preference: Preference = NO_PREFERENCE
    timer: Callable[[], float] = time.perf_counter
    yard_policy: YardPolicy = SWAPS_FOR_MONEY
    time_limit_s: float = TIME_LIMIT_S
    solar_kw: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a policy that nobody knows."""
        if self.policy not in POLICIES:
            raise PolicyError(
                f"there is no policy {self.policy!r}",
                where="policy",
                hint=f"the policies are {', '.join(POLICIES)}",
            )


@dataclass(frozen=True, slots=True)
class _Problems:
    """The problem to decide, and the one without plugs that bounds it."""

    decided: PlanningProblem
    relaxed: PlanningProblem
    yard: YardAssignment | None
    build_s: float


@dataclass(frozen=True, slots=True)
class _Solved:
    """The optimum of the problem to decide, and of the one that bounds it."""

    solution: Solution
    bound: Solution
    solve_s: float


def plan_night(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    order: PlanOrder,
) -> Plan:
    """Return an audited plan for a night, or for many.

    Parameters
    ----------
    dwells : sequence of Dwell
    depot : Depot
    grid : TimeGrid
    prices : PriceTerms
        On the same grid.
    base_load_kw : ndarray
        Of everything but charging, (intervals,).
    order : PlanOrder

    Returns
    -------
    Plan
        With status ``shortfall``, named shortfalls and their reasons where not everything fits.

    Raises
    ------
    ProblemError
        If the inputs contradict each other.
    SolverError
        If a solver fails on a problem that should have a solution.
    """
    (plan,) = plans_of_night(
        dwells, depot, grid=grid, prices=prices, base_load_kw=base_load_kw, orders=[order]
    )
    return plan


def plans_of_night(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    orders: Sequence[PlanOrder],
) -> tuple[Plan, ...]:
    """Return audited plans of one night by several policies, on the same connector windows.

    Parameters
    ----------
    dwells, depot, grid, prices, base_load_kw
        As for `plan_night`.
    orders : sequence of PlanOrder
        At least one; occupancy, objective, path and preference are those of the first.

    Returns
    -------
    tuple of Plan
        In the order of the orders.

    Raises
    ------
    ProblemError
        If the inputs contradict each other.
    SolverError
        If a solver fails on a problem that should have a solution.
    """
    problems = _problems(
        dwells, depot, grid=grid, prices=prices, base_load_kw=base_load_kw, order=orders[0]
    )
    started_s = orders[0].timer()
    budget = budget_of(orders[0].time_limit_s, timer=orders[0].timer)
    bound = solve_problem(problems.relaxed, path=orders[0].path, budget=budget)
    solved = _Solved(
        solution=_solution(problems, bound, order=orders[0], budget=budget),
        bound=bound,
        solve_s=orders[0].timer() - started_s,
    )
    plans = [_plan(problems, solved, order=order) for order in orders]
    audits = [
        audit_plan(
            plan,
            dwells,
            depot=depot,
            prices=prices,
            base_load_kw=base_load_kw,
            solar_kw=orders[0].solar_kw,
        )
        for plan in plans
    ]
    return tuple(_with_verdict(plan, audit) for plan, audit in zip(plans, audits, strict=True))


def _plan(problems: _Problems, solved: _Solved, *, order: PlanOrder) -> Plan:
    started_s = order.timer()
    task_kw, assets = _powers(problems.decided, solved.solution, order=order)
    decision = Decision(
        policy=order.policy,
        task_kw=task_kw,
        solution=solved.solution,
        bound_amount=_bound_amount(problems, solved.solution, bound=solved.bound),
        build_s=problems.build_s,
        solve_s=solved.solve_s + order.timer() - started_s,
        assets=assets,
    )
    return unaudited_plan(
        problems.decided,
        decision,
        yard=problems.yard,
        made_at=order.made_at,
        hindrances=_hindrances(problems.yard),
    )


def _with_verdict(plan: Plan, audit: AuditReport) -> Plan:
    header = plan.header
    if not audit.passed and header.pushable:
        header = replace(
            header,
            pushable=False,
            pushable_reason=f"the audit found: {audit.violations[0].sentence}",
        )
    return replace(plan, header=header, audit=audit)


def _problems(
    dwells: Sequence[Dwell],
    depot: Depot,
    *,
    grid: TimeGrid,
    prices: PriceTerms,
    base_load_kw: FloatArray,
    order: PlanOrder,
) -> _Problems:
    started_s = order.timer()
    relaxed = with_assets(
        relaxed_problem(dwells, depot, grid=grid, prices=prices, base_load_kw=base_load_kw),
        depot,
        solar_kw=order.solar_kw,
    )
    if order.occupancy == "relaxed":
        return _Problems(
            decided=relaxed, relaxed=relaxed, yard=None, build_s=order.timer() - started_s
        )
    yard = assign_windows(
        dwells,
        depot,
        grid=grid,
        prices=prices,
        base_load_kw=base_load_kw,
        policy=order.yard_policy,
    )
    windowed = windowed_problem(
        dwells,
        depot,
        windows=yard.windows,
        grid=grid,
        prices=prices,
        base_load_kw=base_load_kw,
    )
    windowed = with_assets(windowed, depot, solar_kw=order.solar_kw)
    return _Problems(
        decided=windowed, relaxed=relaxed, yard=yard, build_s=order.timer() - started_s
    )


def _solution(
    problems: _Problems, bound: Solution, *, order: PlanOrder, budget: Budget
) -> Solution:
    is_bound = problems.yard is None and order.objective == "bill"
    best = (
        bound
        if is_bound
        else solve_problem(
            problems.decided, objective=order.objective, path=order.path, budget=budget
        )
    )
    return preferred(problems.decided, best, preference=order.preference)


def _powers(
    problem: PlanningProblem, solution: Solution, *, order: PlanOrder
) -> tuple[FloatArray, AssetPowers | None]:
    """Return what every task draws, and what storage, solar and vehicles that feed back do."""
    if order.policy == OPTIMAL:
        plain = beside(solution.priced or problem, solution.assets)
        return at_least_minimum(plain, replace(solution, priced=None)), solution.assets
    baseline = next(one for one in BASELINES if one.name == order.policy)
    task_kw = baseline.setpoints(problem)
    return task_kw, solar_alone(problem, task_kw)


def _bound_amount(problems: _Problems, solution: Solution, *, bound: Solution) -> float:
    """Return the bill that no plan can beat: that of the plan without plugs."""
    return solution.bound_amount if problems.yard is None else bound.bound_amount


def _hindrances(yard: YardAssignment | None) -> Mapping[str, str]:
    return {} if yard is None else dict(yard.unplaced)
