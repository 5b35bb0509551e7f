"""Who is not here yet is not reckoned with at first: until then its power goes to those who are.

Who comes home on time plugs in some minutes sooner or later than its timetable says, and is planned
for then. The longer somebody is late, the longer it will take: as much again, as far as its departure leaves
time for what it needs. Otherwise power would be kept for it quarter by quarter that nobody uses,
and everybody would need more of it at the end of the night.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.night import LiveNight, present_dwells
from depotlib.model.dwell import Dwell
from depotlib.model.release import ConnectorSchedule, LimitStep

GRACE: Final = timedelta(minutes=10)
"""So much later than planned is on time."""
LEAST_WAIT: Final = timedelta(minutes=15)
MOST_WAIT: Final = timedelta(hours=1)
SPARE_FACTOR: Final = 1.5
"""So many times what it needs at full power is kept free before its departure."""


@dataclass(frozen=True, slots=True)
class Late:
    """Somebody who should have plugged in by now.

    Parameters
    ----------
    connector_id : str
        Where.
    due_at : datetime
    home_at : datetime
        By its timetable; when it is due its place may be another's until later.
    """

    connector_id: str
    due_at: datetime
    home_at: datetime


def overdue(night: LiveNight) -> Mapping[str, Late]:
    """Return who should have plugged in by now and has not yet, by vehicle."""
    return {name: one for name, one in _awaited(night).items() if one.due_at + GRACE <= night.now}


def absent(night: LiveNight, *, start: datetime) -> Mapping[str, Late]:
    """Return who is not reckoned with from an instant on, by vehicle: overdue, or not home yet.

    Who should be home and has its turn later waits in the yard for it, and is reckoned with.
    """
    return {
        name: one
        for name, one in _awaited(night).items()
        if one.due_at + GRACE <= night.now
        or (one.home_at + GRACE > night.now and one.due_at < start + LEAST_WAIT)
    }


def _awaited(night: LiveNight) -> dict[str, Late]:
    """Return who has not plugged in yet and is to, by vehicle."""
    guests = night.guests()
    arrivals = {
        dwell.vehicle_id: dwell.arrival
        for dwell in present_dwells(night.brief, now=night.now, changes=night.changes)
        # Who has charged already waits in the yard for its next turn.
        if dwell.vehicle_id not in guests and night.ended_kwh.get(dwell.vehicle_id, 0.0) <= 0.0
    }
    found: dict[str, Late] = {}
    for one in sorted(night.pushed.schedules, key=lambda one: one.steps[0].start):
        if one.vehicle_id in arrivals and one.valid_to > night.now:
            due_at = max(arrivals[one.vehicle_id], one.steps[0].start)
            late = Late(one.connector_id, due_at, home_at=arrivals[one.vehicle_id])
            found.setdefault(one.vehicle_id, late)
    return found


def as_expected(stays: Sequence[Dwell], night: LiveNight, *, start: datetime) -> tuple[Dwell, ...]:
    """Return stays, of those that are not here with the arrival that is to be reckoned with.

    ``start + min(max(now - due, 15 min), 1 h)``

    Parameters
    ----------
    stays : sequence of Dwell
        With what each still needs from an instant on.
    night : LiveNight
    start : datetime
        That instant.
    """
    due = absent(night, start=start)
    return tuple(
        _later(stay, due[stay.vehicle_id], night=night, start=start)
        if stay.vehicle_id in due
        else stay
        for stay in stays
    )


def is_kept_for_nobody(night: LiveNight) -> bool:
    """Return whether the release in force permits power now to somebody who is overdue."""
    due = overdue(night)
    return any(
        one.vehicle_id in due and (one.limit_at(night.now) or 0.0) > 0.0
        for one in night.current.schedules
    )


def with_doors_open(
    schedules: Sequence[ConnectorSchedule], night: LiveNight, *, start: datetime
) -> tuple[ConnectorSchedule, ...]:
    """Return schedules, of those that are not here from when on their place is free, at 0 kW.

    Whoever comes sooner than is reckoned with plugs in at once, and is planned for then.
    """
    due = absent(night, start=start)
    return tuple(
        _opened(one, schedules, now=night.now) if one.vehicle_id in due else one
        for one in schedules
    )


def _later(stay: Dwell, late: Late, *, night: LiveNight, start: datetime) -> Dwell:
    arrival = start + min(max(night.now - late.due_at, LEAST_WAIT), MOST_WAIT)
    connector_kw = next(
        one.max_kw
        for one in night.brief.depot.connectors()
        if one.connector_id == late.connector_id
    )
    needed_h = stay.energy_target_kwh / min(stay.max_kw, connector_kw)
    arrival = min(arrival, stay.departure - SPARE_FACTOR * timedelta(hours=needed_h))
    if stay.energy_target_kwh <= 0.0 or arrival <= stay.arrival:
        return stay
    return replace(stay, arrival=arrival)


def _opened(
    schedule: ConnectorSchedule, others: Sequence[ConnectorSchedule], *, now: datetime
) -> ConnectorSchedule:
    first = schedule.steps[0].start
    free_at = max(
        [
            now,
            *(
                one.valid_to
                for one in others
                if one.connector_id == schedule.connector_id and one.valid_to <= first
            ),
        ]
    )
    if free_at >= first:
        return schedule
    return replace(schedule, steps=(LimitStep(start=free_at, limit_kw=0.0), *schedule.steps))
