"""An event of an OpenADR 3 server, read: whose it is, its intervals in time, and what they say.

References
----------
.. [1] OpenADR Alliance, "OpenADR 3 API", 3.0.1, schemas event, interval, valuesMap.
.. [2] OpenADR Alliance, "OpenADR 3.1.0 User Guide", 7.3 to 7.5.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, TypeAlias

from depotlib.feeds.openadr.period import UNENDING, duration_in, instant_in
from depotlib.feeds.sighting import number_in, text_in
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in

LAST: Final = 1_000_000
"""Rank of an event without a priority: behind all that have one."""
MOST_INTERVALS: Final = 2000
MOST_SAID: Final = 10_000
"""Values of one event within the days that are looked at, repeats included."""
AHEAD: Final = timedelta(days=14)
"""Limits are given so long before they begin."""
BEHIND: Final = timedelta(days=2)
"""What is over cuts what it outranked for so long: the rest stays the limit that it was."""
EARLIEST: Final = datetime(1000, 1, 1, tzinfo=UTC)
LATEST: Final = datetime(9000, 1, 1, tzinfo=UTC)
"""Beyond, the calendar ends while an event is repeated, sliced or reported."""


Said: TypeAlias = float | None
"""A number in whatever unit the payload has; None: it is none."""


@dataclass(frozen=True, slots=True)
class Payload:
    """What an interval says of one thing.

    Parameters
    ----------
    kind : str
        ``IMPORT_CAPACITY_LIMIT``, ``SIMPLE``, ``PRICE`` …
    values : tuple of float
        More than one divide the interval evenly; None in the place of what is no number.
    units : str
        Of the event's descriptor, or the programme's; empty: none is given.
    """

    kind: str
    values: tuple[Said, ...]
    units: str


@dataclass(frozen=True, slots=True)
class Interval:
    """A span of an event, half-open, and what it says."""

    interval_id: str
    start: datetime
    end: datetime
    payloads: tuple[Payload, ...]


@dataclass(frozen=True, slots=True)
class ReportWish:
    """A report that an event asks for, as its descriptor says."""

    payload_kind: str
    reading_kind: str
    is_aggregate: bool
    is_historical: bool
    first: int
    count: int
    every: int
    intervals: str


@dataclass(frozen=True, slots=True)
class Event:
    """An event.

    Parameters
    ----------
    event_id, program : str
        The programme by its name.
    rank : int
        Its priority: the lower, the more it counts.
    intervals : tuple of Interval
        As written, each in its place in time.
    lasts : timedelta or None
        How long all of them together are to last, cut or repeated; None: once through.
    reports : tuple of ReportWish
    """

    event_id: str
    program: str
    rank: int
    intervals: tuple[Interval, ...]
    lasts: timedelta | None
    reports: tuple[ReportWish, ...]

    def turn(self) -> timedelta:
        """Return how long all intervals together last, once through."""
        ends = (one.end for one in self.intervals)
        return max(ends) - self.intervals[0].start if self.intervals else timedelta()

    def in_force(self, now: datetime, *, until: datetime) -> Iterator[Interval]:
        """Yield the intervals that are not over and begin before an instant, repeats included."""
        if not self.intervals:
            return
        first, total = self.intervals[0].start, self.turn()
        end = first + (self.lasts if self.lasts is not None else total)
        is_repeated = timedelta() < total < (self.lasts or timedelta())
        turn = max(0, (now - first) // total) if is_repeated else 0
        while first + turn * total < min(end, until):
            for one in self.intervals:
                begin, over = one.start + turn * total, min(one.end + turn * total, end)
                if begin < min(over, until) and over > now:
                    yield Interval(one.interval_id, begin, over, one.payloads)
            if not is_repeated:
                return
            turn += 1


@dataclass(frozen=True, slots=True)
class Refusal:
    """What is not taken of the server's events, and why.

    Parameters
    ----------
    program, event_id : str
    reason : str
        One word for the count.
    sentence : str
        For a person.
    is_unreadable : bool
        Whether a limit may be meant that is not understood: what the event limited before stays.
    """

    program: str
    event_id: str
    reason: str
    sentence: str
    is_unreadable: bool = False


def event_of(
    found: JsonObject, *, program: str, units: dict[str, str], ven_name: str
) -> Event | Refusal:
    """Return an event, or why it cannot be read.

    Parameters
    ----------
    found : JsonObject
    program : str
        Name of its programme.
    units : dict of str to str
        By payload type, as the programme's descriptors say.
    ven_name : str
        Whose share of a random start this is.
    """
    event_id = text_in(found, "id") or ""
    try:
        own = units | units_of(found.get("payloadDescriptors"))
        event = Event(
            event_id=_needed(event_id, "id"),
            program=program,
            rank=_rank(found.get("priority")),
            intervals=_intervals(found, units=own, seed=f"{ven_name}\n{event_id}"),
            lasts=duration_in(found.get("duration")),
            reports=tuple(map(_wish, objects_in(found.get("reportDescriptors")))),
        )
        _require_brief(event)
    except (ValueError, OverflowError) as error:
        sentence = f"event {event_id!r} cannot be read: {error}"
        return Refusal(program, event_id, "unreadable", sentence, is_unreadable=True)
    return event


def units_of(descriptors: JsonValue) -> dict[str, str]:
    """Return the units of payloads by their type."""
    return {
        kind: text_in(one, "units") or ""
        for one in objects_in(descriptors)
        if (kind := text_in(one, "payloadType"))
    }


def targets_in(found: JsonObject) -> dict[str, set[str]]:
    """Return whom an event is for, by kind of target; 3.1 has names only, under an empty kind."""
    listed = found.get("targets")
    named: dict[str, set[str]] = {}
    for one in listed if isinstance(listed, list) else []:
        if isinstance(one, str):
            named.setdefault("", set()).add(one)
        elif isinstance(one, dict):
            values = one.get("values")
            texts = [str(value) for value in values] if isinstance(values, list) else []
            named.setdefault(text_in(one, "type") or "", set()).update(texts)
    return named


def _rank(value: JsonValue) -> int:
    if value is None:
        return LAST
    rank = int(_needed(_whole(value), "a priority that is a number"))
    if rank < 0:
        raise ValueError(f"a priority of {rank}")
    return min(rank, LAST)


def _whole(value: JsonValue) -> str:
    """Return a whole number as text; empty where there is none."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _intervals(found: JsonObject, *, units: dict[str, str], seed: str) -> tuple[Interval, ...]:
    listed = objects_in(found.get("intervals"))
    if len(listed) > MOST_INTERVALS:
        raise ValueError(f"{len(listed)} intervals")
    period = _object(found.get("intervalPeriod"))
    default_start, default = instant_in(period.get("start")), duration_in(period.get("duration"))
    # "Now" is when the event came to be: the same instant at every look.
    now = instant_in(found.get("modificationDateTime") or found.get("createdDateTime"))
    at = default_start or now
    shift = _random_shift(duration_in(period.get("randomizeStart")), seed)
    made: list[Interval] = []
    for one in listed:
        own = _object(one.get("intervalPeriod"))
        extent = duration_in(own.get("randomizeStart"))
        interval_id = _needed(_whole(one.get("id")), "an interval's id")
        shift = _random_shift(extent, f"{seed}\n{interval_id}") if extent else shift
        at = instant_in(own.get("start")) or at
        if at is None:
            raise ValueError("nobody says when it begins")
        own_duration = duration_in(own.get("duration"))
        lasts = (own_duration if own_duration is not None else default) or UNENDING
        payloads = tuple(_payload(said, units) for said in objects_in(one.get("payloads")))
        begin, over = at + shift, at + shift + lasts
        if begin < EARLIEST or over > LATEST:
            raise ValueError(f"{begin.isoformat()} to {over.isoformat()} is beyond the calendar")
        made.append(Interval(interval_id, begin, over, payloads))
        at += lasts
    return tuple(made)


def _require_brief(event: Event) -> None:
    """Refuse what says more than a grid could mean: intervals of microseconds, say, for ever."""
    turn, lasts = event.turn(), min(event.lasts or timedelta(), AHEAD + BEHIND)
    turns = lasts / turn if timedelta() < turn < lasts else 1.0
    said = sum(len(one.values) for interval in event.intervals for one in interval.payloads)
    if turns * max(said, len(event.intervals)) > MOST_SAID:
        raise ValueError(f"more than {MOST_SAID} values within {(AHEAD + BEHIND).days} days")


def _payload(said: JsonObject, units: dict[str, str]) -> Payload:
    kind, values = text_in(said, "type"), said.get("values")
    if kind is None or not isinstance(values, list):
        raise ValueError("a payload without type or values")
    numbers = tuple(number_in({"value": value}, "value") for value in values)
    return Payload(kind, numbers, units.get(kind, ""))


def _needed(text: str, name: str) -> str:
    if not text:
        raise ValueError(f"without {name}")
    return text


def _random_shift(extent: timedelta | None, seed: str) -> timedelta:
    """Return this client's own shift within plus or minus an extent, the same at every look."""
    if not extent:
        return timedelta()
    drawn = int.from_bytes(hashlib.sha256(seed.encode()).digest()[:4]) / 2**32
    return timedelta(seconds=round((2.0 * drawn - 1.0) * extent.total_seconds()))


def _wish(found: JsonObject) -> ReportWish:
    return ReportWish(
        payload_kind=text_in(found, "payloadType") or "",
        reading_kind=text_in(found, "readingType") or "DIRECT_READ",
        is_aggregate=found.get("aggregate") is True,
        is_historical=found.get("historical") is not False,
        first=_count(found.get("startInterval")),
        count=_count(found.get("numIntervals")),
        every=_count(found.get("frequency")),
        intervals=text_in(found, "reportIntervals") or "INTERVALS",
    )


def _count(value: JsonValue) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def _object(value: JsonValue) -> JsonObject:
    return value if isinstance(value, dict) else {}
