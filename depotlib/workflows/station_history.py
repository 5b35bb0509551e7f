"""How reliable a station was: connection, faults and spans out of service, from the journal."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.exchange.mailbox import open_mailbox
from depotlib.model.live import JournalEntry, JournalKind
from depotlib.settings import Settings

FAULTED: Final = "Faulted"
UNAVAILABLE: Final = "Unavailable"
PAGE: Final = 5000
KINDS: Final[tuple[JournalKind, ...]] = (
    "station_connected",
    "station_disconnected",
    "gateway_started",
    "gateway_stopped",
    "boot",
    "status",
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
        Error code of a fault; empty: none was told.
    """

    connector_id: str | None
    start: datetime
    end: datetime | None
    what: str = ""


@dataclass(frozen=True, slots=True)
class StationHistory:
    """What a journal tells of a station within a window.

    Parameters
    ----------
    station_id : str
    start, end : datetime
        Of the window, half-open.
    uptime_share : float or None
        Share of the time the gateway ran in which the station was connected and neither faulted
        nor out of service on any connector; None: the gateway did not run.
    boots : int
    offline, faults, out_of_service : tuple of Span
    """

    station_id: str
    start: datetime
    end: datetime
    uptime_share: float | None
    boots: int
    offline: tuple[Span, ...]
    faults: tuple[Span, ...]
    out_of_service: tuple[Span, ...]


def read_station_histories(
    settings: Settings, *, start: datetime, end: datetime
) -> tuple[StationHistory, ...]:
    """Return the history of every station that the journal of the mailbox speaks of, by id.

    Raises
    ------
    MailboxMissingError
        If no process of this depot has run yet.
    """
    entries: list[JournalEntry] = []
    after_seq = 0
    with open_mailbox(settings.mailbox_path, create=False) as mailbox:
        while page := mailbox.journal(after_seq, PAGE, kinds=KINDS):
            entries += [record.entry for record in page]
            after_seq = page[-1].seq
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
    up_s = _total_s(_without(_common(running, connected), [*faults, *closed]), window)
    ran_s = _total_s(running, window)
    start, end = window
    own = [one for one in entries if one.station_id == station_id]
    return StationHistory(
        station_id=station_id,
        start=start,
        end=end,
        uptime_share=up_s / ran_s if ran_s > 0.0 else None,
        boots=sum(one.kind == "boot" and one.at >= start for one in own),
        offline=_within(_without(running, connected), window),
        faults=_within(faults, window),
        out_of_service=_within(closed, window),
    )


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
    return sorted([*spans, *began.values()], key=lambda span: span.start)


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
