"""What every connector should be permitted: the release in force, laid over who is where.

A vehicle's setpoints go with the vehicle: where it plugs in elsewhere than planned, its window
moves there, and the place it was planned for loses it. Whoever nobody planned for gets the least
power the connector can give, after everybody else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.steps import StepLine, line_of
from depotlib.model.battery import min_ac_kw
from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.units import h_to_s

UNPLANNED_LEASE_H: Final = 4.0
RANK_VISITOR: Final = 1e8
RANK_UNKNOWN: Final = 1e9


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is plugged in on a connector; `vehicle_id` None: nobody we know."""

    vehicle_id: str | None
    started_at: datetime


@dataclass(frozen=True, slots=True)
class Wish:
    """What a connector should be permitted, before any limit is looked at.

    Parameters
    ----------
    line : StepLine
        Limit [kW]; the safe limit outside every window.
    valid_to : datetime
    rank : float
        Smaller is served first: slack until departure [s].
    """

    line: StepLine
    valid_to: datetime
    rank: float


def wishes_of(
    depot: Depot, release: Release | None, *, guests: Mapping[str, Guest], now: datetime
) -> dict[str, Wish]:
    """Return by connector what it should be permitted; a connector without a wish is missing.

    Parameters
    ----------
    depot : Depot
    release : Release or None
        In force.
    guests : mapping of str to Guest
        By connector: who is plugged in.
    now : datetime
    """
    windows = _placed(release, guests=guests, now=now)
    wishes: dict[str, Wish] = {}
    for station in depot.stations:
        safe_kw = station.safe_limit_kw / sum(1 for _ in station.connectors())
        for connector in station.connectors():
            name = connector.connector_id
            guest, own = guests.get(name), windows.get(name, [])
            if guest is not None:
                own = _windows_of_guest(own, guest, now=now)
            if own:
                wishes[name] = _planned(own, connector, safe_kw=safe_kw, now=now)
            elif guest is not None:
                wishes[name] = _unplanned(guest, station, connector=connector, now=now)
    return wishes


def least_kw(station: ChargingStation, connector: Connector) -> float:
    """Return the least power a connector gives when it gives any [kW]: 6 A on AC unless stated."""
    if connector.min_kw > 0.0 or station.current_type == "DC":
        return connector.min_kw
    return min(connector.max_kw, min_ac_kw(voltage_v=station.voltage_v, phases=station.phases))


def _placed(
    release: Release | None, *, guests: Mapping[str, Guest], now: datetime
) -> dict[str, list[ConnectorSchedule]]:
    """Return the windows by the connector they belong to now, by start."""
    places = {guest.vehicle_id: name for name, guest in guests.items() if guest.vehicle_id}
    placed: dict[str, list[ConnectorSchedule]] = {}
    for schedule in release.schedules if release is not None and release.pushable else ():
        if schedule.valid_to <= now:
            continue
        is_now = schedule.steps[0].start <= now
        where = places.get(schedule.vehicle_id) if is_now else None
        placed.setdefault(where or schedule.connector_id, []).append(schedule)
    for windows in placed.values():
        windows.sort(key=lambda window: window.steps[0].start)
    return placed


def _windows_of_guest(
    windows: Sequence[ConnectorSchedule], guest: Guest, *, now: datetime
) -> list[ConnectorSchedule]:
    """Return the windows of a connector that hold while its guest stays: the guest's, and later ones."""
    own = [
        window
        for window in windows
        if guest.vehicle_id is not None and window.vehicle_id == guest.vehicle_id
    ]
    is_here_now = any(window.steps[0].start <= now for window in own)
    if not own or not is_here_now:
        return own
    end = max(window.valid_to for window in own)
    return own + [window for window in windows if window.steps[0].start >= end]


def _planned(
    windows: Sequence[ConnectorSchedule], connector: Connector, *, safe_kw: float, now: datetime
) -> Wish:
    points: list[tuple[float, float]] = [(0.0, safe_kw)]
    end_s = 0.0
    for window in windows:
        for step in window.steps:
            start_s = max(step.start.timestamp(), end_s)
            if start_s < window.valid_to.timestamp():
                if points[-1][0] == start_s:
                    points.pop()
                points.append((start_s, min(step.limit_kw, connector.max_kw)))
        end_s = max(end_s, window.valid_to.timestamp())
        points.append((end_s, safe_kw))
    first = windows[0]
    needed_s = h_to_s(first.energy_target_kwh / connector.max_kw)
    slack_s = (first.departure - now).total_seconds() - needed_s
    return Wish(line=line_of(points), valid_to=windows[-1].valid_to, rank=slack_s)


def _unplanned(
    guest: Guest, station: ChargingStation, *, connector: Connector, now: datetime
) -> Wish:
    # Whole spans since the start, so that the wish does not move with every look at it.
    span = timedelta(hours=UNPLANNED_LEASE_H)
    spans = max(0, (now - guest.started_at) // span)
    return Wish(
        line=line_of([(0.0, least_kw(station, connector))]),
        valid_to=guest.started_at + (spans + 1) * span,
        rank=RANK_UNKNOWN if guest.vehicle_id is None else RANK_VISITOR,
    )
