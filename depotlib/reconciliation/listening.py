"""Hears the journal entry by entry and puts its words together."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.live import JournalEntry, JournalKind, Scalar
from depotlib.model.order import IDLE_KINDS
from depotlib.reconciliation.told import SpanKind, ToldLease, ToldNight, ToldSession, ToldSpan

FAULTY: Final = frozenset({"Faulted", "Unavailable"})
STANDING: Final = frozenset({"standing", "sent"})
OVER: Final = frozenset({"over", "done", "failed", "refused"})
OF_SESSIONS: Final[frozenset[JournalKind]] = frozenset(
    {"session_started", "identity_resolved", "meter", "session_ended", "vehicle_asleep"}
)


def told_night(entries: Sequence[JournalEntry], *, end: datetime) -> ToldNight:
    """Return what the journal tells of a night.

    Parameters
    ----------
    entries : sequence of JournalEntry
        In the order of the journal; some from before the night, for what stood then.
    end : datetime
        What has no end in the journal ends here.
    """
    listener = _Listener(end)
    for entry in entries:
        listener.hear(entry)
    return listener.night()


class _Listener:
    """Hears the journal entry by entry."""

    def __init__(self, end: datetime) -> None:
        self._end = end
        self._sessions: dict[str, ToldSession] = {}
        self._open: dict[tuple[SpanKind, str], ToldSpan] = {}
        self._closed: list[ToldSpan] = []
        self._sent: dict[tuple[str, int], ToldLease] = {}
        self._leases: dict[str, list[ToldLease]] = {}
        self._relief: list[tuple[datetime, str]] = []

    def hear(self, entry: JournalEntry) -> None:
        """Take in one entry."""
        if entry.payload.get("session_id") is not None and entry.kind in OF_SESSIONS:
            self._session(entry)
        elif entry.kind in {"limit_sent", "limit_answered"}:
            self._limit(entry)
        elif entry.kind == "operator_action":
            self._order(entry)
        else:
            self._station(entry)

    def night(self) -> ToldNight:
        """Return all that was heard."""
        spans = [*self._closed, *self._open.values()]
        return ToldNight(
            sessions=tuple(sorted(self._sessions.values(), key=lambda one: one.start)),
            spans=tuple(sorted(spans, key=lambda one: one.start)),
            leases={name: tuple(leases) for name, leases in self._leases.items()},
            relief_stops=tuple(self._relief),
        )

    # --- spans ----------------------------------------------------------------------------

    def _begin(
        self, kind: SpanKind, entry: JournalEntry, *, what: str, until: datetime | None = None
    ) -> None:
        key = str(entry.payload.get("order_id") or entry.connector_id or entry.station_id)
        self._open.setdefault(
            (kind, key),
            ToldSpan(
                kind=kind,
                start=entry.at,
                end=until or self._end,
                station_id=str(entry.station_id),
                connector_id=entry.connector_id,
                what=what,
            ),
        )

    def _finish(self, kind: SpanKind, key: str, *, at: datetime) -> None:
        span = self._open.pop((kind, key), None)
        if span is not None and at > span.start:
            self._closed.append(
                ToldSpan(
                    kind, span.start, min(span.end, at), span.station_id, span.connector_id,
                    span.what,
                )
            )  # fmt: skip

    def _station(self, entry: JournalEntry) -> None:
        match entry.kind:
            case "station_disconnected":
                self._begin("offline", entry, what="it had no connection")
            case "station_connected":
                self._finish("offline", str(entry.station_id), at=entry.at)
            case "status":
                self._status(entry)
            case "relief_stop":
                self._relief.append((entry.at, str(entry.station_id)))
            case _:
                pass

    def _status(self, entry: JournalEntry) -> None:
        status = str(entry.payload.get("status"))
        if status in FAULTY:
            error = str(entry.payload.get("error_code") or "")
            detail = f" ({error})" if error not in {"", "NoError"} else ""
            self._begin("faulty", entry, what=f"it said {status}{detail}")
        else:
            self._finish("faulty", str(entry.connector_id or entry.station_id), at=entry.at)

    def _order(self, entry: JournalEntry) -> None:
        facts = entry.payload
        if facts.get("action") not in IDLE_KINDS or not facts.get("order_id"):
            return
        key, state = str(facts["order_id"]), str(facts.get("state"))
        if state in STANDING:
            begins = _instant(facts.get("start"))
            if begins is not None and begins > entry.at:
                entry = JournalEntry(
                    begins, entry.kind, entry.station_id, entry.connector_id, facts
                )
            what = f"{facts['action']}: {facts.get('reason')}".replace("_", " ")
            self._begin("ordered", entry, what=what, until=_instant(facts.get("until")))
        elif state in OVER:
            self._finish("ordered", key, at=entry.at)

    def _limit(self, entry: JournalEntry) -> None:
        connector_id, facts = str(entry.connector_id), entry.payload
        seq = facts.get("seq")
        if not isinstance(seq, int):
            return
        if entry.kind == "limit_sent":
            lease = _lease(entry, connector_id)
            if lease is not None:
                self._sent[connector_id, seq] = lease
            return
        answer = str(facts.get("answer"))
        if answer == "accepted":
            self._finish("refused", connector_id, at=entry.at)
            self._finish("unanswered", connector_id, at=entry.at)
            lease = self._sent.get((connector_id, seq))
            if lease is not None:
                accepted = ToldLease(connector_id, entry.at, lease.valid_to, lease.limits_kw)
                self._leases.setdefault(connector_id, []).append(accepted)
        elif answer.startswith(("rejected", "failed")):
            self._begin("refused", entry, what=f"it refused its limit ({answer})")
        else:
            self._begin("unanswered", entry, what=f"its limit was not answered ({answer})")

    # --- sessions -------------------------------------------------------------------------

    def _session(self, entry: JournalEntry) -> None:
        facts = entry.payload
        session_id = str(facts["session_id"])
        if entry.kind == "session_started":
            self._sessions.setdefault(
                session_id,
                ToldSession(
                    session_id=session_id,
                    station_id=str(entry.station_id),
                    connector_id=str(entry.connector_id),
                    start=entry.at,
                    names=[(entry.at, _name(facts))],
                ),
            )
            return
        session = self._sessions.get(session_id)
        if session is None:
            return
        _append(session.registers_kwh, (entry.at, facts.get("energy_kwh")))
        _append(session.readings_soc, (entry.at, facts.get("soc")))
        match entry.kind:
            case "identity_resolved":
                session.names.append((entry.at, _name(facts)))
            case "session_ended":
                session.end, session.reason = entry.at, str(facts.get("reason") or "")
            case "vehicle_asleep":
                session.asleep.append(entry.at)
            case _:
                pass


def _lease(entry: JournalEntry, connector_id: str) -> ToldLease | None:
    """Return a limit that was sent; None where the journal does not say its steps."""
    facts = entry.payload
    valid_to = _instant(facts.get("valid_to"))
    text = str(facts.get("limits_kw") or "")
    if valid_to is None or not text:
        return None
    pairs = (one.split(" ") for one in text.split(", "))
    steps = tuple(
        (entry.at + timedelta(seconds=float(after_s)), float(limit_kw))
        for after_s, limit_kw in pairs
    )
    return ToldLease(connector_id, entry.at, valid_to, steps)


def _instant(value: Scalar) -> datetime | None:
    return datetime.fromisoformat(value) if isinstance(value, str) and value else None


def _name(facts: Mapping[str, Scalar]) -> str | None:
    vehicle_id = facts.get("vehicle_id")
    return str(vehicle_id) if vehicle_id is not None else None


def _append(series: list[tuple[datetime, float]], told: tuple[datetime, Scalar]) -> None:
    at, value = told
    if isinstance(value, int | float):
        series.append((at, float(value)))
