"""The dispatch of a night: cheapest intervals first, and among equal prices the earliest.

Over a polymatroid the cheapest base depends on the *order* of the prices alone, so the cost of an
interval is its place in the order of (price, time): ties are settled exactly, without an epsilon.

A month of nights at few prices goes by stages instead: the greatest flow through the cheapest
intervals, then, in what that flow leaves (arcs it uses may be turned back), the greatest through
the next price, and so on. No stage takes energy from an interval of an earlier one, so each price
gets as much as a cheapest plan gives it. It is the same bill in a third of the time; which of
equal intervals draw is then not settled by time.
"""

import numpy as np

from depotlib.planning.flow.network import SINK, SOURCE, FlowSolver
from depotlib.planning.flow.solvers import cheapest_flow, greatest_flow, require_optimal
from depotlib.planning.problem import FloatArray, IntArray
from depotlib.units import MWH_PER_KWH

_A_WEEK = 7
"""Fewer nights may be one night in parts, and there the earliest of equal hours matters."""
_FEW_PRICES = 6
"""Up to here the greatest flows of all stages take less time than one cheapest flow."""


def dispatch_mwh(
    solver: FlowSolver,
    room_mwh: IntArray,
    *,
    price_per_kwh: FloatArray,
    nights: int = 1,
) -> IntArray:
    """Return the energy of every task arc of a night [mWh].

    Parameters
    ----------
    solver : FlowSolver
        Of the night.
    room_mwh : ndarray of int
        What the site has left for charging, (intervals of the night,).
    price_per_kwh : ndarray
        (intervals of the night,).
    nights : int
        How many nights are planned together. Of several, each is planned from the sink to the
        source: a quarter faster, each interval holds the same, who draws in it may be another. A
        week of them or more, with few prices, is planned by stages: each price holds the same.

    Raises
    ------
    SolverError
        If the flow solver fails.
    """
    arcs = solver.arcs
    if nights >= _A_WEEK and len(np.unique(price_per_kwh)) <= _FEW_PRICES:
        return _by_stages(solver, room_mwh, price_per_kwh=price_per_kwh)[arcs.tasks : arcs.tree]
    cap_mwh = arcs.cap_mwh.copy()
    cap_mwh[arcs.sink :] = room_mwh
    cost = np.zeros(len(cap_mwh), dtype=np.int64)
    cost[arcs.sink :] = np.argsort(np.argsort(price_per_kwh, kind="stable"), kind="stable")
    flow = cheapest_flow()
    # The direction decides which plan comes out among those of equal bill and time: a single night
    # is planned forwards, and live nights are proven with that (tests/unit/dispatch).
    ends, nodes = (SOURCE, SINK), (arcs.tail, arcs.head)
    if nights > 1:
        ends, nodes = (SINK, SOURCE), (arcs.head, arcs.tail)
    ids = flow.add_arcs_with_capacity_and_unit_cost(*nodes, cap_mwh, cost)
    total_mwh = solver.supply.total_mwh
    flow.set_nodes_supplies(np.array(ends), np.array([total_mwh, -total_mwh]))
    require_optimal(flow.solve_max_flow_with_min_cost())
    return flow.flows(ids)[arcs.tasks : arcs.tree]


def _by_stages(solver: FlowSolver, room_mwh: IntArray, *, price_per_kwh: FloatArray) -> IntArray:
    """Return the flow of every arc, the greatest through each price after that of the lower ones.

    ``F_k - F_{k-1}`` flows through the intervals of price ``c_k``
    """
    arcs = solver.arcs
    flow_mwh = np.zeros(len(arcs.tail), dtype=np.int64)
    for price in np.unique(price_per_kwh):
        left_mwh = arcs.cap_mwh - flow_mwh
        left_mwh[arcs.sink :] = np.where(price_per_kwh == price, room_mwh, 0)
        ahead = np.flatnonzero(left_mwh > 0)
        back = np.flatnonzero(flow_mwh[: arcs.sink] > 0)
        stage = greatest_flow()
        # Given from the sink to the source, as in `FlowSolver`.
        ids = stage.add_arcs_with_capacity(
            np.concatenate([arcs.head[ahead], arcs.tail[back]]),
            np.concatenate([arcs.tail[ahead], arcs.head[back]]),
            np.concatenate([left_mwh[ahead], flow_mwh[back]]),
        )
        require_optimal(stage.solve(SINK, SOURCE))
        more_mwh = stage.flows(ids)
        flow_mwh[ahead] += more_mwh[: len(ahead)]
        flow_mwh[back] -= more_mwh[len(ahead) :]
    return flow_mwh


def power_kw(energy_mwh: IntArray, interval_h: float) -> FloatArray:
    """Return the mean power of an energy in one interval [kW]."""
    return energy_mwh / (MWH_PER_KWH * interval_h)
