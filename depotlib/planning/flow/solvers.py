"""The compiled flow solvers, with the types that they lack."""

from typing import Protocol, cast

import numpy as np
from ortools.graph.python import max_flow, min_cost_flow

from depotlib.errors import SolverError
from depotlib.planning.problem import IntArray


class FlowStatus(Protocol):
    """How a flow solver ended."""

    @property
    def name(self) -> str:
        """Return the solver's word."""
        ...


class GreatestFlow(Protocol):
    """`SimpleMaxFlow`."""

    def add_arcs_with_capacity(self, *arrays: IntArray) -> IntArray:
        """Return the ids of new arcs from tails, heads and capacities."""
        ...

    def set_arcs_capacity(self, arcs: IntArray, caps: IntArray, /) -> None:
        """Change capacities."""
        ...

    def solve(self, source: int, sink: int, /) -> FlowStatus:
        """Return how it ended."""
        ...

    def flows(self, arcs: IntArray, /) -> IntArray:
        """Return the flow of arcs."""
        ...

    def optimal_flow(self) -> int:
        """Return the greatest flow."""
        ...

    def get_sink_side_min_cut(self) -> list[int]:
        """Return the nodes from which the sink can still be reached: its side of a minimum cut."""
        ...


class CheapestFlow(Protocol):
    """`SimpleMinCostFlow`."""

    def add_arcs_with_capacity_and_unit_cost(self, *arrays: IntArray) -> IntArray:
        """Return the ids of new arcs from tails, heads, capacities and costs."""
        ...

    def set_nodes_supplies(self, nodes: IntArray, supplies: IntArray, /) -> None:
        """Set what nodes give (positive) or take."""
        ...

    def solve_max_flow_with_min_cost(self) -> FlowStatus:
        """Return how it ended."""
        ...

    def flows(self, arcs: IntArray, /) -> IntArray:
        """Return the flow of arcs."""
        ...


def greatest_flow() -> GreatestFlow:
    """Return a new maximum-flow solver."""
    return cast("GreatestFlow", max_flow.SimpleMaxFlow())


def cheapest_flow() -> CheapestFlow:
    """Return a new minimum-cost-flow solver."""
    return cast("CheapestFlow", min_cost_flow.SimpleMinCostFlow())


def require_optimal(status: FlowStatus) -> None:
    """Refuse a flow that is not proven.

    Raises
    ------
    SolverError
        With the solver's word.
    """
    if status.name != "OPTIMAL":
        raise SolverError(
            f"the flow solver ended with {status.name.lower()}",
            where="planning.flow",
            hint="energies and limits must stay below 10^9 kWh",
        )


NO_LIMIT_MWH = int(np.iinfo(np.int64).max // 4)
"""More than any limit, and safe to add to others."""
