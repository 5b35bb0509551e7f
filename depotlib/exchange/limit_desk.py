"""Limits from outside are given and withdrawn here, whoever asks: written and journalled together."""

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from depotlib.errors import ModelError, RecordConflictError, UnknownRecordError
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import (
    GridLimit,
    LimitMinute,
    MeasuredBy,
    what_it_needs,
    with_kw,
)
from depotlib.model.live import JournalEntry, JournalRecord, Scalar

DIGEST_LENGTH: Final = 12
PAGE: Final = 5000


def limit_id_of(limit: GridLimit) -> str:
    """Return the id of a limit that was given none: what it says, so that a repeat is the same."""
    said = (limit.node_id, limit.start.timestamp(), limit.end.timestamp(), limit.limit_kw)
    content = repr((*said, limit.service_share, limit.source, limit.reference))
    return f"limit-{hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]}"


def give_limit(
    mailbox: Mailbox, limit: GridLimit, *, brief: Brief, supersedes: str = "", now: datetime
) -> GridLimit:
    """Return a limit that is to be obeyed from its start on; given again it is the same one.

    Parameters
    ----------
    mailbox : Mailbox
    limit : GridLimit
        Without an id it gets one from what it says.
    brief : Brief
    supersedes : str
        Id of a limit that ends now, in the same transaction; empty: none.
    now : datetime

    Raises
    ------
    ModelError
        If its node is unknown, or its end is past.
    RecordConflictError
        If its id stands for another limit, or one that was withdrawn.
    UnknownRecordError
        If there is no limit to supersede.
    """
    full = with_kw(limit, brief.depot)
    full = replace(full, limit_id=full.limit_id or limit_id_of(full))
    with mailbox.transaction():
        held = mailbox.grid_limits.get(full.limit_id)
        if held is not None:
            return _same_or_refused(held, full)
        if full.end <= now:
            raise ModelError(
                f"a limit until {full.end.isoformat()} is over",
                where="end",
                hint=f"the depot's clock is at {now.isoformat(timespec='seconds')}",
            )
        if supersedes:
            withdraw_limit(mailbox, supersedes, by=full.given_by, now=now)
        mailbox.grid_limits.put(full)
        needs = what_it_needs(full, brief.depot)
        mailbox.append([_entry(full, "given", by=full.given_by, needs=needs, now=now)])
    return full


def withdraw_limit(mailbox: Mailbox, limit_id: str, *, by: str, now: datetime) -> GridLimit:
    """Return a limit that holds no more; one that is over, or was withdrawn, stays as it is.

    Raises
    ------
    UnknownRecordError
        If there is none of that id.
    """
    with mailbox.transaction():
        held = mailbox.grid_limits.get(limit_id)
        if held is None:
            raise UnknownRecordError(
                f"there is no limit {limit_id!r}", where="limit_id", hint="see the list of limits"
            )
        if held.state_at(now) in {"over", "withdrawn"}:
            return held
        gone = replace(held, withdrawn_at=now)
        mailbox.grid_limits.put(gone)
        mailbox.append([_entry(gone, "withdrawn", by=by, needs="", now=now)])
    return gone


def minutes_of(mailbox: Mailbox, limit_id: str) -> tuple[LimitMinute, ...]:
    """Return how a limit was kept, minute by minute, from the journal; a gap was not watched."""
    found: list[LimitMinute] = []
    after_seq = 0
    while page := mailbox.journal(after_seq, PAGE, kinds=("grid_limit_minute",)):
        after_seq = page[-1].seq
        found += _minutes(page, limit_id)
    return tuple(found)


def _minutes(page: Sequence[JournalRecord], limit_id: str) -> list[LimitMinute]:
    return [
        LimitMinute(
            limit_id=limit_id,
            node_id=str(facts["node_id"]),
            start=datetime.fromisoformat(str(facts["start"])),
            limit_kw=float(facts["limit_kw"] or 0.0),
            mean_kw=float(facts["mean_kw"] or 0.0),
            most_kw=float(facts["most_kw"] or 0.0),
            measured_by=cast("MeasuredBy", facts["measured_by"]),
            watched_s=float(facts["watched_s"] or 0.0),
        )
        for record in page
        if (facts := record.entry.payload)["limit_id"] == limit_id
    ]


def _same_or_refused(held: GridLimit, asked: GridLimit) -> GridLimit:
    same = replace(asked, given_at=held.given_at, given_by=held.given_by)
    if held != same:
        raise RecordConflictError(
            f"limit {held.limit_id!r} stands for another limit, or was withdrawn",
            where="limit_id",
            hint="give each limit its own id; a new limit may supersede an old one",
        )
    return held


def _entry(limit: GridLimit, action: str, *, by: str, needs: str, now: datetime) -> JournalEntry:
    facts: dict[str, Scalar] = {
        "action": action,
        "limit_id": limit.limit_id,
        "node_id": limit.node_id,
        "start": limit.start.isoformat(),
        "end": limit.end.isoformat(),
        "limit_kw": limit.limit_kw,
        "source": limit.source,
        "reference": limit.reference,
        "by": by,
        "needs": needs,
    }
    return JournalEntry(at=now, kind="grid_limit", payload=facts)
