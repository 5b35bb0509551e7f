"""Who is there, as it becomes known after the plug-in: by telematics, by a plan, by a person.

Nobody unknown stays so in silence: each is looked at again as evidence comes, and where there is no
room for the least power of somebody unknown, that is told too.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.effects import Effects
from depotlib.gateway.identity import NOBODY, Identify, Verdict
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.proof import held
from depotlib.gateway.station import Plug, Station
from depotlib.gateway.steps import line_of_steps
from depotlib.gateway.transactions import Transaction
from depotlib.gateway.wishes import least_kw
from depotlib.model.identity import CERTAIN, INFERRED, Resolution
from depotlib.model.live import JournalEntry
from depotlib.model.news import VehicleReading

LOOK_EVERY: Final = timedelta(seconds=10)
NO_ROOM_AFTER: Final = timedelta(seconds=60)
"""So long a limit may take to be proven and accepted before it is missed."""
ENOUGH_SHARE: Final = 0.9

Visit = tuple[Station, Plug, Transaction]


class Visitors:
    """The running sessions of a site, and whose they are.

    Parameters
    ----------
    stations : mapping of str to Station
    ledger : Ledger
    limits : Limits
    """

    def __init__(self, stations: Mapping[str, Station], *, ledger: Ledger, limits: Limits) -> None:
        self._stations = stations
        self._ledger = ledger
        self._limits = limits
        self._looked_at: datetime | None = None
        self._told: set[tuple[str, str]] = set()
        self._known: dict[str, str] | None = None
        """Held while everybody is looked at: a crowd is not counted anew for each of its heads."""
        self.readings: tuple[VehicleReading, ...] = ()
        """The latest that telematics says of each vehicle."""

    def plugged(self) -> dict[str, str]:
        """Return the vehicles that charge now, with their connectors."""
        return self._known if self._known is not None else self._plugged()

    def _plugged(self) -> dict[str, str]:
        return {
            session.who.vehicle_id: plug.connector_id
            for _, plug, session in self._visits()
            if session.who.vehicle_id is not None and plug.status != "Available"
        }

    def take_readings(self, readings: Sequence[VehicleReading]) -> None:
        """Take in what telematics says now."""
        if tuple(readings) != self.readings:
            self.readings = tuple(readings)
            self._looked_at = None

    def look(self, identify: Identify, *, now: datetime) -> Effects:
        """Return what has become known, or is missing, of sessions that run."""
        if self._looked_at is not None and now < self._looked_at + LOOK_EVERY:
            return Effects()
        self._looked_at = now
        effects = Effects()
        self._known = self._plugged()
        try:
            for visit in list(self._visits()):
                effects.extend(self._look_at(visit, identify, now=now))
        finally:
            self._known = None
        return effects

    def assign(self, session_id: str, who: Resolution, *, now: datetime) -> Effects:
        """Return what follows when somebody says whose a session is; the plan goes with the vehicle.

        Another session that was taken for this vehicle is nobody's from then on. A person's word
        goes before everything; what dispatch has found by telematics and meters gives way to
        tokens and to persons.
        """
        visits = list(self._visits())
        mine = next((one for one in visits if one[2].session_id == session_id), None)
        if mine is None:
            return Effects()  # over already: the journal's entry alone mends its history
        others = [
            one for one in visits if one is not mine and one[2].who.vehicle_id == who.vehicle_id
        ]
        if who.source in INFERRED and any(one[2].who.source in CERTAIN for one in (mine, *others)):
            return Effects()
        by = "which a person found elsewhere"
        if who.source in INFERRED:
            by = f"which is found elsewhere by its {who.source}"
        effects = Effects()
        for visit in others:
            effects.extend(self._changed(visit, NOBODY))
            what = f"it was taken for {who.vehicle_id}, {by}"
            effects.extend(self._exception(visit, what, now=now))
        taken_for = mine[2].who
        effects.extend(self._changed(mine, who))
        if who.source in INFERRED and taken_for.vehicle_id not in {None, who.vehicle_id}:
            what = (
                f"taken for {taken_for.vehicle_id} by its {taken_for.source}, but by its "
                f"{who.source} it is {who.vehicle_id}: corrected, look at the bays"
            )
            effects.extend(self._exception(mine, what, now=now))
        return effects

    # --- inside ---------------------------------------------------------------------------

    def _visits(self) -> Iterator[Visit]:
        for station in self._stations.values():
            for plug in station.plugs.values():
                session = station.session(plug)
                if session is not None:
                    yield station, plug, session

    def _look_at(self, visit: Visit, identify: Identify, *, now: datetime) -> Effects:
        _, plug, session = visit
        effects = Effects()
        if session.who.vehicle_id is None or session.who.source == "bay":
            verdict = identify(session.id_tag, plug.connector_id, at=session.started_at)
            effects.extend(self._seen_again(visit, verdict, now=now))
        if session.who.vehicle_id is None and session.may_charge:
            effects.extend(self._without_room(visit, now=now))
        return effects

    def _seen_again(self, visit: Visit, verdict: Verdict, *, now: datetime) -> Effects:
        station, plug, session = visit
        if verdict.who == session.who:
            return Effects()
        if session.who.vehicle_id is not None:
            taken_for, maybe = session.who.vehicle_id, verdict.who.vehicle_id
            hint = f"; it may be {maybe}" if maybe is not None else ""
            what = f"taken for {taken_for} by its bay, but telematics says otherwise{hint}"
            return self._exception(visit, what, now=now)
        if verdict.who.vehicle_id is None:
            return Effects()
        effects = self._changed(visit, verdict.who)
        facts = {
            "session_id": session.session_id,
            "vehicle_id": verdict.who.vehicle_id,
            "identity_source": verdict.who.source,
            "confidence_share": verdict.who.confidence_share,
        }
        effects.journal.append(
            JournalEntry(
                now, "identity_resolved", station.station.station_id, plug.connector_id, facts
            )
        )
        return effects

    def _without_room(self, visit: Visit, *, now: datetime) -> Effects:
        station, plug, session = visit
        if now < session.started_at + NO_ROOM_AFTER or not station.is_connected:
            return Effects()
        connector = next(
            one for one in station.station.connectors() if one.connector_id == plug.connector_id
        )
        limit_kw = self._ledger.outlets[plug.connector_id].safe_kw
        lease = held(self._ledger, plug.connector_id, now=now)
        if lease is not None:
            line = line_of_steps(lease.steps, valid_to=lease.valid_to, after_kw=limit_kw)
            limit_kw = line.at(now.timestamp())
        wanted_kw = least_kw(station.station, connector)
        # Amperes are cut to tenths, and a raise that is nearly whole is taken for whole.
        if limit_kw >= ENOUGH_SHARE * wanted_kw:
            return Effects()
        what = f"no room for the least power of somebody unknown: it keeps {limit_kw:.1f} kW"
        return self._exception(visit, what, now=now)

    def _changed(self, visit: Visit, who: Resolution) -> Effects:
        station, plug, session = visit
        session.who = who
        session.may_charge = session.may_charge or who.vehicle_id is not None
        if self._known is not None:
            self._known = self._plugged()
        self._limits.force([plug.connector_id])
        return Effects(stations={station.station.station_id})

    def _exception(self, visit: Visit, what: str, *, now: datetime) -> Effects:
        """Return an exception, told once."""
        station, plug, session = visit
        if (session.session_id, what) in self._told:
            return Effects()
        self._told.add((session.session_id, what))
        facts = {"session_id": session.session_id, "what": what, "token": session.id_tag}
        entry = JournalEntry(
            now, "identity_exception", station.station.station_id, plug.connector_id, facts
        )
        return Effects(journal=[entry], stations={station.station.station_id})
