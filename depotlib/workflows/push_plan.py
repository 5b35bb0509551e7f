"""Push a plan: preview what it changes, commit it with the preview's digest, watch it land."""

import hashlib
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

import numpy as np

from depotlib.errors import PushError, RecordMissingError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import holder_of, read_holders, require
from depotlib.exchange.preview import preview_digest, preview_release, with_orders_shown
from depotlib.model.depot import Depot
from depotlib.model.live import PushRequest, PushResult, ReleasePreview, RequestKind, RequestStatus
from depotlib.model.plan import Plan
from depotlib.model.release import LimitStep, Release
from depotlib.planning.schedule import schedules_of_plan
from depotlib.planning.window_targets import window_targets
from depotlib.settings import Settings
from depotlib.virtual.script import NightScript
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.plan_tonight import stored_plan
from depotlib.workflows.publish_site import brief_of, publish_brief
from depotlib.workflows.tonight import Tonight, gather_tonight
from depotlib.workflows.yard_sheet import night_script, write_yard_sheet

KINDS: Final = frozenset({"push", "rollback"})
"""Of the requests in the mailbox: those that put a release into force."""
SILENCE: Final = timedelta(minutes=2)
"""A gateway gives a sign of life every second or so; after this long it is not there."""


@dataclass(frozen=True, slots=True)
class Operator:
    """Who asks, and the token that proves it; the gateway checks it, nobody stores it."""

    name: str
    token: str


@dataclass(frozen=True, slots=True)
class PushDraft:
    """A push that was previewed and can be committed.

    Parameters
    ----------
    preview : ReleasePreview
    sheet : NightScript
        The yard sheet that belongs to it.
    """

    preview: ReleasePreview
    sheet: NightScript


@dataclass(frozen=True, slots=True)
class PushProgress:
    """Where a push stands.

    Parameters
    ----------
    status : RequestStatus
    results : tuple of PushResult
        One a connector; ``accepted``, ``read_back`` and ``metered`` are different proofs.
    is_heard : bool
        Whether a gateway that could take it gave a sign of life lately.
    """

    status: RequestStatus
    results: tuple[PushResult, ...]
    is_heard: bool = True

    @property
    def is_over(self) -> bool:
        """Return whether the gateway is done with it."""
        return self.status.state in {"finished", "abandoned", "refused"}


def preview_push(settings: Settings, tonight: Tonight, *, plan: Plan, now: datetime) -> PushDraft:
    """Return what pushing a plan would change, with the digest that commits it.

    The brief of the night and the release are written into the mailbox; nothing is in force yet.

    Parameters
    ----------
    settings : Settings
    tonight : Tonight
        The facts the plan rests on.
    plan : Plan
    now : datetime

    Raises
    ------
    ExchangeError
        If the mailbox cannot be written.
    """
    if not plan.header.pushable:
        refused = ReleasePreview(
            release_id="", digest="", rows=(), refusals=(plan.header.pushable_reason,)
        )
        return PushDraft(preview=refused, sheet=NightScript())
    with open_mailbox(settings.mailbox_path) as mailbox:
        version = publish_brief(mailbox, brief_of(tonight, plan=plan), now=now)
        release = _release(plan, tonight, brief_version=version)
        # The same plan made twice differs in when it was made alone: the first release stands.
        known = mailbox.release(release.release_id)
        if known is None:
            mailbox.add_release(release)
        release = known or release
        preview = preview_release(
            release,
            in_force=mailbox.current_release(),
            stations=mailbox.station_states(),
            leases=mailbox.leases(),
            without_live=without_live(tonight.depot),
            now=now,
        )
        standing = [one.order for one in mailbox.orders.open() if one.state == "standing"]
        preview = with_orders_shown(preview, release, orders=standing)
    return PushDraft(preview=preview, sheet=night_script(tonight, plan))


def commit_push(settings: Settings, draft: PushDraft, *, operator: Operator, now: datetime) -> str:
    """Return the id of the request with which an operator asks for a previewed push.

    The gateway checks token, digest and safety itself, and may refuse. Where a virtual yard plays
    the night, its people get the new sheet.

    Raises
    ------
    PushError
        If the preview already says that it cannot be pushed.
    """
    preview = draft.preview
    if preview.refusals:
        raise PushError(
            f"this plan cannot be pushed: {preview.refusals[0]}",
            where=f"release {preview.release_id}",
            hint="plan the night with connectors assigned",
        )
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        request = _request("push", preview.release_id, operator=operator, now=now)
        mailbox.ask(replace(request, digest=preview.digest))
    if night_sheet_path(settings).exists():
        write_yard_sheet(night_sheet_path(settings), draft.sheet)
    return request.request_id


def roll_back(settings: Settings, *, operator: Operator, now: datetime) -> str:
    """Return the id of the request to go back to the push before the one in force.

    Raises
    ------
    PushError
        If there is no earlier push.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        in_force = mailbox.current_release()
        earlier = _push_before(mailbox, in_force, now=now)
        request = _request("rollback", earlier.release_id, operator=operator, now=now)
        mailbox.ask(replace(request, digest=preview_digest(earlier, in_force=in_force)))
    # A virtual yard goes back to the earlier sheet, too; the request itself stands without it.
    if night_sheet_path(settings).exists():
        with suppress(RecordMissingError):
            plan = stored_plan(settings, earlier.plan_id)
            sheet = night_script(gather_tonight(settings, now=now), plan)
            write_yard_sheet(night_sheet_path(settings), sheet)
    return request.request_id


def preview_rollback(settings: Settings, *, now: datetime) -> ReleasePreview:
    """Return what going back to the push before the one in force would change.

    Raises
    ------
    PushError
        If there is no earlier push whose night still runs.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        in_force = mailbox.current_release()
        earlier = _push_before(mailbox, in_force, now=now)
        brief = mailbox.brief(earlier.brief_version)
        return preview_release(
            earlier,
            in_force=in_force,
            stations=mailbox.station_states(),
            leases=mailbox.leases(),
            without_live=without_live(brief[1].depot) if brief is not None else (),
            now=now,
        )


def require_operator(settings: Settings, operator: Operator) -> str:
    """Return the name of the holder of an operator's token; the gateway will look again.

    Raises
    ------
    OperatorTokenError
        If nobody holds it, or its holder is a viewer or a planner: says what is needed.
    """
    path = settings.operator_token_path
    issued = read_holders(path)
    if holder_of(operator.token, issued) is None:
        # At a terminal the environment gives the asker's own token, so whoever holds it by name
        # goes before it. Where it is nobody's here, it may be the one the gateway was started with.
        issued = read_holders(path, token=settings.operator_token)
    return require("operator", token=operator.token, holders=issued).name


def without_live(depot: Depot) -> frozenset[str]:
    """Return the stations that take no live profiles."""
    return frozenset(one.station_id for one in depot.stations if not one.takes_live_profiles)


def follow_push(settings: Settings, request_id: str) -> PushProgress | None:
    """Return where a push stands, or None if nobody ever asked for it."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        status = mailbox.request(request_id)
        if status is None:
            return None
        return _progress(mailbox, status, now=settings.depot_clock().now())


def newest_push(settings: Settings) -> PushProgress | None:
    """Return the newest push, or None if there was none."""
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        newest = next((one for one in mailbox.requests() if one.request.kind in KINDS), None)
        if newest is None:
            return None
        return _progress(mailbox, newest, now=settings.depot_clock().now())


def _progress(mailbox: Mailbox, status: RequestStatus, *, now: datetime) -> PushProgress:
    beat = next((one for one in mailbox.beats() if one.process == "gateway"), None)
    return PushProgress(
        status=status,
        results=mailbox.push_results(status.request.request_id),
        is_heard=beat is not None and now - beat.at <= SILENCE,
    )


def _release(plan: Plan, tonight: Tonight, *, brief_version: int) -> Release:
    content = f"{plan.header.plan_id} {brief_version}"
    return Release(
        release_id=f"push-{hashlib.sha256(content.encode()).hexdigest()[:12]}",
        plan_id=plan.header.plan_id,
        origin="push",
        brief_version=brief_version,
        # Of the plan, not of the preview: the same plan previewed twice is the same release.
        made_at=plan.header.made_at,
        valid_from=plan.grid.start,
        valid_to=plan.grid.end,
        schedules=schedules_of_plan(
            plan,
            tonight.dwells,
            depot=tonight.depot,
            base_load_kw=np.asarray(tonight.base_load_kw),
        ),
        pushable=plan.header.pushable,
        pushable_reason=plan.header.pushable_reason,
        window_targets=_window_targets(plan, tonight),
    )


def _window_targets(plan: Plan, tonight: Tonight) -> tuple[LimitStep, ...]:
    """Return what billing windows are held to; nothing where the base load is not forecast."""
    grid = tonight.depot.grid
    if not grid.is_forecast(tonight.base_load_kw):
        return ()
    return window_targets(
        plan,
        tonight.prices,
        base_load_kw=np.asarray(tonight.base_load_kw),
        limit_kw=grid.operating_limit_kw,
    )


def _push_before(mailbox: Mailbox, in_force: Release | None, *, now: datetime) -> Release:
    if in_force is not None:
        pushed_id = (
            in_force.parent_release_id if in_force.origin == "dispatch" else in_force.release_id
        )
        done = (
            mailbox.release(status.request.release_id)
            for status in mailbox.requests(limit=100)
            if status.request.kind in KINDS
            and status.state == "finished"
            and status.request.release_id != pushed_id
        )
        for earlier in done:
            if earlier is not None and earlier.valid_to > now:
                return earlier
    raise PushError(
        "there is no earlier push to go back to",
        where="rollback",
        hint="push another plan instead",
    )


def _request(
    kind: RequestKind, release_id: str, *, operator: Operator, now: datetime
) -> PushRequest:
    return PushRequest(
        request_id=f"{kind}-{secrets.token_hex(8)}",
        kind=kind,
        release_id=release_id,
        digest="",
        asked_by=operator.name,
        asked_at=now,
        token=operator.token,
    )
