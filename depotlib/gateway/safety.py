"""The site's limits: the nodes of its limit tree and of its phases, and what hangs below each.

A phase of a circuit is a node of its own: vehicles decide how many phases they use, so a limit
for all three together says little of the one that a single-phase vehicle loads.
"""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Final

import numpy as np
from numpy.typing import NDArray

from depotlib.errors import SafeLimitError
from depotlib.gateway.outlet import Measure, Outlet
from depotlib.gateway.quirks import first_dialect
from depotlib.gateway.steps import FloatArray, StepLine, constant, line_of, lowest
from depotlib.model.brief import Brief
from depotlib.model.depot import ChargingStation, Depot, Derating

IntArray = NDArray[np.intp]
SITE: Final = "site"
PHASES: Final = (1, 2, 3)
TOLERANCE_KW: Final = 1e-6
MOST_NAMED: Final = 5
"""Stations that a refusal names before it counts the rest."""


@dataclass(frozen=True, slots=True)
class LimitNode:
    """A node of the limit tree.

    Parameters
    ----------
    node_id : str
        ``site``, a circuit, a station whose connectors share its power, or a phase of the first two.
    limit_kw, margin_kw, base_load_max_kw : float
        Hard limit, what is kept free below it, and the most that everything but charging draws.
    phase : int
        1 to 3: what lies on this phase alone counts; 0: all of it.
    base_share : float
        Share of the site's base load that lies on it.
    cuts : tuple of Derating
        When it gives less.
    measure : Measure
        What of a connector counts on it: power on a node that is limited in kW, current on one
        that is limited in amperes.
    """

    node_id: str
    limit_kw: float
    margin_kw: float = 0.0
    base_load_max_kw: float = 0.0
    phase: int = 0
    base_share: float = 0.0
    cuts: tuple[Derating, ...] = ()
    measure: Measure = "power"

    @property
    def limit(self) -> StepLine:
        """Return the hard limit over time [kW]."""
        lines = [constant(self.limit_kw)]
        for cut in self.cuts:
            start_s, end_s = cut.start.timestamp(), cut.end.timestamp()
            points = [(0.0, self.limit_kw), (start_s, cut.limit_kw), (end_s, self.limit_kw)]
            lines.append(line_of(points))
        return lowest(lines)


@dataclass(frozen=True)
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

    @cached_property
    def row(self) -> dict[str, int]:
        """Return the row of each connector in every array."""
        return {outlet.connector_id: row for row, outlet in enumerate(self.outlets)}

    @cached_property
    def measures(self) -> tuple[Measure, ...]:
        """Return by what the nodes measure, each once."""
        return tuple(dict.fromkeys(node.measure for node in self.nodes))

    @cached_property
    def below(self) -> dict[Measure, FloatArray]:
        """Return by measure 1 where a connector hangs below a node of it, (nodes, rows)."""
        return {one: self._matrix(one) for one in self.measures}

    @cached_property
    def above(self) -> list[dict[Measure, IntArray]]:
        """Return by connector and measure the nodes it hangs below."""
        return [
            {one: np.flatnonzero(below[:, row]) for one, below in self.below.items()}
            for row in range(len(self.outlets))
        ]

    def _matrix(self, measure: Measure) -> FloatArray:
        return np.array(
            [
                [
                    float(node.node_id in outlet.node_ids and node.measure == measure)
                    for outlet in self.outlets
                ]
                for node in self.nodes
            ]
        ).reshape(len(self.nodes), len(self.outlets))


def site_of(brief: Brief) -> Site:
    """Return the limits and connectors of a brief as the ledger needs them."""
    depot = brief.depot
    outlets = [outlet for station in depot.stations for outlet in _outlets_of(station, depot)]
    nodes = tuple(_with_service(node, outlets) for node in _nodes_of(depot))
    return Site(nodes=nodes, outlets=tuple(outlets), operating=_operating_line(brief))


def _with_service(node: LimitNode, outlets: Sequence[Outlet]) -> LimitNode:
    """Return a node that leaves the safe limits below it where it is out of service.

    Nothing flows there, whatever stations are told; what the ledger can do is to raise nobody.
    """
    if all(cut.limit_kw > 0.0 for cut in node.cuts):
        return node
    safe_kw = sum(_safe_load_kw(one, node) for one in outlets if node.node_id in one.node_ids)
    cuts = tuple(cut if cut.limit_kw > 0.0 else replace(cut, limit_kw=safe_kw) for cut in node.cuts)
    return replace(node, cuts=cuts)


def phase_id(node_id: str, phase: int) -> str:
    """Return the name of the node that a phase of another node is."""
    return f"{node_id} phase {phase}"


def require_safe_limits(
    site: Site, *, now: datetime | None = None, until: datetime | None = None
) -> None:
    """Refuse a site whose safe limits alone break a hard limit (I4).

    Parameters
    ----------
    site : Site
    now, until : datetime, optional
        Spans in which a node gives less count if they lie in [now, until); without, none does.

    Raises
    ------
    SafeLimitError
        If the safe limits below a node and its base load exceed its limit less its margin; it
        names the stations whose safe limits to lower.
    """
    for node in site.nodes:
        below = [outlet for outlet in site.outlets if node.node_id in outlet.node_ids]
        total_kw = sum(_safe_load_kw(outlet, node) for outlet in below)
        for limit_kw, when in _limits_within(node, now=now, until=until):
            budget_kw = limit_kw - node.margin_kw - node.base_load_max_kw
            # Written so that a limit that is not a number is refused too.
            if not total_kw <= budget_kw + TOLERANCE_KW:
                raise SafeLimitError(
                    f"the safe limits below {node.node_id} add up to {total_kw:.1f} kW"
                    f"{_at_high_voltage(node)}; with a base load of {node.base_load_max_kw:g} kW "
                    f"and a margin of {node.margin_kw:g} kW only {budget_kw:.1f} kW of its "
                    f"{limit_kw:g} kW are free{when}",
                    where=f"node {node.node_id}",
                    hint=_whose_to_lower(below, node=node, excess_kw=total_kw - budget_kw),
                )


def _limits_within(
    node: LimitNode, *, now: datetime | None, until: datetime | None
) -> Iterable[tuple[float, str]]:
    """Yield the limits of a node [kW], each with when it holds: always, or in a span to come."""
    yield node.limit_kw, ""
    if now is None or until is None:
        return
    for cut in node.cuts:
        if cut.start < until and now < cut.end:
            yield cut.limit_kw, f" from {cut.start.isoformat()} to {cut.end.isoformat()}"


def _at_high_voltage(node: LimitNode) -> str:
    return " at the highest voltage" if node.measure == "power" else ""


def _nodes_of(depot: Depot) -> Iterable[LimitNode]:
    """Yield the site, its circuits, the phases that count, and stations that share their power."""
    grid = depot.grid
    base_kw = grid.base_load_max_kw
    yield LimitNode(SITE, grid.service_kw, grid.margin_kw, base_kw, base_share=1.0)
    for circuit in depot.circuits:
        measure: Measure = "current" if circuit.is_in_amperes else "power"
        name, cuts = circuit.circuit_id, circuit.deratings
        yield LimitNode(name, circuit.limit_kw, cuts=cuts, measure=measure)
    share = 1.0 / len(PHASES)
    for phase in PHASES if grid.phase_limit_kw is not None else ():
        yield LimitNode(
            phase_id(SITE, phase),
            grid.phase_limit_kw or 0.0,
            margin_kw=grid.margin_kw * share,
            base_load_max_kw=base_kw * share,
            phase=phase,
            base_share=share,
            measure="phase",
        )
    for circuit in depot.circuits:
        for phase in PHASES if circuit.phase_limit_kw is not None else ():
            name, limit_kw = phase_id(circuit.circuit_id, phase), circuit.phase_limit_kw or 0.0
            yield LimitNode(name, limit_kw, phase=phase, measure="phase")
    for station in depot.stations:
        if _has_own_node(station):
            # Its own hardware holds it, in whatever it takes its limits.
            name, cuts = cabinet_id(station.station_id), station.deratings
            yield LimitNode(name, station.max_kw, cuts=cuts, measure="told")


def cabinet_id(station_id: str) -> str:
    """Return the name of the node that a station's shared power is."""
    return f"power of {station_id}"


def _has_own_node(station: ChargingStation) -> bool:
    """Return whether a station's connectors together could give more than it has, now or in a span."""
    total_kw = sum(one.max_kw for one in station.connectors())
    return bool(station.deratings) or total_kw > station.max_kw + TOLERANCE_KW


def _phases_of(station: ChargingStation) -> tuple[tuple[int, ...], float]:
    """Return the phases a station may load, and the share of its power on each of them.

    A station on one phase nobody knows may load any of the three with all of its power.
    """
    own = station.wiring or PHASES
    count = len(own) if station.current_type == "DC" else station.phases
    return own, 1.0 / count


def _outlets_of(station: ChargingStation, depot: Depot) -> list[Outlet]:
    connectors = list(station.connectors())
    path = [circuit.circuit_id for circuit in depot.path_to_site(station.circuit_id)]
    phases, share = _phases_of(station)
    # Above the site there is nothing; phases and cabinets are named behind it.
    others = [phase_id(name, phase) for name in (*path, SITE) for phase in phases]
    others += [cabinet_id(station.station_id)] if _has_own_node(station) else []
    # A default on connector 0 applies to every connector, so each holds its share of the whole.
    return [
        Outlet(
            connector_id=connector.connector_id,
            station_id=station.station_id,
            safe_kw=station.safe_limit_kw / len(connectors),
            hardware_kw=station.max_kw / len(connectors),
            node_ids=(*path, SITE, *others),
            phase_share=share,
            phase_kw=connector.max_kw * share,
            is_even=station.current_type == "DC",
            first_unit=first_dialect(station).unit,
        )
        for connector in connectors
    ]


def _safe_load_kw(outlet: Outlet, node: LimitNode) -> float:
    """Return what a safe limit may put on a node below which it lies [kW]."""
    safe_kw = np.array([outlet.safe_kw])
    return float(outlet.load_kw(safe_kw, unit=outlet.first_unit, measure=node.measure)[0])


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


def _whose_to_lower(below: Sequence[Outlet], *, node: LimitNode, excess_kw: float) -> str:
    totals: dict[str, float] = {}
    loads: dict[str, float] = {}
    for outlet in below:
        name = outlet.station_id
        totals[name] = totals.get(name, 0.0) + outlet.safe_kw
        loads[name] = loads.get(name, 0.0) + _safe_load_kw(outlet, node)
    named: list[str] = []
    for station_id, load_kw in sorted(loads.items(), key=lambda pair: (-pair[1], pair[0])):
        if excess_kw <= TOLERANCE_KW or load_kw <= 0.0:
            break
        cut_kw = min(load_kw, excess_kw)
        named.append(f"{station_id} by {_upwards(cut_kw * totals[station_id] / load_kw)} kW")
        excess_kw -= cut_kw
    if not named:
        return "lower the base load or the margin"
    rest = f" and of {len(named) - MOST_NAMED} more" if len(named) > MOST_NAMED else ""
    return f"lower the safe limits of {', '.join(named[:MOST_NAMED])}{rest}"


def _upwards(power_kw: float) -> str:
    """Return a power that is enough, with one decimal."""
    return f"{math.ceil(power_kw * 10.0 - TOLERANCE_KW) / 10.0:.1f}"
