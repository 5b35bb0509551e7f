"""Who is plugged in now: what stations are shown to do, and what the journal has told since.

The gateway journals a session at once and shows its station within a second. A plan made in between
would miss who has come, and count twice what somebody took who has left.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from depotlib.model.live import ConnectorState, JournalEntry, JournalRecord, StationState


class Presence:
    """Sessions that the journal tells of and that stations may not show yet."""

    def __init__(self) -> None:
        self._news: dict[str, tuple[datetime, JournalEntry]] = {}

    def take(self, records: Iterable[JournalRecord], *, now: datetime) -> None:
        """Take in sessions that have begun or ended; other records are passed over."""
        for record in records:
            entry = record.entry
            is_turn = entry.kind in {"session_started", "session_ended"}
            if is_turn and entry.connector_id is not None:
                self._news[entry.connector_id] = (now, entry)

    def laid_over(
        self, stations: Sequence[StationState], *, shown_at: datetime | None
    ) -> tuple[StationState, ...]:
        """Return stations as they are shown, changed by what was told since they were shown.

        Parameters
        ----------
        stations : sequence of StationState
        shown_at : datetime or None
            When the gateway last showed them: what was told before that counts no more.
        """
        self._news = {
            name: (told_at, entry)
            for name, (told_at, entry) in self._news.items()
            if shown_at is None or shown_at <= told_at
        }
        if not self._news:
            return tuple(stations)
        return tuple(
            replace(station, connectors=tuple(self._told(one) for one in station.connectors))
            for station in stations
        )

    def _told(self, state: ConnectorState) -> ConnectorState:
        news = self._news.get(state.connector_id)
        if news is None:
            return state
        session_id, is_start = str(news[1].payload.get("session_id")), _is_start(news[1])
        if is_start == (state.session_id == session_id):
            return state  # shown already
        unplugged = replace(
            state,
            session_id=None,
            vehicle_id=None,
            identity_source="none",
            power_kw=0.0,
            energy_kwh=0.0,
            soc=None,
            session_started_at=None,
            measured_at=None,
        )
        return _with_session(unplugged, news[1]) if is_start else unplugged


def _is_start(entry: JournalEntry) -> bool:
    return entry.kind == "session_started"


def _with_session(state: ConnectorState, entry: JournalEntry) -> ConnectorState:
    vehicle_id, source = entry.payload.get("vehicle_id"), entry.payload.get("identity_source")
    return replace(
        state,
        session_id=str(entry.payload.get("session_id")),
        vehicle_id=vehicle_id if isinstance(vehicle_id, str) else None,
        identity_source=source if isinstance(source, str) else "none",
        session_started_at=entry.at,
    )
