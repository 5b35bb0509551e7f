"""Who has just come begins at once, where the site has room until the new plan begins.

Nobody is reckoned with in the quarter-hour in which it comes, so nothing is planned for it there.
What the plan gives the site from its first interval on costs no peak in the minutes before it
either: as much of that as those who are here already leave goes to those who came.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from depotlib.dispatch.night import Guest, LiveNight
from depotlib.model.brief import Brief
from depotlib.model.release import ConnectorSchedule, LimitStep
from depotlib.model.timegrid import TimeGrid

LEAST_SHARE: Final = 0.5
"""Of what it has from then on: less is not worth a message."""


def with_newcomers(
    schedules: Sequence[ConnectorSchedule], night: LiveNight, *, grid: TimeGrid
) -> tuple[ConnectorSchedule, ...]:
    """Return schedules of which those of newcomers begin now, as far as there is room.

    ``min(then_kw, now_kw + sum of all then - sum of all now)``

    Parameters
    ----------
    schedules : sequence of ConnectorSchedule
        Of the new plan, with what goes on until it begins.
    night : LiveNight
    grid : TimeGrid
        Of the new plan.
    """
    guests = night.guests()
    # A limit from outside may hold for other hours than the plan's first interval.
    if night.grid_limits or not _is_alike_before(night.brief, grid):
        return tuple(schedules)
    here = [one for one in schedules if _is_here(one, guests)]
    room_kw = sum((one.limit_at(grid.start) or 0.0) - _now_kw(one, night) for one in here)
    begun: list[ConnectorSchedule] = []
    for one in schedules:
        own = one
        if _is_here(one, guests) and guests[one.vehicle_id].started_at >= grid.start - grid.step:
            own = _sooner(one, night, grid=grid, room_kw=room_kw)
            room_kw -= _now_kw(own, night) - _now_kw(one, night)
        begun.append(own)
    return tuple(begun)


def _sooner(
    schedule: ConnectorSchedule, night: LiveNight, *, grid: TimeGrid, room_kw: float
) -> ConnectorSchedule:
    """Return a schedule that has from now on what it has from the first interval on, or less."""
    then_kw, now_kw = schedule.limit_at(grid.start) or 0.0, _now_kw(schedule, night)
    # Nothing comes before the plan begins but what goes on until then: that is what is raised.
    first, *later = schedule.steps
    limit_kw = min(then_kw, now_kw + max(0.0, room_kw))
    if limit_kw <= now_kw or limit_kw < LEAST_SHARE * then_kw or first.start > night.now:
        return schedule
    return replace(schedule, steps=(LimitStep(first.start, limit_kw), *later))


def _is_here(schedule: ConnectorSchedule, guests: Mapping[str, Guest]) -> bool:
    guest = guests.get(schedule.vehicle_id)
    return guest is not None and guest.connector_id == schedule.connector_id


def _now_kw(schedule: ConnectorSchedule, night: LiveNight) -> float:
    return schedule.limit_at(night.now) or 0.0


def _is_alike_before(brief: Brief, grid: TimeGrid) -> bool:
    """Return whether power costs the same in the interval before a plan's first as in that."""
    if brief.grid is None or brief.prices is None:
        return True
    first = brief.grid.interval_of(grid.start)
    if first <= 0:
        return False
    prices = brief.prices
    return all(
        term.price_per_kwh[first - 1] == term.price_per_kwh[first] for term in prices.energy
    ) and all(
        (first - 1 in term.intervals) == (first in term.intervals)
        for term in (*prices.peaks, *prices.blocks)
    )
