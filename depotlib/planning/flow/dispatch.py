"""The dispatch of a night: cheapest intervals first, and among equal prices the earliest.

Over a polymatroid the cheapest base depends on the *order* of the prices alone, so the cost of an
interval is its place in the order of (price, time): ties are settled exactly, without an epsilon.
"""

import numpy as np

from depotlib.planning.flow.network import SINK, SOURCE, FlowSolver
from depotlib.planning.flow.solvers import cheapest_flow, require_optimal
from depotlib.planning.problem import FloatArray, IntArray
from depotlib.units import MWH_PER_KWH


def dispatch_mwh(solver: FlowSolver, room_mwh: IntArray, *, price_per_kwh: FloatArray) -> IntArray:
    """Return the energy of every task arc of a night [mWh].

    Parameters
    ----------
    solver : FlowSolver
        Of the night.
    room_mwh : ndarray of int
        What the site has left for charging, (intervals of the night,).
    price_per_kwh : ndarray
        (intervals of the night,).

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
    # Forwards, unlike `FlowSolver`: the direction decides which plan comes out among those of equal
    # bill and time, and live nights are proven with this one (tests/unit/dispatch).
    ids = flow.add_arcs_with_capacity_and_unit_cost(arcs.tail, arcs.head, cap_mwh, cost)
    total_mwh = solver.supply.total_mwh
    flow.set_nodes_supplies(np.array([SOURCE, SINK]), np.array([total_mwh, -total_mwh]))
    require_optimal(flow.solve_max_flow_with_min_cost())
    return flow.flows(ids)[arcs.tasks : arcs.tree]


def power_kw(energy_mwh: IntArray, interval_h: float) -> FloatArray:
    """Return the mean power of an energy in one interval [kW]."""
    return energy_mwh / (MWH_PER_KWH * interval_h)
