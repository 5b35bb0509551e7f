"""The site limit at every instant: nodes of the limit tree, and the room left below them.

For every node and every instant, present and future, the reserved power of all connectors below
and the largest base load stay within the hard limit less its margin (I1). A change that keeps
each connector within `Room.allowed` keeps that so, whatever the order in which stations answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.errors import SafeLimitError
from depotlib.gateway.ledger import Ledger, Outlet
from depotlib.gateway.steps import FloatArray, StepLine, constant, grid_of, line_of
from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Depot

SITE: Final = "site"
TOLERANCE_KW: Final = 1e-6
MOST_NAMED: Final = 5
"""Stations that a refusal names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class LimitNode:
    """A node of the limit tree.

    Parameters
    ----------
    node_id : str
        ``site`` or a circuit.
    limit_kw, margin_kw, base_load_max_kw : float
        Hard limit, what is kept free below it, and the most that everything but charging draws.
    """

    node_id: str
    limit_kw: float
    margin_kw: float = 0.0
    base_load_max_kw: float = 0.0

    @property
    def budget_kw(self) -> float:
        """Return what charging may use of the node [kW]."""
        return self.limit_kw - self.margin_kw - self.base_load_max_kw


@dataclass(frozen=True, slots=True)
class Site:
    """What the ledger must hold: the limit tree, and the operating limit over time.

    Parameters
    ----------
    nodes : tuple of LimitNode
        The site first.
    outlets : tuple of Outlet
    operating : StepLine
        Operating limit less the expected base load [kW].
    """

    nodes: tuple[LimitNode, ...]
    outlets: tuple[Outlet, ...]
    operating: StepLine


def site_of(brief: Brief) -> Site:
    """Return the limits and connectors of a brief as the ledger needs them."""
    depot = brief.depot
    grid = depot.grid
    site = LimitNode(SITE, grid.service_kw, grid.margin_kw, grid.base_load_max_kw)
    circuits = [LimitNode(circuit.circuit_id, circuit.limit_kw) for circuit in depot.circuits]
    outlets = [outlet for station in depot.stations for outlet in _outlets_of(station, depot)]
    return Site(nodes=(site, *circuits), outlets=tuple(outlets), operating=_operating_line(brief))


def require_safe_limits(site: Site) -> None:
    """Refuse a site whose safe limits alone break a hard limit (I4).

    Raises
    ------
    SafeLimitError
        If the safe limits below a node and its base load exceed its limit less its margin; it
        names the stations whose safe limits to lower.
    """
    for node in site.nodes:
        below = [outlet for outlet in site.outlets if node.node_id in outlet.node_ids]
        total_kw = sum(outlet.safe_kw for outlet in below)
        # Written so that a limit that is not a number is refused too.
        if not total_kw <= node.budget_kw + TOLERANCE_KW:
            raise SafeLimitError(
                f"the safe limits below {node.node_id} add up to {total_kw:.1f} kW; with a base "
                f"load of {node.base_load_max_kw:g} kW and a margin of {node.margin_kw:g} kW only "
                f"{node.budget_kw:.1f} kW of its {node.limit_kw:g} kW are free",
                where=f"node {node.node_id}",
                hint=_whose_to_lower(below, excess_kw=total_kw - node.budget_kw),
            )


class Room:
    """The room below every node at an instant and all later ones: a working copy for one pass.

    Parameters
    ----------
    site : Site
    ledger : Ledger
    occupied : mapping of str to bool
        By connector: whether a vehicle is plugged in there.
    extra : sequence of StepLine
        Lines whose changes the grid must show too.
    now : datetime
    """

    def __init__(
        self,
        site: Site,
        ledger: Ledger,
        *,
        occupied: Mapping[str, bool],
        extra: Sequence[StepLine],
        now: datetime,
    ) -> None:
        self.outlets = site.outlets
        self.occupied = occupied
        self.nodes = site.nodes
        self.row = {outlet.connector_id: row for row, outlet in enumerate(site.outlets)}
        names = [outlet.connector_id for outlet in site.outlets]
        reserved = [ledger.reserved(name) for name in names]
        expected = [ledger.expected(name, is_occupied=occupied.get(name, False)) for name in names]
        grid_s = grid_of([*reserved, *expected, *extra, site.operating], from_s=now.timestamp())
        self.grid_s = grid_s
        self.reserved_kw: FloatArray = np.array([line.on(grid_s) for line in reserved])
        self.expected_kw: FloatArray = np.array([line.on(grid_s) for line in expected])
        self.operating_kw: FloatArray = site.operating.on(grid_s)
        self.is_below: FloatArray = np.array(
            [[node.node_id in outlet.node_ids for outlet in site.outlets] for node in site.nodes],
            dtype=np.float64,
        )
        self.budget_kw: FloatArray = np.array([node.budget_kw for node in site.nodes])
        self._node_kw: FloatArray = self.is_below @ self.reserved_kw
        self._total_kw: FloatArray = self.expected_kw.sum(axis=0)

    def allowed(self, connector_id: str) -> StepLine:
        """Return the most that a connector's reserve may be raised to without breaking a limit.

        What it holds already is always allowed: a change is legal if it is pointwise at most the
        larger of what is held and what is free (I1), and likewise for the operating limit.
        """
        row = self.row[connector_id]
        free_kw = self._hard_room_kw(row)
        operating_free_kw = self.operating_kw - (self._total_kw - self.expected_kw[row])
        allowed_kw = np.minimum(
            np.maximum(self.reserved_kw[row], free_kw),
            np.maximum(self.expected_kw[row], operating_free_kw),
        )
        return StepLine(self.grid_s, np.maximum(allowed_kw, 0.0))

    def put(self, connector_id: str, line: StepLine) -> None:
        """Count a widened lease on top of what a connector holds."""
        self._refine(line.starts_s)
        row = self.row[connector_id]
        power_kw = line.on(self.grid_s)
        raised_kw = np.maximum(self.reserved_kw[row], power_kw)
        self._node_kw += self.is_below[:, row : row + 1] * (raised_kw - self.reserved_kw[row])
        self.reserved_kw[row] = raised_kw
        expected_kw = np.maximum(self.expected_kw[row], power_kw)
        self._total_kw += expected_kw - self.expected_kw[row]
        self.expected_kw[row] = expected_kw

    def excess_kw(self) -> dict[str, float]:
        """Return by how much each node's reserve exceeds its budget at the worst instant [kW]."""
        worst_kw = (self._node_kw - self.budget_kw[:, None]).max(axis=1)
        return {
            node.node_id: float(over_kw)
            for node, over_kw in zip(self.nodes, worst_kw, strict=True)
            if not over_kw <= TOLERANCE_KW
        }

    def reserved_now_kw(self) -> dict[str, float]:
        """Return what is reserved on each node now [kW]."""
        return {
            node.node_id: float(power_kw)
            for node, power_kw in zip(self.nodes, self._node_kw[:, 0], strict=True)
        }

    def _refine(self, starts_s: FloatArray) -> None:
        """Make the grid show a line's changes: between two instants everything is constant."""
        new_s = starts_s[starts_s > self.grid_s[0]]
        grid_s = np.union1d(self.grid_s, new_s)
        if len(grid_s) == len(self.grid_s):
            return
        column = np.searchsorted(self.grid_s, grid_s, side="right") - 1
        self.grid_s = grid_s
        self.reserved_kw = self.reserved_kw[:, column]
        self.expected_kw = self.expected_kw[:, column]
        self.operating_kw = self.operating_kw[column]
        self._node_kw = self._node_kw[:, column]
        self._total_kw = self._total_kw[column]

    def _hard_room_kw(self, row: int) -> FloatArray:
        above = self.is_below[:, row] > 0.0
        others_kw = self._node_kw[above] - self.reserved_kw[row]
        return (self.budget_kw[above, None] - others_kw).min(axis=0)


def _outlets_of(station: ChargingStation, depot: Depot) -> list[Outlet]:
    connectors = list(station.connectors())
    path = [circuit.circuit_id for circuit in depot.path_to_site(station.circuit_id)]
    # A default on connector 0 applies to every connector, so each holds its share of the whole.
    return [
        Outlet(
            connector_id=connector.connector_id,
            station_id=station.station_id,
            safe_kw=station.safe_limit_kw / len(connectors),
            hardware_kw=station.max_kw / len(connectors),
            node_ids=(*path, SITE),
        )
        for connector in connectors
    ]


def _operating_line(brief: Brief) -> StepLine:
    grid = brief.depot.grid
    limit_kw, most_kw = grid.operating_limit_kw, grid.base_load_max_kw
    if brief.grid is None or not brief.base_load_kw:
        return constant(limit_kw - most_kw)
    starts_s = [start.timestamp() for start in brief.grid.starts()]
    points = [
        (start_s, limit_kw - power_kw)
        for start_s, power_kw in zip(starts_s, brief.base_load_kw, strict=True)
    ]
    # Nothing is forecast before and after: the most it can be.
    outside_kw = limit_kw - most_kw
    return line_of([(0.0, outside_kw), *points, (brief.grid.end.timestamp(), outside_kw)])


def _whose_to_lower(below: Sequence[Outlet], *, excess_kw: float) -> str:
    totals: dict[str, float] = {}
    for outlet in below:
        totals[outlet.station_id] = totals.get(outlet.station_id, 0.0) + outlet.safe_kw
    named: list[str] = []
    for station_id, safe_kw in sorted(totals.items(), key=lambda pair: (-pair[1], pair[0])):
        if excess_kw <= TOLERANCE_KW or safe_kw <= 0.0:
            break
        cut_kw = min(safe_kw, excess_kw)
        named.append(f"{station_id} by {cut_kw:.1f} kW")
        excess_kw -= cut_kw
    if not named:
        return "lower the base load or the margin"
    rest = f" and of {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"lower the safe limits of {', '.join(named[:MOST_NAMED])}{rest}"
