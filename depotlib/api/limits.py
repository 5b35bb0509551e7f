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
from depotlib.exchange.limit_desk import (
    known_limit,
    order_limit,
    record_of,
    view_of,
    withdraw_limit,
)
from depotlib.exchange.mailbox import Mailbox
from depotlib.model.grid_limit import MOST_REFERENCE
from depotlib.model.grid_limit_view import GridLimitOrder, GridLimitRecord, GridLimitView
from depotlib.model.limited_node import SITE_NODE, GridLimitSource

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
        One of them, or neither with `is_joint_minimum`: a power, or a share of the service (the
        site only).
    source : {'utility', 'operator', 'enwg_14a'}
    reference : str
        What whoever asks calls it.
    limit_id : str or None
        Without one it follows from the content, so that a repeated call is the same limit; that
        takes a `start`.
    supersedes : str or None
        A limit that ends now instead.
    is_joint_minimum : bool
        What the charge points of the node keep together under §14a EnWG, reckoned here.
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
    is_joint_minimum: bool = False


@dataclass(frozen=True, slots=True)
class LimitsAnswer:
    """Every limit that was asked for, by its start."""

    limits: tuple[GridLimitView, ...]


@router.post("/limits", dependencies=[needs("limits:write")], status_code=status.HTTP_201_CREATED)
def give(door: AtDoor, *, caller: AsCaller, repeat: Repeatable, wish: LimitWish) -> GridLimitView:
    """Return a limit that is obeyed from its start on: by the gateway, and by every new plan.

    What it costs in readiness is in the answer of ``GET`` once dispatch has planned with it.
    """
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        return answer_once(
            mailbox,
            repeat,
            wish=wish,
            answers=GridLimitView,
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
        return LimitsAnswer(tuple(view_of(mailbox, one, brief=brief, now=now) for one in found))


@router.get("/limits/{limit_id}", dependencies=[needs("limits:read")])
def limit(door: AtDoor, limit_id: LimitId) -> GridLimitView:
    """Return one limit, and what it costs in readiness."""
    with door.mailbox() as mailbox:
        held, brief = known_limit(mailbox, limit_id), published_brief(mailbox)[1]
        return view_of(mailbox, held, brief=brief, now=door.clock.now())


@router.delete("/limits/{limit_id}", dependencies=[needs("limits:write")])
def withdraw(door: AtDoor, *, caller: AsCaller, limit_id: LimitId) -> GridLimitView:
    """Return a limit that holds no more; one that is over already stays as it is."""
    now = door.clock.now()
    with door.mailbox() as mailbox, mailbox.transaction():
        gone = withdraw_limit(mailbox, limit_id, by=caller.name, now=now)
        return view_of(mailbox, gone, brief=published_brief(mailbox)[1], now=now)


@router.get("/limits/{limit_id}/compliance", dependencies=[needs("limits:read")])
def compliance(door: AtDoor, limit_id: LimitId) -> GridLimitRecord:
    """Return how a limit was kept, minute by minute, as the gateway has journalled it."""
    with door.mailbox() as mailbox:
        return record_of(mailbox, limit_id)


def _given(mailbox: Mailbox, wish: LimitWish, *, by: str, now: datetime) -> GridLimitView:
    brief = published_brief(mailbox)[1]
    order = GridLimitOrder(
        node_id=wish.node_id,
        start=wish.start,
        end=wish.end,
        limit_kw=wish.limit_kw,
        service_share=wish.service_share,
        source=wish.source,
        reference=wish.reference,
        supersedes=wish.supersedes or "",
        is_joint_minimum=wish.is_joint_minimum,
        limit_id=wish.limit_id or "",
    )
    given = order_limit(mailbox, order, brief=brief, by=by, now=now)
    return view_of(mailbox, given, brief=brief, now=now)
