"""Who follows whom on each connector: what people were told stands.

A push is the ground of every re-plan. Where a release has changed since who uses a connector, in
which order, or when they change places, that is followed: people have read it, and vehicles stand
where it says. Whoever plugs in elsewhere than it was told has changed the yard anew: what was said
of it, and of those who were told to come there because it was not to, is forgotten.
"""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.dispatch.diversions import as_led
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.placement import QUARTER
from depotlib.dispatch.stranded import unserving
from depotlib.model.diversion import Diversion
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

Lineup = list[tuple[str, datetime]]
NOBODY: Final[frozenset[str]] = frozenset()


def with_what_stands(night: LiveNight, records: Sequence[Diversion]) -> LiveNight:
    """Return a night in whose push stands what people were told of the yard since.

    Parameters
    ----------
    night : LiveNight
        With the push as the operator made it.
    records : sequence of Diversion
        That were kept; the next release ends those that do not stand.
    """
    led = as_led(night, records)
    given_up = {one.vehicle_id for one in records} - {one.vehicle_id for one in led.diversions}
    return replace(led, pushed=lineups_followed(led, given_up=given_up))


def lineups_followed(night: LiveNight, *, given_up: AbstractSet[str] = NOBODY) -> Release:
    """Return the push of a night with the lineups that dispatch has changed since.

    Parameters
    ----------
    night : LiveNight
    given_up : frozenset of str
        Vehicles that were led to another connector and are not any more.
    """
    pushed, current, now = night.pushed, night.current, night.now
    connector_of = {one.vehicle_id: one.connector_id for one in night.guests().values()}
    ahead = _without_gone(
        [one for one in current.schedules if one.valid_to > now], night, connector_of=connector_of
    )
    over = _over(night, ahead)
    lost = unserving(night)
    # Who is plugged in where nobody is charged is still to go where it was told.
    here = {name: at for name, at in connector_of.items() if name not in over and at not in lost}
    found_out = given_up | _mistaken(night, ahead)
    forgotten = _forgotten(pushed, ahead, connector_of=here, given_up=found_out)
    told = [one for one in ahead if one.vehicle_id not in forgotten]
    placed = {one.vehicle_id for one in told}
    due = [one for one in pushed.schedules if one.vehicle_id in placed and one.valid_to > now]
    # Whoever has had its turn and left has no claim any more where others were told to come.
    done = {name for name, kwh in night.ended_kwh.items() if kwh > 0.0 and name not in connector_of}
    changed = {one.connector_id for one in over.values()} | {
        name
        for name in {one.connector_id for one in (*told, *due)}
        if _is_changed(_lineup(due, name), _lineup(told, name))
        or _have_others_gone_first(
            _lineup(due, name), _lineup(pushed.schedules, name), done=done - placed
        )
    }
    if not changed:
        return pushed
    kept = [
        one
        for one in pushed.schedules
        if one.connector_id not in changed
        or not (one.vehicle_id in placed or one.vehicle_id in over or one.vehicle_id in done)
    ]
    followed = [
        one
        if one.vehicle_id in connector_of
        else _from_when_due(one, pushed, made_at=current.made_at)
        for one in told
        if one.connector_id in changed
    ]
    return replace(pushed, schedules=(*kept, *followed, *over.values()))


def _without_gone(
    ahead: Sequence[ConnectorSchedule], night: LiveNight, *, connector_of: Mapping[str, str]
) -> list[ConnectorSchedule]:
    """Return schedules without those of who has charged and left to whoever followed it there."""
    since = {
        one.connector_id: one.steps[0].start
        for one in ahead
        if connector_of.get(one.vehicle_id) == one.connector_id
    }
    return [
        one
        for one in ahead
        if one.vehicle_id in connector_of
        or night.ended_kwh.get(one.vehicle_id, 0.0) <= 0.0
        or one.connector_id not in since
        or one.steps[0].start >= since[one.connector_id]
    ]


def _over(night: LiveNight, ahead: Sequence[ConnectorSchedule]) -> dict[str, ConnectorSchedule]:
    """Return the turns of those who should have made room by now and are still there.

    A release that was made while they stood there gives them no time any more, and others theirs.
    """
    pushed, current = night.pushed, night.current
    if current.release_id == pushed.release_id:
        return {}
    told = {one.vehicle_id for one in ahead}
    wanted = {one.connector_id for one in ahead}
    return {
        guest.vehicle_id: replace(
            one,
            connector_id=guest.connector_id,
            steps=(LimitStep(guest.started_at, 0.0),),
            valid_to=current.made_at,
        )
        for guest in night.guests().values()
        if guest.vehicle_id not in told
        and guest.started_at < current.made_at
        and guest.connector_id in wanted
        for one in pushed.schedules
        if one.vehicle_id == guest.vehicle_id
    }


def _mistaken(night: LiveNight, ahead: Sequence[ConnectorSchedule]) -> AbstractSet[str]:
    """Return who was taken for somebody else when the release was made.

    Those who stood where others were told to be then, and those others.
    """
    made_at, told = night.current.made_at, {one.vehicle_id for one in ahead}
    begun: dict[str, set[str]] = {}
    for one in ahead:
        if one.steps[0].start <= made_at:
            begun.setdefault(one.connector_id, set()).add(one.vehicle_id)
    guests = {
        guest.connector_id: guest.vehicle_id
        for guest in night.guests().values()
        if guest.started_at < made_at and guest.vehicle_id in told
    }
    found: set[str] = set()
    for place, names in begun.items():
        if place in guests and guests[place] not in names:
            found |= {guests[place], *names - night.guests().keys()}
    return found


def _forgotten(
    pushed: Release,
    ahead: Sequence[ConnectorSchedule],
    *,
    connector_of: Mapping[str, str],
    given_up: AbstractSet[str],
) -> AbstractSet[str]:
    """Return the vehicles of which nothing that was said since the push counts any more."""
    told, homes = _places(ahead), _places(pushed.schedules)
    forgotten = {
        name for name, place in connector_of.items() if name in told and place not in told[name]
    } | given_up
    while True:
        wanted = {connector_of[name] for name in forgotten if name in connector_of}
        wanted |= {
            place
            for name in forgotten
            if name not in connector_of
            for place in homes.get(name, NOBODY)
        }
        # Were both planned there, one of them would be left without a place.
        more = {
            name
            for name, places in told.items()
            if name not in forgotten
            and name not in connector_of
            and (places - homes.get(name, NOBODY)) & wanted
        }
        if not more:
            return forgotten
        forgotten |= more


def _places(schedules: Iterable[ConnectorSchedule]) -> dict[str, set[str]]:
    """Return the connectors of each vehicle."""
    found: dict[str, set[str]] = {}
    for one in schedules:
        found.setdefault(one.vehicle_id, set()).add(one.connector_id)
    return found


def _from_when_due(
    schedule: ConnectorSchedule, pushed: Release, *, made_at: datetime
) -> ConnectorSchedule:
    """Return what was said of somebody who is not here, from when on it was first due.

    A release tells of whoever may plug in at once that it begins with the release.
    """
    if schedule.steps[0].start > made_at:
        return schedule
    starts = (
        one.steps[0].start
        for one in pushed.schedules
        if one.vehicle_id == schedule.vehicle_id and one.valid_to > made_at
    )
    start = min([schedule.steps[0].start, *starts])
    return replace(schedule, steps=(LimitStep(start, 0.0), *schedule.steps[1:]))


def _lineup(schedules: Iterable[ConnectorSchedule], connector_id: str) -> Lineup:
    """Return who has turns on a connector until when, one after the other."""
    own = [one for one in schedules if one.connector_id == connector_id]
    return [
        (one.vehicle_id, one.valid_to) for one in sorted(own, key=lambda one: one.steps[0].start)
    ]


def _have_others_gone_first(due: Lineup, pushed: Lineup, *, done: AbstractSet[str]) -> bool:
    """Return whether somebody has had its turn whom the push has after one that is still due."""
    names = [name for name, _ in pushed]
    return any(done & set(names[names.index(name) + 1 :]) for name, _ in due)


def _is_changed(before: Lineup, after: Lineup) -> bool:
    """Return whether others are there, in another order, or change places at another time."""
    if [name for name, _ in before] != [name for name, _ in after]:
        return True
    return any(
        abs(end - other) >= QUARTER
        for (_, end), (_, other) in zip(before[:-1], after[:-1], strict=True)
    )
