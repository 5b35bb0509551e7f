"""What programs may read: stations, sessions, ledger, releases, requests, journal, health."""

from datetime import timedelta
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Query

from depotlib.api.access import count_anyone, needs
from depotlib.api.answers import (
    DeparturesAnswer,
    ExceptionsAnswer,
    HealthAnswer,
    JournalAnswer,
    LedgerAnswer,
    ProcessHealth,
    ReleasesAnswer,
    RequestAnswer,
    SessionsAnswer,
    SiteAnswer,
    StationsAnswer,
    VehiclesAnswer,
    request_answer,
)
from depotlib.api.door import AtDoor, published_brief
from depotlib.api.fleet_view import open_exceptions, sessions_now, vehicles_now
from depotlib.api.wishes import MAX_SEQ
from depotlib.errors import UnknownRecordError
from depotlib.model.live import JournalKind

router = APIRouter(prefix="/v1", tags=["reading"])

GATEWAY: Final = "gateway"
SILENT_S: Final = 30.0
"""A gateway that was not heard of for so long counts as down [s]."""
Limit = Annotated[int, Query(ge=1, le=1000)]


@router.get("/stations", dependencies=[needs("stations:read")])
def stations(door: AtDoor) -> StationsAnswer:
    """Return every station as the gateway last saw it."""
    with door.mailbox() as mailbox:
        return StationsAnswer(stations=mailbox.station_states())


@router.get("/sessions", dependencies=[needs("stations:read")])
def sessions(door: AtDoor) -> SessionsAnswer:
    """Return every running session, with an estimate of when it will have its energy."""
    with door.mailbox() as mailbox:
        return SessionsAnswer(sessions=sessions_now(mailbox, now=door.clock.now()))


@router.get("/exceptions", dependencies=[needs("stations:read")])
def exceptions(door: AtDoor) -> ExceptionsAnswer:
    """Return what a person should look at now."""
    with door.mailbox() as mailbox:
        return ExceptionsAnswer(
            exceptions=open_exceptions(mailbox.station_states(), mailbox.distrusts())
        )


@router.get("/site", dependencies=[needs("stations:read")])
def site(door: AtDoor) -> SiteAnswer:
    """Return what may be drawn, and what the site's meter says."""
    with door.mailbox() as mailbox:
        version, brief = published_brief(mailbox)
        meter = next(iter(mailbox.site_meter.all()), None)
    return SiteAnswer(
        depot_id=brief.depot.depot_id,
        time_zone=brief.depot.time_zone,
        brief_version=version,
        grid=brief.depot.grid,
        circuits=brief.depot.circuits,
        is_metered=meter is not None and meter.is_fresh,
        power_kw=meter.power_kw if meter else None,
        window_kw=meter.window_kw if meter else None,
        target_kw=meter.target_kw if meter else None,
        measured_at=meter.measured_at if meter else None,
    )


@router.get("/vehicles", dependencies=[needs("fleet:read")])
def vehicles(door: AtDoor) -> VehiclesAnswer:
    """Return every vehicle of the fleet, with what telematics last said."""
    with door.mailbox() as mailbox:
        return VehiclesAnswer(
            vehicles=vehicles_now(mailbox, published_brief(mailbox)[1], now=door.clock.now())
        )


@router.get("/departures", dependencies=[needs("fleet:read")])
def departures(door: AtDoor) -> DeparturesAnswer:
    """Return what was changed about the stays of vehicles."""
    with door.mailbox() as mailbox:
        return DeparturesAnswer(changes=mailbox.departures())


@router.get("/ledger", dependencies=[needs("plans:read")])
def ledger(door: AtDoor) -> LedgerAnswer:
    """Return what the safety ledger holds: reserved power by node, and the leases behind it."""
    with door.mailbox() as mailbox:
        return LedgerAnswer(nodes=mailbox.ledger(), leases=tuple(mailbox.leases()))


@router.get("/releases", dependencies=[needs("plans:read")])
def releases(door: AtDoor, limit: Limit = 20) -> ReleasesAnswer:
    """Return releases, the newest first, and which one is in force."""
    with door.mailbox() as mailbox:
        current = mailbox.current_release()
        return ReleasesAnswer(
            current_release_id=current.release_id if current else None,
            releases=tuple(mailbox.releases(limit)),
        )


@router.get("/requests/{request_id}", dependencies=[needs("plans:read")])
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


@router.get("/journal", dependencies=[needs("journal:read")])
def journal(
    door: AtDoor,
    *,
    after_seq: Annotated[int, Query(ge=0, le=MAX_SEQ)] = 0,
    limit: Limit = 200,
    kind: Annotated[list[JournalKind] | None, Query()] = None,
) -> JournalAnswer:
    """Return journal records after a number, oldest first, of all kinds or of some."""
    with door.mailbox() as mailbox:
        records = tuple(mailbox.journal(after_seq, limit, kinds=kind))
    return JournalAnswer(records=records, next_after_seq=records[-1].seq if records else after_seq)


@router.get("/health", dependencies=[Depends(count_anyone)])
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
