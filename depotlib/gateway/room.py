"""The room below every node at an instant and all later ones.

For every node and every instant, present and future, the reserved power of all connectors below
and the largest base load stay within the hard limit less its margin (I1). A change that keeps
each connector within `Room.allowed` keeps that so, whatever the order in which stations answer.
"""

import functools
import itertools
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import numpy as np

from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.outlet import Measure
from depotlib.gateway.safety import TOLERANCE_KW, LimitNode, Site
from depotlib.gateway.steps import FloatArray, StepLine, grid_of, rising, rows_of

Loads = dict[Measure, FloatArray]
"""What lies on nodes [kW], by what they measure."""
TOLD_SHARE: Final = 0.98
"""Amperes are cut to tenths: of 6 A and more, at most so little is lost on the way."""
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
        self._trust = [ledger.trust[outlet.station_id] for outlet in site.outlets]
        names = list(site.row)
        expected = [ledger.expected(name, is_occupied=occupied.get(name, False)) for name in names]
        loads: dict[Measure, list[StepLine]] = {
            one: [ledger.reserved(name, one) for name in names] for one in site.measures
        }
        planned = operating or site.operating
        limits = [node.limit for node in site.nodes if node.cuts]
        limits += [base] if base is not None else []
        grid_s = grid_of(
            [*itertools.chain(*loads.values()), *expected, *limits, *extra, planned],
            from_s=now.timestamp(),
        )
        self.grid_s = grid_s
        rows_kw = rows_of([*expected, *itertools.chain(*loads.values())], grid_s)
        groups_kw = np.split(rows_kw, 1 + len(loads))
        self.expected_kw: FloatArray = groups_kw[0]
        self.operating_kw: FloatArray = planned.on(grid_s)
        self.budget_kw = _budgets_kw(site.nodes, grid_s, base=base)
        self._above, self._below = site.above, site.below
        self._load_kw: Loads = dict(zip(loads, groups_kw[1:], strict=True))
        self._node_kw: FloatArray = self._summed(self._load_kw)
        self._total_kw: FloatArray = self.expected_kw.sum(axis=0)

    # --- one connector --------------------------------------------------------------------

    def allowed(self, connector_id: str) -> StepLine:
        """Return the most that a connector's reserve may be raised to without breaking a limit.

        What it holds already is always allowed: a change is legal if it is pointwise at most the
        larger of what is held and what is free (I1), and likewise for the operating limit. That one
        never takes the safe limit from who has it now: the guards of others' steps would pause it
        for half a minute, and not everybody wakes from that. Who is paused waits for its room.
        """
        row = self.row[connector_id]
        held_kw: Loads = {one: load_kw[row] for one, load_kw in self._load_kw.items()}
        free_kw = self.within_kw(connector_id, self.budget_kw - self._node_kw, own_kw=held_kw)
        operating_free_kw = self.operating_kw - (self._total_kw - self.expected_kw[row])
        safe_kw = self.outlets[row].safe_kw
        has_it = float(self.expected_kw[row, NOW]) >= TOLD_SHARE * safe_kw
        least_kw = safe_kw if has_it and self.occupied.get(connector_id, False) else 0.0
        allowed_kw = np.minimum(
            np.maximum(self._within(row, held_kw), free_kw),
            np.maximum(np.maximum(self.expected_kw[row], least_kw), operating_free_kw),
        )
        return StepLine(self.grid_s, np.maximum(allowed_kw, 0.0))

    def put(self, connector_id: str, line: StepLine) -> None:
        """Count a widened lease on top of what a connector holds."""
        self._refine(line.starts_s)
        row = self.row[connector_id]
        power_kw = line.on(self.grid_s)
        for one, added_kw in self._loads(row, power_kw).items():
            load_kw = self._load_kw[one]
            raised_kw = np.maximum(load_kw[row], added_kw)
            self._node_kw[self._above[row][one]] += raised_kw - load_kw[row]
            load_kw[row] = raised_kw
        expected_kw = np.maximum(self.expected_kw[row], power_kw)
        self._total_kw += expected_kw - self.expected_kw[row]
        self.expected_kw[row] = expected_kw

    def loads_kw(self, connector_id: str, power_kw: FloatArray) -> Loads:
        """Return what a connector's limit may put on the nodes above it [kW], by measure, (grid,)."""
        return self._loads(self.row[connector_id], power_kw)

    def take(self, connector_id: str, left_kw: FloatArray, *, added_kw: Loads) -> None:
        """Take what a connector adds to the nodes above it from what is left on them [kW]."""
        for one, nodes in self._above[self.row[connector_id]].items():
            if len(nodes):
                left_kw[nodes] -= added_kw[one]

    def left_kw(self, powers_kw: Mapping[str, float]) -> FloatArray:
        """Return what constant limits of all connectors leave on each node [kW], (nodes, grid)."""
        rows = [self._loads(row, np.array([powers_kw[name]])) for name, row in self.row.items()]
        by_measure: Loads = {one: np.array([load[one] for load in rows]) for one in self._load_kw}
        return self.budget_kw - self._summed(by_measure)

    def within_kw(self, connector_id: str, left_kw: FloatArray, *, own_kw: Loads) -> FloatArray:
        """Return the highest limit of a connector where so much is left on each node [kW], (grid,).

        Parameters
        ----------
        connector_id : str
        left_kw : numpy.ndarray
            Without what the connector itself is reckoned with, (nodes, grid).
        own_kw : dict of Measure to numpy.ndarray
            That, by measure.
        """
        row = self.row[connector_id]
        least_kw: Loads = {
            one: left_kw[nodes].min(axis=0) + own_kw[one]
            for one, nodes in self._above[row].items()
            if len(nodes)
        }
        return self._within(row, least_kw)

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

    def _summed(self, loads_kw: Loads) -> FloatArray:
        """Return what loads of all connectors add up to on each node [kW], (nodes, grid)."""
        return np.sum([self._below[one] @ load_kw for one, load_kw in loads_kw.items()], axis=0)

    def _loads(self, row: int, power_kw: FloatArray) -> Loads:
        """Return by measure what a limit in the unit that goes out next may put on nodes [kW]."""
        outlet, unit = self.outlets[row], self._trust[row].unit
        return {one: outlet.load_kw(power_kw, unit=unit, measure=one) for one in self._load_kw}

    def _within(self, row: int, left_kw: Loads) -> FloatArray:
        """Return the highest limit that loads no more than so much by each measure [kW], (grid,)."""
        outlet, unit = self.outlets[row], self._trust[row].unit
        limits_kw = [
            outlet.limit_kw(load_kw, unit=unit, measure=one)
            for one, load_kw in left_kw.items()
            if len(self._above[row][one])
        ]
        return functools.reduce(np.minimum, limits_kw)

    def _refine(self, starts_s: FloatArray) -> None:
        """Make the grid show a line's changes: between two instants everything is constant."""
        new_s = starts_s[starts_s > self.grid_s[NOW]]
        grid_s = rising((self.grid_s, new_s))
        if len(grid_s) == len(self.grid_s):
            return
        column = np.searchsorted(self.grid_s, grid_s, side="right") - 1
        self.grid_s = grid_s
        self.expected_kw = self.expected_kw[:, column]
        self.operating_kw = self.operating_kw[column]
        self.budget_kw = self.budget_kw[:, column]
        self._load_kw = {one: load_kw[:, column] for one, load_kw in self._load_kw.items()}
        self._node_kw = self._node_kw[:, column]
        self._total_kw = self._total_kw[column]


def _budgets_kw(
    nodes: Sequence[LimitNode], grid_s: FloatArray, *, base: StepLine | None
) -> FloatArray:
    """Return what charging may use of each node at each instant [kW], (nodes, grid)."""
    free_kw = np.array([[node.limit_kw - node.margin_kw] for node in nodes])
    free_kw = np.repeat(free_kw, len(grid_s), axis=1)
    for row, node in enumerate(nodes):
        if node.cuts:
            free_kw[row] = node.limit.on(grid_s) - node.margin_kw
    most_kw = np.array([[node.base_load_max_kw] for node in nodes])
    if base is None:
        return free_kw - most_kw
    shares = np.array([[node.base_share] for node in nodes])
    return free_kw - np.where(shares == 0.0, most_kw, shares * base.on(grid_s))
