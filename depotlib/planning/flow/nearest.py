"""Among dispatches of equal bill, the one nearest to powers that are in force.

The cost of an arc holds three wishes, each worth more than the most that all later ones can come
to on a cycle of the network, so that their order is exact and no weight is a guess: the price of
the interval, then the distance from what is in force, then time. A cycle passes the site twice and
every need twice at most: that bounds what later wishes can come to.

Distance counts differently from vehicle to vehicle: what has to move is taken from few vehicles.
"""

import numpy as np

from depotlib.planning.flow.dispatch import power_kw
from depotlib.planning.flow.network import (
    SINK,
    SOURCE,
    Network,
    arcs_of,
    need_mwh,
    network_of,
    plain_supply,
)
from depotlib.planning.flow.night import nights_of
from depotlib.planning.flow.site_room import peak_limits, site_room
from depotlib.planning.flow.solvers import cheapest_flow, require_optimal
from depotlib.planning.powers import TaskPowers
from depotlib.planning.problem import FloatArray, IntArray, PlanningProblem
from depotlib.units import MWH_PER_KWH


def nearest_kw(
    problem: PlanningProblem, powers: TaskPowers, *, held_kw: FloatArray, turn: IntArray
) -> FloatArray:
    """Return powers that serve and cost as others do, as near as can be to what is in force.

    Parameters
    ----------
    problem : PlanningProblem
        One that the flow path can express.
    powers : TaskPowers
        The cheapest: what each need gets, and the peaks that they make.
    held_kw : ndarray
        In force, (tasks, intervals).
    turn : ndarray of int
        Of every need: 0 moves freely, 1 is asked first to move for others, then 2, and so on.

    Raises
    ------
    SolverError
        If the flow solver fails.
    """
    limits = peak_limits(problem)
    site_kw = problem.base_load_kw + powers.by_interval_kw()
    made_kw = np.where(limits.counts, site_kw, 0.0).max(axis=1, initial=0.0)
    site = site_room(problem, limits=limits, peak_kw=np.maximum(limits.lower_kw, made_kw))
    given_mwh = need_mwh(powers.by_need_kwh(problem))
    nearest = np.zeros_like(held_kw)
    for night in nights_of(problem):
        network = network_of(problem, night)
        span = slice(night.first, night.last)
        energy_mwh = _energy_mwh(
            network,
            given_mwh[night.needs],
            room_mwh=site.room_mwh[span],
            held_mwh=_held_mwh(network, held_kw),
            costs=_Costs(problem.price_per_kwh()[span], turn[night.needs]),
        )
        at = network.task_index, network.task_interval()
        nearest[at] = power_kw(energy_mwh, problem.grid.interval_h)
    return nearest


class _Costs:
    """What a unit of flow costs on the arcs of a night."""

    def __init__(self, price_per_kwh: FloatArray, turn: IntArray) -> None:
        span = len(price_per_kwh)
        # Time differs by less than the span on a cycle; distance by each turn twice at most.
        distance = span + 1
        price = distance * (2 * int(turn.sum()) + 1)
        self.of_move = turn * distance
        self.of_interval = np.unique(price_per_kwh, return_inverse=True)[1] * price + np.arange(
            span
        )


def _held_mwh(network: Network, held_kw: FloatArray) -> IntArray:
    """Return what is in force on every task arc, as far as the arc still takes it."""
    own_kw = held_kw[network.task_index, network.task_interval()]
    held_mwh = np.floor(own_kw * network.interval_h * MWH_PER_KWH + 0.5).astype(np.int64)
    return np.minimum(held_mwh, network.task_mwh)


def _energy_mwh(
    network: Network,
    need_energy_mwh: IntArray,
    *,
    room_mwh: IntArray,
    held_mwh: IntArray,
    costs: _Costs,
) -> IntArray:
    """Return the energy of every task arc: each stands twice, as it is held and beyond."""
    supply = plain_supply(need_energy_mwh)
    arcs = arcs_of(network, supply)
    cap_mwh = arcs.cap_mwh.copy()
    cap_mwh[arcs.sink :] = room_mwh
    cost = np.zeros(len(cap_mwh), dtype=np.int64)
    cost[arcs.sink :] = costs.of_interval
    tasks = slice(arcs.tasks, arcs.tree)
    cap_mwh[tasks] = held_mwh
    flow = cheapest_flow()
    ids = flow.add_arcs_with_capacity_and_unit_cost(
        np.concatenate([arcs.tail, arcs.tail[tasks]]),
        np.concatenate([arcs.head, arcs.head[tasks]]),
        np.concatenate([cap_mwh, network.task_mwh - held_mwh]),
        np.concatenate([cost, costs.of_move[network.task_tail]]),
    )
    total_mwh = supply.total_mwh
    flow.set_nodes_supplies(np.array([SOURCE, SINK]), np.array([total_mwh, -total_mwh]))
    require_optimal(flow.solve_max_flow_with_min_cost())
    flows_mwh = flow.flows(ids)
    return flows_mwh[tasks] + flows_mwh[len(arcs.tail) :]
