"""Readiness before money: who gets how much when not everybody fits.

By *must* first and *target* second: as many vehicles as possible, the more important classes
first, get their whole must; then the least must is missing; then the least target is missing, the
more important before the less. The sums that each class gets are fixed here, as greatest flows;
who gets it within a class is left to the bill.
"""

from dataclasses import dataclass

import numpy as np

from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.flow.network import (
    FlowSolver,
    MaxFlow,
    Network,
    Supply,
    need_mwh,
    plain_supply,
)
from depotlib.planning.flow.ready_set import largest_ready_set
from depotlib.planning.problem import IntArray, PlanningProblem

BoolArray = np.ndarray[tuple[int], np.dtype[np.bool_]]


@dataclass(frozen=True, slots=True)
class Readiness:
    """What each class of claims of a night gets.

    Parameters
    ----------
    supply : Supply
        Classes with the sums that they get.
    ready : ndarray of bool
        Needs of the night whose must is promised in full, (needs of the night,).
    short : MaxFlow or None
        The greatest flow with its cut where not everything fits.
    short_solver : FlowSolver or None
        The solver that made it, for the meaning of its arcs.
    is_proven : bool
        Whether no larger set of ready vehicles exists.
    solver : FlowSolver or None
        For this supply, where there is one already.
    """

    supply: Supply
    ready: BoolArray
    short: MaxFlow | None = None
    short_solver: FlowSolver | None = None
    is_proven: bool = True
    solver: FlowSolver | None = None


@dataclass(frozen=True, slots=True)
class _Claims:
    """Claims sorted into classes, the most important first."""

    rank: IntArray
    need: IntArray
    energy_mwh: IntArray


def readiness_of(
    problem: PlanningProblem, network: Network, *, budget: Budget | None = None
) -> Readiness:
    """Return what the needs of a night get, before any thought of money."""
    needs = network.night.needs
    target_mwh = need_mwh(problem.needs.energy_target_kwh[needs])
    supply = plain_supply(target_mwh)
    solver = FlowSolver(network, supply)
    if solver.value_mwh(network.site_mwh) == supply.total_mwh:
        return Readiness(supply=supply, ready=np.ones(len(needs), dtype=np.bool_), solver=solver)
    must_mwh = need_mwh(problem.needs.energy_must_kwh[needs])
    priority = problem.needs.priority[needs]
    chosen = largest_ready_set(network, must_mwh, priority=priority, budget=budget or budget_of())
    claims = _claims(must_mwh, target_mwh, priority=priority, ready=chosen.ready)
    return Readiness(
        supply=_granted(network, claims),
        ready=chosen.ready,
        short=solver.cut(),
        short_solver=solver,
        is_proven=chosen.is_proven,
    )


def _claims(
    must_mwh: IntArray, target_mwh: IntArray, *, priority: IntArray, ready: BoolArray
) -> _Claims:
    """Return the claims: musts of the ready, other musts, wishes; each by priority."""
    order = np.unique(-priority, return_inverse=True)[1]
    levels = int(order.max()) + 1
    everyone = np.arange(len(must_mwh))
    rank = np.concatenate([np.where(ready, 0, 1 + order), 1 + levels + order])
    energy_mwh = np.concatenate([must_mwh, target_mwh - must_mwh])
    need = np.concatenate([everyone, everyone])
    filled = energy_mwh > 0
    return _Claims(rank=rank[filled], need=need[filled], energy_mwh=energy_mwh[filled])


def _granted(network: Network, claims: _Claims) -> Supply:
    """Return the supply in which every class gets all that the classes above leave it.

    ``granted(k) = F(classes up to k) - F(classes before k)``
    """
    ranks = np.unique(claims.rank)
    sums = [_flow_of(network, claims, upto=int(rank)) for rank in ranks]
    return Supply(
        class_mwh=np.diff(np.array([0, *sums], dtype=np.int64)),
        claim_class=np.searchsorted(ranks, claims.rank),
        claim_need=claims.need,
        claim_mwh=claims.energy_mwh,
    )


def _flow_of(network: Network, claims: _Claims, *, upto: int) -> int:
    chosen = claims.rank <= upto
    energy_mwh = np.zeros(len(network.night.needs), dtype=np.int64)
    np.add.at(energy_mwh, claims.need[chosen], claims.energy_mwh[chosen])
    return FlowSolver(network, plain_supply(energy_mwh)).solve(network.site_mwh).value_mwh
