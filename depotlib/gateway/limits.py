"""The limits of a site: what is wanted, what may be, and what therefore goes out now.

Joins wishes, room and pump, and turns the chosen changes into leases: recorded first, then sent.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from depotlib.gateway.bounds import SiteBounds
from depotlib.gateway.effects import Effects, LeaseNews
from depotlib.gateway.lease_notes import answered_entry, given_part, sent_entry
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.messages import Replied
from depotlib.gateway.profiles import shaped_line
from depotlib.gateway.pump import Change, Desire, Pump
from depotlib.gateway.quirks import takes_both_units
from depotlib.gateway.room import Room
from depotlib.gateway.safety import Site
from depotlib.gateway.slots import own_slot, slots_of
from depotlib.gateway.station import Station
from depotlib.gateway.steps import (
    StepLine,
    constant,
    from_then,
    limit_steps,
    lowest,
)
from depotlib.gateway.wishes import (
    Guest,
    LayOver,
    Window,
    Wish,
    as_wished,
    least_kw,
    windows_of,
    wishes_of,
)
from depotlib.model.brief import Brief
from depotlib.model.live import DEFAULT_SLOT, JournalEntry, Lease
from depotlib.model.release import Release

PUMP_EVERY_S: Final = 30.0
GIVE_WAY_AFTER_S: Final = 30.0
"""A station that boots is armed within a second: others give way only if that takes longer."""
RETRY_S: Final = 60.0
RETRY_YOUNG_S: Final = 5.0
YOUNG_S: Final = 60.0
"""Some stations refuse a TxProfile until they have digested the answer to their start."""
REFUSALS_TO_CHANGE: Final = 2
ZERO_S: Final = 43_200.0
"""So long a connector that was caught disobeying is told to give nothing."""
BOUND_WORTH_KW: Final = 0.5
"""A smaller fall of what charging may use waits for the next look at everything."""


class Limits:
    """The leases of a site in the making.

    Parameters
    ----------
    brief : Brief
    site : Site
    ledger : Ledger
    stations : mapping of str to Station
    seqs : mapping of str to int
        Last lease number of each connector.
    """

    def __init__(
        self,
        brief: Brief,
        site: Site,
        *,
        ledger: Ledger,
        stations: Mapping[str, Station],
        seqs: Mapping[str, int],
    ) -> None:
        self._release: Release | None = None
        self._windows: tuple[Window, ...] = ()
        self._served = frozenset[str]()
        self.untrusted_since: dict[str, datetime] = {}
        self.is_suspended = False
        """Nothing is sent and nothing freed while the mailbox cannot be written (I7)."""
        self.lay_over: LayOver = as_wished
        """What the orders of operators make of the wishes; never of the room."""
        self.slack_s: dict[str, float] = {}
        """By connector, as last served: the smallest first."""
        self._bounds = SiteBounds()
        self._brief = brief
        self._site = site
        self._ledger = ledger
        self._stations = stations
        self._pump = Pump(ledger, self._shaped)
        self._seqs = dict(seqs)
        self._forced: set[str] = set()
        self._refusals: dict[tuple[str, str], int] = {}
        self._tries_unit: set[str] = set()
        self._pumped_at: datetime | None = None
        self._is_stale = True
        self._operating_kw = 0.0

    @property
    def release(self) -> Release | None:
        """Return the release in force, or None."""
        return self._release

    def apply_release(self, release: Release | None) -> None:
        """Put a release into force."""
        self._release = release
        self._windows = windows_of(release)
        self._served = frozenset(release.served if release is not None else ())
        self._is_stale = True

    def mark_stale(self) -> None:
        """Note that something has changed that may allow or ask for other limits."""
        self._is_stale = True

    def force(self, connector_ids: Iterable[str]) -> None:
        """Note connectors whose limit is to be sent even if it is the one they should hold."""
        self._forced |= {name for name in connector_ids if name in self._ledger.outlets}
        self._is_stale = True

    @property
    def bounds(self) -> SiteBounds:
        """Return what the site's meter changes."""
        return self._bounds

    def take_bounds(self, bounds: SiteBounds, *, now: datetime) -> None:
        """Take what the site's meter changes; what asks for less is acted on at the next pump."""
        before, self._bounds = self._bounds, bounds
        at_s = now.timestamp()
        planned = self._site.operating
        was_kw, is_kw = ((one.operating or planned).at(at_s) for one in (before, bounds))
        # Not a fall of its own: a slow fall must not slip through in small steps.
        is_lower = not is_kw >= min(was_kw, self._operating_kw) - BOUND_WORTH_KW
        if is_lower or bounds.is_relieved != before.is_relieved:
            self._is_stale = True

    def apply_brief(self, brief: Brief, site: Site) -> None:
        """Take a new brief of the same depot."""
        self._brief, self._site = brief, site
        self._is_stale = True

    def pumped(self, now: datetime) -> Effects:
        """Return the leases that are over and the changes to make; cheap when nothing is due."""
        if self.is_suspended:
            return Effects()
        effects = Effects(leases=self._ledger.release(now))
        pause = timedelta(seconds=PUMP_EVERY_S)
        is_due = self._pumped_at is None or now >= self._pumped_at + pause
        if not (self._is_stale or effects.leases or is_due):
            return effects
        self._is_stale = False
        self._pumped_at = now
        self._operating_kw = (self._bounds.operating or self._site.operating).at(now.timestamp())
        guests = self.guests()
        wishes = wishes_of(
            self._brief.depot, self._windows, guests=guests, served=self._served, now=now
        )
        desires = self._desires(self.lay_over(wishes, guests, now=now), now=now)
        self.slack_s = {desire.connector_id: desire.slack_s for desire in desires}
        changes = self._pump.changes(
            self.room(now, extra=[desire.line for desire in desires]),
            desires,
            ready={one.connector_id for one in desires if self._is_ready(one.connector_id)},
            floors_kw=self._floors_kw(now),
            now=now,
        )
        for change in changes:
            self._send(change, now=now, effects=effects)
        return effects

    def answered(self, lease: Lease, event: Replied, *, now: datetime) -> JournalEntry:
        """Return the note of a lease's answer, and remember refusals."""
        key = (lease.station_id, lease.slot.partition("-")[0])
        self._is_stale = True
        is_young = self._is_young(lease, now=now)
        if event.outcome == "accepted":
            self._refusals.pop(key, None)
        else:
            pause = timedelta(seconds=RETRY_YOUNG_S if is_young else RETRY_S)
            self._pump.paused_until[lease.connector_id] = now + pause
        if event.outcome == "rejected" and not is_young:
            self._refusals[key] = self._refusals.get(key, 0) + 1
            if self._refusals[key] >= REFUSALS_TO_CHANGE:
                del self._refusals[key]
                self._change_dialect(lease, now=now)
        return answered_entry(lease, event, release=self._release, now=now)

    def zeroed(self, connector_id: str, *, now: datetime) -> Effects:
        """Return the lease that permits a connector nothing, whatever the plan says (class C)."""
        station = self._stations[self._ledger.outlets[connector_id].station_id]
        line, valid_to = constant(0.0), now + timedelta(seconds=ZERO_S)
        desire = Desire(
            connector_id=connector_id,
            slot=own_slot(station, connector_id),
            line=line,
            valid_to=valid_to,
            release_id="",
            slack_s=0.0,
        )
        effects = Effects()
        self._send(Change(desire, line, is_lower=True), now=now, effects=effects)
        return effects

    def partly(self, lease: Lease, *, now: datetime) -> str:
        """Return what a lease gives of the plan for the next minutes, or an empty text: all."""
        return given_part(self._release, lease, now=now)

    def room(self, now: datetime, *, extra: Iterable[StepLine] = ()) -> Room:
        """Return the room below every node from now on, on a grid that shows other lines too."""
        return Room(
            self._site,
            self._ledger,
            occupied=self._occupied(),
            extra=list(extra),
            now=now,
            bounds=self._bounds,
        )

    def guests(self) -> dict[str, Guest]:
        """Return by connector who is plugged in."""
        return {
            plug.connector_id: Guest(
                transaction.who.vehicle_id, transaction.started_at, transaction.may_charge
            )
            for station in self._stations.values()
            for plug in station.plugs.values()
            if (transaction := station.session(plug)) is not None
        }

    # --- what is wanted -------------------------------------------------------------------

    def _desires(self, wishes: Mapping[str, Wish], *, now: datetime) -> list[Desire]:
        release_id = self.release.release_id if self.release is not None else ""
        wanted = {
            name: wish
            for name in self._ledger.outlets
            if (wish := wishes.get(name) or self._wish_to_end(name, now=now)) is not None
        }
        self._forced &= wanted.keys()
        slots = slots_of(wanted, ledger=self._ledger, stations=self._stations, now=now)
        return [
            Desire(
                connector_id=connector.connector_id,
                slot=slots[connector.connector_id],
                line=self._bounded(connector.connector_id, wish.line),
                valid_to=wish.valid_to,
                release_id=release_id,
                slack_s=wish.slack_s,
                min_kw=least_kw(station.station, connector),
                is_new=connector.connector_id in self._forced,
                is_below=slots[connector.connector_id] != own_slot(station, connector.connector_id),
            )
            for station in self._stations.values()
            for connector in station.station.connectors()
            if (wish := wanted.get(connector.connector_id)) is not None
        ]

    def _bounded(self, connector_id: str, line: StepLine) -> StepLine:
        """Return a wish, or no more than the safe limit while the site is above its limit."""
        if not self._bounds.is_relieved:
            return line
        return lowest([line, constant(self._ledger.outlets[connector_id].safe_kw)])

    def _wish_to_end(self, connector_id: str, *, now: datetime) -> Wish | None:
        """Return a wish for the safe limit where an old lease still says otherwise."""
        lease = self._ledger.latest(connector_id, DEFAULT_SLOT)
        if lease is None or lease.valid_to <= now:
            return None
        safe_kw = self._ledger.outlets[connector_id].safe_kw
        return Wish(line=constant(safe_kw), valid_to=lease.valid_to, slack_s=0.0)

    # --- what may be ----------------------------------------------------------------------

    def _occupied(self) -> dict[str, bool]:
        return {
            name: is_occupied
            for station in self._stations.values()
            for name, is_occupied in station.occupied().items()
        }

    def _is_ready(self, connector_id: str) -> bool:
        station_id = self._ledger.outlets[connector_id].station_id
        trust = self._ledger.trust[station_id]
        is_asked = any(
            lease.connector_id == connector_id for lease in self._ledger.in_flight(station_id)
        )
        return trust.is_connected and trust.station_class != "C" and not is_asked

    def _floors_kw(self, now: datetime) -> dict[str, float]:
        grace = timedelta(seconds=GIVE_WAY_AFTER_S)
        floors: dict[str, float] = {}
        for name, outlet in self._ledger.outlets.items():
            since = self.untrusted_since.get(outlet.station_id)
            is_reckoned = since is not None and now >= since + grace
            floors[name] = self._ledger.worst_kw(name) if is_reckoned else outlet.safe_kw
        return floors

    def _shaped(self, connector_id: str, line: StepLine, *, now_s: float, end_s: float) -> StepLine:
        outlet = self._ledger.outlets[connector_id]
        dialect = self._stations[outlet.station_id].arming.dialect
        if not dialect.can_expire:
            line = from_then(line, constant(outlet.safe_kw), at_s=end_s)
        return shaped_line(line, dialect, now_s=now_s, end_s=end_s)

    # --- what goes out, and how it fared --------------------------------------------------

    def _send(self, change: Change, *, now: datetime, effects: Effects) -> None:
        desire = change.desire
        outlet = self._ledger.outlets[desire.connector_id]
        seq = self._seqs.get(desire.connector_id, 0) + 1
        self._seqs[desire.connector_id] = seq
        # Recorded as sent: from here on it may be, and nobody can tell the difference.
        lease = Lease(
            station_id=outlet.station_id,
            connector_id=desire.connector_id,
            seq=seq,
            epoch=self._ledger.trust[outlet.station_id].epoch,
            steps=limit_steps(change.line),
            valid_to=desire.valid_to,
            state="sent",
            release_id=desire.release_id,
            sent_at=now,
            slot=desire.slot,
            unit=self._stations[outlet.station_id].arming.dialect.unit,
        )
        station = self._stations[outlet.station_id]
        self._ledger.record(lease)
        self._pump.note(change, now=now)
        if desire.slot == own_slot(station, desire.connector_id):
            self._forced.discard(desire.connector_id)  # else its session's own limit follows
        call = station.lease_call(lease, is_lower=change.is_lower, now=now)
        effects.leases.append(lease)
        effects.journal.append(sent_entry(lease, now=now))
        effects.commands.append((outlet.station_id, call))
        effects.news.append(LeaseNews(lease, "sent", "accepted"))
        effects.stations.add(outlet.station_id)

    def _is_young(self, lease: Lease, *, now: datetime) -> bool:
        """Return whether the lease's transaction has only just begun."""
        station = self._stations[lease.station_id]
        session = station.transactions.running(station.number_of(lease.connector_id))
        return session is not None and now < session.started_at + timedelta(seconds=YOUNG_S)

    def _change_dialect(self, lease: Lease, *, now: datetime) -> None:
        """Speak otherwise to a station that keeps refusing.

        No TxProfile, then the other unit, if it may take it, then one level only.
        """
        arming = self._stations[lease.station_id].arming
        if lease.slot != DEFAULT_SLOT:
            arming.learn(uses_transaction_profile=False)
            self.force([lease.connector_id])
        elif "unit" not in arming.found and takes_both_units(arming.reported):
            arming.learn(unit="W" if arming.dialect.unit == "A" else "A")
            self._tries_unit.add(lease.station_id)
        elif arming.dialect.lease_level > 0:
            if lease.station_id in self._tries_unit:
                arming.unlearn("unit")  # in vain
            arming.learn(lease_level=0, uses_transaction_profile=False)
            self._ledger.trust_changed(lease.station_id, now=now)
