"""A night's plan: the problem built, solved or left to a policy, explained and audited."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
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
from depotlib.planning.watch import PlanProgress, Watch
from depotlib.planning.yard.assignment import (
    SWAPS_FOR_MONEY,
    YardAssignment,
    YardPolicy,
    assign_windows,
)
from depotlib.planning.yard.early_windows import spared_windows

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
    watch : Watch
        Told how far the plan is; its wish to stop ends the search like a time limit.
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
    watch: Watch = field(default_factory=Watch, compare=False)

    def __post_init__(self) -> None:
        """Refuse a policy that nobody knows."""
        if self.policy not in POLICIES:
            raise PolicyError(
                f"there is no policy {self.policy!r}",
                where="policy",
                hint=f"the policies are {', '.join(POLICIES)}",
            )


@dataclass(frozen=True, slots=True)
class _Night:
    """The inputs of a plan, as they are given."""

    dwells: Sequence[Dwell]
    depot: Depot
    grid: TimeGrid
    prices: PriceTerms
    base_load_kw: FloatArray


@dataclass(frozen=True, slots=True)
class _Bound:
    """The problem in which nobody waits for a plug, and its optimum."""

    problem: PlanningProblem
    solution: Solution
    build_s: float
    solve_s: float


@dataclass(frozen=True, slots=True)
class _Decided:
    """The problem to decide, and who stands where in it."""

    problem: PlanningProblem
    yard: YardAssignment | None
    is_yard_cut: bool
    build_s: float


@dataclass(frozen=True, slots=True)
class _Solved:
    """The optimum of the problem to decide, and of the one that bounds it."""

    decided: _Decided
    solution: Solution
    bound: Solution
    is_stopped_early: bool
    build_s: float
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
    first = orders[0]
    night = _Night(dwells, depot, grid, prices, base_load_kw)
    solved = _solved(night, first)
    first.watch.tell(replace(first.watch.progress, stage="audit"))
    plans = [_plan(solved, order=order) for order in orders]
    audits = [
        audit_plan(
            plan,
            dwells,
            depot=depot,
            prices=prices,
            base_load_kw=base_load_kw,
            solar_kw=first.solar_kw,
        )
        for plan in plans
    ]
    return tuple(_with_verdict(plan, audit) for plan, audit in zip(plans, audits, strict=True))


def _solved(night: _Night, order: PlanOrder) -> _Solved:
    """Return the optimum; the bound comes first, so that all that follows is seen beside it."""
    watch = order.watch
    watch.tell(PlanProgress())
    bound = _bound(night, order)
    watch.tell(PlanProgress("windows", bound_amount=bound.solution.bound_amount))
    decided = _decided(night, bound, order=order)
    watch.tell(replace(watch.progress, stage="powers"))
    started_s = order.timer()
    left_s = max(0.0, order.time_limit_s - bound.solve_s)
    solution = _solution(
        decided,
        bound.solution,
        order=order,
        budget=budget_of(left_s, timer=order.timer, watch=watch),
    )
    return _Solved(
        decided=decided,
        solution=solution,
        bound=bound.solution,
        is_stopped_early=decided.is_yard_cut or (watch.is_stop_asked and not solution.is_proven),
        build_s=bound.build_s + decided.build_s,
        solve_s=bound.solve_s + order.timer() - started_s,
    )


def _plan(solved: _Solved, *, order: PlanOrder) -> Plan:
    started_s = order.timer()
    decided = solved.decided
    task_kw, assets = _powers(decided.problem, solved.solution, order=order)
    decision = Decision(
        policy=order.policy,
        task_kw=task_kw,
        solution=solved.solution,
        bound_amount=_bound_amount(decided, solved.solution, bound=solved.bound),
        build_s=solved.build_s,
        solve_s=solved.solve_s + order.timer() - started_s,
        assets=assets,
        is_stopped_early=solved.is_stopped_early,
    )
    return unaudited_plan(
        decided.problem,
        decision,
        yard=decided.yard,
        made_at=order.made_at,
        hindrances=_hindrances(decided.yard),
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


def _bound(night: _Night, order: PlanOrder) -> _Bound:
    started_s = order.timer()
    problem = with_assets(
        relaxed_problem(
            night.dwells,
            night.depot,
            grid=night.grid,
            prices=night.prices,
            base_load_kw=night.base_load_kw,
        ),
        night.depot,
        solar_kw=order.solar_kw,
    )
    built_s = order.timer()
    budget = budget_of(order.time_limit_s, timer=order.timer, watch=order.watch)
    solution = solve_problem(problem, path=order.path, budget=budget)
    return _Bound(
        problem=problem,
        solution=solution,
        build_s=built_s - started_s,
        solve_s=order.timer() - built_s,
    )


def _decided(night: _Night, bound: _Bound, *, order: PlanOrder) -> _Decided:
    if order.occupancy == "relaxed":
        return _Decided(problem=bound.problem, yard=None, is_yard_cut=False, build_s=0.0)
    started_s = order.timer()

    def assign(dwells: Sequence[Dwell]) -> YardAssignment:
        return assign_windows(
            dwells,
            night.depot,
            grid=night.grid,
            prices=night.prices,
            base_load_kw=night.base_load_kw,
            policy=replace(order.yard_policy, watch=order.watch),
        )

    yard = spared_windows(
        night.dwells,
        night.depot,
        step=night.grid.step,
        intervals=order.preference.slack_intervals(night.grid.interval_s),
        assign=assign,
    )
    is_yard_cut = order.watch.is_stop_asked
    windowed = windowed_problem(
        night.dwells,
        night.depot,
        windows=yard.windows,
        grid=night.grid,
        prices=night.prices,
        base_load_kw=night.base_load_kw,
    )
    return _Decided(
        problem=with_assets(windowed, night.depot, solar_kw=order.solar_kw),
        yard=yard,
        is_yard_cut=is_yard_cut,
        build_s=order.timer() - started_s,
    )


def _solution(decided: _Decided, bound: Solution, *, order: PlanOrder, budget: Budget) -> Solution:
    is_bound = decided.yard is None and order.objective == "bill"
    best = (
        bound
        if is_bound
        else solve_problem(
            decided.problem, objective=order.objective, path=order.path, budget=budget
        )
    )
    if order.watch.is_over:
        # A preference is a wish among equal plans: it is not waited for.
        return best
    return preferred(decided.problem, best, preference=order.preference)


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


def _bound_amount(decided: _Decided, solution: Solution, *, bound: Solution) -> float:
    """Return the bill that no plan can beat: that of the plan without plugs."""
    return solution.bound_amount if decided.yard is None else bound.bound_amount


def _hindrances(yard: YardAssignment | None) -> Mapping[str, str]:
    return {} if yard is None else dict(yard.unplaced)
