"""Limits from outside are given and withdrawn here, whoever asks: written and journalled together."""

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Final, cast

from depotlib.errors import ModelError, RecordConflictError, UnknownRecordError
from depotlib.exchange.journal_pages import records_after, seq_before
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import (
    GridLimit,
    LimitMinute,
    MeasuredBy,
    kept_share,
    least_margin_kw,
    what_it_needs,
    with_kw,
)
from depotlib.model.grid_limit_view import GridLimitOrder, GridLimitRecord, GridLimitView
from depotlib.model.joint_minimum import group_minimum_kw, guaranteed_kw
from depotlib.model.live import JournalEntry, Scalar

DIGEST_LENGTH: Final = 12


def limit_id_of(limit: GridLimit) -> str:
    """Return the id of a limit that was given none: what it says, so that a repeat is the same."""
    said = (limit.node_id, limit.start.timestamp(), limit.end.timestamp(), limit.limit_kw)
    content = repr((*said, limit.service_share, limit.source, limit.reference))
    return f"limit-{hashlib.sha256(content.encode()).hexdigest()[:DIGEST_LENGTH]}"


def order_limit(
    mailbox: Mailbox, order: GridLimitOrder, *, brief: Brief, by: str, now: datetime
) -> GridLimit:
    """Return the limit that somebody wants, obeyed from its start on.

    Parameters
    ----------
    mailbox : Mailbox
    order : GridLimitOrder
    brief : Brief
    by : str
        Key or token it came with.
    now : datetime

    Raises
    ------
    ModelError, RecordConflictError, UnknownRecordError
        As `give_limit`.
    """
    limit_kw = order.limit_kw or 0.0
    if order.is_joint_minimum:
        limit_kw = group_minimum_kw(brief.depot, order.node_id)
    limit = GridLimit(
        limit_id=order.limit_id,
        node_id=order.node_id,
        start=order.start or now,
        end=order.end,
        limit_kw=limit_kw,
        source=order.source,
        reference=order.reference,
        given_by=by,
        given_at=now,
        service_share=order.service_share,
    )
    return give_limit(mailbox, limit, brief=brief, supersedes=order.supersedes, now=now)


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
        held = known_limit(mailbox, limit_id)
        if held.state_at(now) in {"over", "withdrawn"}:
            return held
        gone = replace(held, withdrawn_at=now)
        mailbox.grid_limits.put(gone)
        mailbox.append([_entry(gone, "withdrawn", by=by, needs="", now=now)])
    return gone


def known_limit(mailbox: Mailbox, limit_id: str) -> GridLimit:
    """Return a limit; `UnknownRecordError` if there is none of that id."""
    held = mailbox.grid_limits.get(limit_id)
    if held is None:
        raise UnknownRecordError(
            f"there is no limit {limit_id!r}", where="limit_id", hint="see the list of limits"
        )
    return held


def view_of(mailbox: Mailbox, limit: GridLimit, *, brief: Brief, now: datetime) -> GridLimitView:
    """Return a limit, and how it stands."""
    return GridLimitView(
        limit=limit,
        state=limit.state_at(now),
        needs=what_it_needs(limit, brief.depot),
        impact=mailbox.grid_limits.impact(limit.limit_id),
        guaranteed_kw=guaranteed_kw(limit, brief.depot),
    )


def record_of(mailbox: Mailbox, limit_id: str) -> GridLimitRecord:
    """Return how a limit was kept; `UnknownRecordError` if there is none of that id."""
    limit = known_limit(mailbox, limit_id)
    minutes = minutes_of(mailbox, limit_id)
    return GridLimitRecord(limit, minutes, kept_share(minutes), least_margin_kw(minutes))


def minutes_of(mailbox: Mailbox, limit_id: str) -> tuple[LimitMinute, ...]:
    """Return how a limit was kept, minute by minute, from the journal; a gap was not watched."""
    held = mailbox.grid_limits.get(limit_id)
    if held is None:
        return ()
    return tuple(one for one in minutes_since(mailbox, held.start) if one.limit_id == limit_id)


def minutes_since(mailbox: Mailbox, since: datetime) -> Iterator[LimitMinute]:
    """Yield how limits were kept, minute by minute, as the journal tells from an instant on."""
    after_seq = seq_before(mailbox, since)
    for record in records_after(mailbox, after_seq, kinds=("grid_limit_minute",)):
        facts = record.entry.payload
        yield LimitMinute(
            limit_id=str(facts["limit_id"]),
            node_id=str(facts["node_id"]),
            start=datetime.fromisoformat(str(facts["start"])),
            limit_kw=float(facts["limit_kw"] or 0.0),
            mean_kw=float(facts["mean_kw"] or 0.0),
            most_kw=float(facts["most_kw"] or 0.0),
            measured_by=cast("MeasuredBy", facts["measured_by"]),
            watched_s=float(facts["watched_s"] or 0.0),
        )


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
