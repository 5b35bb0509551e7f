"""What programs may ask for: a push (as the operator), and a change of a vehicle's stay."""

import hashlib
from datetime import datetime
from typing import Final

from fastapi import APIRouter, status

from depotlib.api.answers import (
    DepartureAnswer,
    DepartureWish,
    ReleaseWish,
    RequestAnswer,
    request_answer,
)
from depotlib.api.door import AsOperator, AtDoor
from depotlib.errors import MailboxMissingError, ModelError, UnknownRecordError
from depotlib.exchange.mailbox import Mailbox
from depotlib.exchange.preview import preview_digest
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, PushRequest
from depotlib.model.news import DepartureChange
from depotlib.model.release import ConnectorSchedule, LimitStep, Release

router = APIRouter(prefix="/v1", tags=["asking"])

DIGEST_LENGTH: Final = 16


@router.post("/releases", status_code=status.HTTP_202_ACCEPTED)
def push_release(door: AtDoor, *, token: AsOperator, wish: ReleaseWish) -> RequestAnswer:
    """Return the request that a release became; the gateway carries it out or refuses it.

    Calling again with the same content, or the same ids, is the same request.
    """
    now = door.clock.now()
    content = hashlib.sha256(wish.model_dump_json().encode()).hexdigest()[:DIGEST_LENGTH]
    release_id = wish.release_id or f"api-{content}"
    with door.mailbox() as mailbox, mailbox.transaction():
        version, brief = _brief(mailbox)
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


@router.post("/departures")
def change_departure(door: AtDoor, wish: DepartureWish) -> DepartureAnswer:
    """Return what is changed about a vehicle's stay now; dispatch re-plans with it.

    What is left out stays as it was, or as an earlier call made it.
    """
    now = door.clock.now()
    change = DepartureChange(
        vehicle_id=wish.vehicle_id,
        changed_at=now,
        departure=wish.departure,
        energy_kwh=wish.energy_kwh,
        priority=wish.priority,
        source=wish.source,
    )
    with door.mailbox() as mailbox, mailbox.transaction():
        _refuse_impossible(change, brief=_brief(mailbox)[1], now=now)
        merged = mailbox.put_departure(change)
        mailbox.append([_journalled(merged)])
    return DepartureAnswer(change=merged)


def _digest(mailbox: Mailbox, release: Release, *, request_id: str) -> str:
    """Return the digest that commits a release as things stand, or as they stood when asked."""
    asked_before = mailbox.request(request_id)
    if asked_before is not None:
        return asked_before.request.digest
    return preview_digest(release, in_force=mailbox.current_release())


def _brief(mailbox: Mailbox) -> tuple[int, Brief]:
    held = mailbox.brief()
    if held is None:
        raise MailboxMissingError(
            "the live side has no site yet",
            where="exchange",
            hint="publish the site first (depot publish)",
        )
    return held


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


def _refuse_impossible(change: DepartureChange, *, brief: Brief, now: datetime) -> None:
    known = {dwell.vehicle_id for dwell in brief.dwells}
    if brief.fleet is not None:
        known |= {vehicle.vehicle_id for vehicle in brief.fleet.vehicles}
    if change.vehicle_id not in known:
        raise UnknownRecordError(
            f"the depot has no vehicle {change.vehicle_id!r}",
            where="vehicle_id",
            hint="the fleet is that of the published site",
        )
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
            hint="give departure, energy_kwh or priority",
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
