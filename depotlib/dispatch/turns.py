"""Two who share a connector change turns when the first is late and the second waits in the yard.

Otherwise the connector stands idle until the first comes, and the time is missing at the end of the
night, to one of the two. They change turns only where one of them would have little time, and both
have more of it afterwards. Once a release says so the changed turns stand.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import groupby
from typing import Final

from depotlib.dispatch.evidence import Ground
from depotlib.dispatch.night import LiveNight, present_dwells
from depotlib.dispatch.openings import staffed
from depotlib.dispatch.overdue import GRACE, overdue
from depotlib.dispatch.placement import Yard
from depotlib.model.brief import Brief
from depotlib.model.dwell import STAY_REACH, Dwell
from depotlib.model.news import VehicleReading
from depotlib.model.plan import ConnectorWindow
from depotlib.model.release import ConnectorSchedule, Release

ENOUGH_FACTOR: Final = 1.5
"""So many times what it needs at full power is time enough: nobody is troubled for more."""
WORTH_IT_FACTOR: Final = 0.1
"""So much more of that is worth a change."""
AWAY_FOR: Final = timedelta(minutes=15)
"""So long whoever was seen on the road is taken to be there."""
QUARTER: Final = timedelta(minutes=15)


def seen_at_home(
    brief: Brief, readings: Sequence[VehicleReading], *, now: datetime
) -> Mapping[str, bool]:
    """Return of whom telematics tells whether it is in the yard now, by vehicle.

    Parameters
    ----------
    brief : Brief
    readings : sequence of VehicleReading
        The latest of each vehicle.
    now : datetime
    """
    bays = {
        connector.connector_id: connector.position
        for connector in brief.depot.connectors()
        if connector.position is not None
    }
    ground = Ground(bays)
    arrivals = {dwell.vehicle_id: dwell.arrival for dwell in brief.dwells}
    found: dict[str, bool] = {}
    for one in readings:
        at, is_home = one.at, one.is_at_depot
        if is_home is None and one.position is not None:
            at = one.position_at or one.at
            is_home = ground.holds(ground.plane_km(one.position))
        since = arrivals.get(one.vehicle_id, now) - STAY_REACH if is_home else now - AWAY_FOR
        if is_home is not None and at >= since:
            found[one.vehicle_id] = is_home
    return found


def turns_followed(pushed: Release, current: Release, *, now: datetime) -> Release:
    """Return a push with the turns that dispatch has changed since.

    Parameters
    ----------
    pushed, current : Release
        What the operator pushed, and what is in force.
    now : datetime
    """
    ahead = [one for one in current.schedules if one.valid_to > now]
    turned = {
        name
        for name in {one.connector_id for one in ahead}
        if _is_turned(_order(pushed.schedules, name), _order(ahead, name))
    }
    if not turned:
        return pushed
    placed = {one.vehicle_id for one in ahead}
    kept = [
        one
        for one in pushed.schedules
        if one.connector_id not in turned or one.vehicle_id not in placed
    ]
    changed = [one for one in ahead if one.connector_id in turned]
    return replace(pushed, schedules=(*kept, *changed))


def with_turns_changed(
    windows: Sequence[ConnectorWindow], stays: Sequence[Dwell], *, night: LiveNight, yard: Yard
) -> tuple[ConnectorWindow, ...]:
    """Return windows in which who waits in the yard goes before who is late.

    Parameters
    ----------
    windows : sequence of ConnectorWindow
    stays : sequence of Dwell
        Not over yet, who is late with the arrival that is reckoned with; one a vehicle.
    night : LiveNight
    yard : Yard
    """
    late, by_name = overdue(night), {stay.vehicle_id: stay for stay in stays}
    waiting = _waiting(night, yard) if late else frozenset[str]()
    taken = set(yard.connector_of.values())
    most_kw = {one.connector_id: one.max_kw for one in night.brief.depot.connectors()}
    found: list[ConnectorWindow] = []
    ordered = sorted(windows, key=lambda window: (window.connector_id, window.start))
    for name, group in groupby(ordered, key=lambda window: window.connector_id):
        first, *rest = group
        is_idle = name not in taken and first.vehicle_id in late
        if is_idle and rest and rest[0].vehicle_id in waiting:
            pair = _Pair(
                first=first, second=rest[0], stays=by_name, max_kw=most_kw[name], yard=yard
            )
            until = rest[1].start - yard.changeover if rest[1:] else None
            first, rest[0] = pair.changed(staffed(night.brief.depot, yard.start), until=until)
        found += [first, *rest]
    return tuple(found)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Pair:
    """Two that follow one another on a connector."""

    first: ConnectorWindow
    second: ConnectorWindow
    stays: Mapping[str, Dwell]
    max_kw: float
    yard: Yard

    def changed(
        self, begins: datetime, *, until: datetime | None
    ) -> tuple[ConnectorWindow, ConnectorWindow]:
        """Return both in changed turns, or as they are where that would be no gain.

        Parameters
        ----------
        begins : datetime
            When the second may plug in.
        until : datetime or None
            When both have to be done because a third is due.
        """
        early, late = self.stays[self.second.vehicle_id], self.stays[self.first.vehicle_id]
        begin = max(begins, early.arrival)
        end = min(late.departure, until or late.departure)
        needed = self._needed(early), self._needed(late)
        room = end - begin - self.yard.changeover
        if not all(needed) or room <= timedelta(0):
            return self.first, self.second
        cut = min(self._whole(begin + room * (needed[0] / (needed[0] + needed[1]))),
                  early.departure, until or early.departure)  # fmt: skip
        after = max(cut + self.yard.changeover, late.arrival)
        if cut <= begin or after >= end:
            return self.first, self.second
        changed = (
            replace(self.second, start=begin, end=cut),
            replace(self.first, start=after, end=end),
        )
        now_factor = self._spread_factor((self.first, self.second))
        gained_factor = self._spread_factor(changed) - now_factor
        is_worth_it = now_factor < ENOUGH_FACTOR and gained_factor > WORTH_IT_FACTOR
        return changed if is_worth_it else (self.first, self.second)

    def _needed(self, stay: Dwell) -> timedelta:
        most_kw = min(stay.max_kw, self.max_kw)
        return timedelta(hours=stay.energy_target_kwh / most_kw if most_kw > 0.0 else 0.0)

    def _spread_factor(self, windows: Sequence[ConnectorWindow]) -> float:
        """Return the time of whoever has the least of what it needs, over that."""
        return min(
            (window.end - window.start) / self._needed(self.stays[window.vehicle_id])
            for window in windows
        )

    def _whole(self, at: datetime) -> datetime:
        """Return the next whole interval from an instant on: plans step by those."""
        return self.yard.start - ((self.yard.start - at) // QUARTER) * QUARTER


def _waiting(night: LiveNight, yard: Yard) -> frozenset[str]:
    """Return who is in the yard and plugged in nowhere.

    As telematics tells; where it does not, whoever should have come is there.
    """
    return frozenset(
        dwell.vehicle_id
        for dwell in present_dwells(night.brief, now=night.now, changes=night.changes)
        if dwell.vehicle_id not in yard.connector_of
        and night.at_home.get(dwell.vehicle_id, dwell.arrival + GRACE <= night.now)
    )


def _order(schedules: Iterable[ConnectorSchedule], connector_id: str) -> list[str]:
    own = [one for one in schedules if one.connector_id == connector_id]
    return [one.vehicle_id for one in sorted(own, key=lambda one: one.steps[0].start)]


def _is_turned(before: Sequence[str], after: Sequence[str]) -> bool:
    """Return whether those in both have another order."""
    kept = [name for name in before if name in after]
    return kept != [name for name in after if name in before]
