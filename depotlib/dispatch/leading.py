"""Who would leave short on its connector, or has none any more, is led to one of its pool.

Two who share a connector may have less time between them than both must have, because the first
came hours late; beside them stand connectors whose one van needs half of its night. Whoever of the
two is not plugged in goes there: into time that nobody has, or behind or ahead of somebody that
keeps what it needs. So does whoever is in the yard without a connector, its turn over, and can get
all that it still must have by now. Once a release says so it stands, see `diversions`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from depotlib.dispatch.night import LiveNight
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
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

CROWDED_FACTOR: Final = 1.0
"""With less of the time for what it must have, somebody is going to lack some of it."""
ENOUGH_FACTOR: Final = 0.9
"""So much has everybody elsewhere of the time for what it surely needs and a share to spare, which
openings count: 1.03 times the time at full power."""
WORTH_KWH: Final = 0.5
"""Who lacks less of what it must have is not driven to another connector for it."""


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


def with_diversions(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight, yard: Yard
) -> Led:
    """Return windows in which nobody lacks time for what it must have, where that can be.

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
            return scene.with_rests(found)
        parted = scene.parted(worst, found)
        if parted is None:
            given_up.add(worst.connector_id)
        found = parted or found


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
        """Return one of two led elsewhere, who stays with all the time; None where nobody can be."""
        for window in self._leading(crowd, led):
            others = [one for one in led.windows if one is not window]
            rest = Led(tuple(others), led.diversions)
            stay = self.stays[window.vehicle_id]
            opening = self._opening(stay, rest, away_from=window.connector_id)
            if opening is not None:
                stays_on = crowd.beside(window)
                longer = self._longer(stays_on, crowd=crowd)
                kept = tuple(one for one in others if one is not stays_on)
                planned, *_ = _of(self.night.pushed, window)
                rest = Led((*kept, longer), led.diversions)
                return self._with(opening, rest, planned=planned, changes=[(stays_on, longer)])
        return None

    def with_rests(self, led: Led) -> Led:
        """Return who has no connector any more, and lacks what it must have, led to one for that."""
        for stay in sorted(self._left_short(led), key=_by_departure):
            opening = self._opening(stay, led)
            if opening is not None:
                planned = self._as_planned(stay, opening.window)
                led = self._with(opening, led, planned=planned, changes=[])
        return led

    def _left_short(self, led: Led) -> Iterator[Dwell]:
        """Yield who is in the yard, has no connector any more, and lacks what it must have."""
        taken = {window.vehicle_id for window in led.windows} | led.concerned()
        for name, stay in self.stays.items():
            if (
                name not in taken
                and name not in self.yard.connector_of
                and stay.energy_must_kwh > WORTH_KWH
                and self._is_in_the_yard(stay)
                and not is_bound(name, self.night)
            ):
                yield stay

    def _is_in_the_yard(self, stay: Dwell) -> bool:
        """Return whether somebody who is not plugged in was seen home, or was plugged in before."""
        has_charged = self.night.ended_kwh.get(stay.vehicle_id, 0.0) > 0.0
        is_due = stay.arrival <= self.yard.start
        return is_due and self.night.at_home.get(stay.vehicle_id, has_charged)

    def _as_planned(self, stay: Dwell, goal: ConnectorWindow) -> ConnectorSchedule:
        """Return a stay as if it was planned so late, where it was planned or told to be before.

        What was pushed for it may be over, or forgotten since others have its place.
        """
        releases = (self.night.pushed, self.night.current)
        told = (one for release in releases for one in release.schedules)
        places = (one.connector_id for one in told if one.vehicle_id == stay.vehicle_id)
        return ConnectorSchedule(
            connector_id=next(places, goal.connector_id),
            vehicle_id=stay.vehicle_id,
            steps=(LimitStep(goal.start, 0.0),),
            valid_to=goal.end,
            departure=stay.departure,
            energy_target_kwh=stay.energy_target_kwh,
        )

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

    def _opening(self, stay: Dwell, led: Led, *, away_from: str | None = None) -> Opening | None:
        """Return the best place for somebody that leaves everybody enough."""
        lost, others = unserving(self.night) | _silent(self.night), led.windows
        ground = Ground(self.night, self.yard, lost, here=self.yard.connector_of)
        places = {
            name: power_kw
            for name, power_kw in usable(stay, ground).items()
            if name != away_from and self._is_as_planned(name, others)
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

    def _with(
        self,
        opening: Opening,
        led: Led,
        *,
        planned: ConnectorSchedule,
        changes: Sequence[tuple[ConnectorWindow, ConnectorWindow]],
    ) -> Led:
        """Return somebody led to an opening, in place of what was planned for it.

        Beside who makes room there, windows of others change from one to another.
        """
        changed, goal = list(changes), opening.window
        if opening.before is not None and opening.after is not None:
            changed.append((opening.before, opening.after))
        made = Diversion(
            push_id=self.night.pushed.release_id,
            from_connector_id=planned.connector_id,
            schedule=replace(
                planned,
                connector_id=goal.connector_id,
                steps=(LimitStep(goal.start, 0.0),),
                valid_to=goal.end,
            ),
            others=tuple(
                _changed(own, before, to=after)
                for before, after in changed
                for own in _of(self.night.pushed, before)[:1]
            ),
        )
        windows = fitted_in(led.windows, opening)
        return Led(tuple(sorted(windows, key=_in_line)), (*led.diversions, made))

    def _longer(self, window: ConnectorWindow, *, crowd: _Crowd) -> ConnectorWindow:
        """Return the window of who stays, with the time that the other one had."""
        stay, start = self.stays[window.vehicle_id], window.start
        if window is crowd.second:
            begins = staffed(self.night.brief.depot, self.yard.start)
            start = min(start, max(begins, stay.arrival))
        end = min(stay.departure, crowd.until or stay.departure)
        return replace(window, start=start, end=max(window.end, end))


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


def _by_departure(stay: Dwell) -> tuple[datetime, str]:
    return stay.departure, stay.vehicle_id
