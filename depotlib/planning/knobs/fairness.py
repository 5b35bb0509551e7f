"""Who is short when somebody must be: equals share what there is, whoever's turn it was goes first.

Readiness fixes how many vehicles are ready and how much is missing; among vehicles of one priority
it does not say who. Fair is the lexicographically greatest distribution of shares (the base of a
polymatroid that Fujishige calls lexicographically optimal): raise all shares together, fix those
that a minimum cut stops, raise the others further. It delivers as much as any other.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import KnobError
from depotlib.planning.changes import with_energies
from depotlib.planning.flow.network import (
    FlowSolver,
    MaxFlow,
    Network,
    need_mwh,
    network_of,
    plain_supply,
)
from depotlib.planning.flow.night import nights_of
from depotlib.planning.general import general_reason
from depotlib.planning.outcome import READY_TOLERANCE_KWH, delivered_kwh
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.units import MWH_PER_KWH

BoolArray = NDArray[np.bool_]

_ROUNDING_MWH: Final = 8
"""A share times an energy is cut to whole milliwatt-hours: a few may be missing."""
_MOST_ROUNDS: Final = 1000


@dataclass(frozen=True, slots=True)
class _Fill:
    """A stage: what everybody has, and what some vehicles may have on top, as one share of it."""

    held_mwh: IntArray
    more_mwh: IntArray


def fair_problem(
    problem: PlanningProblem, solution: Solution, *, turns: Mapping[str, int] | None = None
) -> PlanningProblem:
    """Return the problem in which every need asks for its fair part of what can be delivered.

    As many vehicles are ready as in the solution, and as much is delivered to every priority.
    Where nobody is short, the problem is returned as it is.

    Parameters
    ----------
    problem : PlanningProblem
    solution : Solution
        Of the same problem.
    turns : mapping of str to int, optional
        How often a vehicle was short of its must lately: whoever was so more often gives way less.

    Raises
    ------
    KnobError
        If the problem is no flow: then shares are not a question of cuts alone.
    """
    reason = general_reason(problem)
    if reason:
        raise KnobError(
            f"what is missing cannot be shared evenly: {reason}",
            where="is_fair",
            hint="plan without fairness among equals",
        )
    given_kwh = delivered_kwh(problem, solution.task_kw)
    short_kwh = problem.needs.energy_target_kwh - given_kwh
    if not np.any(short_kwh > READY_TOLERANCE_KWH):
        return problem
    ready = given_kwh >= problem.needs.energy_must_kwh - READY_TOLERANCE_KWH
    fair_kwh = given_kwh.copy()
    for night in nights_of(problem):
        network = network_of(problem, night)
        kept = _in_turn(problem, network, ready=ready, turns=turns or {})
        fair_kwh[night.needs] = _fair_mwh(problem, network, ready=kept) / MWH_PER_KWH
    must_kwh = np.minimum(problem.needs.energy_must_kwh, fair_kwh)
    return with_energies(problem, must_kwh=must_kwh, target_kwh=fair_kwh)


def _in_turn(
    problem: PlanningProblem, network: Network, *, ready: BoolArray, turns: Mapping[str, int]
) -> BoolArray:
    """Return who of a night is ready, whoever was short more often before whoever was less."""
    needs = network.night.needs
    kept = ready[needs].copy()
    must_mwh = need_mwh(problem.needs.energy_must_kwh[needs])
    priority = problem.needs.priority[needs]
    members: list[int] = needs.tolist()
    turn = np.array([turns.get(problem.needs.vehicle_ids[need], 0) for need in members])
    for one in np.lexsort((must_mwh, -turn)).tolist():
        if kept[one]:
            continue
        others = np.flatnonzero(kept & (priority == priority[one]) & (turn < turn[one]))
        for other in others[np.lexsort((-must_mwh[others], turn[others]))].tolist():
            exchanged = kept.copy()
            exchanged[[one, other]] = True, False
            if _fits(network, np.where(exchanged, must_mwh, 0)):
                kept = exchanged
                break
    return kept


def _fits(network: Network, energy_mwh: IntArray) -> bool:
    flow = FlowSolver(network, plain_supply(energy_mwh)).solve(network.site_mwh)
    return flow.value_mwh == int(energy_mwh.sum())


def _fair_mwh(problem: PlanningProblem, network: Network, *, ready: BoolArray) -> IntArray:
    """Return what each need of a night gets: stage by stage, priority by priority."""
    needs = network.night.needs
    must_mwh = need_mwh(problem.needs.energy_must_kwh[needs])
    target_mwh = need_mwh(problem.needs.energy_target_kwh[needs])
    held_mwh = np.where(ready, must_mwh, 0)
    priority = problem.needs.priority[needs]
    for more_mwh in _stages(must_mwh, target_mwh, priority=priority, ready=ready):
        held_mwh = _filled(network, _Fill(held_mwh=held_mwh, more_mwh=more_mwh))
    return held_mwh


def _stages(
    must_mwh: IntArray, target_mwh: IntArray, *, priority: IntArray, ready: BoolArray
) -> Iterator[IntArray]:
    ranks = np.unique(priority)[::-1].tolist()
    for rank in ranks:
        yield np.where((priority == rank) & ~ready, must_mwh, 0)
    for rank in ranks:
        yield np.where(priority == rank, target_mwh - must_mwh, 0)


def _filled(network: Network, fill: _Fill) -> IntArray:
    """Return what everybody has when shares have risen as far as the limits let them."""
    held_mwh, active = fill.held_mwh.copy(), fill.more_mwh > 0
    floor_share = 0.0
    for _ in range(_MOST_ROUNDS):
        if not active.any():
            return held_mwh
        share, stopped = _highest(network, held_mwh, more_mwh=np.where(active, fill.more_mwh, 0))
        share = max(share, floor_share)
        fixed = active & stopped if stopped.any() else active
        held_mwh = np.where(
            fixed, held_mwh + np.floor(share * fill.more_mwh).astype(np.int64), held_mwh
        )
        active = active & ~fixed
        floor_share = share
    return held_mwh


def _highest(
    network: Network, held_mwh: IntArray, *, more_mwh: IntArray
) -> tuple[float, BoolArray]:
    """Return the highest share that all can have, and who is stopped there; nobody at 1.

    ``share = (F - Σ_far wanted - Σ_near held) / Σ_near more``

    Newton on the cut: each cut that refuses a share gives the share at which it would not.
    """
    share, stopped = 1.0, np.zeros(len(held_mwh), dtype=np.bool_)
    for _ in range(_MOST_ROUNDS):
        wanted_mwh = held_mwh + np.floor(share * more_mwh).astype(np.int64)
        solver = FlowSolver(network, plain_supply(wanted_mwh))
        flow = solver.solve(network.site_mwh)
        if flow.value_mwh >= int(wanted_mwh.sum()) - _ROUNDING_MWH:
            return share, stopped
        near = _near(solver, flow)
        rising_mwh = int(more_mwh[near].sum())
        if not rising_mwh:
            return share, stopped
        stopped = near & (more_mwh > 0)
        room_mwh = flow.value_mwh - int(wanted_mwh[~near].sum()) - int(held_mwh[near].sum())
        share = max(0.0, room_mwh / rising_mwh)
    return share, stopped


def _near(solver: FlowSolver, flow: MaxFlow) -> BoolArray:
    return flow.reached[solver.arcs.need_base : solver.arcs.cell_base].copy()


def unmet_shares(problem: PlanningProblem, given_kwh: FloatArray) -> FloatArray:
    """Return which share of its target each need lacks, 0-1, (needs,).

    ``max(0, target - given) / target``
    """
    wanted_kwh = problem.needs.energy_target_kwh
    short_kwh = np.maximum(0.0, wanted_kwh - given_kwh)
    return np.divide(short_kwh, wanted_kwh, out=np.zeros_like(short_kwh), where=wanted_kwh > 0)
