"""Drives spread over the hours, where only so many may begin within one.

Places are arranged one after the other, those with the least time to spare first; each finds its
best sharing in the hours that those before it have left open. Handovers are counted as two drives,
also where one would do: the limit is kept, and not always used up.
"""

import math
from collections.abc import Mapping
from datetime import datetime

from depotlib.planning.yard.diary import DriveDiary
from depotlib.planning.yard.search import Yard
from depotlib.planning.yard.sharing import Sharing, SharingRules
from depotlib.planning.yard.stays import Stay, YardClock

_Paced = tuple[dict[int, Sharing], list[int]]
"""Sharings by place, and the indices of stays that found no window."""


def paced(yard: Yard, relays: Mapping[int, Sharing], *, clock: YardClock, limit: int) -> _Paced:
    """Return the sharings of a yard with at most so many drives in any hour.

    Parameters
    ----------
    yard : Yard
    relays : mapping of int to Sharing
        Sharings that belong together: used if all of their drives fit.
    clock : YardClock
    limit : int
        Drives that may begin within an hour, at least 1.
    """
    diary = DriveDiary(limit)
    found: dict[int, Sharing] = {}
    waiting: list[int] = []
    if diary.fits(drive for sharing in relays.values() for drive in _drives(sharing)):
        found |= relays
        diary.add(drive for sharing in relays.values() for drive in _drives(sharing))
    rest = [place for place in yard.sharings() if place not in found]
    for place in sorted(rest, key=lambda place: (_spare_h(yard, place), place)):
        open_clock = clock.with_diary(diary)
        rules = SharingRules(open_clock, yard.rules.costs)
        members = sorted(yard.members(place), key=_last_to_drop)
        sharing = rules.best(members, place)
        while len(members) > 1 and not (sharing.slots and diary.fits(_drives(sharing))):
            waiting.append(members.pop().index)
            sharing = rules.best(members, place)
        found[place] = sharing
        diary.add(_drives(sharing))
    return found, waiting


def _spare_h(yard: Yard, place: int) -> float:
    """Return how much longer than it must charge a place has its stays; infinite if it has one.

    ``spare = span - Σ_i E_i / max_kw[i]``
    """
    members = yard.members(place)
    if len(members) <= 1:
        return math.inf
    interval_h = yard.rules.clock.grid.interval_h
    span = max(stay.last for stay in members) - min(stay.first for stay in members)
    need_h = sum(stay.dwell.energy_target_kwh / stay.max_kw[place] for stay in members)
    return span * interval_h - need_h


def _drives(sharing: Sharing) -> list[datetime]:
    return [
        drive
        for slot in sharing.slots
        for drive in (slot.drive_in, slot.drive_out)
        if drive is not None
    ]


def _last_to_drop(stay: Stay) -> tuple[int, datetime, int]:
    """Return what sorts stays so that the one to wait stands last: the least important, latest."""
    return -stay.dwell.priority, stay.dwell.departure, stay.index
