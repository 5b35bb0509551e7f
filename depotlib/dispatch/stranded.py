"""Vehicles that their station cannot charge tonight, and the connectors they are moved to.

A station that was caught above its limit, or says that it is faulty, charges nobody until somebody
has seen to it. Who is plugged in or planned there goes to another connector of its pool: to one
that is free, or behind, or before, a vehicle that has time to spare there. Once a release says so
the move stands, and people find it on the shift's papers.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.placement import Yard, placed_windows
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.release import ConnectorSchedule
from depotlib.units import duration_h

NOT_SERVING: Final = frozenset({"Faulted", "Unavailable"})
"""Words of a station for a connector that gives nothing."""
QUARTER: Final = timedelta(minutes=15)
SPARE_FACTOR: Final = 1.15
"""How much longer than at full power somebody is given: others draw from the same site."""
MOST_SPREAD: Final = 3.0
"""So many times the time that is needed is as good as more."""


@dataclass(frozen=True, slots=True)
class _Opening:
    """A place for somebody stranded.

    Parameters
    ----------
    window : ConnectorWindow
        Of whoever is moved.
    before, after : ConnectorWindow or None
        Whose window is shortened for it (`before`), and what is left of it (`after`).
    spread_factor : float
        The time there is over the time that is needed.
    """

    window: ConnectorWindow
    before: ConnectorWindow | None
    after: ConnectorWindow | None
    spread_factor: float

    def worth(self) -> tuple[float, bool, float]:
        """Return what makes one opening better than another: whoever is served, then peace."""
        return (
            min(1.0, self.spread_factor),
            self.before is None,
            min(self.spread_factor, MOST_SPREAD),
        )


def unserving(night: LiveNight) -> frozenset[str]:
    """Return the connectors that charge nobody until somebody has seen to their station."""
    caught = {
        connector.connector_id
        for station in night.brief.depot.stations
        if station.station_id in night.caught
        for connector in station.connectors()
    }
    faulty = {
        state.connector_id
        for station in night.stations
        for state in station.connectors
        if station.is_connected and state.status in NOT_SERVING and state.power_kw <= 0.0
    }
    return frozenset(caught | faulty)


def drawn_kw(night: LiveNight) -> float:
    """Return what is drawn at connectors that nobody can steer now [kW]."""
    lost = unserving(night)
    return sum(
        state.power_kw
        for station in night.stations
        for state in station.connectors
        if state.connector_id in lost and state.session_id is not None
    )


def windows_around(
    night: LiveNight, stays: Sequence[Dwell], *, yard: Yard
) -> tuple[ConnectorWindow, ...]:
    """Return a window for every stay that has a connector which serves, as `placed_windows` does.

    Parameters
    ----------
    night : LiveNight
    stays : sequence of Dwell
        Not over yet; one a vehicle.
    yard : Yard
    """
    lost = unserving(night)
    if not lost:
        return placed_windows(night.pushed.schedules, stays, yard=yard)
    here = {name: place for name, place in yard.connector_of.items() if place not in lost}
    stranded = {name for name, place in yard.connector_of.items() if place in lost}
    stranded |= {
        one.vehicle_id
        for one in night.pushed.schedules
        if one.connector_id in lost and one.valid_to > yard.start
    }
    ground = _Ground(night, yard, lost, here)
    free = replace(yard, connector_of=here)
    kept = _followed(night, stranded, lost=lost)
    as_asked = _with_moved(
        placed_windows(kept, stays, yard=free), stays, stranded=stranded, ground=ground
    )
    if _missing_h(as_asked, stays, night=night) <= 0.0:
        return as_asked
    # Somebody needs more than was known when the move was asked for: it is looked for anew.
    pushed = [one for one in night.pushed.schedules if one.connector_id not in lost]
    anew = _with_moved(
        placed_windows(pushed, stays, yard=free), stays, stranded=stranded, ground=ground
    )
    return min((as_asked, anew), key=lambda windows: _missing_h(windows, stays, night=night))


def moves_of(night: LiveNight, schedules: Iterable[ConnectorSchedule]) -> tuple[YardMove, ...]:
    """Return the drives that schedules ask of vehicles whose station does not serve them."""
    lost = unserving(night)
    places = {guest.vehicle_id: guest.connector_id for guest in night.guests().values()}
    moves: dict[str, YardMove] = {}
    for one in sorted(schedules, key=lambda one: one.steps[0].start):
        place = places.get(one.vehicle_id)
        if place in lost and one.connector_id not in lost:
            at = _staffed(night.brief.depot, max(night.now, one.steps[0].start))
            move = YardMove(one.vehicle_id, place, one.connector_id, at=at)
            moves.setdefault(one.vehicle_id, move)
    return tuple(moves.values())


@dataclass(frozen=True, slots=True)
class _Ground:
    """What openings are looked for in."""

    night: LiveNight
    yard: Yard
    lost: frozenset[str]
    here: Mapping[str, str]

    @property
    def earliest(self) -> datetime:
        """Return when somebody may be plugged in elsewhere: people are there, and have driven."""
        at = _staffed(self.night.brief.depot, self.yard.start)
        return self.whole(at + self.yard.changeover)

    def whole(self, at: datetime) -> datetime:
        """Return the next whole interval from an instant on: plans step by those."""
        steps = -((self.yard.start - at) // QUARTER)
        return self.yard.start + max(0, steps) * QUARTER


def _staffed(depot: Depot, at: datetime) -> datetime:
    """Return the first instant from one on at which somebody is there to drive."""
    zone = ZoneInfo(depot.time_zone)
    for _ in range(int(timedelta(days=1) / QUARTER)):
        if depot.staff_hours.covers(at.astimezone(zone).time()):
            break
        at += QUARTER
    return at


def _followed(
    night: LiveNight, stranded: Iterable[str], *, lost: frozenset[str]
) -> list[ConnectorSchedule]:
    """Return the schedules to go by: of the push, where nobody was moved to since."""
    names = set(stranded)
    goals = {
        one.connector_id
        for one in night.current.schedules
        if one.vehicle_id in names and one.valid_to > night.now
    }
    return [
        one
        for release, is_goal in ((night.pushed, False), (night.current, True))
        for one in release.schedules
        if one.connector_id not in lost and (one.connector_id in goals) == is_goal
    ]


def _missing_h(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight
) -> float:
    """Return the time at full power that everybody together lacks in windows [h]."""
    most_kw = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    missing_h = 0.0
    for stay in stays:
        own = [window for window in windows if window.vehicle_id == stay.vehicle_id]
        given_kwh = sum(
            min(stay.max_kw, most_kw[window.connector_id]) * duration_h(window.end - window.start)
            for window in own
        )
        best_kw = min(stay.max_kw, max(most_kw.values()))
        missing_h += max(0.0, stay.energy_target_kwh - given_kwh) / best_kw
    return missing_h


def _with_moved(
    windows: Sequence[ConnectorWindow],
    stays: Sequence[Dwell],
    *,
    stranded: Iterable[str],
    ground: _Ground,
) -> tuple[ConnectorWindow, ...]:
    names, found = set(stranded), list(windows)
    placed = {window.vehicle_id for window in windows}
    by_name = {stay.vehicle_id: stay for stay in stays}
    without = [
        stay
        for stay in stays
        if stay.vehicle_id in names - placed and stay.energy_target_kwh > 0.0 and not _is_bound(
            stay.vehicle_id, ground.night
        )
    ]  # fmt: skip
    for stay in sorted(without, key=lambda stay: (stay.departure, stay.vehicle_id)):
        openings = [
            opening
            for name, max_kw in _usable(stay, ground).items()
            for opening in _openings(
                stay,
                [window for window in found if window.connector_id == name],
                place=_Place(name, max_kw, by_name, ground),
            )
        ]
        if openings:
            best = max(openings, key=_Opening.worth)
            if best.before is not None:
                found.remove(best.before)
            found += [one for one in (best.window, best.after) if one is not None]
    return tuple(sorted(found, key=lambda window: (window.connector_id, window.start)))


def _is_bound(vehicle_id: str, night: LiveNight) -> bool:
    """Return whether a vehicle may stand on the one connector or station only."""
    own = [one for one in night.brief.dwells if one.vehicle_id == vehicle_id]
    return any(one.connector_id is not None or one.station_id is not None for one in own)


def _usable(stay: Dwell, ground: _Ground) -> dict[str, float]:
    """Return the connectors that a vehicle may use, each with the power it would have [kW]."""
    night = ground.night
    pools = {one.pool for one in night.brief.dwells if one.vehicle_id == stay.vehicle_id}
    most_kw = _most_kw(stay.vehicle_id, night)
    powers_kw = {
        connector.connector_id: min(stay.max_kw, connector.max_kw, most_kw[station.current_type])
        for station in night.brief.depot.stations
        for connector in station.connectors()
        if connector.connector_id not in ground.lost and pools <= {None, station.pool}
    }
    return {name: power_kw for name, power_kw in powers_kw.items() if power_kw > 0.0}


def _most_kw(vehicle_id: str, night: LiveNight) -> dict[str, float]:
    fleet = night.brief.fleet
    if fleet is None or all(one.vehicle_id != vehicle_id for one in fleet.vehicles):
        return {"AC": float("inf"), "DC": float("inf")}
    kind = fleet.class_of(vehicle_id)
    return {"AC": kind.ac_max_kw, "DC": kind.dc_max_kw}


@dataclass(frozen=True, slots=True)
class _Place:
    """A connector that somebody stranded might use.

    Parameters
    ----------
    connector_id : str
    max_kw : float
        What the stranded vehicle would draw there.
    stays : mapping of str to Dwell
    ground : _Ground
    """

    connector_id: str
    max_kw: float
    stays: Mapping[str, Dwell]
    ground: _Ground

    def needed(self, vehicle_id: str) -> timedelta:
        """Return the time that a vehicle should have here for what it needs."""
        stay = self.stays[vehicle_id]
        most_kw = min(self.max_kw, stay.max_kw)
        if stay.energy_target_kwh <= 0.0 or most_kw <= 0.0:
            return timedelta(0)
        return timedelta(hours=SPARE_FACTOR * stay.energy_target_kwh / most_kw)


def _openings(stay: Dwell, windows: Sequence[ConnectorWindow], *, place: _Place) -> list[_Opening]:
    """Return where on a connector somebody could be fitted in."""
    yard, earliest = place.ground.yard, place.ground.earliest
    ordered = sorted(windows, key=lambda window: window.start)
    ends = [window.start - yard.changeover for window in ordered[1:]] + [stay.departure]
    found: list[_Opening | None] = []
    if not ordered or ordered[0].start > earliest:
        until = ordered[0].start - yard.changeover if ordered else stay.departure
        found.append(_gap(stay, (earliest, until), place=place))
    if ordered and ordered[0].vehicle_id not in place.ground.here:
        found.append(_ahead_of(stay, ordered[0], place=place))
    for window, end in zip(ordered, ends, strict=False):
        start = max(earliest, place.ground.whole(window.end + yard.changeover))
        found.append(_gap(stay, (start, end), place=place))
        found.append(_behind(stay, window, until=min(end, stay.departure), place=place))
    return [opening for opening in found if opening is not None]


def _gap(stay: Dwell, span: tuple[datetime, datetime], *, place: _Place) -> _Opening | None:
    """Return the use of time that nobody has."""
    start, end = max(span[0], stay.arrival), min(span[1], stay.departure)
    if end <= start:
        return None
    window = ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=end)
    return _Opening(window, None, None, (end - start) / place.needed(stay.vehicle_id))


def _behind(
    stay: Dwell, window: ConnectorWindow, *, until: datetime, place: _Place
) -> _Opening | None:
    """Return the use of a connector after somebody who makes room for it earlier than it had to."""
    ground, own = place.ground, place.needed(stay.vehicle_id)
    others = max(QUARTER, place.needed(window.vehicle_id))
    there = until - window.start - ground.yard.changeover
    spread_factor = max(1.0, there / (own + others))
    cut = ground.whole(window.start + others * spread_factor)
    start = max(ground.earliest, stay.arrival, ground.whole(cut + ground.yard.changeover))
    if cut >= window.end or start >= until:
        return None
    return _Opening(
        ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=until),
        window,
        replace(window, end=cut),
        (until - start) / own,
    )


def _ahead_of(stay: Dwell, window: ConnectorWindow, *, place: _Place) -> _Opening | None:
    """Return the use of a connector before somebody who is not here yet and has time to spare."""
    ground, own = place.ground, place.needed(stay.vehicle_id)
    others = max(QUARTER, place.needed(window.vehicle_id))
    start = max(ground.earliest, stay.arrival)
    there = window.end - start - ground.yard.changeover
    if there < own + others:
        return None
    end = min(stay.departure, ground.whole(start + own * (there / (own + others))))
    left = ground.whole(end + ground.yard.changeover)
    if left <= window.start or left >= window.end or end <= start:
        return None
    return _Opening(
        ConnectorWindow(stay.vehicle_id, place.connector_id, start=start, end=end),
        window,
        replace(window, start=left),
        (end - start) / own,
    )
