"""What programs may ask for and tell: a push (as the operator), stays, telematics readings."""

import hashlib
from datetime import datetime, timedelta
from typing import Final

from fastapi import APIRouter, status

from depotlib.api.access import needs
from depotlib.api.answers import (
    DepartureAnswer,
    ReadingAnswer,
    RequestAnswer,
    request_answer,
)
from depotlib.api.distance import energy_for_distance_kwh
from depotlib.api.door import AsOperator, AtDoor, Door, published_brief
from depotlib.api.once import Repeatable, answer_once
from depotlib.api.wishes import DepartureWish, ReadingWish, ReleaseWish
from depotlib.errors import ModelError, UnknownRecordError
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.preview import preview_digest
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, PushRequest
from depotlib.model.news import DepartureChange, VehicleReading
from depotlib.model.position import Position
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

router = APIRouter(prefix="/v1", tags=["asking"])

DIGEST_LENGTH: Final = 16
AHEAD: Final = timedelta(minutes=5)
"""How far the clock of a vehicle may run ahead of the depot's."""


@router.post("/releases", status_code=status.HTTP_202_ACCEPTED)
def push_release(
    door: AtDoor, *, token: AsOperator, repeat: Repeatable, wish: ReleaseWish
) -> RequestAnswer:
    """Return the request that a release became; the gateway carries it out or refuses it.

    Calling again with the same content, or the same ids, is the same request.
    """
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        return answer_once(
            mailbox,
            repeat,
            wish=wish,
            answers=RequestAnswer,
            now=now,
            make=lambda: _pushed(mailbox, wish, token=token, now=now),
        )


@router.post("/departures", dependencies=[needs("fleet:write")])
def change_departure(door: AtDoor, *, repeat: Repeatable, wish: DepartureWish) -> DepartureAnswer:
    """Return what is changed about a vehicle's stay now; dispatch re-plans with it.

    What is left out stays as it was, or as an earlier call made it.
    """
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        return answer_once(
            mailbox,
            repeat,
            wish=wish,
            answers=DepartureAnswer,
            now=now,
            make=lambda: _departure_changed(mailbox, wish, now=now),
        )


@router.post("/readings", dependencies=[needs("fleet:write")])
def tell_reading(door: AtDoor, wish: ReadingWish) -> ReadingAnswer:
    """Return what is known of a vehicle now: this reading, where it is not older than another.

    Telling it again changes nothing.
    """
    reading = VehicleReading(
        vehicle_id=wish.vehicle_id,
        at=wish.at,
        soc=wish.soc,
        odometer_km=wish.odometer_km,
        source=wish.source,
        is_at_depot=wish.is_at_depot,
        is_plugged=wish.is_plugged,
        position=Position(**wish.position.model_dump()) if wish.position else None,
        stopped_at=wish.stopped_at,
    )
    with door.mailbox() as mailbox, mailbox.transaction():
        _refuse_unknown(wish.vehicle_id, published_brief(mailbox)[1])
        _refuse_future(wish.at, door)
        is_news = mailbox.put_reading(reading)
    return ReadingAnswer(reading=reading, is_news=is_news)


def _pushed(mailbox: Mailbox, wish: ReleaseWish, *, token: str, now: datetime) -> RequestAnswer:
    content = hashlib.sha256(wish.model_dump_json().encode()).hexdigest()[:DIGEST_LENGTH]
    release_id = wish.release_id or f"api-{content}"
    version, brief = published_brief(mailbox)
    schedules = _schedules(wish, brief)
    held = mailbox.release(release_id)
    release = Release(
        release_id=release_id,
        plan_id=wish.plan_id or f"api-{content}",
        origin="push",
        brief_version=held.brief_version if held else version,
        made_at=held.made_at if held else now,
        valid_from=min(one.steps[0].start for one in schedules),
        valid_to=max(one.valid_to for one in schedules),
        schedules=schedules,
        pushable=True,
    )
    mailbox.add_release(release)
    request_id = wish.request_id or f"push-{release_id}"
    asked = mailbox.ask(
        PushRequest(
            request_id=request_id,
            kind="push",
            release_id=release_id,
            digest=wish.digest or _digest(mailbox, release, request_id=request_id),
            asked_by=wish.asked_by,
            asked_at=now,
            token=token,
        )
    )
    return request_answer(asked)


def _departure_changed(mailbox: Mailbox, wish: DepartureWish, *, now: datetime) -> DepartureAnswer:
    brief = published_brief(mailbox)[1]
    _refuse_unknown(wish.vehicle_id, brief)
    change = DepartureChange(
        vehicle_id=wish.vehicle_id,
        changed_at=now,
        departure=wish.departure,
        energy_kwh=_wished_kwh(wish, brief, now=now),
        priority=wish.priority,
        source=wish.source,
    )
    _refuse_impossible(change, now=now)
    merged = mailbox.put_departure(change)
    mailbox.append([_journalled(merged)])
    return DepartureAnswer(change=merged)


def _wished_kwh(wish: DepartureWish, brief: Brief, *, now: datetime) -> float | None:
    if wish.distance_km is None:
        return wish.energy_kwh
    if wish.energy_kwh is not None:
        raise ModelError(
            f"{wish.vehicle_id!r} is given an energy and a distance",
            where="distance_km",
            hint="give one of them",
        )
    return energy_for_distance_kwh(brief, wish.vehicle_id, distance_km=wish.distance_km, now=now)


def _digest(mailbox: Mailbox, release: Release, *, request_id: str) -> str:
    """Return the digest that commits a release as things stand, or as they stood when asked."""
    asked_before = mailbox.request(request_id)
    if asked_before is not None:
        return asked_before.request.digest
    return preview_digest(release, in_force=mailbox.current_release())


def _schedules(wish: ReleaseWish, brief: Brief) -> tuple[ConnectorSchedule, ...]:
    known = {connector.connector_id for connector in brief.depot.connectors()}
    for schedule in wish.schedules:
        if schedule.connector_id not in known:
            raise ModelError(
                f"the depot has no connector {schedule.connector_id!r}",
                where="schedules.connector_id",
                hint="GET /v1/stations lists them",
            )
    return tuple(
        ConnectorSchedule(
            connector_id=schedule.connector_id,
            vehicle_id=schedule.vehicle_id,
            steps=tuple(
                LimitStep(start=one.start, limit_kw=one.limit_kw) for one in schedule.steps
            ),
            valid_to=schedule.valid_to,
            departure=schedule.departure or schedule.valid_to,
            energy_target_kwh=schedule.energy_target_kwh,
        )
        for schedule in wish.schedules
    )


def _refuse_unknown(vehicle_id: str, brief: Brief) -> None:
    known = {dwell.vehicle_id for dwell in brief.dwells}
    if brief.fleet is not None:
        known |= {vehicle.vehicle_id for vehicle in brief.fleet.vehicles}
    if vehicle_id not in known:
        raise UnknownRecordError(
            f"the depot has no vehicle {vehicle_id!r}",
            where="vehicle_id",
            hint="the fleet is that of the published site",
        )


def _refuse_future(at: datetime, door: Door) -> None:
    # Only a newer reading replaces one: a clock that runs ahead would silence all that follow.
    now = door.clock.now()
    if at > now + AHEAD:
        raise ModelError(
            f"a reading of {at.isoformat(timespec='seconds')} is of the future",
            where="at",
            hint=f"the depot's clock is at {now.isoformat(timespec='seconds')}",
        )


def _refuse_impossible(change: DepartureChange, *, now: datetime) -> None:
    if change.departure is not None and change.departure <= now:
        raise ModelError(
            f"{change.vehicle_id!r} cannot depart at {change.departure.isoformat()}: that is past",
            where="departure",
            hint=f"the depot's clock is at {now.isoformat(timespec='seconds')}",
        )
    if change.departure is None and change.energy_kwh is None and change.priority is None:
        raise ModelError(
            f"nothing is to change about {change.vehicle_id!r}",
            where="body",
            hint="give departure, energy_kwh, distance_km or priority",
        )


def _journalled(change: DepartureChange) -> JournalEntry:
    return JournalEntry(
        at=change.changed_at,
        kind="operator_action",
        payload={
            "action": "change_departure",
            "vehicle_id": change.vehicle_id,
            "departure": change.departure.isoformat() if change.departure else None,
            "energy_kwh": change.energy_kwh,
            "priority": change.priority,
            "source": change.source,
        },
    )
