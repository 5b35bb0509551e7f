"""The dispatch of a night: cheapest intervals first, and among equal prices the earliest.

Over a polymatroid the cheapest base depends on the *order* of the prices alone, so the cost of an
interval is its place in the order of (price, time): ties are settled exactly, without an epsilon.
"""

import numpy as np

from depotlib.planning.flow.network import SINK, SOURCE, FlowSolver
from depotlib.planning.flow.solvers import cheapest_flow, require_optimal
from depotlib.planning.problem import FloatArray, IntArray
from depotlib.units import MWH_PER_KWH


def dispatch_mwh(
    solver: FlowSolver,
    room_mwh: IntArray,
    *,
    price_per_kwh: FloatArray,
    is_backward: bool = False,
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
    is_backward : bool
        Whether the solver is given the network from the sink to the source: a quarter faster, and
        each interval holds the same; who draws in it may be another.

    Raises
    ------
    SolverError
        If the flow solver fails.
    """
    arcs = solver.arcs
    cap_mwh = arcs.cap_mwh.copy()
    cap_mwh[arcs.sink :] = room_mwh
    cost = np.zeros(len(cap_mwh), dtype=np.int64)
    cost[arcs.sink :] = np.argsort(np.argsort(price_per_kwh, kind="stable"), kind="stable")
    flow = cheapest_flow()
    # The direction decides which plan comes out among those of equal bill and time: a single night
    # is planned forwards, and live nights are proven with that (tests/unit/dispatch).
    ends, nodes = (SOURCE, SINK), (arcs.tail, arcs.head)
    if is_backward:
        ends, nodes = (SINK, SOURCE), (arcs.head, arcs.tail)
    ids = flow.add_arcs_with_capacity_and_unit_cost(*nodes, cap_mwh, cost)
    total_mwh = solver.supply.total_mwh
    flow.set_nodes_supplies(np.array(ends), np.array([total_mwh, -total_mwh]))
    require_optimal(flow.solve_max_flow_with_min_cost())
    return flow.flows(ids)[arcs.tasks : arcs.tree]


def power_kw(energy_mwh: IntArray, interval_h: float) -> FloatArray:
    """Return the mean power of an energy in one interval [kW]."""
    return energy_mwh / (MWH_PER_KWH * interval_h)
