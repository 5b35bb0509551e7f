"""Limits from outside by hand: give one, withdraw one, list them, and how they were kept."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from depotlib.errors import MailboxMissingError, ModelError, UnknownRecordError
from depotlib.exchange.limit_desk import give_limit, minutes_of, withdraw_limit
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import read_holders, require
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import (
    GridLimit,
    GridLimitImpact,
    GridLimitSource,
    GridLimitState,
    LimitMinute,
    kept_share,
    least_margin_kw,
    what_it_needs,
)
from depotlib.model.joint_minimum import group_minimum_kw, guaranteed_kw
from depotlib.settings import Settings

RECENT: Final = timedelta(hours=24)
"""A limit that is over is of tonight for so long."""


@dataclass(frozen=True, slots=True)
class LimitView:
    """A limit from outside, and how it stands.

    Parameters
    ----------
    limit : GridLimit
    state : {'coming', 'in_force', 'over', 'withdrawn'}
    needs : str
        What else is needed to keep it; empty: setpoints suffice.
    impact : GridLimitImpact or None
        What it costs in readiness; None: dispatch has not planned with it.
    guaranteed_kw : float or None
        What the group must be left under §14a EnWG, whatever the limit says; None: no such limit.
    """

    limit: GridLimit
    state: GridLimitState
    needs: str
    impact: GridLimitImpact | None
    guaranteed_kw: float | None = None


@dataclass(frozen=True, slots=True)
class LimitRecord:
    """How a limit was kept.

    Parameters
    ----------
    limit : GridLimit
    minutes : tuple of LimitMinute
        A minute that is missing was not watched.
    kept_share : float or None
        Minutes whose mean was within the limit; None: none was watched.
    least_margin_kw : float or None
        Below the limit in the worst minute; negative: it was exceeded.
    """

    limit: GridLimit
    minutes: tuple[LimitMinute, ...]
    kept_share: float | None
    least_margin_kw: float | None


@dataclass(frozen=True, slots=True)
class LimitStanding:
    """A limit from outside as somebody who watches the night sees it.

    Parameters
    ----------
    view : LimitView
    kept_share, least_margin_kw : float or None
        As in `LimitRecord`, up to now.
    minutes : int
        Watched so far.
    """

    view: LimitView
    kept_share: float | None
    least_margin_kw: float | None
    minutes: int


@dataclass(frozen=True, slots=True)
class LimitOrder:
    """What somebody wants limited.

    Parameters
    ----------
    node_id : str
    start : datetime or None
        None: from now on.
    end : datetime
    limit_kw, service_share : float or None
        One of them, or neither with `is_joint_minimum`.
    source : GridLimitSource
    reference, supersedes : str
    is_joint_minimum : bool
        What the charge points of the node keep together under §14a EnWG.
    """

    node_id: str
    start: datetime | None
    end: datetime
    limit_kw: float | None
    service_share: float | None
    source: GridLimitSource
    reference: str = ""
    supersedes: str = ""
    is_joint_minimum: bool = False


def list_limits(settings: Settings, *, now: datetime) -> tuple[LimitView, ...]:
    """Return every limit there was, by its start.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        brief = _brief_of(mailbox)
        return tuple(_view(mailbox, one, brief=brief, now=now) for one in mailbox.grid_limits.all())


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
        views = [_view(mailbox, one, brief=published[1], now=now) for one in limits]
        minutes = [minutes_of(mailbox, one.limit_id) if one.start <= now else () for one in limits]
    return tuple(
        LimitStanding(view, kept_share(kept), least_margin_kw(kept), len(kept))
        for view, kept in zip(views, minutes, strict=True)
    )


def limit_site(settings: Settings, order: LimitOrder, *, now: datetime) -> LimitView:
    """Return a limit that is obeyed from its start on.

    Raises
    ------
    OperatorTokenError
        If there is no operator's token.
    ModelError, RecordConflictError, UnknownRecordError
        If it cannot be, or supersedes what there is not.
    """
    said = (order.limit_kw is not None, order.service_share is not None, order.is_joint_minimum)
    if sum(said) != 1:
        raise ModelError(
            "a limit is a power, a share of the service or the joint minimum of §14a EnWG",
            where="--kw",
            hint="give --kw, --share or --joint-minimum, one of them",
        )
    who = _operator(settings)
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        brief = _brief_of(mailbox)
        limit_kw = order.limit_kw or 0.0
        if order.is_joint_minimum:
            limit_kw = group_minimum_kw(brief.depot, order.node_id)
        limit = GridLimit(
            limit_id="",
            node_id=order.node_id,
            start=order.start or now,
            end=order.end,
            limit_kw=limit_kw,
            source=order.source,
            reference=order.reference,
            given_by=who,
            given_at=now,
            service_share=order.service_share,
        )
        given = give_limit(mailbox, limit, brief=brief, supersedes=order.supersedes, now=now)
        return _view(mailbox, given, brief=brief, now=now)


def lift_limit(settings: Settings, limit_id: str, *, now: datetime) -> LimitView:
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
        return _view(mailbox, gone, brief=_brief_of(mailbox), now=now)


def limit_record(settings: Settings, limit_id: str) -> LimitRecord:
    """Return how a limit was kept, minute by minute.

    Raises
    ------
    UnknownRecordError
        If there is no such limit.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        limit = mailbox.grid_limits.get(limit_id)
        if limit is None:
            raise UnknownRecordError(
                f"there is no limit {limit_id!r}", where=limit_id, hint="depot limits lists them"
            )
        minutes = minutes_of(mailbox, limit_id)
    return LimitRecord(
        limit=limit,
        minutes=minutes,
        kept_share=kept_share(minutes),
        least_margin_kw=least_margin_kw(minutes),
    )


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


def _view(mailbox: Mailbox, limit: GridLimit, *, brief: Brief, now: datetime) -> LimitView:
    return LimitView(
        limit=limit,
        state=limit.state_at(now),
        needs=what_it_needs(limit, brief.depot),
        impact=mailbox.grid_limits.impact(limit.limit_id),
        guaranteed_kw=guaranteed_kw(limit, brief.depot),
    )
