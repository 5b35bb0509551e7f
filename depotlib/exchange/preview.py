"""The preview of a push: what it changes, and the digest with which an operator commits it.

Workbench and gateway compute the same digest, each from the mailbox: a release that is not the
one that was seen, or a push that came in between, is refused by the gateway itself.
"""

import hashlib
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Final, Literal

from depotlib.exchange.codec import RELEASE
from depotlib.model.live import Lease, PreviewRow, ReleasePreview, StationState
from depotlib.model.order import IDLE_KINDS, Order
from depotlib.model.release import ConnectorSchedule, Release
from depotlib.units import duration_h

Change = Literal["new", "changed", "same", "cleared"]

LONG_AGO: Final = datetime.min.replace(tzinfo=UTC)
NO_LIVE: Final = (
    "no station of this plan takes live profiles: export its schedules for the system that "
    "controls them"
)


def preview_digest(release: Release, *, in_force: Release | None) -> str:
    """Return the digest that commits a release on top of the one in force.

    Releases of dispatch count as the push they follow: re-planning does not make a preview stale,
    another push does.

    Parameters
    ----------
    release : Release
    in_force : Release or None
        The current release of the mailbox.
    """
    return hashlib.sha256(f"{RELEASE.text(release)}\n{push_of(in_force)}".encode()).hexdigest()


def push_of(in_force: Release | None) -> str | None:
    """Return the push that the current release follows: what a person last put in force."""
    if in_force is None:
        return None
    is_followed = in_force.origin == "dispatch"
    return in_force.parent_release_id if is_followed else in_force.release_id


def release_digest(release: Release) -> str:
    """Return the digest of all that a release says."""
    return hashlib.sha256(RELEASE.text(release).encode()).hexdigest()


def preview_release(
    release: Release,
    *,
    in_force: Release | None,
    stations: Sequence[StationState],
    leases: Sequence[Lease],
    without_live: Collection[str] = (),
    now: datetime = LONG_AGO,
) -> ReleasePreview:
    """Return what a push would change, connector by connector.

    Parameters
    ----------
    release : Release
    in_force : Release or None
    stations : sequence of StationState
        As the gateway sees them now.
    leases : sequence of Lease
        As the stations hold them now.
    without_live : collection of str
        Stations that take no live profiles.
    now : datetime, optional
        What differs before it is past; without it, the whole night counts.
    """
    wanted = _by_connector(release.schedules)
    held = _by_connector(in_force.schedules if in_force is not None else ())
    connected = {
        connector.connector_id: state for state in stations for connector in state.connectors
    }
    newest_last = sorted(leases, key=lambda one: one.seq)
    lease_of = {one.connector_id: one for one in newest_last if one.state == "accepted"}
    rows: list[PreviewRow] = []
    for connector_id in sorted(wanted.keys() | held.keys()):
        schedules, before = wanted.get(connector_id, ()), held.get(connector_id, ())
        state = connected.get(connector_id)
        lease = lease_of.get(connector_id)
        station_id = state.station_id if state else connector_id.rpartition("/")[0]
        row = PreviewRow(
            station_id=station_id,
            connector_id=connector_id,
            vehicles=tuple(schedule.vehicle_id for schedule in schedules),
            is_connected=state is not None and state.is_connected,
            held_release_id=lease.release_id if lease else None,
            max_limit_kw=max((_max_limit_kw(one) for one in schedules), default=0.0),
            energy_kwh=sum(_energy_kwh(one) for one in schedules),
            change=_change(schedules, before),
            takes_live_profiles=station_id not in without_live,
        )
        rows.append(_with_difference(row, before=before, after=schedules, since=now))
    return ReleasePreview(
        release_id=release.release_id,
        digest=preview_digest(release, in_force=in_force),
        rows=tuple(rows),
        refusals=_refusals(release, rows),
    )


def with_orders_shown(
    preview: ReleasePreview, release: Release, *, orders: Sequence[Order]
) -> ReleasePreview:
    """Return a preview that says which connectors an operator's order idles meanwhile.

    Parameters
    ----------
    preview : ReleasePreview
    release : Release
    orders : sequence of Order
        That stand.
    """
    wanted = _by_connector(release.schedules)
    idle = [one for one in orders if one.kind in IDLE_KINDS]
    rows: list[PreviewRow] = []
    for row in preview.rows:
        reasons = [
            one.reason
            for one in idle
            if one.concerns(row.connector_id, row.station_id)
            and any(
                one.begins() < schedule.valid_to and schedule.steps[0].start < one.until
                for schedule in wanted.get(row.connector_id, ())
            )
        ]
        rows.append(replace(row, idle_for="; ".join(reasons)))
    return replace(preview, rows=tuple(rows))


def _refusals(release: Release, rows: Sequence[PreviewRow]) -> tuple[str, ...]:
    if not release.pushable:
        return (release.pushable_reason or "the plan is not pushable",)
    if rows and not any(row.takes_live_profiles for row in rows):
        return (NO_LIVE,)
    return ()


def _with_difference(
    row: PreviewRow,
    *,
    before: Sequence[ConnectorSchedule],
    after: Sequence[ConnectorSchedule],
    since: datetime,
) -> PreviewRow:
    """Return a row with when its limits become others, which, and how much energy moves."""
    schedules = (*before, *after)
    changes = {step.start for one in schedules for step in one.steps}
    changes |= {one.valid_to for one in schedules}
    instants = sorted({max(at, since) for at in changes})
    moved_kwh = 0.0
    for at, until in pairwise(instants):
        before_kw, after_kw = _limit_at(before, at), _limit_at(after, at)
        if before_kw == after_kw:
            continue
        if row.differs_at is None:
            row = replace(row, differs_at=at, before_kw=before_kw, after_kw=after_kw)
        moved_kwh += max(0.0, (after_kw or 0.0) - (before_kw or 0.0)) * duration_h(until - at)
    return replace(row, moved_kwh=moved_kwh)


def _limit_at(schedules: Sequence[ConnectorSchedule], at: datetime) -> float | None:
    found = (one.limit_at(at) for one in schedules)
    return next((limit_kw for limit_kw in found if limit_kw is not None), None)


def _by_connector(
    schedules: Sequence[ConnectorSchedule],
) -> dict[str, tuple[ConnectorSchedule, ...]]:
    found: defaultdict[str, list[ConnectorSchedule]] = defaultdict(list)
    for schedule in schedules:
        found[schedule.connector_id].append(schedule)
    return {connector_id: tuple(several) for connector_id, several in found.items()}


def _change(wanted: tuple[ConnectorSchedule, ...], held: tuple[ConnectorSchedule, ...]) -> Change:
    if not wanted:
        return "cleared"
    if not held:
        return "new"
    return "same" if wanted == held else "changed"


def _max_limit_kw(schedule: ConnectorSchedule) -> float:
    return max(step.limit_kw for step in schedule.steps)


def _energy_kwh(schedule: ConnectorSchedule) -> float:
    ends = [step.start for step in schedule.steps[1:]] + [schedule.valid_to]
    return sum(
        step.limit_kw * max(0.0, duration_h(end - step.start))
        for step, end in zip(schedule.steps, ends, strict=True)
    )
