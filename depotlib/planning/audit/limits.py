"""Rules on sums of setpoints: site, circuits, stations, pools, and the hard limit."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from depotlib.model.depot import Derating
from depotlib.model.plan import Violation
from depotlib.planning.audit.evidence import BoolArray, Evidence, Setpoint
from depotlib.planning.problem import FloatArray


def site_limit(evidence: Evidence) -> Iterator[Violation]:
    """Yield intervals in which base load and charging are above the operating limit.

    Where the base load alone is above it, nothing may charge.
    """
    charging_kw = evidence.charging_kw() + evidence.assets_kw()
    limit_kw = evidence.depot.grid.operating_limit_kw
    room_kw = np.maximum(0.0, limit_kw - evidence.base_load_kw)
    for interval in evidence.above(charging_kw, room_kw):
        yield Violation(
            rule="site_limit",
            where=evidence.at(interval).isoformat(),
            sentence=(
                f"charging takes {charging_kw[interval]:.3f} kW at "
                f"{evidence.at(interval).isoformat()} where the operating limit of {limit_kw:g} kW "
                f"leaves {room_kw[interval]:.3f} kW"
            ),
        )


def circuit_limits(evidence: Evidence) -> Iterator[Violation]:
    """Yield circuits and intervals in which what hangs below is above the limit."""
    if not evidence.is_assigned:
        return
    paths = [
        {circuit.circuit_id for circuit in evidence.depot.path_to_site(station.circuit_id)}
        for station in evidence.depot.stations
    ]
    for circuit in evidence.depot.circuits:
        below = [index for index, path in enumerate(paths) if circuit.circuit_id in path]
        limit_kw = _in_force_kw(evidence, circuit.limit_kw, deratings=circuit.deratings)
        limit = _Limit("circuit_limit", circuit.circuit_id, limit_kw)
        stored_kw = evidence.assets_kw(
            "", *(
                storage.storage_id
                for storage in evidence.depot.storages
                if circuit in evidence.depot.path_to_site(storage.circuit_id)
            )
        )  # fmt: skip
        yield from _exceeded(
            evidence, np.isin(evidence.station, below), limit=limit, beside_kw=stored_kw
        )


def station_limits(evidence: Evidence) -> Iterator[Violation]:
    """Yield stations and intervals in which their connectors together are above the maximum."""
    if not evidence.is_assigned:
        return
    for index, station in enumerate(evidence.depot.stations):
        limit_kw = _in_force_kw(evidence, station.max_kw, deratings=station.deratings)
        limit = _Limit("station_limit", station.station_id, limit_kw)
        yield from _exceeded(evidence, evidence.station == index, limit=limit)


def pool_limits(evidence: Evidence) -> Iterator[Violation]:
    """Yield pools and intervals above what all stations of the pool can give together."""
    if evidence.is_assigned:
        return
    for pool in dict.fromkeys(station.pool for station in evidence.depot.stations):
        most_kw = sum(
            _in_force_kw(evidence, one.max_kw, deratings=one.deratings)
            for one in evidence.depot.stations
            if one.pool == pool
        )
        dwells = [index for index, dwell in enumerate(evidence.dwells) if dwell.pool == pool]
        limit = _Limit("pool_limit", pool, np.asarray(most_kw))
        yield from _exceeded(evidence, np.isin(evidence.dwell, dwells), limit=limit)


def phase_limits(evidence: Evidence) -> Iterator[Violation]:
    """Yield phases and intervals in which the site or a circuit carries more than it may there."""
    if not evidence.is_assigned:
        return
    depot = evidence.depot
    limits = [("", depot.grid.phase_limit_kw)]
    limits += [(circuit.circuit_id, circuit.phase_limit_kw) for circuit in depot.circuits]
    for name, limit_kw in limits:
        if limit_kw is None:
            continue
        base_kw = evidence.base_load_kw / 3 if name == "" else 0.0 * evidence.base_load_kw
        room_kw = np.maximum(0.0, limit_kw - base_kw)
        for phase, carried_kw in enumerate(_carried_kw(evidence, name), 1):
            for interval in evidence.above(carried_kw, room_kw):
                start = evidence.at(interval).isoformat()
                yield Violation(
                    rule="phase_limit",
                    where=f"{name or 'site'}, L{phase} at {start}",
                    sentence=(
                        f"charging puts {carried_kw[interval]:.3f} kW on L{phase} of "
                        f"{name or 'the site'} at {start}, where {room_kw[interval]:.3f} kW are left"
                    ),
                )


def _carried_kw(evidence: Evidence, circuit_id: str) -> FloatArray:
    """Return what stations below a circuit, or all, put on each phase [kW], (3, intervals)."""
    count = evidence.plan.grid.count
    carried_kw = np.zeros((3, count))
    for setpoint in evidence.setpoints:
        if setpoint.station is None or not 0 <= setpoint.interval < count:
            continue
        path = evidence.depot.path_to_site(setpoint.station.circuit_id)
        if circuit_id in {"", *(circuit.circuit_id for circuit in path)}:
            used = _phases_used(evidence, setpoint)
            for phase in used:
                carried_kw[phase - 1, setpoint.interval] += setpoint.power_kw / len(used)
    return carried_kw


def _phases_used(evidence: Evidence, setpoint: Setpoint) -> tuple[int, ...]:
    """Return the depot's phases that a setpoint loads: the first of its station's, or all."""
    assert setpoint.station is not None
    wiring = setpoint.station.wiring or (1, 2, 3)
    phases = 0 if setpoint.dwell is None else evidence.dwells[setpoint.dwell].ac_phases
    if setpoint.station.current_type == "DC" or not phases or not setpoint.station.wiring:
        return wiring
    return wiring[:phases]


def hard_limit(evidence: Evidence) -> Iterator[Violation]:
    """Yield intervals in which all that could be drawn is above the service less its margin.

    ``Σ_s max(p_s, F_s) + max(b_t, base_load_max) <= service - margin``

    A station may draw what the plan asks or, told nothing, its safe limit, whichever is more: idle
    stations count too, and so does the highest base load.
    """
    if not evidence.is_assigned:
        return
    grid = evidence.depot.grid
    worst_kw = np.maximum(evidence.base_load_kw, grid.base_load_max_kw)
    for index, station in enumerate(evidence.depot.stations):
        planned_kw = evidence.charging_kw(evidence.station == index)
        worst_kw = worst_kw + np.maximum(planned_kw, station.safe_limit_kw)
    limit_kw = grid.service_kw - grid.margin_kw
    for interval in evidence.above(worst_kw, limit_kw):
        start = evidence.at(interval).isoformat()
        yield Violation(
            rule="hard_limit",
            where=start,
            sentence=(
                f"setpoints, safe limits of idle stations and base load come to "
                f"{worst_kw[interval]:.3f} kW at {start}; the service less its margin is "
                f"{limit_kw:g} kW"
            ),
        )


@dataclass(frozen=True, slots=True)
class _Limit:
    rule: str
    limit_id: str
    limit_kw: FloatArray


def _exceeded(
    evidence: Evidence, rows: BoolArray, *, limit: _Limit, beside_kw: FloatArray | float = 0.0
) -> Iterator[Violation]:
    charging_kw = evidence.charging_kw(rows) + beside_kw
    for interval in evidence.above(charging_kw, limit.limit_kw):
        start = evidence.at(interval).isoformat()
        yield Violation(
            rule=limit.rule,
            where=f"{limit.limit_id} at {start}",
            sentence=(
                f"{limit.limit_id} would carry {charging_kw[interval]:.3f} kW at {start}, more "
                f"than its limit of {limit.limit_kw[interval]:g} kW"
            ),
        )


def _in_force_kw(
    evidence: Evidence, limit_kw: float, *, deratings: Sequence[Derating]
) -> FloatArray:
    """Return a limit in every interval, a derating counting wherever it holds for a moment."""
    step = evidence.plan.grid.step
    limits_kw = (
        [
            min(
                [limit_kw]
                + [d.limit_kw for d in deratings if d.start < start + step and start < d.end]
            )
            for start in evidence.plan.grid.starts()
        ]
        if deratings
        else [limit_kw] * evidence.plan.grid.count
    )
    return np.array(limits_kw, dtype=np.float64)
