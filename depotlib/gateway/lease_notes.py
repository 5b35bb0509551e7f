"""What is said of a lease: that it was sent, how it was answered, what it gives of the plan."""

from datetime import datetime

from depotlib.gateway.messages import Replied
from depotlib.gateway.pump import NEAR_S, WORTH_KW, WORTH_SHARE
from depotlib.gateway.steps import line_of_steps, mean_between
from depotlib.model.live import JournalEntry, Lease, Scalar
from depotlib.model.release import Release


def sent_entry(lease: Lease, *, now: datetime) -> JournalEntry:
    """Return the note of a lease that goes out."""
    facts = {
        **_facts(lease),
        "steps": len(lease.steps),
        "slot": lease.slot,
        "valid_to": lease.valid_to.isoformat(),
        "limits_kw": _limits_text(lease, now=now),
    }
    return JournalEntry(now, "limit_sent", lease.station_id, lease.connector_id, facts)


def answered_entry(
    lease: Lease, event: Replied, *, release: Release | None, now: datetime
) -> JournalEntry:
    """Return the note of how a station answered a lease, and what it gives of a release if not all."""
    said = event.outcome if event.outcome == "accepted" else f"{event.outcome}: {event.note}"
    facts = {**_facts(lease), "answer": said, "latency_s": event.latency_s}
    part = given_part(release, lease, now=now) if event.outcome == "accepted" else ""
    if part:
        facts["held_back"] = part
    return JournalEntry(now, "limit_answered", lease.station_id, lease.connector_id, facts)


def given_part(release: Release | None, lease: Lease, *, now: datetime) -> str:
    """Return what a lease gives of the plan for the next minutes, or an empty text: all."""
    schedules = release.schedules if release is not None else ()
    planned = next(
        (
            one
            for one in schedules
            if one.connector_id == lease.connector_id and one.steps[0].start <= now < one.valid_to
        ),
        None,
    )
    if planned is None:
        return ""
    now_s = now.timestamp()
    wanted_kw, held_kw = (
        mean_between(line_of_steps(one.steps, valid_to=one.valid_to), now_s, end_s=now_s + NEAR_S)
        for one in (planned, lease)
    )
    # Less than what amperes are reserved above their nominal power: no van is starved in silence.
    if held_kw >= wanted_kw - max(WORTH_KW, WORTH_SHARE * wanted_kw):
        return ""
    return f"{held_kw:.1f} of {wanted_kw:.1f} kW for now: the rest waits for room"


def _limits_text(lease: Lease, *, now: datetime) -> str:
    """Return the steps as ``seconds from now`` and limit: what was permitted, for the morning after."""
    return ", ".join(
        f"{(step.start - now).total_seconds():.0f} {step.limit_kw:.4g}" for step in lease.steps
    )


def _facts(lease: Lease) -> dict[str, Scalar]:
    return {
        "seq": lease.seq,
        "release_id": lease.release_id,
        "max_limit_kw": max((step.limit_kw for step in lease.steps), default=0.0),
    }
