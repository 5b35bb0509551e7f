"""A plan's night played minute by minute: who stands where, who may draw power, who is ready.

It knows arrivals, departures, the plan's drives and its setpoints, and nothing of how windows were
made or powers were found. A vehicle that arrives goes to the plug of its first window, unless a
drive brings it there later; every drive then starts where the vehicle stands.
"""

from collections import defaultdict, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.calendar import to_local_text, zone
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan, Violation, YardMove

MINUTE: Final = timedelta(minutes=1)
_ENERGY_TOLERANCE_KWH: Final = 1e-3
_Powered = tuple[str, str | None, float]
"""Vehicle, place and power of a setpoint."""
_DEPARTS, _LEAVES_PLUG, _TAKES_PLUG, _ARRIVES = range(4)


@dataclass(frozen=True, slots=True, order=True)
class _Event:
    """Something that happens to one vehicle; at one instant plugs are left before they are taken."""

    at: datetime
    kind: int
    vehicle_id: str
    connector_id: str = ""


@dataclass(slots=True)
class _Yard:
    """Who is where now."""

    changeover: timedelta
    vehicle_on: dict[str, str] = field(default_factory=dict[str, str])
    plug_of: dict[str, str] = field(default_factory=dict[str, str])
    open_from: dict[str, datetime] = field(default_factory=dict[str, datetime])
    last_on: dict[str, str] = field(default_factory=dict[str, str])

    def leave(self, event: _Event) -> bool:
        """Take a vehicle off its plug; return whether it stood where the event says."""
        plug = self.plug_of.pop(event.vehicle_id, "")
        if plug:
            self.vehicle_on.pop(plug, None)
            self.last_on[plug] = event.vehicle_id
            self.open_from[plug] = event.at + self.changeover
        return event.kind == _DEPARTS or plug == event.connector_id

    def take(self, event: _Event) -> bool:
        """Put a vehicle on a plug; return whether the plug was free and the vehicle loose."""
        if event.connector_id in self.vehicle_on or event.vehicle_id in self.plug_of:
            return False
        self.vehicle_on[event.connector_id] = event.vehicle_id
        self.plug_of[event.vehicle_id] = event.connector_id
        if self.last_on.get(event.connector_id) == event.vehicle_id:
            self.open_from.pop(event.connector_id, None)
        return True

    def may_draw(self, vehicle_id: str, connector_id: str | None, *, now: datetime) -> bool:
        """Return whether a vehicle is plugged in there and the changeover is over."""
        if connector_id is None or self.plug_of.get(vehicle_id) != connector_id:
            return False
        open_from = self.open_from.get(connector_id)
        return open_from is None or open_from <= now


def replay_violations(
    plan: Plan, dwells: Sequence[Dwell], *, depot: Depot
) -> tuple[Violation, ...]:
    """Return what goes wrong when a plan's night is played minute by minute; empty if nothing.

    Parameters
    ----------
    plan : Plan
        With connector windows.
    dwells : sequence of Dwell
    depot : Depot
    """
    player = _Player(plan, dwells, depot=depot)
    return tuple(player.play())


class _Player:
    """Plays one plan."""

    def __init__(self, plan: Plan, dwells: Sequence[Dwell], *, depot: Depot) -> None:
        self._plan = plan
        self._dwells = dwells
        self._zone = zone(depot.time_zone)
        self._yard = _Yard(timedelta(seconds=depot.changeover_s))
        self._evse_of = {
            connector.connector_id: f"{station.station_id} {evse.evse_id}"
            for station in depot.stations
            for evse in station.evses
            for connector in evse.connectors
        }
        self._due: deque[_Event] = deque()
        self._drawn_kwh: dict[str, list[tuple[datetime, float]]] = defaultdict(list)

    def play(self) -> Iterator[Violation]:
        """Yield what goes wrong, by time."""
        self._due = deque(sorted(self._events()))
        for start, rows in zip(self._plan.grid.starts(), self._powered(), strict=True):
            stopped: set[str] = set()
            for minute in range(self._plan.grid.step // MINUTE or 1):
                now = start + minute * MINUTE
                is_quiet = not self._due or self._due[0].at > now
                if is_quiet and minute > 0:
                    continue  # Nobody loses a plug while nobody moves.
                yield from self._catch_up(now)
                yield from self._stop_loose(rows, stopped=stopped, now=now)
            for vehicle_id, _, power_kw in rows:
                if vehicle_id not in stopped:
                    drawn_kwh = power_kw * self._plan.grid.interval_h
                    self._drawn_kwh[vehicle_id].append((start, drawn_kwh))
        yield from self._catch_up(None)
        yield from self._not_ready()

    def _catch_up(self, now: datetime | None) -> Iterator[Violation]:
        """Let everything happen that is due; all the rest without a time."""
        while self._due and (now is None or self._due[0].at <= now):
            yield from self._happen(self._due.popleft())

    def _stop_loose(
        self, rows: Sequence[_Powered], *, stopped: set[str], now: datetime
    ) -> Iterator[Violation]:
        for vehicle_id, connector_id, _ in rows:
            may = self._yard.may_draw(vehicle_id, connector_id, now=now)
            if not may and vehicle_id not in stopped:
                stopped.add(vehicle_id)
                yield self._not_plugged(vehicle_id, connector_id, now=now)

    def _events(self) -> Iterator[_Event]:
        for dwell in self._dwells:
            yield _Event(dwell.departure, _DEPARTS, dwell.vehicle_id)
            plug = self._plug_on_arrival(dwell)
            if plug:
                yield _Event(dwell.arrival, _ARRIVES, dwell.vehicle_id, self._place(plug))
        for move in self._plan.moves:
            if move.from_connector_id is not None:
                place = self._place(move.from_connector_id)
                yield _Event(move.at, _LEAVES_PLUG, move.vehicle_id, place)
            if move.to_connector_id is not None:
                place = self._place(move.to_connector_id)
                yield _Event(move.at, _TAKES_PLUG, move.vehicle_id, place)

    def _plug_on_arrival(self, dwell: Dwell) -> str:
        """Return the plug of a stay's first window, or nothing if a drive comes before it."""
        own = [w for w in self._plan.windows if _is_within(w, dwell)]
        first = min(own, key=lambda window: window.start, default=None)
        if first is None or any(_brings(move, first, dwell=dwell) for move in self._plan.moves):
            return ""
        return first.connector_id

    def _powered(self) -> list[list[_Powered]]:
        """Return vehicle, place and power of every setpoint, by interval."""
        grid = self._plan.grid
        rows: list[list[_Powered]] = [[] for _ in range(grid.count)]
        setpoints = self._plan.setpoints.select("vehicle_id", "connector_id", "power_kw")
        for interval, (vehicle_id, connector_id, power_kw) in zip(
            self._plan.intervals(), setpoints.iter_rows(), strict=True
        ):
            if 0 <= interval < grid.count:
                place = None if connector_id is None else self._place(connector_id)
                rows[interval].append((vehicle_id, place, power_kw))
        return rows

    def _happen(self, event: _Event) -> Iterator[Violation]:
        if event.kind in {_DEPARTS, _LEAVES_PLUG}:
            if not self._yard.leave(event):
                claim = f"{event.vehicle_id} is to leave {event.connector_id}, where it is not"
                yield self._violation(event.vehicle_id, claim, at=event.at)
        elif not self._yard.take(event):
            other = self._yard.vehicle_on.get(event.connector_id, "nobody")
            claim = f"{event.vehicle_id} comes to {event.connector_id} while {other} is there"
            yield self._violation(event.vehicle_id, claim, at=event.at)

    def _not_ready(self) -> Iterator[Violation]:
        """Yield vehicles that depart without what they need, though the plan does not say so."""
        told = {short.vehicle_id for short in self._plan.shortfalls if short.unmet_must_kwh > 0}
        step = self._plan.grid.step
        for dwell in self._dwells:
            drawn_kwh = sum(
                energy_kwh
                for start, energy_kwh in self._drawn_kwh[dwell.vehicle_id]
                if dwell.arrival <= start and start + step <= dwell.departure
            )
            lacking_kwh = dwell.energy_must_kwh - drawn_kwh
            if lacking_kwh > _ENERGY_TOLERANCE_KWH and dwell.vehicle_id not in told:
                claim = f"{dwell.vehicle_id} departs with {lacking_kwh:.3f} kWh less than it needs"
                yield self._violation(dwell.vehicle_id, claim, at=dwell.departure)

    def _not_plugged(
        self, vehicle_id: str, connector_id: str | None, *, now: datetime
    ) -> Violation:
        claim = f"{vehicle_id} is to draw power at {connector_id}, where it may not yet or is not"
        return self._violation(vehicle_id, claim, at=now)

    def _place(self, connector_id: str) -> str:
        """Return the EVSE of a connector: two plugs of one EVSE charge one vehicle."""
        return self._evse_of.get(connector_id, connector_id)

    def _violation(self, vehicle_id: str, claim: str, *, at: datetime) -> Violation:
        return Violation(
            "minute_by_minute",
            f"vehicle {vehicle_id}",
            f"{claim}, at {to_local_text(at, self._zone)}",
        )


def _is_within(window: ConnectorWindow, dwell: Dwell) -> bool:
    return (
        window.vehicle_id == dwell.vehicle_id
        and dwell.arrival <= window.start
        and window.end <= dwell.departure
    )


def _brings(move: YardMove, window: ConnectorWindow, *, dwell: Dwell) -> bool:
    """Return whether a drive brings a vehicle to its window's plug in time."""
    return (
        move.vehicle_id == window.vehicle_id
        and move.to_connector_id == window.connector_id
        and dwell.arrival <= move.at <= window.start
    )
