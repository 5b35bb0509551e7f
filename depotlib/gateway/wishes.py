"""What every connector should be permitted: the release in force, laid over who is where.

A vehicle's setpoints go with the vehicle: where it plugs in elsewhere than planned, its window
moves there, and the place it was planned for loses it. Whoever nobody planned for gets the least
power the connector can give, after everybody else.
"""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Protocol

from depotlib.gateway.steps import StepLine, line_of
from depotlib.model.battery import min_ac_kw
from depotlib.model.depot import ChargingStation, Connector, Depot
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.units import h_to_s

UNPLANNED_LEASE_H: Final = 4.0
SLACK_VISITOR_S: Final = 1e8
SLACK_UNKNOWN_S: Final = 1e9


@dataclass(frozen=True, slots=True)
class Guest:
    """Who is plugged in on a connector, and may charge; `vehicle_id` None: nobody we know."""

    vehicle_id: str | None
    started_at: datetime
    may_charge: bool = True


@dataclass(frozen=True, slots=True)
class Wish:
    """What a connector should be permitted, before any limit is looked at.

    Parameters
    ----------
    line : StepLine
        Limit [kW]; the safe limit outside every window.
    valid_to : datetime
    slack_s : float
        Smaller is served first: slack until departure [s].
    """

    line: StepLine
    valid_to: datetime
    slack_s: float


@dataclass(frozen=True, slots=True)
class Window:
    """A vehicle's stay of a release, with its instants as seconds since 1970.

    Parameters
    ----------
    schedule : ConnectorSchedule
    starts_s : tuple of float
    limits_kw : tuple of float
        From each start on.
    start_s, end_s : float
    """

    schedule: ConnectorSchedule
    starts_s: tuple[float, ...]
    limits_kw: tuple[float, ...]
    start_s: float
    end_s: float


class LayOver(Protocol):
    """What becomes of wishes before the room is asked."""

    def __call__(
        self, wishes: Mapping[str, Wish], guests: Mapping[str, Guest], *, now: datetime
    ) -> Mapping[str, Wish]:
        """Return the wishes, changed."""
        ...


def as_wished(
    wishes: Mapping[str, Wish], guests: Mapping[str, Guest], *, now: datetime
) -> Mapping[str, Wish]:
    """Return the wishes as they are."""
    del guests, now
    return wishes


def windows_of(release: Release | None) -> tuple[Window, ...]:
    """Return the windows of a release that may be pushed, by start."""
    if release is None or not release.pushable:
        return ()
    windows = [
        Window(
            schedule=schedule,
            starts_s=tuple(step.start.timestamp() for step in schedule.steps),
            limits_kw=tuple(step.limit_kw for step in schedule.steps),
            start_s=schedule.steps[0].start.timestamp(),
            end_s=schedule.valid_to.timestamp(),
        )
        for schedule in release.schedules
    ]
    return tuple(sorted(windows, key=lambda window: window.start_s))


def wishes_of(
    depot: Depot,
    windows: Sequence[Window],
    *,
    guests: Mapping[str, Guest],
    now: datetime,
    served: AbstractSet[str] = frozenset(),
) -> dict[str, Wish]:
    """Return by connector what it should be permitted; a connector without a wish is missing.

    Parameters
    ----------
    depot : Depot
    windows : sequence of Window
        Of the release in force.
    guests : mapping of str to Guest
        By connector: who is plugged in.
    now : datetime
    served : frozenset of str
        Vehicles that are to get nothing where they have no time any more.
    """
    placed = _placed(windows, guests=guests, now_s=now.timestamp())
    wishes: dict[str, Wish] = {}
    for station in depot.stations:
        safe_kw = station.safe_limit_kw / sum(1 for _ in station.connectors())
        for connector in station.connectors():
            name = connector.connector_id
            guest, own = guests.get(name), placed.get(name, [])
            if guest is not None and not guest.may_charge:
                wishes[name] = _unplanned(guest, least_kw=safe_kw, now=now)
                continue
            if guest is not None:
                own = _windows_of_guest(own, guest, now_s=now.timestamp())
            if own:
                wishes[name] = _planned(own, connector, safe_kw=safe_kw, now=now)
            elif guest is not None:
                given_kw = 0.0 if guest.vehicle_id in served else least_kw(station, connector)
                wishes[name] = _unplanned(guest, least_kw=given_kw, now=now)
    return wishes


def least_kw(station: ChargingStation, connector: Connector) -> float:
    """Return the least power a connector gives when it gives any [kW]: 6 A on AC unless stated."""
    if connector.min_kw > 0.0 or station.current_type == "DC":
        return connector.min_kw
    return min(connector.max_kw, min_ac_kw(voltage_v=station.voltage_v, phases=station.phases))


def _placed(
    windows: Sequence[Window], *, guests: Mapping[str, Guest], now_s: float
) -> dict[str, list[Window]]:
    """Return the windows by the connector they belong to now, by start."""
    places = {guest.vehicle_id: name for name, guest in guests.items() if guest.vehicle_id}
    placed: dict[str, list[Window]] = {}
    for window in windows:
        if window.end_s <= now_s:
            continue
        where = places.get(window.schedule.vehicle_id) if window.start_s <= now_s else None
        placed.setdefault(where or window.schedule.connector_id, []).append(window)
    return placed


def _windows_of_guest(windows: Sequence[Window], guest: Guest, *, now_s: float) -> list[Window]:
    """Return the windows of a connector that hold while its guest stays: its own, and later ones."""
    own = [
        window
        for window in windows
        if guest.vehicle_id is not None and window.schedule.vehicle_id == guest.vehicle_id
    ]
    if not any(window.start_s <= now_s for window in own):
        return own
    end_s = max(window.end_s for window in own)
    return own + [window for window in windows if window.start_s >= end_s]


def _planned(
    windows: Sequence[Window], connector: Connector, *, safe_kw: float, now: datetime
) -> Wish:
    points: list[tuple[float, float]] = [(0.0, safe_kw)]
    end_s = 0.0
    for window in windows:
        for step_s, limit_kw in zip(window.starts_s, window.limits_kw, strict=True):
            start_s = max(step_s, end_s)
            if start_s < window.end_s:
                if points[-1][0] == start_s:
                    points.pop()
                points.append((start_s, min(limit_kw, connector.max_kw)))
        end_s = max(end_s, window.end_s)
        points.append((end_s, safe_kw))
    first, last = windows[0].schedule, max(windows, key=lambda window: window.end_s)
    needed_s = h_to_s(first.energy_target_kwh / connector.max_kw)
    # Who makes room for another has until then only.
    own_end_s = max(one.end_s for one in windows if one.schedule.vehicle_id == first.vehicle_id)
    slack_s = min(first.departure.timestamp(), own_end_s) - now.timestamp() - needed_s
    return Wish(line=line_of(points), valid_to=last.schedule.valid_to, slack_s=slack_s)


def _unplanned(guest: Guest, *, least_kw: float, now: datetime) -> Wish:
    # Whole spans since the start, so that the wish does not move with every look at it.
    span = timedelta(hours=UNPLANNED_LEASE_H)
    spans = max(0, (now - guest.started_at) // span)
    return Wish(
        line=line_of([(0.0, least_kw)]),
        valid_to=guest.started_at + (spans + 1) * span,
        slack_s=SLACK_UNKNOWN_S if guest.vehicle_id is None else SLACK_VISITOR_S,
    )
