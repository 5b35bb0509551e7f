"""The room below every node at an instant and all later ones.

For every node and every instant, present and future, the reserved power of all connectors below
and the largest base load stay within the hard limit less its margin (I1). A change that keeps
each connector within `Room.allowed` keeps that so, whatever the order in which stations answer.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.safety import TOLERANCE_KW, LimitNode, Site
from depotlib.gateway.steps import FloatArray, StepLine, grid_of, rising

NOW: Final = 0
"""The column of the present instant in every array of a room."""


class Room:
    """The room below every node: a working copy for one pass.

    Parameters
    ----------
    site : Site
    ledger : Ledger
    occupied : mapping of str to bool
        By connector: whether a vehicle is plugged in there.
    extra : sequence of StepLine
        Lines whose changes the grid must show too.
    now : datetime
    bounds : SiteBounds, optional
        What the site's meter changes.
    """

    def __init__(
        self,
        site: Site,
        ledger: Ledger,
        *,
        occupied: Mapping[str, bool],
        extra: Sequence[StepLine],
        now: datetime,
        bounds: SiteBounds | None = None,
    ) -> None:
        base = bounds.base if bounds is not None else None
        operating = bounds.operating if bounds is not None else None
        self.outlets = site.outlets
        self.occupied = occupied
        self.nodes = site.nodes
        self.row = site.row
        self._site = site
        self._trust = [ledger.trust[outlet.station_id] for outlet in site.outlets]
        names = list(site.row)
        reserved = [ledger.reserved(name) for name in names]
        expected = [ledger.expected(name, is_occupied=occupied.get(name, False)) for name in names]
        phased = [ledger.reserved_on_phase(name) for name in names] if site.has_phases else []
        planned = operating or site.operating
        limits = [*(node.limit for node in site.nodes), *([base] if base is not None else [])]
        grid_s = grid_of(
            [*reserved, *expected, *phased, *limits, *extra, planned], from_s=now.timestamp()
        )
        self.grid_s = grid_s
        self.reserved_kw = _rows(reserved, grid_s)
        self.expected_kw = _rows(expected, grid_s)
        self.operating_kw: FloatArray = planned.on(grid_s)
        self.budget_kw: FloatArray = np.array(
            [_budget_kw(node, grid_s, base=base) for node in site.nodes]
        )
        self._above = site.above
        self._on_phase_kw = _rows(phased, grid_s) if phased else 0.0 * self.reserved_kw
        self._node_kw: FloatArray = site.below @ self.reserved_kw
        if phased:
            self._node_kw += site.phased @ self._on_phase_kw
        self._total_kw: FloatArray = self.expected_kw.sum(axis=0)

    # --- one connector --------------------------------------------------------------------

    def allowed(self, connector_id: str) -> StepLine:
        """Return the most that a connector's reserve may be raised to without breaking a limit.

        What it holds already is always allowed: a change is legal if it is pointwise at most the
        larger of what is held and what is free (I1), and likewise for the operating limit.
        """
        row = self.row[connector_id]
        own_kw = self._loads(row, self.reserved_kw[row], on_phase_kw=self._on_phase_kw[row])
        free_kw = self.within_kw(connector_id, self.budget_kw - (self._node_kw - own_kw))
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
        phased_kw = np.maximum(self._on_phase_kw[row], self._on_phase(row, power_kw))
        own_kw = self._loads(row, self.reserved_kw[row], on_phase_kw=self._on_phase_kw[row])
        self._node_kw = self._node_kw + self._loads(row, raised_kw, on_phase_kw=phased_kw) - own_kw
        self.reserved_kw[row], self._on_phase_kw[row] = raised_kw, phased_kw
        expected_kw = np.maximum(self.expected_kw[row], power_kw)
        self._total_kw += expected_kw - self.expected_kw[row]
        self.expected_kw[row] = expected_kw

    def loads_kw(self, connector_id: str, power_kw: FloatArray) -> FloatArray:
        """Return what a connector's power may put on each node [kW], (nodes, grid)."""
        row = self.row[connector_id]
        return self._loads(row, power_kw, on_phase_kw=self._on_phase(row, power_kw))

    def left_kw(self, powers_kw: Mapping[str, float]) -> FloatArray:
        """Return what constant powers of all connectors leave on each node [kW], (nodes, grid)."""
        powers = [np.array([powers_kw[name]]) for name in self.row]
        used_kw = self._site.below @ np.array(powers)
        if self._site.has_phases:
            phases_kw = [self._on_phase(row, one) for row, one in enumerate(powers)]
            used_kw = used_kw + self._site.phased @ np.array(phases_kw)
        return self.budget_kw - used_kw

    def within_kw(self, connector_id: str, left_kw: FloatArray) -> FloatArray:
        """Return the most a connector may draw where so much is left on each node [kW], (grid,)."""
        row = self.row[connector_id]
        above, phases = self._above[row]
        most_kw = left_kw[above].min(axis=0)
        if len(phases):
            on_phase_kw = left_kw[phases].min(axis=0)
            unit = self._trust[row].unit
            limit_kw = self.outlets[row].of_phase_kw(on_phase_kw, unit=unit)
            most_kw = np.minimum(most_kw, limit_kw)
        return most_kw

    # --- all nodes ------------------------------------------------------------------------

    def excess_kw(self) -> dict[str, float]:
        """Return by how much each node's reserve exceeds its budget at the worst instant [kW]."""
        worst_kw = (self._node_kw - self.budget_kw).max(axis=1)
        return {
            node.node_id: float(over_kw)
            for node, over_kw in zip(self.nodes, worst_kw, strict=True)
            if not over_kw <= TOLERANCE_KW
        }

    def reserved_now_kw(self) -> dict[str, float]:
        """Return what is reserved on each node now [kW]."""
        return {
            node.node_id: float(power_kw)
            for node, power_kw in zip(self.nodes, self._node_kw[:, NOW], strict=True)
        }

    # --- inside ---------------------------------------------------------------------------

    def _loads(self, row: int, power_kw: FloatArray, *, on_phase_kw: FloatArray) -> FloatArray:
        loads_kw = np.zeros_like(self.budget_kw)
        above, phases = self._above[row]
        loads_kw[above] = power_kw
        if len(phases):
            loads_kw[phases] = on_phase_kw
        return loads_kw

    def _on_phase(self, row: int, power_kw: FloatArray) -> FloatArray:
        return self.outlets[row].on_phase_kw(power_kw, unit=self._trust[row].unit)

    def _refine(self, starts_s: FloatArray) -> None:
        """Make the grid show a line's changes: between two instants everything is constant."""
        new_s = starts_s[starts_s > self.grid_s[NOW]]
        grid_s = rising((self.grid_s, new_s))
        if len(grid_s) == len(self.grid_s):
            return
        column = np.searchsorted(self.grid_s, grid_s, side="right") - 1
        self.grid_s = grid_s
        self.reserved_kw = self.reserved_kw[:, column]
        self.expected_kw = self.expected_kw[:, column]
        self.operating_kw = self.operating_kw[column]
        self.budget_kw = self.budget_kw[:, column]
        self._on_phase_kw = self._on_phase_kw[:, column]
        self._node_kw = self._node_kw[:, column]
        self._total_kw = self._total_kw[column]


def _rows(lines: Sequence[StepLine], grid_s: FloatArray) -> FloatArray:
    return np.array([line.on(grid_s) for line in lines])


def _budget_kw(node: LimitNode, grid_s: FloatArray, *, base: StepLine | None) -> FloatArray:
    """Return what charging may use of a node at each instant [kW], (grid,)."""
    free_kw = node.limit.on(grid_s) - node.margin_kw
    if base is None or node.base_share == 0.0:
        return free_kw - node.base_load_max_kw
    return free_kw - node.base_share * base.on(grid_s)
