"""Who waits for a connector on which there is no time for two is led to another one of its pool.

Two who share a connector may have less time between them than both must have, because the first
came hours late; beside them stand connectors whose one van needs half of its night. Whoever of the
two is not plugged in goes there: into time that nobody has, or behind or ahead of somebody that
keeps what it needs. Once a release says so it stands until the vehicle plugs in elsewhere, its stay
is over, or another push is in force; people find the drive on the shift's papers.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from depotlib.dispatch.night import LiveNight, present_dwells
from depotlib.dispatch.openings import (
    SPARE_FACTOR,
    Ground,
    Opening,
    fitted_in,
    is_bound,
    openings,
    staffed,
    usable,
)
from depotlib.dispatch.overdue import overdue
from depotlib.dispatch.placement import Yard
from depotlib.dispatch.stranded import unserving
from depotlib.dispatch.turns import Pair, surely_needed
from depotlib.model.diversion import Diversion
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, YardMove
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

CROWDED_FACTOR: Final = 1.0
"""With less of the time for what it must have, somebody is going to lack some of it."""
ENOUGH_FACTOR: Final = 0.9
"""So much has everybody elsewhere of the time for what it surely needs and a share to spare, which
openings count: 1.03 times the time at full power."""


@dataclass(frozen=True, slots=True)
class Led:
    """Connector windows, and who is led to another connector by them.

    Parameters
    ----------
    windows : tuple of ConnectorWindow
    diversions : tuple of Diversion
        Those that stood before and those that are new.
    """

    windows: tuple[ConnectorWindow, ...]
    diversions: tuple[Diversion, ...] = ()

    def concerned(self) -> frozenset[str]:
        """Return the vehicles that are led, make room for one, or have its time."""
        return frozenset(name for one in self.diversions for name in one.vehicle_ids())


def as_led(night: LiveNight, records: Iterable[Diversion]) -> LiveNight:
    """Return a night with the diversions that stand, in its push too.

    Parameters
    ----------
    night : LiveNight
        With the push as the operator made it.
    records : iterable of Diversion
        That were kept.
    """
    standing = tuple(one for one in records if _stands(one, night))
    if not standing:
        return night
    return replace(night, diversions=standing, pushed=_diverted(night, standing))


def with_diversions(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight, yard: Yard
) -> Led:
    """Return windows in which nobody shares a connector without time for both, where that can be.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
    stays : sequence of Dwell
        Not over yet, who is late with the arrival that is reckoned with; one a vehicle.
    night : LiveNight
    yard : Yard
    """
    held = tuple(_as_now(one, windows) for one in night.diversions)
    scene = _Scene(night, yard, {stay.vehicle_id: surely_needed(stay) for stay in stays})
    found, given_up = Led(tuple(windows), held), set[str]()
    while True:
        crowds = (one for one in scene.crowds(found) if one.connector_id not in given_up)
        worst = min(crowds, key=lambda one: one.spread_factor, default=None)
        if worst is None:
            return found
        parted = scene.parted(worst, found)
        if parted is None:
            given_up.add(worst.connector_id)
        found = parted or found


def drives_of(
    night: LiveNight, diversions: Iterable[Diversion], *, schedules: Sequence[ConnectorSchedule]
) -> tuple[YardMove, ...]:
    """Return the drives of those that are led elsewhere, from the yard, as far as still to be made.

    Parameters
    ----------
    night : LiveNight
    diversions : iterable of Diversion
    schedules : sequence of ConnectorSchedule
        Of the new release.
    """
    guests, moves = night.guests(), list[YardMove]()
    for one in diversions:
        begins = [
            own.steps[0].start
            for own in schedules
            if (own.vehicle_id, own.connector_id) == (one.vehicle_id, one.to_connector_id)
        ]
        if begins and one.vehicle_id not in guests:
            at = staffed(night.brief.depot, max(night.now, min(begins)))
            moves.append(YardMove(one.vehicle_id, None, one.to_connector_id, at=at))
    return tuple(moves)


@dataclass(frozen=True, slots=True)
class _Crowd:
    """The first two of a connector, where somebody is going to lack what it must have."""

    first: ConnectorWindow
    second: ConnectorWindow
    until: datetime | None
    spread_factor: float

    @property
    def connector_id(self) -> str:
        return self.first.connector_id

    def beside(self, window: ConnectorWindow) -> ConnectorWindow:
        return self.second if window is self.first else self.first


@dataclass(frozen=True, slots=True)
class _Scene:
    """The night in which places are looked for."""

    night: LiveNight
    yard: Yard
    stays: dict[str, Dwell]

    def crowds(self, led: Led) -> Iterator[_Crowd]:
        """Yield the connectors whose first two have less time than they surely need."""
        most_kw = {one.connector_id: one.max_kw for one in self.night.brief.depot.connectors()}
        turns = Counter(window.vehicle_id for window in led.windows)
        ordered = sorted(led.windows, key=_in_line)
        for name, group in groupby(ordered, key=lambda window: window.connector_id):
            first, *rest = group
            if not rest or turns[first.vehicle_id] > 1 or turns[rest[0].vehicle_id] > 1:
                continue
            until = rest[1].start - self.yard.changeover if rest[1:] else None
            pair = Pair(stays=self.stays, max_kw=most_kw[name], yard=self.yard, until=until)
            spread_factor = pair.spread_factor((first, rest[0]))
            if spread_factor < CROWDED_FACTOR:
                yield _Crowd(first, rest[0], until, spread_factor)

    def parted(self, crowd: _Crowd, led: Led) -> Led | None:
        """Return one of two led elsewhere, None where nobody can be."""
        for window in self._leading(crowd, led):
            others = [one for one in led.windows if one is not window]
            opening = self._opening(window, others, led=led)
            if opening is not None:
                return self._with(opening, window, crowd=crowd, led=led)
        return None

    def _leading(self, crowd: _Crowd, led: Led) -> Iterator[ConnectorWindow]:
        """Yield who may be led elsewhere: the second, or the first that keeps its place empty."""
        is_idle = crowd.connector_id not in _taken(self.night)
        may_first = is_idle and crowd.first.vehicle_id in overdue(self.night)
        settled = led.concerned()
        for window in (crowd.second, crowd.first) if may_first else (crowd.second,):
            name = window.vehicle_id
            if (
                name not in settled
                and name not in self.yard.connector_of
                and _of(self.night.pushed, window)
                and self.stays[name].energy_target_kwh > 0.0
                and not is_bound(name, self.night)
            ):
                yield window

    def _opening(
        self, window: ConnectorWindow, others: Sequence[ConnectorWindow], *, led: Led
    ) -> Opening | None:
        """Return the best place for somebody that leaves everybody enough."""
        stay, lost = self.stays[window.vehicle_id], unserving(self.night) | _silent(self.night)
        ground = Ground(self.night, self.yard, lost, here=self.yard.connector_of)
        places = {
            name: power_kw
            for name, power_kw in usable(stay, ground).items()
            if name != window.connector_id and self._is_as_planned(name, others)
        }
        turns = Counter(one.vehicle_id for one in others)
        alone = {name for name, count in turns.items() if count == 1} - led.concerned()
        serving = [
            one
            for one in openings(stay, others, places=places, stays=self.stays, ground=ground)
            if one.spread_factor >= ENOUGH_FACTOR
            and (one.before is None or one.before.vehicle_id in alone)
            and (one.after is None or self._is_enough(one.after))
            and self._can_be_driven(one)
        ]
        return max(serving, key=Opening.worth, default=None)

    def _is_as_planned(self, connector_id: str, windows: Sequence[ConnectorWindow]) -> bool:
        """Return whether nobody but those planned on a connector is there, or comes there yet."""
        known = {dwell.vehicle_id for dwell in self.night.brief.dwells}
        planned = {
            one.vehicle_id
            for one in self.night.pushed.schedules
            if one.connector_id == connector_id
            and one.valid_to > self.yard.start
            and (one.vehicle_id in self.stays or one.vehicle_id not in known)
        }
        own = {window.vehicle_id for window in windows if window.connector_id == connector_id}
        taken = _taken(self.night)
        return planned == own and (connector_id not in taken or taken[connector_id] in own)

    def _can_be_driven(self, opening: Opening) -> bool:
        """Return whether people are there when vehicles have to change places."""
        depot, window, after = self.night.brief.depot, opening.window, opening.after
        drives = [window.start]
        if window.end < self.stays[window.vehicle_id].departure:
            drives.append(window.end)
        if after is not None:
            drives.append(min(after.end, max(after.start, window.start)))
        return all(staffed(depot, at) == at for at in drives)

    def _is_enough(self, window: ConnectorWindow) -> bool:
        """Return whether a window is as long as its vehicle needs it."""
        stay, connectors = self.stays[window.vehicle_id], self.night.brief.depot.connectors()
        place = next(one for one in connectors if one.connector_id == window.connector_id)
        needed_h = (
            ENOUGH_FACTOR * SPARE_FACTOR * stay.energy_target_kwh / min(stay.max_kw, place.max_kw)
        )
        return window.end - self.yard.whole(window.start) >= timedelta(hours=needed_h)

    def _with(self, opening: Opening, window: ConnectorWindow, *, crowd: _Crowd, led: Led) -> Led:
        """Return windows with somebody led to an opening; who stays has all the time there."""
        stays_on = crowd.beside(window)
        longer = self._longer(stays_on, crowd=crowd)
        kept = [one for one in led.windows if one not in (window, stays_on)]
        changes = [(stays_on, longer)]
        if opening.before is not None and opening.after is not None:
            changes.append((opening.before, opening.after))
        push, goal = self.night.pushed, opening.window
        (planned,) = _of(push, window)[:1]
        made = Diversion(
            push_id=push.release_id,
            from_connector_id=window.connector_id,
            schedule=replace(
                planned,
                connector_id=goal.connector_id,
                steps=(LimitStep(goal.start, 0.0),),
                valid_to=goal.end,
            ),
            others=tuple(
                _changed(own, before, to=after)
                for before, after in changes
                for own in _of(push, before)[:1]
            ),
        )
        windows = fitted_in([*kept, longer], opening)
        return Led(tuple(sorted(windows, key=_in_line)), (*led.diversions, made))

    def _longer(self, window: ConnectorWindow, *, crowd: _Crowd) -> ConnectorWindow:
        """Return the window of who stays, with the time that the other one had."""
        stay, start = self.stays[window.vehicle_id], window.start
        if window is crowd.second:
            begins = staffed(self.night.brief.depot, self.yard.start)
            start = min(start, max(begins, stay.arrival))
        end = min(stay.departure, crowd.until or stay.departure)
        return replace(window, start=start, end=max(window.end, end))


def _stands(diversion: Diversion, night: LiveNight) -> bool:
    """Return whether somebody is still led to where it was: it may be there, or on its way."""
    guests, goal = night.guests(), diversion.to_connector_id
    guest, begins = guests.get(diversion.vehicle_id), diversion.schedule.steps[0].start
    # Who was to come after it came home first: its own place is not kept for another one.
    is_forestalled = guest is None and any(
        one.connector_id == goal
        and one.steps[0].start > begins
        and (there := guests.get(one.vehicle_id)) is not None
        and there.connector_id == goal
        for one in diversion.others
    )
    if diversion.push_id != night.pushed.release_id or is_forestalled:
        return False
    present = present_dwells(night.brief, now=night.now, changes=night.changes)
    return (guest is None or guest.connector_id == goal) and any(
        dwell.vehicle_id == diversion.vehicle_id and dwell.arrival < diversion.schedule.valid_to
        for dwell in present
    )


def _diverted(night: LiveNight, standing: Sequence[Diversion]) -> Release:
    """Return a push with the schedules of those led elsewhere, and of those concerned."""
    led = {one.vehicle_id: one.schedule for one in standing}
    others: dict[tuple[str, str], ConnectorSchedule] = {}
    for one in (other for diversion in standing for other in diversion.others):
        key = (one.vehicle_id, one.connector_id)
        # Who has the time of two that are led away has it until the third, at first.
        others[key] = min(others.get(key, one), one, key=lambda each: each.valid_to)
    kept = (
        one
        for one in night.pushed.schedules
        if one.vehicle_id not in led and (one.vehicle_id, one.connector_id) not in others
    )
    gone = {key for one in standing for key in _gone(one, night)}
    still = (one for key, one in others.items() if key not in gone)
    return replace(night.pushed, schedules=(*kept, *led.values(), *still))


def _gone(diversion: Diversion, night: LiveNight) -> Iterator[tuple[str, str]]:
    """Yield who made room, by vehicle and connector, and has left now that the other is there.

    Were it still expected there, nobody else could be planned on that connector.
    """
    guests = night.guests()
    for one in diversion.others:
        if (
            diversion.vehicle_id in guests
            and one.connector_id == diversion.to_connector_id
            and one.valid_to <= diversion.schedule.steps[0].start
            and one.vehicle_id not in guests
            and night.ended_kwh.get(one.vehicle_id, 0.0) > 0.0
        ):
            yield one.vehicle_id, one.connector_id


def _as_now(diversion: Diversion, windows: Sequence[ConnectorWindow]) -> Diversion:
    """Return a diversion in which who makes room does so no later than by windows.

    Once it has left, it gets no time back that another one has by now.
    """
    ends = {(window.vehicle_id, window.connector_id): window.end for window in windows}
    sooner = (
        min(one.valid_to, ends.get((one.vehicle_id, one.connector_id), one.valid_to))
        for one in diversion.others
    )
    others = (replace(one, valid_to=end) for one, end in zip(diversion.others, sooner, strict=True))
    return replace(diversion, others=tuple(others))


def _changed(
    own: ConnectorSchedule, window: ConnectorWindow, *, to: ConnectorWindow
) -> ConnectorSchedule:
    """Return a schedule that ends as its window was changed to, and begins so where that changed."""
    if to.start == window.start:
        return replace(own, valid_to=to.end)
    return replace(own, steps=(LimitStep(to.start, 0.0),), valid_to=to.end)


def _of(push: Release, window: ConnectorWindow) -> list[ConnectorSchedule]:
    """Return the schedules of a window's vehicle on its connector."""
    return [
        one
        for one in push.schedules
        if (one.vehicle_id, one.connector_id) == (window.vehicle_id, window.connector_id)
    ]


def _taken(night: LiveNight) -> dict[str, str]:
    """Return who is plugged in where, by connector; empty: somebody unknown."""
    return {
        state.connector_id: state.vehicle_id or ""
        for station in night.stations
        for state in station.connectors
        if state.session_id is not None
    }


def _silent(night: LiveNight) -> frozenset[str]:
    """Return the connectors of stations that nobody hears."""
    return frozenset(
        state.connector_id
        for station in night.stations
        if not station.is_connected
        for state in station.connectors
    )


def _in_line(window: ConnectorWindow) -> tuple[str, datetime]:
    return window.connector_id, window.start
