"""Limits from outside by hand: give one, withdraw one, list them, and how they were kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import MailboxMissingError
from depotlib.exchange.limit_desk import (
    minutes_of,
    order_limit,
    record_of,
    view_of,
    withdraw_limit,
)
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import kept_share, least_margin_kw
from depotlib.model.grid_limit_view import GridLimitOrder, GridLimitRecord, GridLimitView
from depotlib.settings import Settings

RECENT: Final = timedelta(hours=24)
"""A limit that is over is of tonight for so long."""


@dataclass(frozen=True, slots=True)
class LimitStanding:
    """A limit from outside as somebody who watches the night sees it.

    Parameters
    ----------
    view : GridLimitView
    kept_share, least_margin_kw : float or None
        As in `GridLimitRecord`, up to now.
    minutes : int
        Watched so far.
    """

    view: GridLimitView
    kept_share: float | None
    least_margin_kw: float | None
    minutes: int


def list_limits(settings: Settings, *, now: datetime) -> tuple[GridLimitView, ...]:
    """Return every limit there was, by its start.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        brief = _brief_of(mailbox)
        return tuple(
            view_of(mailbox, one, brief=brief, now=now) for one in mailbox.grid_limits.all()
        )


def limits_of_night(settings: Settings, *, now: datetime) -> tuple[LimitStanding, ...]:
    """Return the limits that hold now, will, or did within a day, by their start.

    There are none where no site was published.
    """
    if not settings.mailbox_path.exists():
        return ()
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        published = mailbox.brief()
        if published is None:
            return ()
        limits = [one for one in mailbox.grid_limits.all() if one.until > now - RECENT]
        views = [view_of(mailbox, one, brief=published[1], now=now) for one in limits]
        minutes = [minutes_of(mailbox, one.limit_id) if one.start <= now else () for one in limits]
    return tuple(
        LimitStanding(view, kept_share(kept), least_margin_kw(kept), len(kept))
        for view, kept in zip(views, minutes, strict=True)
    )


def limit_site(settings: Settings, order: GridLimitOrder, *, now: datetime) -> GridLimitView:
    """Return a limit that is obeyed from its start on.

    Raises
    ------
    OperatorTokenError
        If there is no operator's token.
    ModelError, RecordConflictError, UnknownRecordError
        If it cannot be, or supersedes what there is not.
    """
    who = _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        brief = _brief_of(mailbox)
        given = order_limit(mailbox, order, brief=brief, by=who, now=now)
        return view_of(mailbox, given, brief=brief, now=now)


def lift_limit(settings: Settings, limit_id: str, *, now: datetime) -> GridLimitView:
    """Return a limit that holds no more.

    Raises
    ------
    OperatorTokenError
        If there is no operator's token.
    UnknownRecordError
        If there is no such limit.
    """
    who = _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        gone = withdraw_limit(mailbox, limit_id, by=who, now=now)
        return view_of(mailbox, gone, brief=_brief_of(mailbox), now=now)


def limit_record(settings: Settings, limit_id: str) -> GridLimitRecord:
    """Return how a limit was kept, minute by minute.

    Raises
    ------
    UnknownRecordError
        If there is no such limit.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        return record_of(mailbox, limit_id)


def _operator(settings: Settings) -> str:
    """Return the name of whoever holds the operator's token that was given."""
    holders = read_holders(settings.operator_token_path, token=settings.operator_token)
    return f"operator {require('operator', token=settings.operator_token, holders=holders).name}"


def _brief_of(mailbox: Mailbox) -> Brief:
    published = mailbox.brief()
    if published is None:
        raise MailboxMissingError(
            "no site has been published yet",
            where="exchange",
            hint="publish the site first: depot publish",
        )
    return published[1]
