"""Identities that nobody could resolve: the open ones, and a person's word on whose session it is.

The journal is never edited. A person's word is one more entry, which the gateway follows at once
where the session still runs, and which mends the session's history when the journal is collected.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.errors import UnknownRecordError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord
from depotlib.settings import Settings

WINDOW: Final = 100_000
"""Journal records in which exceptions and sessions are looked for."""
PAGE: Final = 5000
KINDS: Final[tuple[JournalKind, ...]] = (
    "session_started",
    "identity_exception",
    "identity_resolved",
    "session_ended",
)


@dataclass(frozen=True, slots=True)
class IdentityException:
    """A session whose identity somebody should look at.

    Parameters
    ----------
    session_id : str
    station_id, connector_id : str or None
    at : datetime
        When it was listed.
    token : str
        As the station sent it; empty: none.
    what : str
    vehicle_id : str or None
        Whom it was taken for.
    is_over : bool
    """

    session_id: str
    station_id: str | None
    connector_id: str | None
    at: datetime
    token: str
    what: str
    vehicle_id: str | None
    is_over: bool


def identity_exceptions(settings: Settings) -> tuple[IdentityException, ...]:
    """Return the identities that no person has settled yet, in their order.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        records = _records(mailbox)
    return open_exceptions(records)


def open_exceptions(records: list[JournalRecord]) -> tuple[IdentityException, ...]:
    """Return the exceptions of a journal's records that no person has settled."""
    found: dict[tuple[str, str], IdentityException] = {}
    whose: dict[str, str | None] = {}
    over: set[str] = set()
    settled: set[str] = set()
    for record in records:
        entry, facts = record.entry, record.entry.payload
        session_id = str(facts.get("session_id") or "")
        if entry.kind in {"session_started", "identity_resolved"}:
            vehicle_id = facts.get("vehicle_id")
            whose[session_id] = str(vehicle_id) if vehicle_id else None
            if facts.get("identity_source") == "person":
                settled.add(session_id)
        elif entry.kind == "session_ended":
            over.add(session_id)
        elif session_id:
            settled.discard(session_id)  # a new doubt after a person's word is open again
            found[session_id, str(facts.get("what"))] = _exception(entry, session_id)
    return tuple(
        IdentityException(
            session_id=one.session_id,
            station_id=one.station_id,
            connector_id=one.connector_id,
            at=one.at,
            token=one.token,
            what=one.what,
            vehicle_id=whose.get(one.session_id),
            is_over=one.session_id in over,
        )
        for one in found.values()
        if one.session_id not in settled
    )


def assign_identity(
    settings: Settings, session_id: str, *, vehicle_id: str, token: str, now: datetime
) -> JournalEntry:
    """Return the journal entry by which a session is a vehicle's from now on, and always was.

    Parameters
    ----------
    settings : Settings
    session_id, vehicle_id : str
    token : str
        Operator's.
    now : datetime

    Raises
    ------
    OperatorTokenError
        If the token is missing or not an operator's.
    UnknownRecordError
        If the journal has no such session, or the fleet no such vehicle.
    """
    # Not what the environment gives: at a terminal that is the token of whoever asks.
    holders = read_holders(settings.operator_token_path)
    holder = require("operator", token=token, holders=holders)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        started = _start_of(mailbox, session_id)
        published = mailbox.brief()
        _require_vehicle(published[1] if published else None, vehicle_id)
        entry = JournalEntry(
            now,
            "identity_resolved",
            started.station_id,
            started.connector_id,
            {
                "session_id": session_id,
                "vehicle_id": vehicle_id,
                "identity_source": "person",
                "confidence_share": 1.0,
                "by": holder.name,
            },
        )
        mailbox.append([entry])
    return entry


def _exception(entry: JournalEntry, session_id: str) -> IdentityException:
    return IdentityException(
        session_id=session_id,
        station_id=entry.station_id,
        connector_id=entry.connector_id,
        at=entry.at,
        token=str(entry.payload.get("token") or ""),
        what=str(entry.payload.get("what")),
        vehicle_id=None,
        is_over=False,
    )


def _records(mailbox: Mailbox) -> list[JournalRecord]:
    after = max(0, mailbox.journal_head().seq - WINDOW)
    records: list[JournalRecord] = []
    while True:
        page = mailbox.journal(after, PAGE, kinds=KINDS)
        records += page
        if len(page) < PAGE:
            return records
        after = page[-1].seq


def _start_of(mailbox: Mailbox, session_id: str) -> JournalEntry:
    for record in _records(mailbox):
        is_start = record.entry.kind == "session_started"
        if is_start and record.entry.payload.get("session_id") == session_id:
            return record.entry
    raise UnknownRecordError(
        f"the journal has no session {session_id!r}",
        where=f"session {session_id}",
        hint="depot identity lists those that wait for a person",
    )


def _require_vehicle(brief: Brief | None, vehicle_id: str) -> None:
    if brief is None:
        return
    known = {one.vehicle_id for one in brief.identities.tokens}
    known |= {one.vehicle_id for one in brief.fleet.vehicles} if brief.fleet else set()
    known |= {one.vehicle_id for one in brief.dwells}
    if known and vehicle_id not in known:
        raise UnknownRecordError(
            f"the depot has no vehicle {vehicle_id!r}",
            where=f"vehicle {vehicle_id}",
            hint="use the name it has in the fleet",
        )
