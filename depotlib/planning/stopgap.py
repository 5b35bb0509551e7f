"""A stopgap: the best plan at hand when the general path's time is over before it has one.

Candidates are the flow path's plan, baselines that keep the limits, and what an earlier round of
the general path found; each is cut back to the rules that it does not know, then compared.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np

from depotlib.model.battery import tapered_max_kw
from depotlib.planning.asset_powers import solar_alone
from depotlib.planning.baselines.edf import EDF
from depotlib.planning.baselines.price_greedy import PRICE_GREEDY
from depotlib.planning.budget import Budget
from depotlib.planning.cost import block_amount, cost_of_site
from depotlib.planning.flow.path import flow_refusal, solve_flow
from depotlib.planning.general import general_reason
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import SITE, FloatArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.planning.taper import tapering_needs

_SAME_KWH: Final = 1e-3
_TINY_KW: Final = 1e-9


def stopgap(
    problem: PlanningProblem, *, budget: Budget, earlier: Solution | None = None
) -> Solution:
    """Return a plan that keeps every rule, with a bound that holds, both found without a program.

    The plan with most musts met is taken, then the one that delivers most, then the cheapest. The
    bound is the flow path's where the plan delivers as much as that one; else `least_bill_amount`.

    Parameters
    ----------
    problem : PlanningProblem
    budget : Budget
        May be over.
    earlier : Solution, optional
        Of the same problem with fewer rules.
    """
    flow = None
    if not flow_refusal(problem) and not general_reason(problem):
        flow = solve_flow(problem, budget=budget)
    found = [
        within_rules(problem, task_kw)
        for task_kw in _candidates(problem, flow=flow, earlier=earlier)
    ]
    solutions = [_solution(problem, task_kw) for task_kw in found]
    best = max(solutions, key=lambda one: _merit(problem, one))
    bound_amount = least_bill_amount(problem)
    if flow is not None and _given_kwh(problem, best) >= _given_kwh(problem, flow) - _SAME_KWH:
        bound_amount = max(bound_amount, flow.bound_amount)
    return Solution(
        path="lp",
        powers=best.powers,
        bound_amount=min(bound_amount, best.bound_amount),
        bindings=(),
        is_proven=False,
        assets=best.assets,
    )


def within_rules(problem: PlanningProblem, task_kw: FloatArray) -> FloatArray:
    """Return powers cut back to what batteries, phases and the hard limit allow.

    Less power in one interval never breaks a rule in another: a battery that is less full takes
    more, and the other rules know one interval only.

    Parameters
    ----------
    problem : PlanningProblem
    task_kw : ndarray
        Within the tree of limits, (tasks, intervals).
    """
    kept_kw = task_kw.copy()
    for need in tapering_needs(problem):
        _taper(problem, need, task_kw=kept_kw)
    if problem.phases is not None:
        room_kw = problem.phases.room_kw
        drawn_kw = room_kw - problem.phases.left_kw(kept_kw)
        kept_kw *= _share(room_kw, drawn_kw).min(axis=(0, 1), initial=1.0)
    if problem.safe is not None:
        # Σ max(0, s p - F) <= s Σ max(0, p - F) for a share s of all powers.
        kept_kw *= _share(problem.safe.room_kw, problem.safe.above_kw(kept_kw))
    return kept_kw


def least_bill_amount(problem: PlanningProblem) -> float:
    """Return an amount below the bill of every plan, whatever it delivers.

    ``fixed + Σ_t min(price[t] low[t], price[t] high[t]) - export + demand at low``

    Parameters
    ----------
    problem : PlanningProblem
    """
    prices, interval_h = problem.prices, problem.grid.interval_h
    low_kw, high_kw = problem.base_load_kw, problem.base_load_kw + problem.tree.cap_kw[SITE]
    amount = prices.fixed_amount
    if problem.solar_kw is not None:
        # Storage, sun and vehicles may feed back up to the limit, and need not draw at all.
        low_kw = np.minimum(low_kw, 0.0) - problem.export_limit_kw
        fed_kwh = -np.minimum(low_kw, 0.0) * interval_h * prices.energy_factor
        for term in prices.export:
            amount -= float(np.maximum(np.asarray(term.price_per_kwh), 0.0) @ fed_kwh)
        low_kw = np.maximum(low_kw, 0.0)
        high_kw = np.maximum(high_kw, 0.0)
    price_per_kwh = problem.price_per_kwh()
    amount += float(np.minimum(price_per_kwh * low_kw, price_per_kwh * high_kw).sum()) * interval_h
    more_kwh = float((high_kw - low_kw).sum()) * interval_h * prices.energy_factor
    for block in prices.blocks:
        amount += block_amount(block, problem=problem, site_kw=low_kw)
        amount += min(0.0, *block.prices_per_kwh) * more_kwh
    for term in prices.peaks:
        peak_kw = float(low_kw[list(term.intervals)].max(initial=0.0))
        amount += term.amount_of(max(term.paid_kw, peak_kw))
    return max(prices.least_amount, amount)


def _candidates(
    problem: PlanningProblem, *, flow: Solution | None, earlier: Solution | None
) -> Iterator[FloatArray]:
    if earlier is not None and earlier.assets is None:
        yield earlier.task_kw
    if flow is not None:
        yield flow.task_kw
    for baseline in (EDF, PRICE_GREEDY):
        yield baseline.setpoints(problem)


def _taper(problem: PlanningProblem, need: int, *, task_kw: FloatArray) -> None:
    """Cut the powers of a need back to what its battery takes, in the order of time."""
    traits = problem.needs.traits
    battery = None if traits is None else traits.batteries[need]
    assert battery is not None, "only a battery tapers"
    own = np.flatnonzero(problem.tasks.need == need)
    soc_per_kw = problem.grid.interval_h * battery.wall_efficiency_share / battery.usable_kwh
    soc = battery.arrival_soc
    for interval in np.flatnonzero(task_kw[own].any(axis=0)).tolist():
        # What a battery takes when the interval ends as full as wished, it takes any time before.
        end_soc = soc + float(task_kw[own, interval].sum()) * soc_per_kw
        for task in own.tolist():
            most_kw = tapered_max_kw(
                end_soc,
                max_kw=float(problem.tasks.max_kw[task]),
                taper_share=battery.taper_share,
            )
            task_kw[task, interval] = min(float(task_kw[task, interval]), most_kw)
        soc += float(task_kw[own, interval].sum()) * soc_per_kw


def _share(room_kw: FloatArray, drawn_kw: FloatArray) -> FloatArray:
    """Return the share of what is drawn that there is room for, 1 where all of it fits."""
    return np.minimum(1.0, room_kw / np.maximum(drawn_kw, np.maximum(room_kw, _TINY_KW)))


def _solution(problem: PlanningProblem, task_kw: FloatArray) -> Solution:
    """Return powers as a solution that is bounded by its own bill."""
    task, interval = np.nonzero(task_kw > 0)
    assets = solar_alone(problem, task_kw)
    return Solution(
        path="lp",
        powers=TaskPowers(
            task=task,
            interval=interval,
            power_kw=task_kw[task, interval],
            tasks=len(problem.tasks.need),
            intervals=problem.grid.count,
        ),
        bound_amount=cost_of_site(problem, task_kw.sum(axis=0), assets=assets).bill_amount,
        bindings=(),
        is_proven=False,
        assets=assets,
    )


def _given_kwh(problem: PlanningProblem, solution: Solution) -> float:
    return float(solution.powers.by_need_kwh(problem).sum())


def _merit(problem: PlanningProblem, solution: Solution) -> tuple[int, float, float]:
    """Return what makes one stopgap better than another: readiness, energy, the bill."""
    given_kwh = solution.powers.by_need_kwh(problem)
    ready = int((given_kwh >= problem.needs.energy_must_kwh - _SAME_KWH).sum())
    return ready, round(float(given_kwh.sum()), 3), -solution.bound_amount
