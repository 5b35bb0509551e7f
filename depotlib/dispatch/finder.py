"""Dispatch finds out whose the sessions are that no token tells, and tells the gateway."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.dispatch.evidence import Ground, track_of
from depotlib.dispatch.night import LiveNight
from depotlib.dispatch.sightings import Sightings, Visit
from depotlib.dispatch.whose import Match, matches
from depotlib.model.identity import CERTAIN
from depotlib.model.live import JournalEntry
from depotlib.model.news import VehicleReading

FIND_EVERY: Final = timedelta(minutes=5)
"""The cadence of telematics: looking again sooner shows nothing new."""


class Finder:
    """Whose sessions are, as far as arrival, position and charge tell."""

    def __init__(self) -> None:
        self._sightings = Sightings()
        self._looked_at: datetime | None = None
        self._told: dict[str, str] = {}

    def look(
        self, night: LiveNight, readings: Sequence[VehicleReading]
    ) -> tuple[JournalEntry, ...]:
        """Return what was found that the gateway does not know, as entries for the journal.

        It is found again, and soon, until it is `told`: what could not be written is not lost.

        Parameters
        ----------
        night : LiveNight
        readings : sequence of VehicleReading
            The latest of each vehicle.
        """
        self._sightings.take(readings, stations=night.stations)
        visits = self._sightings.visits(night.stations)
        is_due = self._looked_at is None or night.now - self._looked_at >= FIND_EVERY
        if not is_due or night.brief.fleet is None:
            return ()
        if all(visit.source in CERTAIN for visit in visits):
            return ()
        ground = Ground.of_depot(night.brief.depot)
        found = matches(
            visits,
            {
                name: track_of(held, ground=ground)
                for name, held in self._sightings.tracks().items()
            },
            fleet=night.brief.fleet,
            ground=ground,
            planned=_planned(night, visits),
        )
        news = [match for match in found if self._is_news(match)]
        if not news:
            self._looked_at = night.now
        return tuple(
            JournalEntry(
                at=night.now,
                kind="identity_resolved",
                station_id=night.brief.depot.station_of(match.visit.connector_id).station_id,
                connector_id=match.visit.connector_id,
                payload={
                    "session_id": match.visit.session_id,
                    "vehicle_id": match.vehicle_id,
                    "identity_source": match.source,
                    "confidence_share": round(match.confidence_share, 4),
                    "by": "dispatch",
                },
            )
            for match in news
        )

    def told(self, entries: Iterable[JournalEntry]) -> None:
        """Note that what was found stands in the journal now."""
        for entry in entries:
            self._told[str(entry.payload["session_id"])] = str(entry.payload["vehicle_id"])
            self._looked_at = entry.at

    def _is_news(self, match: Match) -> bool:
        is_known = match.visit.vehicle_id == match.vehicle_id
        return not is_known and self._told.get(match.visit.session_id) != match.vehicle_id


def _planned(night: LiveNight, visits: Sequence[Visit]) -> dict[str, str]:
    """Return who was planned where each session runs, when it began: by the push, or the brief.

    Not by what dispatch has planned since: that follows whoever a session was taken for.
    """
    found: dict[str, str] = {}
    for visit in visits:
        windows = [
            *(
                (s.vehicle_id, s.connector_id, s.steps[0].start, s.valid_to)
                for s in night.pushed.schedules
            ),
            *((b.vehicle_id, b.connector_id, b.start, b.end) for b in night.brief.bays),
        ]
        for vehicle_id, connector_id, start, end in windows:
            if connector_id == visit.connector_id and start <= visit.started_at < end:
                found.setdefault(visit.session_id, vehicle_id)
    return found
