"""Rules on each setpoint alone: stay, window, connector, least power."""

from collections import defaultdict
from collections.abc import Iterator

import numpy as np

from depotlib.model.plan import ConnectorWindow, Violation
from depotlib.planning.audit.evidence import POWER_TOLERANCE_KW, Evidence, Setpoint


def inside_stay(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints that are no number, off the grid or outside their vehicle's stay."""
    for setpoint in evidence.setpoints:
        is_number = np.isfinite(setpoint.power_kw) and setpoint.power_kw >= 0
        on_grid = 0 <= setpoint.interval < evidence.plan.grid.count and (
            evidence.at(setpoint.interval) == setpoint.start
        )
        if not (is_number and on_grid and setpoint.dwell is not None):
            yield _violation(
                "inside_stay",
                setpoint,
                claim=f"is to draw {setpoint.power_kw:g} kW, which is not in one of its stays or no power",
            )


def inside_window(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints on a connector that the vehicle does not have at that time."""
    if not evidence.is_assigned:
        return
    step = evidence.plan.grid.step
    windows = defaultdict[tuple[str, str | None], list[ConnectorWindow]](list)
    for window in evidence.plan.windows:
        windows[window.vehicle_id, window.connector_id].append(window)
    for setpoint in evidence.setpoints:
        own = windows[setpoint.vehicle_id, setpoint.connector_id]
        end = setpoint.start + step
        if not any(window.start <= setpoint.start and end <= window.end for window in own):
            yield _violation(
                "inside_window",
                setpoint,
                claim=f"is to draw power on {setpoint.connector_id}, where it has no window then",
            )


def connector_limit(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints above what vehicle, connector or station can do."""
    pool_kw = _most_of_pools_kw(evidence)
    for setpoint in evidence.setpoints:
        if setpoint.dwell is None:
            continue
        dwell = evidence.dwells[setpoint.dwell]
        if setpoint.connector is not None and setpoint.station is not None:
            place_kw = min(setpoint.connector.max_kw, setpoint.station.max_kw)
        else:
            place_kw = pool_kw.get(dwell.pool, 0.0)
        most_kw = min(dwell.max_kw, place_kw)
        if setpoint.power_kw > most_kw + POWER_TOLERANCE_KW:
            yield _violation(
                "connector_limit",
                setpoint,
                claim=f"is to draw {setpoint.power_kw:.3f} kW where at most {most_kw:g} kW are possible",
            )


def least_power(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints above 0 and below the least power, but for the one that finishes a dwell.

    In the interval in which it is full, a vehicle stops by itself: its mean may be lower.
    """
    if not evidence.is_assigned:
        return
    last: dict[int | None, int] = {}
    for setpoint in evidence.setpoints:
        last[setpoint.dwell] = max(last.get(setpoint.dwell, 0), setpoint.interval)
    for setpoint in evidence.setpoints:
        if setpoint.dwell is None or setpoint.connector is None:
            continue
        least_kw = max(evidence.dwells[setpoint.dwell].min_kw, setpoint.connector.min_kw)
        is_last = setpoint.interval == last[setpoint.dwell]
        if 0 < setpoint.power_kw < least_kw - POWER_TOLERANCE_KW and not is_last:
            yield _violation(
                "least_power",
                setpoint,
                claim=f"is to draw {setpoint.power_kw:.3f} kW, less than the least of {least_kw:g} kW",
            )


def _most_of_pools_kw(evidence: Evidence) -> dict[str | None, float]:
    """Return the largest connector of each pool, and of all under None; none if plugs count."""
    most_kw: dict[str | None, float] = {}
    for station in () if evidence.is_assigned else evidence.depot.stations:
        largest_kw = max(min(c.max_kw, station.max_kw) for c in station.connectors())
        for pool in (None, station.pool):
            most_kw[pool] = max(most_kw.get(pool, 0.0), largest_kw)
    return most_kw


def _violation(rule: str, setpoint: Setpoint, *, claim: str) -> Violation:
    return Violation(
        rule=rule,
        where=f"{setpoint.vehicle_id} at {setpoint.start.isoformat()}",
        sentence=f"{setpoint.vehicle_id} {claim} ({setpoint.start.isoformat()})",
    )
