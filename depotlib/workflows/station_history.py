"""How reliable a station was: connection, faults and spans out of service, from the journal.

Shares are of the time in which the gateway ran: nobody knows of the rest. Uptime leaves planned
spans out of service out of the reckoning, as public funding rules for chargers do (23 CFR 680.116:
outages for maintenance that was planned are excluded).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.exchange.journal_pages import records_after
from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind, Scalar
from depotlib.settings import Settings

FAULTED: Final = "Faulted"
UNAVAILABLE: Final = "Unavailable"
OUT_OF_SERVICE: Final = "out_of_service"
ENDED: Final = frozenset({"over", "failed"})
KINDS: Final[tuple[JournalKind, ...]] = (
    "station_connected",
    "station_disconnected",
    "gateway_started",
    "gateway_stopped",
    "boot",
    "status",
    "fault_told",
    "operator_action",
    "security_event",
)


@dataclass(frozen=True, slots=True)
class Span:
    """A span of a station or a connector; `end` None: it lasts.

    Parameters
    ----------
    connector_id : str or None
        None: the whole station.
    start : datetime
    end : datetime or None
    what : str
        Error code of a fault, or the part in trouble; empty: none was told.
    """

    connector_id: str | None
    start: datetime
    end: datetime | None
    what: str = ""


@dataclass(frozen=True, slots=True)
class SecurityNotice:
    """A security event that a station told of."""

    at: datetime
    event: str
    detail: str


@dataclass(frozen=True, slots=True)
class StationHistory:
    """What a journal tells of a station within a window.

    Parameters
    ----------
    station_id : str
    start, end : datetime
        Of the window, half-open.
    connected_share : float or None
        Share of the time the gateway ran in which the station was connected; None: the gateway
        did not run.
    available_share : float or None
        Share of it in which the station was connected and none of its connectors was faulted or
        said to be unavailable.
    uptime_share : float or None
        The same with planned spans out of service left out, above and below the line.
    boots : int
    offline, faults, out_of_service : tuple of Span
        The last as the station says. A fault of one of its parts (2.x) is among the faults, and
        costs no uptime for as long as its connectors are there.
    planned : tuple of Span
        Out of service as an operator ordered, with the reason.
    security_events : tuple of SecurityNotice
    """

    station_id: str
    start: datetime
    end: datetime
    connected_share: float | None
    available_share: float | None
    uptime_share: float | None
    boots: int
    offline: tuple[Span, ...]
    faults: tuple[Span, ...]
    out_of_service: tuple[Span, ...]
    planned: tuple[Span, ...] = ()
    security_events: tuple[SecurityNotice, ...] = ()


def read_station_histories(
    settings: Settings, *, start: datetime, end: datetime
) -> tuple[StationHistory, ...]:
    """Return the history of every station that the journal of the mailbox speaks of, by id.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        entries = [record.entry for record in records_after(mailbox, kinds=KINDS)]
    return station_histories(entries, start=start, end=end)


def station_histories(
    entries: Iterable[JournalEntry], *, start: datetime, end: datetime
) -> tuple[StationHistory, ...]:
    """Return the history of every station within a window, by id.

    Parameters
    ----------
    entries : iterable of JournalEntry
        In the journal's order; those before the window say how it began.
    start, end : datetime
    """
    told = [one for one in entries if one.at < end]
    stations = sorted({one.station_id for one in told if one.station_id is not None})
    running = _running(told)
    return tuple(
        _history(name, [one for one in told if one.station_id in {name, None}], running=running,
                 window=(start, end))
        for name in stations
    )  # fmt: skip


def _history(
    station_id: str,
    entries: list[JournalEntry],
    *,
    running: list[Span],
    window: tuple[datetime, datetime],
) -> StationHistory:
    connected = _connected(entries)
    faults = _status_spans(entries, FAULTED)
    closed = _status_spans(entries, UNAVAILABLE)
    planned = _planned_spans(entries)
    up = _common(running, connected)
    available = _without(up, [*faults, *closed])
    start, end = window
    own = [one for one in entries if one.station_id == station_id]
    return StationHistory(
        station_id=station_id,
        start=start,
        end=end,
        connected_share=_share(up, running, window=window),
        available_share=_share(available, running, window=window),
        uptime_share=_share(
            _without(available, planned), _without(running, planned), window=window
        ),
        boots=sum(one.kind == "boot" and one.at >= start for one in own),
        offline=_within(_without(running, connected), window),
        faults=_within(_by_start([*faults, *_part_spans(entries)]), window),
        out_of_service=_within(closed, window),
        planned=_within(planned, window),
        security_events=tuple(
            SecurityNotice(
                one.at, str(one.payload.get("event")), str(one.payload.get("detail") or "")
            )
            for one in own
            if one.kind == "security_event" and one.at >= start
        ),
    )


def _share(
    some: Iterable[Span], of: Iterable[Span], *, window: tuple[datetime, datetime]
) -> float | None:
    whole_s = _total_s(of, window)
    return _total_s(some, window) / whole_s if whole_s > 0.0 else None


def _running(entries: Iterable[JournalEntry]) -> list[Span]:
    """Return the spans in which a gateway ran; one that was killed ran until its last entry."""
    spans: list[Span] = []
    began: datetime | None = None
    last: datetime | None = None
    for one in entries:
        if one.kind == "gateway_started":
            if began is not None and last is not None:
                spans.append(Span(None, began, last))
            began = one.at
        elif one.kind == "gateway_stopped" and began is not None:
            spans.append(Span(None, began, one.at))
            began = None
        last = one.at if last is None else max(last, one.at)
    return [*spans, Span(None, began, None)] if began is not None else spans


def _connected(entries: Iterable[JournalEntry]) -> list[Span]:
    spans: list[Span] = []
    began: datetime | None = None
    for one in entries:
        if one.kind == "station_connected":
            began = began or one.at
        elif one.kind in {"station_disconnected", "gateway_started", "gateway_stopped"}:
            if began is not None:
                spans.append(Span(None, began, one.at))
            began = None
    return [*spans, Span(None, began, None)] if began is not None else spans


def _status_spans(entries: Iterable[JournalEntry], status: str) -> list[Span]:
    """Return the spans in which a connector told a status."""
    spans: list[Span] = []
    began: dict[str | None, Span] = {}
    for one in entries:
        if one.kind != "status":
            continue
        place = one.connector_id
        if one.payload.get("status") == status:
            code = str(one.payload.get("error_code") or "")
            began.setdefault(place, Span(place, one.at, None, "" if code == "NoError" else code))
        elif place in began:
            first = began.pop(place)
            spans.append(Span(place, first.start, one.at, first.what))
    return _by_start([*spans, *began.values()])


def _part_spans(entries: Iterable[JournalEntry]) -> list[Span]:
    """Return the spans in which a part of a station was in trouble, as the station told (2.x)."""
    spans: list[Span] = []
    began: dict[tuple[str | None, Scalar, Scalar], Span] = {}
    for one in entries:
        facts = one.payload
        if one.kind != "fault_told":
            continue
        part = (one.connector_id, facts.get("component"), facts.get("variable"))
        if not facts.get("is_over"):
            words = [facts.get("component"), facts.get("code") or facts.get("variable")]
            what = " ".join(str(word) for word in words if word)
            began.setdefault(part, Span(one.connector_id, one.at, None, what))
        elif part in began:
            first = began.pop(part)
            spans.append(Span(first.connector_id, first.start, one.at, first.what))
    return [*spans, *began.values()]


def _by_start(spans: Iterable[Span]) -> list[Span]:
    return sorted(spans, key=lambda span: span.start)


def _planned_spans(entries: Iterable[JournalEntry]) -> list[Span]:
    """Return the spans in which an operator's order took a station out of service."""
    spans: dict[str, Span] = {}
    for one in entries:
        facts = one.payload
        if one.kind != "operator_action" or facts.get("action") != OUT_OF_SERVICE:
            continue
        order_id, until = str(facts.get("order_id")), _instant(facts.get("until"))
        if facts.get("state") == "refused" or until is None:
            continue
        start = _instant(facts.get("start")) or one.at
        end = min(until, one.at) if facts.get("state") in ENDED else until
        spans.pop(order_id, None)
        if start < end:
            spans[order_id] = Span(one.connector_id, start, end, str(facts.get("reason") or ""))
    return list(spans.values())


def _instant(text: Scalar) -> datetime | None:
    return datetime.fromisoformat(text) if isinstance(text, str) and text else None


# --- spans ----------------------------------------------------------------------------------------


def _common(some: Iterable[Span], others: list[Span]) -> list[Span]:
    """Return where spans of both kinds hold."""
    found: list[Span] = []
    for one in some:
        for other in others:
            start, end = max(one.start, other.start), _earlier(one.end, other.end)
            if end is None or start < end:
                found.append(Span(None, start, end))
    return found


def _without(some: Iterable[Span], others: Iterable[Span]) -> list[Span]:
    """Return what is left of spans where none of the others holds."""
    left = list(some)
    for other in others:
        cut: list[Span] = []
        for one in left:
            before_end = _earlier(one.end, other.start)
            if before_end is not None and one.start < before_end:
                cut.append(Span(None, one.start, before_end))
            if other.end is not None and (one.end is None or other.end < one.end):
                cut.append(Span(None, max(one.start, other.end), one.end))
        left = cut
    return left


def _within(spans: Iterable[Span], window: tuple[datetime, datetime]) -> tuple[Span, ...]:
    """Return the spans that reach into a window, each whole."""
    start, end = window
    return tuple(one for one in spans if one.start < end and (one.end is None or one.end > start))


def _total_s(spans: Iterable[Span], window: tuple[datetime, datetime]) -> float:
    start, end = window
    return sum(
        max(0.0, (min(one.end or end, end) - max(one.start, start)).total_seconds())
        for one in spans
    )


def _earlier(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)
