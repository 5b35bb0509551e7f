"""The linear path: readiness class by class, then the bill, then the earliest of equal bills."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from depotlib.errors import SolverError, SolverTimeError
from depotlib.model.plan import Binding
from depotlib.planning.binding import (
    connector_binding,
    limit_binding,
    peak_binding,
    worth_telling,
)
from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.cost import cost_of_site
from depotlib.planning.linear_program import (
    LinearProgram,
    LinearSolution,
    LpSolver,
    Vector,
    solve_linear,
)
from depotlib.planning.lp import PARTS
from depotlib.planning.lp.assembler import Model, assemble
from depotlib.planning.lp.asset_powers import asset_powers
from depotlib.planning.lp.circuit_limit import CIRCUIT_LIMIT
from depotlib.planning.lp.claims import Claims, ranked_claims, whole_claims
from depotlib.planning.lp.ready_choice import chosen_ready
from depotlib.planning.lp.site_limit import SITE_LIMIT
from depotlib.planning.lp.site_load import bought_anyhow_kw, given_load_kw, has_assets
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import SITE, PlanningProblem
from depotlib.planning.solution import Solution

_FULL_TOLERANCE_KWH: Final = 1e-6
_PEAK_TOLERANCE_KW: Final = 1e-6
_TIE_SLACK_SHARE: Final = 1e-8


def solve_lp(
    problem: PlanningProblem, *, solver: LpSolver = "glop", budget: Budget | None = None
) -> Solution:
    """Return the cheapest of the plans with the best readiness, with its proof.

    Parameters
    ----------
    problem : PlanningProblem
    solver : {'glop', 'highs'}
    budget : Budget, optional
        Time for all its stages; default `TIME_LIMIT_S` from now.

    Raises
    ------
    PathError
        If a part cannot express the problem.
    SolverError
        If the solver fails.
    SolverTimeError
        If the time is over before there is a plan.
    """
    engine = _Engine(solver, budget or budget_of())
    claims = _granted(problem, engine)
    model = assemble(problem, claims, parts=PARTS)
    best = engine.solve(model.program)
    earliest = _earliest(model, best, engine=engine)
    powers, assets = _powers(model, earliest), asset_powers(model, earliest)
    constant_amount = _constant_amount(problem)
    bound = max(problem.prices.least_amount, constant_amount + best.bound_amount)
    return Solution(
        path="lp",
        powers=powers,
        bound_amount=min(
            bound, cost_of_site(problem, powers.by_interval_kw(), assets=assets).bill_amount
        ),
        bindings=worth_telling([*_limit_bindings(model, best), *_other_bindings(model, best)]),
        is_proven=claims.is_proven and best.is_optimal,
        assets=assets,
    )


@dataclass(frozen=True, slots=True)
class _Engine:
    """A solver and the time that all its programs have together."""

    solver: LpSolver
    budget: Budget

    def solve(self, program: LinearProgram) -> LinearSolution:
        """Return the optimum, or say that there was no time for it.

        Whole numbers are given as they stand when the time is over, with what is proven.
        """
        if self.budget.is_spent:
            raise SolverTimeError(
                "the time of the solve is over",
                where="planning.lp",
                hint="allow it more time",
            )
        solver = self.solver if program.whole_columns is None else "highs"
        return solve_linear(
            program,
            solver=solver,
            time_limit_s=self.budget.left_s(),
            watch=self.budget.watch,
        )


def _granted(problem: PlanningProblem, engine: _Engine) -> Claims:
    """Return the claims with what each class gets: the readiness stages."""
    claims = whole_claims(problem)
    served_kwh = _most(problem, claims, rank=0, engine=engine)
    if served_kwh >= claims.energy_kwh.sum() - _FULL_TOLERANCE_KWH:
        return replace(claims, granted_kwh=(served_kwh,))
    claims = ranked_claims(problem, budget=engine.budget)
    promised_kwh = float(claims.energy_kwh[claims.rank == 0].sum())
    is_kept = _most(problem, claims, rank=0, engine=engine) >= promised_kwh - _FULL_TOLERANCE_KWH
    if not is_kept or has_assets(problem):
        # The tree of limits promises more than the whole model can serve, or, where storage and
        # solar help, less.
        chosen = chosen_ready(problem, parts=PARTS, budget=engine.budget)
        claims = (
            replace(claims, is_proven=False)
            if chosen is None
            else ranked_claims(problem, budget=engine.budget, chosen=chosen)
        )
    for rank in range(claims.classes):
        most_kwh = _most(problem, claims, rank=rank, engine=engine)
        claims = replace(claims, granted_kwh=(*claims.granted_kwh, most_kwh))
    return claims


def _most(problem: PlanningProblem, claims: Claims, *, rank: int, engine: _Engine) -> float:
    """Return the most that a class can get, the classes before it keeping what they have."""
    if not len(claims.need):
        return 0.0
    model = assemble(problem, claims, parts=PARTS)
    cost = np.zeros(model.layout.count)
    cost[model.layout.start["energy"] + np.flatnonzero(claims.rank == rank)] = -1.0
    most = engine.solve(model.with_cost(cost))
    if not most.is_optimal:
        raise SolverTimeError("the time is over before readiness is settled", where="planning.lp")
    return -most.objective_amount


def _earliest(model: Model, best: LinearSolution, *, engine: _Engine) -> LinearSolution:
    """Return the earliest among the plans of the least bill; that bill's own where none is found.

    ``cost · x <= least bill + 10^-8 max(1, |least bill|)``

    The bill becomes a row, and the interval's place in time the cost.
    """
    program, night = model.program, model.night
    if program.whole_columns is not None:
        return best
    priced = np.flatnonzero(program.cost)
    slack_amount = _TIE_SLACK_SHARE * max(1.0, abs(best.objective_amount))
    cost = np.zeros(model.layout.count)
    cost[model.columns_of("power")] = night.interval
    # The slack of the bill is no reason to feed back: that plan could not even be pushed.
    upper, feed = program.upper.copy(), model.columns_of("feed")
    upper[feed] = np.clip(best.values[feed], 0.0, upper[feed])
    tie = LinearProgram(
        cost=cost,
        lower=program.lower,
        upper=upper,
        row_lower=np.append(program.row_lower, -np.inf),
        row_upper=np.append(program.row_upper, best.objective_amount + slack_amount),
        row=np.concatenate([program.row, np.full(len(priced), len(program.row_lower))]),
        column=np.concatenate([program.column, priced]),
        value=np.concatenate([program.value, program.cost[priced]]),
    )
    try:
        return engine.solve(tie)
    except SolverError:
        # A tie is a wish: the bill is settled already.
        return best


def _powers(model: Model, solution: LinearSolution) -> TaskPowers:
    night = model.night
    power_kw: Vector = solution.values[model.columns_of("power")]
    return TaskPowers(
        task=night.task,
        interval=night.interval,
        power_kw=np.clip(power_kw, 0.0, night.problem.tasks.max_kw[night.task]),
        tasks=len(night.problem.tasks.need),
        intervals=night.problem.grid.count,
    )


def _constant_amount(problem: PlanningProblem) -> float:
    """Return what the bill holds whatever is charged: fixed amount and the base load's energy."""
    interval_h = problem.grid.interval_h
    base_amount = float(problem.price_per_kwh() @ bought_anyhow_kw(problem)) * interval_h
    return problem.prices.fixed_amount + base_amount


def _limit_bindings(model: Model, best: LinearSolution) -> Iterator[Binding]:
    problem, count = model.night.problem, model.night.problem.grid.count
    site = -best.row_duals[model.rows_of(SITE_LIMIT)]
    for interval in np.flatnonzero(site > 0).tolist():
        yield limit_binding(problem, SITE, interval=interval, price_per_kw=float(site[interval]))
    below = -best.row_duals[model.rows_of(CIRCUIT_LIMIT)]
    for row in np.flatnonzero(below > 0).tolist():
        yield limit_binding(
            problem,
            row // count + 1,
            interval=row % count,
            price_per_kw=float(below[row]),
        )


def _other_bindings(model: Model, best: LinearSolution) -> Iterator[Binding]:
    problem, night = model.night.problem, model.night
    worth = np.maximum(0.0, -best.reduced_costs[model.columns_of("power")])
    by_task = np.bincount(night.task, weights=worth, minlength=len(problem.tasks.need))
    for task in np.flatnonzero(by_task > 0).tolist():
        yield connector_binding(problem, task, price_per_kw=float(by_task[task]))
    peak_kw = best.values[model.columns_of("peak")]
    for index, term in enumerate(problem.prices.peaks):
        given_kw = given_load_kw(problem)
        counted = [float(given_kw[t]) for t in term.intervals]
        if peak_kw[index] > max([term.paid_kw, *counted]) + _PEAK_TOLERANCE_KW:
            yield peak_binding(
                problem,
                term.name,
                peak_kw=float(peak_kw[index]),
                price_per_kw=term.price_per_kw,
            )
