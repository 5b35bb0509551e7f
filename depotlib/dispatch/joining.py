"""Session and stay joined at the plug-in: who is there, until when, with what need.

Each side knows half of it: the station when somebody plugged in, the fleet when it must leave. One
record in the journal says both, for everybody who reads it.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from depotlib.dispatch.night import present_dwells
from depotlib.model.brief import Brief
from depotlib.model.dwell import Dwell
from depotlib.model.live import JournalEntry, JournalRecord
from depotlib.model.news import DepartureChange


class Joins:
    """The sessions that run, and which of them were joined with their stays."""

    def __init__(self) -> None:
        self._open: dict[str, JournalEntry] = {}
        self._told: dict[str, str] = {}

    def take(self, records: Iterable[JournalRecord]) -> None:
        """Take in what the journal tells of sessions; other records are passed over."""
        for record in records:
            entry = record.entry
            session_id = str(entry.payload.get("session_id"))
            if entry.kind in {"session_started", "identity_resolved"}:
                self._open[session_id] = entry
            elif entry.kind == "session_ended":
                self._open.pop(session_id, None)
            elif entry.kind == "stay_joined":
                self._told[session_id] = str(entry.payload.get("vehicle_id"))

    def look(
        self, brief: Brief, *, changes: Sequence[DepartureChange], now: datetime
    ) -> list[JournalEntry]:
        """Return a record for every running session whose vehicle has a stay, if it is not told.

        It is told once the journal says so (`take`): what could not be written is not lost. A
        session that turns out to be another vehicle's is told again, with that one's stay.

        Parameters
        ----------
        brief : Brief
        changes : sequence of DepartureChange
            What the fleet changed about stays.
        now : datetime
        """
        stays = {one.vehicle_id: one for one in present_dwells(brief, now=now, changes=changes)}
        told: list[JournalEntry] = []
        for session_id, entry in self._open.items():
            stay = stays.get(str(entry.payload.get("vehicle_id")))
            if stay is not None and self._told.get(session_id) != stay.vehicle_id:
                told.append(_joined(entry, stay, now=now))
        return told


def _joined(entry: JournalEntry, stay: Dwell, *, now: datetime) -> JournalEntry:
    return JournalEntry(
        at=now,
        kind="stay_joined",
        station_id=entry.station_id,
        connector_id=entry.connector_id,
        payload={
            "session_id": entry.payload.get("session_id"),
            "vehicle_id": stay.vehicle_id,
            "departure": stay.departure.isoformat(),
            "energy_must_kwh": round(stay.energy_must_kwh, 3),
            "energy_target_kwh": round(stay.energy_target_kwh, 3),
            "priority": stay.priority,
        },
    )
