"""Limits from outside: given, listed, withdrawn, and how each was kept minute by minute."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from fastapi import APIRouter, Path, Query, status
from pydantic import AwareDatetime, Field

from depotlib.api.access import AsCaller, needs
from depotlib.api.door import AtDoor, published_brief
from depotlib.api.once import Repeatable, answer_once
from depotlib.api.wishes import MAX_NAME, Wish
from depotlib.errors import ModelError, UnknownRecordError
from depotlib.exchange.limit_desk import give_limit, minutes_of, withdraw_limit
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import (
    MOST_REFERENCE,
    SITE_NODE,
    GridLimit,
    GridLimitImpact,
    GridLimitSource,
    GridLimitState,
    LimitMinute,
    kept_share,
    least_margin_kw,
    what_it_needs,
)

router = APIRouter(prefix="/v1", tags=["limits"])
LimitId = Annotated[str, Path(min_length=1, max_length=MAX_NAME)]


class LimitWish(Wish):
    """A limit from outside.

    Parameters
    ----------
    node_id : str
        ``site``, ``charging`` (everything that charges, without the base load) or a circuit.
    start : datetime or None
        None: from now on.
    end : datetime
    limit_kw, service_share : float or None
        One of them: a power, or a share of the service (the site only).
    source : {'utility', 'operator', 'enwg_14a'}
    reference : str
        What whoever asks calls it.
    limit_id : str or None
        Without one it follows from the content, so that a repeated call is the same limit; that
        takes a `start`.
    supersedes : str or None
        A limit that ends now instead.
    """

    node_id: str = Field(default=SITE_NODE, min_length=1, max_length=MAX_NAME)
    start: AwareDatetime | None = None
    end: AwareDatetime
    limit_kw: float | None = Field(default=None, ge=0.0, allow_inf_nan=False)
    service_share: float | None = Field(default=None, ge=0.0, le=1.0, allow_inf_nan=False)
    source: GridLimitSource
    reference: str = Field(default="", max_length=MOST_REFERENCE)
    limit_id: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)
    supersedes: str | None = Field(default=None, min_length=1, max_length=MAX_NAME)


@dataclass(frozen=True, slots=True)
class LimitAnswer:
    """A limit, and how it stands.

    Parameters
    ----------
    limit : GridLimit
    state : {'coming', 'in_force', 'over', 'withdrawn'}
    needs : str
        What else is needed to keep it; empty: setpoints suffice.
    impact : GridLimitImpact or None
        What it costs in readiness, as dispatch has planned; None: it has not yet.
    """

    limit: GridLimit
    state: GridLimitState
    needs: str
    impact: GridLimitImpact | None


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Every limit that was asked for, by its start."""

    limits: tuple[LimitAnswer, ...]


@dataclass(frozen=True, slots=True)
class ComplianceAnswer:
    """How a limit was kept, minute by minute; a minute that is missing was not watched.

    Parameters
    ----------
    limit : GridLimit
    minutes : tuple of LimitMinute
    kept_share : float or None
        Minutes whose mean was within the limit; None: none was watched yet.
    least_margin_kw : float or None
        Below the limit, in the worst minute; negative: it was exceeded.
    """

    limit: GridLimit
    minutes: tuple[LimitMinute, ...]
    kept_share: float | None
    least_margin_kw: float | None


@router.post("/limits", dependencies=[needs("limits:write")], status_code=status.HTTP_201_CREATED)
def give(door: AtDoor, *, caller: AsCaller, repeat: Repeatable, wish: LimitWish) -> LimitAnswer:
    """Return a limit that is obeyed from its start on: by the gateway, and by every new plan.

    What it costs in readiness is in the answer of ``GET`` once dispatch has planned with it.
    """
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        return answer_once(
            mailbox,
            repeat,
            wish=wish,
            answers=LimitAnswer,
            now=now,
            make=lambda: _given(mailbox, wish, by=caller.name, now=now),
        )


@router.get("/limits", dependencies=[needs("limits:read")])
def limits(door: AtDoor, *, standing: Annotated[bool, Query()] = False) -> LimitsAnswer:
    """Return every limit there was; with ``standing`` those that hold or will."""
    now = door.clock.now()
    with door.mailbox() as mailbox:
        brief = published_brief(mailbox)[1]
        held = mailbox.grid_limits
        found = held.standing(now) if standing else held.all()
        return LimitsAnswer(tuple(_view(mailbox, one, brief=brief, now=now) for one in found))


@router.get("/limits/{limit_id}", dependencies=[needs("limits:read")])
def limit(door: AtDoor, limit_id: LimitId) -> LimitAnswer:
    """Return one limit, and what it costs in readiness."""
    with door.mailbox() as mailbox:
        held, brief = _known(mailbox, limit_id), published_brief(mailbox)[1]
        return _view(mailbox, held, brief=brief, now=door.clock.now())


@router.delete("/limits/{limit_id}", dependencies=[needs("limits:write")])
def withdraw(door: AtDoor, *, caller: AsCaller, limit_id: LimitId) -> LimitAnswer:
    """Return a limit that holds no more; one that is over already stays as it is."""
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        gone = withdraw_limit(mailbox, limit_id, by=caller.name, now=now)
        return _view(mailbox, gone, brief=published_brief(mailbox)[1], now=now)


@router.get("/limits/{limit_id}/compliance", dependencies=[needs("limits:read")])
def compliance(door: AtDoor, limit_id: LimitId) -> ComplianceAnswer:
    """Return how a limit was kept, minute by minute, as the gateway has journalled it."""
    with door.mailbox() as mailbox:
        held = _known(mailbox, limit_id)
        minutes = minutes_of(mailbox, limit_id)
    return ComplianceAnswer(
        limit=held,
        minutes=minutes,
        kept_share=kept_share(minutes),
        least_margin_kw=least_margin_kw(minutes),
    )


def _given(mailbox: Mailbox, wish: LimitWish, *, by: str, now: datetime) -> LimitAnswer:
    brief = published_brief(mailbox)[1]
    if (wish.limit_kw is None) == (wish.service_share is None):
        raise ModelError(
            "a limit is a power or a share of the service",
            where="limit_kw",
            hint="give limit_kw or service_share, one of them",
        )
    given = give_limit(
        mailbox,
        GridLimit(
            limit_id=wish.limit_id or "",
            node_id=wish.node_id,
            start=wish.start or now,
            end=wish.end,
            limit_kw=wish.limit_kw or 0.0,
            source=wish.source,
            reference=wish.reference,
            given_by=by,
            given_at=now,
            service_share=wish.service_share,
        ),
        brief=brief,
        supersedes=wish.supersedes or "",
        now=now,
    )
    return _view(mailbox, given, brief=brief, now=now)


def _known(mailbox: Mailbox, limit_id: str) -> GridLimit:
    held = mailbox.grid_limits.get(limit_id)
    if held is None:
        raise UnknownRecordError(
            f"there is no limit {limit_id!r}", where="limit_id", hint="GET /v1/limits lists them"
        )
    return held


def _view(mailbox: Mailbox, held: GridLimit, *, brief: Brief, now: datetime) -> LimitAnswer:
    return LimitAnswer(
        limit=held,
        state=held.state_at(now),
        needs=what_it_needs(held, brief.depot),
        impact=mailbox.grid_limits.impact(held.limit_id),
    )
