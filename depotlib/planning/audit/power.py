"""Rules on each setpoint alone: stay, window, connector, least power."""

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from depotlib.model.battery import tapered_max_kw
from depotlib.model.plan import Violation
from depotlib.planning.audit.evidence import (
    ENERGY_TOLERANCE_KWH,
    POWER_TOLERANCE_KW,
    Evidence,
    Setpoint,
)


def inside_stay(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints that are no number, off the grid or outside their vehicle's stay."""
    starts = evidence.plan.grid.starts()
    for setpoint in evidence.setpoints:
        is_number = math.isfinite(setpoint.power_kw) and setpoint.power_kw >= 0
        on_grid = 0 <= setpoint.interval < len(starts) and (
            starts[setpoint.interval] == setpoint.start
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
    windows = defaultdict[tuple[str, str | None], list[tuple[datetime, datetime]]](list)
    for window in evidence.plan.windows:
        span = (window.start.astimezone(UTC), window.end.astimezone(UTC))
        windows[window.vehicle_id, window.connector_id].append(span)
    for setpoint in evidence.setpoints:
        own = windows[setpoint.vehicle_id, setpoint.connector_id]
        end = setpoint.start + step
        if not any(first <= setpoint.start and end <= last for first, last in own):
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

    In the interval in which it is full, a vehicle stops by itself: its mean may be lower. A
    vehicle that preconditions is full twice: before it, and at the end.
    """
    if not evidence.is_assigned:
        return
    last: dict[tuple[int | None, bool], int] = {}
    for setpoint in evidence.setpoints:
        part = (setpoint.dwell, _is_late(evidence, setpoint))
        last[part] = max(last.get(part, 0), setpoint.interval)
    for setpoint in evidence.setpoints:
        if setpoint.dwell is None or setpoint.connector is None:
            continue
        least_kw = max(evidence.dwells[setpoint.dwell].min_kw, setpoint.connector.min_kw)
        is_last = setpoint.interval == last[setpoint.dwell, _is_late(evidence, setpoint)]
        if 0 < setpoint.power_kw < least_kw - POWER_TOLERANCE_KW and not is_last:
            yield _violation(
                "least_power",
                setpoint,
                claim=f"is to draw {setpoint.power_kw:.3f} kW, less than the least of {least_kw:g} kW",
            )


def preconditioning(evidence: Evidence) -> Iterator[Violation]:
    """Yield dwells that draw before preconditioning what is meant for it."""
    early_kwh: dict[int, float] = defaultdict(float)
    for setpoint in evidence.setpoints:
        if setpoint.dwell is not None and setpoint.start < _warming_from(evidence, setpoint.dwell):
            early_kwh[setpoint.dwell] += setpoint.power_kw * evidence.plan.grid.interval_h
    for index, given_kwh in early_kwh.items():
        dwell = evidence.dwells[index]
        most_kwh = dwell.energy_target_kwh - dwell.precondition_kwh
        # Without preconditioning nothing is meant for later, and who feeds back draws it once more.
        if dwell.precondition_kwh and given_kwh > most_kwh + ENERGY_TOLERANCE_KWH:
            yield Violation(
                rule="preconditioning",
                where=dwell.vehicle_id,
                sentence=(
                    f"{dwell.vehicle_id} draws {given_kwh:.3f} kWh before it preconditions; "
                    f"{dwell.precondition_kwh:g} kWh of its {dwell.energy_target_kwh:g} kWh belong "
                    "to the time after"
                ),
            )


def starts(evidence: Evidence) -> Iterator[Violation]:
    """Yield dwells that start to charge more often than their vehicle wakes."""
    if not evidence.is_assigned:
        return
    intervals: dict[int, list[int]] = defaultdict(list)
    for setpoint in evidence.setpoints:
        if setpoint.dwell is not None:
            intervals[setpoint.dwell].append(setpoint.interval)
    for index, at in intervals.items():
        dwell, rows = evidence.dwells[index], sorted(set(at))
        count = 1 + sum(after > before + 1 for before, after in pairwise(rows))
        if dwell.most_starts is not None and count > dwell.most_starts:
            yield Violation(
                rule="starts",
                where=dwell.vehicle_id,
                sentence=(
                    f"{dwell.vehicle_id} starts to charge {count} times and may only "
                    f"{dwell.most_starts}"
                ),
            )


def taper(evidence: Evidence) -> Iterator[Violation]:
    """Yield setpoints that a battery does not take to the end of their interval.

    Followed from arrival, with what the vehicle feeds back on the way.
    """
    fed_kw = {one.asset_id: one.power_kw for one in evidence.plan.assets if one.kind == "vehicle"}
    for index, dwell in enumerate(evidence.dwells):
        battery = dwell.battery
        if battery is None or not battery.taper_share:
            continue
        soc, before = battery.arrival_soc, 0
        own = [row for row in evidence.setpoints if row.dwell == index]
        for setpoint in sorted(own, key=lambda row: row.interval):
            back_kw = fed_kw.get(dwell.vehicle_id, (0.0,) * evidence.plan.grid.count)
            net_kw = setpoint.power_kw + (
                sum(back_kw[before : setpoint.interval + 1]) / battery.round_trip_share
            )
            before = setpoint.interval + 1
            gained_kwh = net_kw * evidence.plan.grid.interval_h * battery.wall_efficiency_share
            soc += gained_kwh / battery.usable_kwh
            place_kw = dwell.max_kw if setpoint.connector is None else setpoint.connector.max_kw
            most_kw = tapered_max_kw(
                soc, max_kw=min(dwell.max_kw, place_kw), taper_share=battery.taper_share
            )
            if setpoint.power_kw > most_kw + POWER_TOLERANCE_KW:
                yield _violation(
                    "taper",
                    setpoint,
                    claim=(
                        f"is to draw {setpoint.power_kw:.3f} kW where its battery takes "
                        f"{most_kw:.3f} kW"
                    ),
                )


def _is_late(evidence: Evidence, setpoint: Setpoint) -> bool:
    """Return whether a setpoint lies in the preconditioning of its dwell."""
    if setpoint.dwell is None or not evidence.dwells[setpoint.dwell].precondition_kwh:
        return False
    return setpoint.start >= _warming_from(evidence, setpoint.dwell)


def _warming_from(evidence: Evidence, dwell: int) -> datetime:
    one = evidence.dwells[dwell]
    return one.departure - timedelta(seconds=one.precondition_s)


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
