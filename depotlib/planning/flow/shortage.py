"""Why energy is missing: the limits in the minimum cut of the greatest flow."""

from collections import Counter

import numpy as np

from depotlib.planning.binding import limit_noun
from depotlib.planning.flow.network import (
    FlowSolver,
    MaxFlow,
    Network,
    need_mwh,
    network_of,
    plain_supply,
)
from depotlib.planning.flow.night import nights_of
from depotlib.planning.problem import SITE, PlanningProblem


def shortage_reasons(problem: PlanningProblem) -> dict[int, str]:
    """Return a sentence for every need that some limit keeps from its target.

    Whoever gets the energy, a need that a plan of greatest flow leaves short is in here.

    Returns
    -------
    dict of int to str
        By index of the need.
    """
    reasons = {
        need: reason
        for need in range(len(problem.needs.vehicle_ids))
        if (reason := _own_reason(problem, need))
    }
    for night in nights_of(problem):
        network = network_of(problem, night)
        target_mwh = need_mwh(problem.needs.energy_target_kwh[night.needs])
        solver = FlowSolver(network, plain_supply(target_mwh))
        flow = solver.solve(network.site_mwh)
        if flow.value_mwh == int(target_mwh.sum()):
            continue
        near = flow.reached[solver.arcs.need_base : solver.arcs.cell_base]
        for position in np.flatnonzero(near).tolist():
            need = int(night.needs[position])
            if need not in reasons:
                reasons[need] = _cut_reason(problem, solver, flow=flow, position=position)
    return reasons


def _own_reason(problem: PlanningProblem, need: int) -> str:
    """Return why a need could not be met even if it were alone, or nothing."""
    tasks, interval_h = problem.tasks, problem.grid.interval_h
    if problem.needs.last[need] <= problem.needs.first[need]:
        return "its stay holds no whole interval of the plan"
    own = np.flatnonzero(tasks.need == need)
    if not len(own):
        return "it has no connector"
    counts = tasks.last[own] - tasks.first[own]
    most_kwh = float((counts * tasks.max_kw[own]).sum()) * interval_h
    if need_mwh(problem.needs.energy_target_kwh[[need]])[0] <= need_mwh(np.array([most_kwh]))[0]:
        return ""
    return (
        f"its own power and stay: at most {tasks.max_kw[own].max():g} kW for "
        f"{counts.sum() * interval_h:g} h give {most_kwh:.1f} kWh"
    )


def _cut_reason(
    problem: PlanningProblem, solver: FlowSolver, *, flow: MaxFlow, position: int
) -> str:
    """Return the limits that a need meets in every interval in which it could take more."""
    limits = _limits_met(solver.network, solver, flow=flow, position=position)
    if not limits:
        return "its own power, with the other vehicles served as well"
    parts = [
        f"{limit_noun(problem, node)} is used up in {count} of its intervals"
        for node, count in sorted(limits.items())
    ]
    return " and ".join(parts)


def _limits_met(
    network: Network, solver: FlowSolver, *, flow: MaxFlow, position: int
) -> Counter[int]:
    """Count, by node of the limit tree, the intervals in which it stops a need."""
    span, base = network.span, solver.arcs.cell_base
    parent = dict(zip(network.tree_tail.tolist(), network.tree_head.tolist(), strict=True))
    met: Counter[int] = Counter()
    for cell in network.task_head[network.task_tail == position].tolist():
        if not flow.reached[base + cell]:
            continue
        at = cell
        while at // span != SITE and flow.reached[base + parent[at]]:
            at = parent[at]
        met[at // span] += 1
    return met
