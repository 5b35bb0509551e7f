"""Connector windows from now on: the planned ones, moved to where vehicles really are.

A vehicle that is plugged in has the connector it is on, until somebody else is due there. Whoever
was planned there in that time takes the place that it left free. Everybody else keeps what was
planned.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import ConnectorSchedule

QUARTER: Final = timedelta(minutes=15)
"""Plans step by it."""
SOON: Final = timedelta(minutes=30)
"""Who is due so soon on a connector where somebody else is by mistake finds it taken."""


@dataclass(frozen=True, slots=True)
class Yard:
    """What is given about the yard from an instant on.

    Parameters
    ----------
    start : datetime
        Windows begin here at the earliest.
    changeover : timedelta
        Between two vehicles on one connector.
    connector_of : mapping of str to str
        By vehicle: where it is plugged in.
    """

    start: datetime
    changeover: timedelta
    connector_of: Mapping[str, str]

    def whole(self, at: datetime) -> datetime:
        """Return the next whole interval from an instant on."""
        steps = -((self.start - at) // QUARTER)
        return self.start + max(0, steps) * QUARTER


@dataclass(frozen=True, slots=True)
class _Left:
    """What those plugged in leave to others, by connector.

    Parameters
    ----------
    freed : mapping of str to ConnectorWindow
        The place that whoever is there by mistake does not need.
    leaves_at : mapping of str to datetime
        When whoever is there as planned was to make room.
    planned : mapping of str to ConnectorWindow
        By vehicle: its first window that is not over.
    """

    freed: Mapping[str, ConnectorWindow]
    leaves_at: Mapping[str, datetime]
    planned: Mapping[str, ConnectorWindow]


def placed_windows(
    schedules: Sequence[ConnectorSchedule], stays: Sequence[Dwell], *, yard: Yard
) -> tuple[ConnectorWindow, ...]:
    """Return a window for every stay that has a connector, none overlapping on a connector.

    Parameters
    ----------
    schedules : sequence of ConnectorSchedule
        Of the pushed release.
    stays : sequence of Dwell
        Not over yet; one a vehicle.
    yard : Yard
    """
    departures = {stay.vehicle_id: stay.departure for stay in stays}
    planned = _planned_windows(schedules, changeover=yard.changeover)
    ahead = [
        replace(window, start=max(window.start, yard.start))
        for window in planned
        if window.vehicle_id in departures and window.end > yard.start
    ]
    at_home = {(window.vehicle_id, window.connector_id) for window in planned}
    held, freed = _held_with_turns_to_come(ahead, departures, at_home=at_home, yard=yard)
    over = _over(planned, held=held, yard=yard)
    # Whoever is plugged in where its time is over waits for a turn after it like any other.
    coming = {_turn(one) for one in planned if over.get(one.vehicle_id, one.end) <= one.start}
    waiting = [
        window
        for window in ahead
        if window.vehicle_id not in yard.connector_of or _turn(window) in coming
    ]
    later = [
        window
        for hold in held
        for window in ahead
        if window.vehicle_id == hold.vehicle_id and window.start >= hold.end
    ]
    leaves_at = {
        window.connector_id: window.end
        for window in planned
        if yard.connector_of.get(window.vehicle_id) == window.connector_id
    }
    ahead_of = {one.vehicle_id: one for one in reversed(planned) if one.end > yard.start}
    left = _Left(freed=freed, leaves_at=leaves_at, planned=ahead_of)
    held, others = _given_way(waiting, held=held, left=left, yard=yard)
    arrivals = {stay.vehicle_id: stay.arrival for stay in stays}
    return _fitted([*held, *others, *later], arrivals=arrivals, departures=departures, yard=yard)


def _planned_windows(
    schedules: Sequence[ConnectorSchedule], *, changeover: timedelta
) -> list[ConnectorWindow]:
    """Return the windows of a release.

    A schedule begins, at 0 kW, where the one before it on its connector ends: its window begins
    when the vehicles have changed places.
    """
    windows: list[ConnectorWindow] = []
    for one in sorted(schedules, key=lambda one: (one.connector_id, one.steps[0].start)):
        before = windows[-1] if windows else None
        start = one.steps[0].start
        if before is not None and before.connector_id == one.connector_id:
            start = max(start, before.end + changeover)
        windows.append(
            ConnectorWindow(
                vehicle_id=one.vehicle_id,
                connector_id=one.connector_id,
                start=start,
                end=one.valid_to,
            )
        )
    return windows


def _turn(window: ConnectorWindow) -> tuple[str, str, datetime]:
    return window.vehicle_id, window.connector_id, window.end


def _over(
    planned: Sequence[ConnectorWindow], *, held: Sequence[ConnectorWindow], yard: Yard
) -> dict[str, datetime]:
    """Return who is plugged in where its time is over, and since when."""
    stays_on = {hold.vehicle_id for hold in held}
    return {
        window.vehicle_id: window.end
        for window in planned
        if yard.connector_of.get(window.vehicle_id) == window.connector_id
        and window.vehicle_id not in stays_on
        and window.end <= yard.start
    }


def _held_with_turns_to_come(
    ahead: Sequence[ConnectorWindow],
    departures: Mapping[str, datetime],
    *,
    at_home: AbstractSet[tuple[str, str]],
    yard: Yard,
) -> tuple[list[ConnectorWindow], dict[str, ConnectorWindow]]:
    """Return what `_held` does, where those who make room have their turn elsewhere after it."""
    free_from: dict[str, datetime] = {}
    while True:
        held, freed = _held(ahead, departures, at_home=at_home, free_from=free_from, yard=yard)
        ends = {hold.vehicle_id: hold.end for hold in held}
        found = {name: ends.get(name, yard.start) for name in yard.connector_of}
        # Turns that others keep for somebody only ever make their own stays shorter.
        if found == free_from:
            return held, freed
        free_from = found


def _held(
    ahead: Sequence[ConnectorWindow],
    departures: Mapping[str, datetime],
    *,
    at_home: AbstractSet[tuple[str, str]],
    free_from: Mapping[str, datetime],
    yard: Yard,
) -> tuple[list[ConnectorWindow], dict[str, ConnectorWindow]]:
    """Return the windows of those plugged in, and by connector what each left free elsewhere.

    Who stands where it was planned makes room in time for the next. Who stands where it was not
    planned, but still has time ahead somewhere, takes the place of those due now or soon; so does
    who plugs in before its turn. Whoever is plugged in elsewhere is due from when on it is free.
    """

    def is_due(window: ConnectorWindow) -> bool:
        name = window.vehicle_id
        return name not in yard.connector_of or free_from.get(name, window.end) <= window.start

    held: list[ConnectorWindow] = []
    freed: dict[str, ConnectorWindow] = {}
    for vehicle_id, connector_id in sorted(yard.connector_of.items()):
        if vehicle_id not in departures:
            continue
        own = [window for window in ahead if window.vehicle_id == vehicle_id]
        starts = [
            window.start
            for window in ahead
            if window.connector_id == connector_id
            and window.vehicle_id != vehicle_id
            and is_due(window)
        ]
        is_at_home = (vehicle_id, connector_id) in at_home
        turns = [window.start for window in own if window.connector_id == connector_id]
        is_early = bool(turns) and min(turns) > yard.start
        if is_early or (own and not is_at_home):
            starts = [start for start in starts if start > yard.start + SOON]
        if own and not is_at_home:
            freed[connector_id] = min(own, key=lambda window: window.start)
        end = min([departures[vehicle_id], *(start - yard.changeover for start in starts)])
        if end > yard.start:
            held.append(
                ConnectorWindow(
                    vehicle_id=vehicle_id, connector_id=connector_id, start=yard.start, end=end
                )
            )
    return held, freed


def _given_way(
    waiting: Iterable[ConnectorWindow],
    *,
    held: Sequence[ConnectorWindow],
    left: _Left,
    yard: Yard,
) -> tuple[list[ConnectorWindow], list[ConnectorWindow]]:
    """Return the windows of those plugged in, and of those not yet here.

    Who finds its place taken gets the one that was left free for it; who stands there makes room
    as it was to. Where none was left, whoever took the place makes room after a while.
    """
    hold_on = {hold.connector_id: hold for hold in held}
    moved: list[ConnectorWindow] = []
    for window in waiting:
        hold = hold_on.get(window.connector_id)
        if hold is None or window.start >= hold.end:
            moved.append(window)
            continue
        place = _place_left(window, left=left, hold_on=hold_on)
        if place is None:
            # Nobody left one free for it: both use this connector, one after the other.
            planned = left.planned[window.vehicle_id]
            end = min(hold.end, _shared_until(planned, hold=hold, yard=yard))
            hold_on[window.connector_id] = replace(hold, end=end)
            moved.append(replace(window, start=end + yard.changeover))
            continue
        moved.append(replace(place, vehicle_id=window.vehicle_id))
        before = hold_on.get(place.connector_id)
        # Whoever overstays there may stay until somebody really comes.
        if before is not None and before.end > place.start:
            end = place.start - yard.changeover
            del hold_on[place.connector_id]
            if end > yard.start:
                hold_on[place.connector_id] = replace(before, end=end)
    return list(hold_on.values()), moved


def _shared_until(planned: ConnectorWindow, *, hold: ConnectorWindow, yard: Yard) -> datetime:
    """Return when whoever took a place makes room.

    As it is due, or after half of what was planned; where that is over, after half of what is left.
    """
    due = planned.start - yard.changeover
    if due > yard.start:
        return due
    half = yard.whole(planned.start + (planned.end - planned.start) / 2)
    if half > yard.start:
        return half
    return yard.whole(yard.start + (hold.end - yard.start) / 2)


def _place_left(
    window: ConnectorWindow, *, left: _Left, hold_on: Mapping[str, ConnectorWindow]
) -> ConnectorWindow | None:
    """Return the place that whoever took a connector left free, or the next in a chain of them.

    From when on it is wanted: whose window it replaces does not come sooner.
    """
    seen: set[str] = set()
    place = _wanted_from(left.freed.get(window.connector_id), window.start)
    while place is not None and place.connector_id not in seen:
        hold = hold_on.get(place.connector_id)
        if hold is None:
            return place
        if min(hold.end, left.leaves_at.get(place.connector_id, hold.end)) <= place.start:
            return place
        seen.add(place.connector_id)
        place = _wanted_from(left.freed.get(place.connector_id), window.start)
    return None


def _wanted_from(place: ConnectorWindow | None, start: datetime) -> ConnectorWindow | None:
    """Return a place from an instant on, None where it is over by then."""
    if place is None or place.end <= start:
        return None
    return replace(place, start=max(place.start, start))


def _fitted(
    windows: Sequence[ConnectorWindow],
    *,
    arrivals: Mapping[str, datetime],
    departures: Mapping[str, datetime],
    yard: Yard,
) -> tuple[ConnectorWindow, ...]:
    """Return windows inside their stays, extended into unused time, one after the other."""
    fitted: list[ConnectorWindow] = []
    ordered = sorted(windows, key=lambda window: (window.connector_id, window.start, window.end))
    for index, window in enumerate(ordered):
        following = ordered[index + 1] if index + 1 < len(ordered) else None
        end = departures[window.vehicle_id]
        if following is not None and following.connector_id == window.connector_id:
            end = min(end, max(window.end, following.start - yard.changeover))
        start = max(window.start, arrivals[window.vehicle_id])
        before = fitted[-1] if fitted else None
        if before is not None and before.connector_id == window.connector_id:
            start = max(start, before.end)
        if start < end:
            fitted.append(replace(window, start=start, end=end))
    return tuple(fitted)
