"""Vehicles after a pause: those that sleep on, and stations that resume without their limit.

No power five minutes after the offer that ended a pause: the offer is withdrawn for a minute and
made again, which wakes most. It is never the transaction that is ended: at some makes no other one
begins before somebody has pulled the cable. Every try is told, and the last one calls a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import inf
from typing import Final

from depotlib.gateway.effects import Effects
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.proof import held
from depotlib.gateway.station import Plug, Station
from depotlib.gateway.steps import constant, line_of_steps
from depotlib.gateway.transactions import Transaction
from depotlib.gateway.wishes import Guest, LayOver, Wish, least_kw
from depotlib.model.live import JournalEntry, Scalar

ASLEEP_AFTER: Final = timedelta(minutes=5)
LULL: Final = timedelta(seconds=60)
LOOK_EVERY: Final = timedelta(seconds=10)
MOST_TRIES: Final = 2
DRAWS_KW: Final = 0.1
FULL_SOC: Final = 0.99
NEARLY_SHARE: Final = 0.9
"""Amperes are cut to tenths: nearly the least that a vehicle can be offered counts as that."""
ENOUGH_SHARE: Final = 0.98
"""With so much of what a release meant it to have at its end a vehicle need not draw more."""
RESUME_PAUSE: Final = timedelta(minutes=5)
PAUSED, CHARGING = "SuspendedEVSE", "Charging"


@dataclass(slots=True)
class _Watch:
    """A session as it is watched.

    Parameters
    ----------
    session_id : str
    is_paused : bool
    offered_at : datetime or None
        When the offer was made after the pause.
    tries : int
    lulled_until : datetime or None
    release_id : str
        The release in force when the session was looked at last.
    meant_kwh : float
        What it will have had, as that release means it; infinite where it says nothing.
    """

    session_id: str
    is_paused: bool = False
    offered_at: datetime | None = None
    tries: int = 0
    lulled_until: datetime | None = None
    release_id: str = ""
    meant_kwh: float = inf


class Sleepers:
    """The sessions of a site, watched for those that do not wake.

    Parameters
    ----------
    limits : Limits
    stations : mapping of str to Station
    ledger : Ledger
    below : LayOver
        What else is laid over the wishes, before this.
    """

    def __init__(
        self, limits: Limits, *, stations: Mapping[str, Station], ledger: Ledger, below: LayOver
    ) -> None:
        self._limits = limits
        self._stations = stations
        self._ledger = ledger
        self._below = below
        self._watches: dict[str, _Watch] = {}
        self._statuses: dict[str, str] = {}
        self._resumed_at: dict[str, datetime] = {}
        self._looked_at: datetime | None = None
        self._began_at: datetime | None = None

    def laid_over(
        self, wishes: Mapping[str, Wish], guests: Mapping[str, Guest], *, now: datetime
    ) -> Mapping[str, Wish]:
        """Return the wishes, with nothing for those whose offer is withdrawn for a minute."""
        laid = self._below(wishes, guests, now=now)
        lulled = {name for name, one in self._watches.items() if one.lulled_until is not None}
        if not lulled:
            return laid
        return {
            name: replace(wish, line=constant(0.0)) if name in lulled else wish
            for name, wish in laid.items()
        }

    def told(self, station: Station, *, now: datetime) -> None:
        """Take in a station's statuses: one that resumes after a pause is told its limit again.

        Stations have been seen to accept a limit in a pause and to forget it when they resume.
        """
        for plug in station.plugs.values():
            name = plug.connector_id
            before, self._statuses[name] = self._statuses.get(name), plug.status
            last = self._resumed_at.get(name)
            is_due = last is None or now >= last + RESUME_PAUSE
            if (before, plug.status) == (PAUSED, CHARGING) and is_due:
                self._resumed_at[name] = now
                self._limits.force([name])

    def tick(self, now: datetime) -> Effects:
        """Return what is due for sessions that do not wake; cheap when nothing is."""
        if self._looked_at is not None and now < self._looked_at + LOOK_EVERY:
            return Effects()
        self._looked_at = now
        self._began_at = self._began_at or now
        effects = Effects()
        for station in self._stations.values():
            for plug in station.plugs.values():
                session = station.session(plug)
                if session is None or not session.may_charge:
                    self._watches.pop(plug.connector_id, None)
                elif station.is_connected:
                    effects.extend(self._look(station, plug, session=session, now=now))
        return effects

    # --- inside ---------------------------------------------------------------------------

    def _look(
        self, station: Station, plug: Plug, *, session: Transaction, now: datetime
    ) -> Effects:
        name = plug.connector_id
        watch = self._watches.get(name)
        if watch is None or watch.session_id != session.session_id:
            # Whether a session of an earlier process was paused is not known any more: it may have been.
            is_taken_over = self._began_at is not None and session.started_at < self._began_at
            watch = self._watches[name] = _Watch(session.session_id, is_paused=is_taken_over)
        self._take_meant(watch, name, session=session)
        if watch.lulled_until is not None:
            if now >= watch.lulled_until:
                watch.lulled_until = None
                self._limits.force([name])
            return Effects()
        if not self._is_offered(station, plug, now=now):
            watch.is_paused, watch.offered_at = True, None
            return Effects()
        has_enough = session.energy_kwh >= ENOUGH_SHARE * watch.meant_kwh
        if has_enough or not watch.is_paused:
            # Enough for now: once a release means it to have more, it may still have to be woken.
            watch.offered_at = None
            return Effects()
        watch.offered_at = watch.offered_at or now
        if _is_awake(session, since=watch.offered_at):
            watch.is_paused, watch.offered_at = False, None
            return Effects()
        is_told = session.measured_at is not None and session.measured_at > watch.offered_at
        if not is_told or now < watch.offered_at + ASLEEP_AFTER:
            return Effects()
        return self._asleep(station, plug, watch=watch, session=session, now=now)

    def _take_meant(self, watch: _Watch, connector_id: str, *, session: Transaction) -> None:
        """Take in what a new release means to give a session: beside what it has, what is still due."""
        release = self._limits.release
        if release is None or release.release_id == watch.release_id:
            return
        due_kwh = [
            one.energy_target_kwh
            for one in release.schedules
            if (one.vehicle_id, one.connector_id) == (session.who.vehicle_id, connector_id)
        ]
        watch.release_id = release.release_id
        watch.meant_kwh = session.energy_kwh + sum(due_kwh) if due_kwh else inf

    def _is_offered(self, station: Station, plug: Plug, *, now: datetime) -> bool:
        """Return whether a connector may give what a vehicle needs at the least."""
        name = plug.connector_id
        connector = next(one for one in station.station.connectors() if one.connector_id == name)
        limit_kw = safe_kw = self._ledger.outlets[name].safe_kw
        lease = held(self._ledger, name, now=now)
        if lease is not None:
            line = line_of_steps(lease.steps, valid_to=lease.valid_to, after_kw=safe_kw)
            limit_kw = line.at(now.timestamp())
        wanted_kw = max(least_kw(station.station, connector), DRAWS_KW)
        return limit_kw >= NEARLY_SHARE * wanted_kw

    def _asleep(
        self,
        station: Station,
        plug: Plug,
        *,
        watch: _Watch,
        session: Transaction,
        now: datetime,
    ) -> Effects:
        watch.offered_at = None
        watch.tries += 1
        is_over = watch.tries > MOST_TRIES
        if is_over:
            watch.is_paused = False
        else:
            watch.lulled_until = now + LULL
            self._limits.mark_stale()
        facts: dict[str, Scalar] = {
            "session_id": session.session_id,
            "vehicle_id": session.who.vehicle_id,
            "tries": watch.tries,
            "what": _GIVEN_UP if is_over else _TRIED,
        }
        station_id = station.station.station_id
        entry = JournalEntry(now, "vehicle_asleep", station_id, plug.connector_id, facts)
        return Effects(journal=[entry], stations={station_id})


_TRIED: Final = "draws nothing though it may: the offer is withdrawn for a minute and made again"
_GIVEN_UP: Final = "draws nothing though it may: somebody has to look after it"


def _is_awake(session: Transaction, *, since: datetime) -> bool:
    """Return whether a vehicle draws power, or is full and need not."""
    is_measured = session.measured_at is not None and session.measured_at > since
    is_full = session.soc is not None and session.soc >= FULL_SOC
    return is_full or (is_measured and session.power_kw > DRAWS_KW)
