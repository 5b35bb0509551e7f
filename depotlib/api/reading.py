"""What programs may read: stations, sessions, ledger, releases, requests, journal, health."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Query

from depotlib.api.answers import (
    HealthAnswer,
    JournalAnswer,
    LedgerAnswer,
    ProcessHealth,
    ReleasesAnswer,
    RequestAnswer,
    SessionsAnswer,
    StationsAnswer,
    request_answer,
    running_sessions,
)
from depotlib.api.door import AtDoor
from depotlib.errors import UnknownRecordError
from depotlib.model.live import JournalKind

router = APIRouter(prefix="/v1", tags=["reading"])

GATEWAY: Final = "gateway"
SILENT_S: Final = 30.0
"""A gateway that was not heard of for so long counts as down [s]."""
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/stations")
def stations(door: AtDoor) -> StationsAnswer:
    """Return every station as the gateway last saw it."""
    with door.mailbox() as mailbox:
        return StationsAnswer(stations=mailbox.station_states())


@router.get("/sessions")
def sessions(door: AtDoor) -> SessionsAnswer:
    """Return every running session."""
    with door.mailbox() as mailbox:
        return SessionsAnswer(
            sessions=running_sessions(mailbox.station_states(), mailbox.current_release())
        )


@router.get("/ledger")
def ledger(door: AtDoor) -> LedgerAnswer:
    """Return what the safety ledger holds: reserved power by node, and the leases behind it."""
    with door.mailbox() as mailbox:
        return LedgerAnswer(nodes=mailbox.ledger(), leases=tuple(mailbox.leases()))


@router.get("/releases")
def releases(door: AtDoor, limit: Limit = 20) -> ReleasesAnswer:
    """Return releases, the newest first, and which one is in force."""
    with door.mailbox() as mailbox:
        current = mailbox.current_release()
        return ReleasesAnswer(
            current_release_id=current.release_id if current else None,
            releases=tuple(mailbox.releases(limit)),
        )


@router.get("/requests/{request_id}")
def request(door: AtDoor, request_id: str) -> RequestAnswer:
    """Return where a request stands, connector by connector."""
    with door.mailbox() as mailbox:
        status = mailbox.request(request_id)
        if status is None:
            raise UnknownRecordError(
                f"there is no request {request_id!r}",
                where="request_id",
                hint="POST /v1/releases answers with the id of its request",
            )
        return request_answer(status, mailbox.push_results(request_id))


@router.get("/journal")
def journal(
    door: AtDoor,
    *,
    after_seq: Annotated[int, Query(ge=0, le=2**62)] = 0,
    limit: Limit = 200,
    kind: Annotated[list[JournalKind] | None, Query()] = None,
) -> JournalAnswer:
    """Return journal records after a number, oldest first, of all kinds or of some."""
    with door.mailbox() as mailbox:
        records = tuple(mailbox.journal(after_seq, limit, kinds=kind))
    return JournalAnswer(records=records, next_after_seq=records[-1].seq if records else after_seq)


@router.get("/health")
def health(door: AtDoor) -> HealthAnswer:
    """Return whether the live side is whole, and when each process was last heard of."""
    now = door.clock.now()
    with door.mailbox() as mailbox:
        processes = tuple(
            ProcessHealth(
                process=beat.process,
                at=beat.at,
                age_s=(now - beat.at) / timedelta(seconds=1),
                note=beat.note,
            )
            for beat in mailbox.beats()
        )
        states = mailbox.station_states()
        brief, release = mailbox.brief(), mailbox.current_release()
        journal_seq = mailbox.journal_head().seq
    connected = sum(state.is_connected for state in states)
    is_served = any(one.process == GATEWAY and one.age_s <= SILENT_S for one in processes)
    return HealthAnswer(
        status="ok" if is_served and connected == len(states) else "degraded",
        at=now,
        processes=processes,
        brief_version=brief[0] if brief else None,
        current_release_id=release.release_id if release else None,
        stations=len(states),
        stations_connected=connected,
        journal_seq=journal_seq,
    )
