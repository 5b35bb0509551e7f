"""The flow path: readiness, the cheapest peaks, the dispatch; night by night."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from depotlib.model.plan import Binding
from depotlib.planning.binding import (
    connector_binding,
    limit_binding,
    peak_binding,
    worth_telling,
)
from depotlib.planning.budget import Budget, budget_of
from depotlib.planning.cost import block_amount, cost_of_site
from depotlib.planning.flow.dispatch import dispatch_mwh, power_kw
from depotlib.planning.flow.level import Cut, Level
from depotlib.planning.flow.network import FlowSolver, network_of
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.peaks import PeakPrices, cheapest_peaks
from depotlib.planning.flow.readiness import readiness_of
from depotlib.planning.flow.site_room import PeakLimits, peak_limits, site_room
from depotlib.planning.flow.turns import in_turn_mwh
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import SITE, PlanningProblem
from depotlib.planning.solution import Solution
from depotlib.units import mwh_to_kwh

_PEAK_TOLERANCE_KW = 1e-6


def flow_refusal(problem: PlanningProblem) -> str:
    """Return why a problem is no flow problem, or nothing.

    Tiers on an energy total are constant where they count every interval in which anything can be
    charged; otherwise they couple the intervals.
    """
    for block in problem.prices.blocks:
        if not problem.drawn_intervals() <= set(block.intervals):
            return f"the tiers of {block.name!r} count only a part of the night"
    return ""


def solve_flow(problem: PlanningProblem, *, budget: Budget | None = None) -> Solution:
    """Return the cheapest of the plans with the best readiness, with its proof.

    Parameters
    ----------
    problem : PlanningProblem
    budget : Budget, optional
        Default `TIME_LIMIT_S` from now. Where it ends before the proof, the plan is the best so
        far and the bound is the one proven so far.

    Raises
    ------
    SolverError
        If a solver of the path fails.
    """
    budget = budget or budget_of()
    networks = [network_of(problem, night) for night in nights_of(problem)]
    readiness = [readiness_of(problem, network, budget=budget) for network in networks]
    solvers = [
        ready.solver or FlowSolver(network, ready.supply)
        for network, ready in zip(networks, readiness, strict=True)
    ]
    limits = peak_limits(problem)
    prices = cheapest_peaks(problem, solvers, limits=limits, budget=budget)
    powers = _dispatched(problem, solvers, limits=limits, prices=prices)
    return Solution(
        path="flow",
        powers=powers,
        bound_amount=_bound(problem, solvers, prices=prices, powers=powers),
        bindings=worth_telling(
            [
                *_limit_bindings(problem, prices),
                *_peak_bindings(problem, limits=limits, prices=prices),
            ]
        ),
        is_proven=prices.is_proven and all(ready.is_proven for ready in readiness),
    )


def _dispatched(
    problem: PlanningProblem,
    solvers: list[FlowSolver],
    *,
    limits: PeakLimits,
    prices: PeakPrices,
) -> TaskPowers:
    """Return the cheapest powers of every night under the solved peaks."""
    price_per_kwh = problem.price_per_kwh()
    site = site_room(problem, limits=limits, peak_kw=prices.peak_kw)
    none = np.zeros(0, dtype=np.int64)
    energy_mwh, task, interval = [none], [none], [none]
    for solver, known_mwh in zip(solvers, prices.dispatched, strict=True):
        network = solver.network
        span = slice(network.night.first, network.night.last)
        night_mwh = known_mwh
        if night_mwh is None:
            night_mwh = dispatch_mwh(
                solver,
                site.room_mwh[span],
                price_per_kwh=price_per_kwh[span],
                nights=len(solvers),
            )
        energy_mwh.append(in_turn_mwh(problem, network, energy_mwh=night_mwh))
        task.append(network.task_index)
        interval.append(network.task_interval())
    return TaskPowers(
        task=np.concatenate(task),
        interval=np.concatenate(interval),
        power_kw=power_kw(np.concatenate(energy_mwh), problem.grid.interval_h),
        tasks=len(problem.tasks.need),
        intervals=problem.grid.count,
    )


def _bound(
    problem: PlanningProblem,
    solvers: list[FlowSolver],
    *,
    prices: PeakPrices,
    powers: TaskPowers,
) -> float:
    """Return fixed amount + base load + energy at each night's highest price + the program's."""
    price_per_kwh = problem.price_per_kwh()
    interval_h = problem.grid.interval_h
    amount = problem.prices.fixed_amount + prices.bound_amount
    amount += float(price_per_kwh @ problem.base_load_kw) * interval_h
    for solver in solvers:
        night = solver.network.night
        highest_per_kwh = float(price_per_kwh[night.first : night.last].max())
        amount += highest_per_kwh * mwh_to_kwh(solver.supply.total_mwh)
    for term in problem.prices.peaks:
        if not term.intervals:
            amount += term.price_per_kw * term.paid_kw
    charging_kw = powers.by_interval_kw()
    site_kw = problem.base_load_kw + charging_kw
    for block in problem.prices.blocks:
        amount += block_amount(block, problem=problem, site_kw=site_kw)
    # The dispatch may be a few milliwatt-hours short of the program, and so cheaper.
    amount = max(amount, problem.prices.least_amount)
    return min(amount, cost_of_site(problem, charging_kw).bill_amount)


def _limit_bindings(problem: PlanningProblem, prices: PeakPrices) -> list[Binding]:
    limit_worth: dict[tuple[int, int], float] = defaultdict(float)
    task_worth: dict[int, float] = defaultdict(float)
    for level, worths in zip(prices.levels, prices.worth_per_kwh, strict=True):
        for cut, worth_per_kwh in zip(level.cuts, worths, strict=False):
            # Of a year's cuts most are worth nothing in the end.
            if not worth_per_kwh:
                continue
            price_per_kw = worth_per_kwh * problem.grid.interval_h
            for cell in _limit_cells(level, cut):
                limit_worth[cell] += price_per_kw
            for task in _limit_tasks(level, cut):
                task_worth[task] += price_per_kw
    return [
        *(
            limit_binding(problem, node, interval=t, price_per_kw=price_per_kw)
            for (node, t), price_per_kw in limit_worth.items()
        ),
        *(
            connector_binding(problem, task, price_per_kw=price_per_kw)
            for task, price_per_kw in task_worth.items()
        ),
    ]


def _peak_bindings(
    problem: PlanningProblem, *, limits: PeakLimits, prices: PeakPrices
) -> Iterator[Binding]:
    for row, name in enumerate(limits.names):
        if prices.peak_kw[row] > limits.lower_kw[row] + _PEAK_TOLERANCE_KW:
            yield peak_binding(
                problem,
                name,
                peak_kw=float(prices.peak_kw[row]),
                price_per_kw=float(limits.price_per_kw[row]),
            )


def _limit_cells(level: Level, cut: Cut) -> Iterator[tuple[int, int]]:
    """Yield node and interval of every limit of the tree in a cut."""
    network, arcs = level.solver.network, level.solver.arcs
    first, span = network.night.first, network.span
    for arc in cut.limit_arcs[cut.limit_arcs >= arcs.tree].tolist():
        if arc >= arcs.sink:
            yield SITE, first + arc - arcs.sink
        else:
            cell = int(network.tree_tail[arc - arcs.tree])
            yield cell // span, first + cell % span


def _limit_tasks(level: Level, cut: Cut) -> list[int]:
    """Return the tasks whose own power is in a cut, once for each interval of it."""
    arcs = level.solver.arcs
    inner = cut.limit_arcs[cut.limit_arcs < arcs.tree]
    return level.solver.network.task_index[inner - arcs.tasks].tolist()
