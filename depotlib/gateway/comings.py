"""How often stations come: an identity that connects again and again is two devices, or one ill."""

from collections import deque
from datetime import datetime, timedelta
from typing import Final

from depotlib.model.live import JournalEntry

SPAN: Final = timedelta(minutes=10)
MOST_COMINGS: Final = 3
"""A station may lose its connection and boot within the span; more than this wants a look."""
WHAT: Final = (
    f"more than {MOST_COMINGS} connections in ten minutes: its line fails, it restarts, "
    "or two devices have one identity"
)


class Comings:
    """When each station has come lately, and when that was told."""

    def __init__(self) -> None:
        self._came: dict[str, deque[datetime]] = {}
        self._told_at: dict[str, datetime] = {}

    def note(self, station_id: str, *, now: datetime) -> list[JournalEntry]:
        """Return the alarm that a connection raises, or nothing; one alarm a span is enough.

        Parameters
        ----------
        station_id : str
            Who has connected.
        now : datetime
        """
        came = self._came.setdefault(station_id, deque(maxlen=MOST_COMINGS + 1))
        came.append(now)
        is_often = len(came) > MOST_COMINGS and now - came[0] <= SPAN
        told_at = self._told_at.get(station_id)
        if not is_often or (told_at is not None and now - told_at <= SPAN):
            return []
        self._told_at[station_id] = now
        facts = {"what": WHAT, "span_s": (now - came[0]).total_seconds()}
        return [JournalEntry(now, "connections_too_often", station_id, None, facts)]
