"""What the events of an OpenADR 3 server limit here: by programme, as the site file says.

Of events that contradict each other on a node the one with the higher priority (the lower number)
counts; of equals all do, and so the lowest limit.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import islice, pairwise
from typing import Final

from depotlib.feeds.openadr.event import AHEAD, BEHIND, Event, Payload, Refusal
from depotlib.model.depot import Depot
from depotlib.model.grid_limit import MOST_REFERENCE, GridLimit
from depotlib.model.joint_minimum import controllable_devices, group_minimum_kw
from depotlib.model.openadr import OpenAdrLevel, OpenAdrProgram

LIMIT: Final = "IMPORT_CAPACITY_LIMIT"
SUBSCRIPTION: Final = "IMPORT_CAPACITY_SUBSCRIPTION"
RESERVATION: Final = "IMPORT_CAPACITY_RESERVATION"
SIMPLE: Final = "SIMPLE"
LIMITING: Final = frozenset({LIMIT, SUBSCRIPTION, RESERVATION, SIMPLE})
KILOWATTS: Final = frozenset({"KW", ""})
"""The only unit of real power that OpenADR knows; nothing said means it."""
SLICE: Final = timedelta(days=7)
"""What has no end is given by the week, each in its time: a limit that nobody renews ends."""


@dataclass(frozen=True, slots=True)
class Span:
    """A span in which a programme allows a power.

    Parameters
    ----------
    program : OpenAdrProgram
    rank : int
    reference : str
        Event and interval.
    start, end : datetime
    limit_kw : float or None
        None: a share of the service.
    service_share : float or None
    is_normal : bool
        Normal operation: it limits nothing, but what it outranks neither.
    """

    program: OpenAdrProgram
    rank: int
    reference: str
    start: datetime
    end: datetime
    limit_kw: float | None = None
    service_share: float | None = None
    is_normal: bool = False


def limits_of(
    events: Iterable[Event], programs: Sequence[OpenAdrProgram], *, depot: Depot, now: datetime
) -> tuple[tuple[GridLimit, ...], tuple[Refusal, ...]]:
    """Return the limits that events mean from now on, without ids, and what is refused of them.

    Parameters
    ----------
    events : iterable of Event
    programs : sequence of OpenAdrProgram
    depot : Depot
    now : datetime
    """
    spans, refusals = _said(events, programs, depot=depot, now=now)
    limits = [
        _limit(part, now=now)
        for span in _prevailing(spans)
        if not span.is_normal
        for part in _sliced(span, now)
        if part.end > now
    ]
    return tuple(limits), refusals


def _said(
    events: Iterable[Event], programs: Sequence[OpenAdrProgram], *, depot: Depot, now: datetime
) -> tuple[list[Span], tuple[Refusal, ...]]:
    """Return what events say of power, and what of them is refused."""
    by_name = {program.name: program for program in programs}
    spans: list[Span] = []
    capacities: list[tuple[str, Span]] = []
    refusals: dict[tuple[str, str], Refusal] = {}
    for event in events:
        program = by_name[event.program]
        for interval in event.in_force(now - BEHIND, until=now + AHEAD):
            for payload in interval.payloads:
                refused = _refusal(event, program, payload=payload, depot=depot)
                if refused is not None:
                    if interval.end > now:
                        refusals[event.event_id, refused.reason] = refused
                    continue
                whole = Span(
                    program,
                    event.rank,
                    reference_of(event.event_id, interval.interval_id),
                    interval.start,
                    interval.end,
                )
                said = _spans(whole, payload, depot=depot)
                if payload.kind in {SUBSCRIPTION, RESERVATION}:
                    capacities += [(payload.kind, one) for one in said]
                else:
                    spans += said
    spans += _with_reservations(capacities)
    return spans, tuple(refusals.values())


def reference_of(event_id: str, interval_id: str) -> str:
    """Return what a limit is called after its event and interval."""
    return f"{event_id}/{interval_id}"[:MOST_REFERENCE]


def giver_of(program: str) -> str:
    """Return by whom the limits of a programme are given."""
    return f"openadr {program}"


def _refusal(
    event: Event, program: OpenAdrProgram, *, payload: Payload, depot: Depot
) -> Refusal | None:
    """Return why a payload means no limit here, or None: it does."""
    kind, reason, is_unreadable = payload.kind, "", False
    if kind not in LIMITING:
        reason = "not_a_limit"
    elif kind in {SUBSCRIPTION, RESERVATION} and not program.is_capacity_limit:
        reason = "capacity_not_a_limit"
    elif any(value is None or value < 0.0 for value in payload.values) or not payload.values:
        reason, is_unreadable = "value", True
    elif kind == SIMPLE:
        reason = _level_fault(program, payload, depot=depot)
        is_unreadable = bool(reason)
    elif payload.units not in KILOWATTS:
        reason, is_unreadable = "units", True
    if not reason:
        return None
    said = f"{kind} {list(payload.values)} {payload.units}".strip()
    sentence = f"event {event.event_id!r} of {event.program!r}: {said} is not taken ({reason})"
    return Refusal(event.program, event.event_id, reason, sentence, is_unreadable=is_unreadable)


def _level_fault(program: OpenAdrProgram, payload: Payload, *, depot: Depot) -> str:
    """Return why a level means no limit here; empty: it does."""
    levels = {float(one.level): one for one in program.levels}
    said = set(payload.values) - {0.0}
    if not said <= set(levels):
        return "level_not_mapped"
    is_joint = any(one.is_joint_minimum for level, one in levels.items() if level in said)
    if is_joint and not controllable_devices(depot, program.node_id):
        return "no_controllable_device"
    return ""


def _spans(whole: Span, payload: Payload, *, depot: Depot) -> list[Span]:
    """Return what a payload says of an interval, value by value: they divide it evenly."""
    levels = {one.level: one for one in whole.program.levels}
    step = (whole.end - whole.start) / len(payload.values)
    made: list[Span] = []
    for place, value in enumerate(payload.values):
        start = whole.start + place * step
        plain = replace(whole, start=start, end=start + step, limit_kw=value)
        if payload.kind == SIMPLE:
            level = levels.get(int(value or 0))
            plain = (
                replace(plain, limit_kw=None, is_normal=True)
                if level is None
                else _at_level(plain, level, depot=depot)
            )
        made.append(plain)
    return made


def _at_level(span: Span, level: OpenAdrLevel, *, depot: Depot) -> Span:
    if level.is_joint_minimum:
        return replace(span, limit_kw=group_minimum_kw(depot, span.program.node_id))
    return replace(span, limit_kw=level.limit_kw, service_share=level.service_share)


def _with_reservations(capacities: Sequence[tuple[str, Span]]) -> list[Span]:
    """Return what is subscribed, cut where capacity is reserved on top of it."""
    reserved = [span for kind, span in capacities if kind == RESERVATION]
    made: list[Span] = []
    for kind, span in capacities:
        if kind != SUBSCRIPTION:
            continue
        mine = [one for one in reserved if one.program == span.program]
        edges = {at for one in mine for at in (one.start, one.end) if span.start < at < span.end}
        marks = [span.start, *sorted(edges), span.end]
        for start, end in pairwise(marks):
            more_kw = sum(
                one.limit_kw or 0.0 for one in mine if one.start <= start and end <= one.end
            )
            limit_kw = (span.limit_kw or 0.0) + more_kw
            made.append(replace(span, start=start, end=end, limit_kw=limit_kw))
    return made


def _prevailing(spans: Sequence[Span]) -> list[Span]:
    """Return the parts of spans in which nothing of a higher priority is said of their node."""
    made: list[Span] = []
    by_node: dict[str, list[Span]] = {}
    for span in spans:
        by_node.setdefault(span.program.node_id, []).append(span)
    for mine in by_node.values():
        for rank in sorted({span.rank for span in mine}):
            taken = _united((one.start, one.end) for one in mine if one.rank < rank)
            for span in mine:
                if span.rank == rank:
                    rests = _rests(span.start, span.end, taken=taken)
                    made += [replace(span, start=start, end=end) for start, end in rests]
    return made


def _united(times: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    """Return times as the fewest that cover the same, in order."""
    united: list[tuple[datetime, datetime]] = []
    for start, end in sorted(times):
        if united and start <= united[-1][1]:
            united[-1] = (united[-1][0], max(united[-1][1], end))
        else:
            united.append((start, end))
    return united


def _rests(
    start: datetime, end: datetime, *, taken: Sequence[tuple[datetime, datetime]]
) -> Iterator[tuple[datetime, datetime]]:
    """Yield what is left of a time where others, in order and apart, are taken out of it."""
    first = bisect_right(taken, start, key=lambda one: one[1])
    for begin, over in islice(taken, first, None):
        if begin >= end:
            break
        if start < begin:
            yield start, begin
        start = over
    if start < end:
        yield start, end


def _sliced(span: Span, now: datetime) -> list[Span]:
    """Return a span by the week, from the one that runs now to the last that is given already."""
    first = max(0, (now - span.start) // SLICE)
    end = min(span.end, now + AHEAD)
    made: list[Span] = []
    while span.start + first * SLICE < end:
        start = span.start + first * SLICE
        made.append(replace(span, start=start, end=min(span.end, start + SLICE)))
        first += 1
    return made


def _limit(span: Span, *, now: datetime) -> GridLimit:
    return GridLimit(
        limit_id="",
        node_id=span.program.node_id,
        start=span.start,
        end=span.end,
        limit_kw=span.limit_kw or 0.0,
        source=span.program.source,
        reference=span.reference,
        given_by=giver_of(span.program.name),
        given_at=now,
        service_share=span.service_share,
    )
