"""Who was led to another connector goes there, in every plan that comes after.

A diversion stands until the vehicle plugs in elsewhere, has left the yard, its stay is over, or
another push is in force; people find the drive on the shift's papers.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from depotlib.dispatch.night import LiveNight, open_stays, present_dwells
from depotlib.dispatch.openings import staffed
from depotlib.model.diversion import Diversion
from depotlib.model.plan import YardMove
from depotlib.model.release import ConnectorSchedule, Release


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


def _stands(diversion: Diversion, night: LiveNight) -> bool:
    """Return whether somebody is still led to where it was: it may be there, or on its way."""
    guests, goal = night.guests(), diversion.to_connector_id
    guest = guests.get(diversion.vehicle_id)
    # Who was to come after it came home first: its own place is not kept for another one.
    after = _due_after(diversion, night)
    is_forestalled = guest is None and any(
        one.vehicle_id in after and one.connector_id == goal for one in guests.values()
    )
    # Who has charged, and was seen to leave the yard before it drove there.
    has_left = (
        guest is None
        and night.ended_kwh.get(diversion.vehicle_id, 0.0) > 0.0
        and not night.at_home.get(diversion.vehicle_id, True)
    )
    if diversion.push_id != night.pushed.release_id or is_forestalled or has_left:
        return False
    present = present_dwells(night.brief, now=night.now, changes=night.changes)
    return (guest is None or guest.connector_id == goal) and any(
        dwell.vehicle_id == diversion.vehicle_id and dwell.arrival < diversion.schedule.valid_to
        for dwell in present
    )


def _due_after(diversion: Diversion, night: LiveNight) -> frozenset[str]:
    """Return who has the goal of a diversion once its time is over: as pushed, or since it was led."""
    led, goal = diversion.schedule, diversion.to_connector_id
    makes_room = {
        one.vehicle_id
        for one in diversion.others
        if one.connector_id == goal and one.steps[0].start <= led.steps[0].start
    }
    later = {
        one.vehicle_id
        for one in (*night.pushed.schedules, *diversion.others)
        if one.connector_id == goal and one.valid_to > led.valid_to
    }
    return frozenset(later - makes_room - {diversion.vehicle_id})


def _diverted(night: LiveNight, standing: Sequence[Diversion]) -> Release:
    """Return a push with the schedules of those led elsewhere, and of those concerned."""
    led = {one.vehicle_id: one.schedule for one in standing}
    goals, done = {one.to_connector_id for one in standing}, _done(night)
    others: dict[tuple[str, str], ConnectorSchedule] = {}
    for one in (other for diversion in standing for other in diversion.others):
        key = (one.vehicle_id, one.connector_id)
        # Who has the time of two that are led away has it until the third, at first.
        others[key] = min(others.get(key, one), one, key=lambda each: each.valid_to)
    kept = (
        one
        for one in night.pushed.schedules
        if one.vehicle_id not in led
        and (one.vehicle_id, one.connector_id) not in others
        and not (one.connector_id in goals and one.vehicle_id in done)
    )
    gone = {key for one in standing for key in _gone(one, night)}
    still = (one for key, one in others.items() if key not in gone)
    return replace(night.pushed, schedules=(*kept, *led.values(), *still))


def _done(night: LiveNight) -> frozenset[str]:
    """Return the vehicles of the brief that need no connector any more.

    Whoever is led into their time comes before what was pushed for them is over.
    """
    known = {dwell.vehicle_id for dwell in night.brief.dwells}
    return frozenset(known - {stay.vehicle_id for stay in open_stays(night, start=night.now)})


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
