"""The site's control: stations, ledger and limits together, still without I/O.

Every method returns `Effects`: the caller writes leases and journal durably in one transaction
and only then sends the commands (I2). The simulation in the tests drives exactly this.
"""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, get_args

from depotlib.gateway import proof
from depotlib.gateway.comings import Comings
from depotlib.gateway.compliance import Compliance
from depotlib.gateway.conversation import Conversation, Told
from depotlib.gateway.dialects import Dialects
from depotlib.gateway.effects import Effects, LeaseNews
from depotlib.gateway.foreign import Foreign
from depotlib.gateway.grid_limits import site_under
from depotlib.gateway.identity import Seen, Verdict, identify
from depotlib.gateway.ladder import Ladder
from depotlib.gateway.ledger import Ledger, Timing
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import (
    Connected,
    Disconnected,
    Event,
    MeterReported,
    Replied,
    StatusReported,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.gateway.meters.site_watch import SiteWatch
from depotlib.gateway.orders import REFERENCE as ORDER
from depotlib.gateway.orders import StandingOrders
from depotlib.gateway.room import Room
from depotlib.gateway.safe_proof import safe_limit_read_back
from depotlib.gateway.sleepers import Sleepers
from depotlib.gateway.slots import clearing, own_slot
from depotlib.gateway.standing import Standings, long_ago
from depotlib.gateway.station import TRANSACTION_SLOT, Output, Station
from depotlib.gateway.transactions import Transaction
from depotlib.gateway.visitors import Visitors
from depotlib.model.brief import Brief
from depotlib.model.grid_limit import GridLimit
from depotlib.model.live import DEFAULT_SLOT, DialectFound, Distrust, JournalEntry, Lease
from depotlib.model.order import OrderStatus
from depotlib.model.release import Release

LEASE: Final = "lease"
SAID: Final = {
    kind: re.sub(r"(?<!^)([A-Z])", r" \1", kind.__name__).lower() for kind in get_args(Event)
}
"""Each event in words: ``meter reported``."""


@dataclass(frozen=True, slots=True)
class Heritage:
    """What an earlier process left.

    Parameters
    ----------
    leases : tuple of Lease
    seqs : mapping of str to int
        Last lease number of each connector.
    armed : collection of str
        Stations whose safe limit was in place.
    makes : mapping of str to (vendor, model)
        By station, as it once booted: quirks are kept.
    transactions : mapping of str to list of Transaction
        By station.
    distrusts : tuple of Distrust
        Connectors that were caught above their limit.
    orders : tuple of OrderStatus
        Of operators, that are not over.
    dialects : tuple of DialectFound
        How stations were found to take limits.
    grid_limits : tuple of GridLimit
        From outside, that stand.
    tended_at : datetime or None
        When dispatch last gave a sign of life.
    """

    leases: tuple[Lease, ...] = ()
    seqs: Mapping[str, int] = field(default_factory=dict[str, int])
    armed: Collection[str] = ()
    makes: Mapping[str, tuple[str, str]] = field(default_factory=dict[str, tuple[str, str]])
    transactions: Mapping[str, list[Transaction]] = field(
        default_factory=dict[str, list[Transaction]]
    )
    distrusts: tuple[Distrust, ...] = ()
    orders: tuple[OrderStatus, ...] = ()
    dialects: tuple[DialectFound, ...] = ()
    grid_limits: tuple[GridLimit, ...] = ()
    tended_at: datetime | None = None


class SiteControl:
    """One site under control.

    Parameters
    ----------
    brief : Brief
    now : datetime
    draw : callable
        Gives a random 31-bit number above 0.
    timing : Timing, optional
    heritage : Heritage, optional
    """

    def __init__(
        self,
        brief: Brief,
        *,
        now: datetime,
        draw: Callable[[], int],
        timing: Timing | None = None,
        heritage: Heritage | None = None,
    ) -> None:
        left = heritage or Heritage()
        self.brief = brief
        self.grid_limits = left.grid_limits
        self.site = site_under(brief, self.grid_limits)
        self.ledger = Ledger(self.site.outlets, timing or Timing(), started_at=now)
        self.last_said: dict[str, str] = {}
        """What each station said last, in words."""
        self.stations = {
            station.station_id: Station(station, identify=self._identify, draw=draw)
            for station in brief.depot.stations
        }
        self.limits = Limits(
            brief, self.site, ledger=self.ledger, stations=self.stations, seqs=left.seqs
        )
        self.limits.untrusted_since = dict.fromkeys(self.stations, now)
        self.standings = Standings(self.ledger, self.limits)
        self.dialects = Dialects(self.stations)
        self.visitors = Visitors(self.stations, ledger=self.ledger, limits=self.limits)
        self.ladder = Ladder(self.ledger, self.limits, stations=self.stations)
        self.orders = StandingOrders(self.limits, stations=self.stations, caught=self.ladder.caught)
        self.sleepers = Sleepers(
            self.limits,
            stations=self.stations,
            ledger=self.ledger,
            below=self.orders.laid_over,
        )
        self.limits.lay_over = self.sleepers.laid_over
        self.watch = SiteWatch(brief, self.limits, ledger=self.ledger, stations=self.stations)
        self.compliance = Compliance(self.watch, self.ledger, self.stations)
        self.comings = Comings()
        self.foreign = Foreign(self.ledger, self.limits)
        self.conversation = Conversation(
            self.stations,
            ledger=self.ledger,
            limits=self.limits,
            identify=self._identify,
            handle=self.handle,
        )
        self._inherit(left, now=now)

    # --- what happens ---------------------------------------------------------------------

    def handle(self, station_id: str, event: Event, *, now: datetime) -> Effects:
        """Return what follows from a station's event."""
        if not isinstance(event, Connected | Disconnected):
            self.last_said[station_id] = SAID.get(type(event), "something")
        if isinstance(event, Told):
            return self.conversation.told(station_id, event, now=now)
        effects = Effects(stations={station_id})
        station = self.stations[station_id]
        self._follow_connection(station, event, now=now, effects=effects)
        before = {plug.number: station.session(plug) for plug in station.plugs.values()}
        _sort(station.handle(event, now), station_id, effects=effects)
        self._follow_sessions(station, before, now=now)
        match event:
            case Replied():
                self._replied(station, event, now=now, effects=effects)
            case MeterReported(is_offline=False):
                effects.extend(self._watched(station, event, now=now))
                self.watch.heard(station_id, event, now=now)
            case TransactionStarted() | TransactionEnded():
                self.limits.mark_stale()
            case StatusReported():
                self.sleepers.told(station, now=now)
            case _:
                pass
        self.standings.follow(self.stations[station_id], now=now)
        effects.extend(self.dialects.follow(station, now=now))
        effects.news = [self._in_full(one, now=now) for one in effects.news]
        return effects

    def pump(self, now: datetime) -> Effects:
        """Return the limits to change now; to be called after one event or many, soon.

        Cheap when nothing has changed since the last call.
        """
        return self.limits.pumped(now)

    def tick(self, now: datetime) -> Effects:
        """Return what is due by time alone; cheap when nothing is."""
        effects = Effects()
        for station_id, station in self.stations.items():
            outputs = station.tick(now)
            if outputs:
                _sort(outputs, station_id, effects=effects)
                self.standings.follow(self.stations[station_id], now=now)
        effects.extend(self.watch.tick(self.site, now=now))
        effects.journal += self.compliance.tick(self.grid_limits, self.site, now=now)
        effects.extend(self.ladder.tick(now))
        effects.extend(self.orders.tick(now))
        effects.extend(self.sleepers.tick(now))
        effects.extend(self.visitors.look(self._identify, now=now))
        pinned = [
            name
            for name, outlet in self.ledger.outlets.items()
            if self.ledger.trust[outlet.station_id].is_connected
            and self.ledger.pinned_slot(name, now=now) is not None
        ]
        if pinned:
            self.limits.force(pinned)
        return effects

    def apply_release(self, release: Release | None, *, forced: Iterable[str] = ()) -> None:
        """Put a release into force.

        Parameters
        ----------
        release : Release or None
        forced : iterable of str
            Connectors whose limit is sent even if it is the one they hold (a push).
        """
        self.limits.apply_release(release)
        self.limits.force(forced)

    def trust_again(self, station_id: str, *, now: datetime) -> Effects:
        """Return what follows when an operator trusts a station that was caught."""
        effects = self.ladder.trust_again(station_id, now=now)
        self.standings.follow(self.stations[station_id], now=now)
        return effects

    def apply_brief(self, brief: Brief) -> None:
        """Take a new brief of the same depot: identities, bays, base load."""
        self.brief = brief
        self.site = site_under(brief, self.grid_limits)
        self.limits.apply_brief(brief, self.site)
        self.watch.take_brief(brief)
        self.orders.apply_depot(brief.depot)

    def take_grid_limits(self, limits: tuple[GridLimit, ...]) -> None:
        """Take the limits from outside that stand; the next pump obeys them."""
        if limits == self.grid_limits:
            return
        self.grid_limits = limits
        self.site = site_under(self.brief, limits)
        self.limits.apply_brief(self.brief, self.site)

    # --- what is so now -------------------------------------------------------------------

    def room(self, now: datetime) -> Room:
        """Return the room below every node from now on."""
        return self.limits.room(now)

    def held(self, connector_id: str, now: datetime) -> Lease | None:
        """Return the lease in force on a connector, or None: its safe limit holds."""
        return proof.held(self.ledger, connector_id, now=now)

    # --- inside ---------------------------------------------------------------------------

    def _identify(self, token: str, connector_id: str, *, at: datetime) -> Verdict:
        return identify(
            token,
            connector_id,
            at=at,
            brief=self.brief,
            release=self.limits.release,
            seen=Seen(self.visitors.plugged(), self.visitors.readings),
        )

    def _in_full(self, news: LeaseNews, *, now: datetime) -> LeaseNews:
        """Return news of a lease that says so where it gives a part of the plan only."""
        if news.outcome != "accepted" or news.note not in {"", "Accepted"}:
            return news
        part = self.limits.partly(news.lease, now=now)
        return replace(news, note=part) if part else news

    def _watched(self, station: Station, event: MeterReported, *, now: datetime) -> Effects:
        """Return what a meter proves; whoever is caught is told to give nothing."""
        seen = proof.watch(station, event, ledger=self.ledger, now=now)
        caught, seen.distrusts = seen.distrusts, []
        for one in caught:
            if one.connector_id not in self.ladder.caught:
                seen.extend(self.ladder.begin(one, now=now))
        return seen

    def _follow_connection(
        self, station: Station, event: Event, *, now: datetime, effects: Effects
    ) -> None:
        station_id = station.station.station_id
        if not isinstance(event, Connected | Disconnected):
            return
        effects.leases += self.ledger.disconnected(station_id, now=now)
        if isinstance(event, Connected):
            self.ledger.connected(station_id, now=now)
            effects.journal += self.comings.note(station_id, now=now)
            # What the old connection left in doubt is said once more on the new one.
            self.limits.force(plug.connector_id for plug in station.plugs.values())

    def _follow_sessions(
        self, station: Station, before: Mapping[int, Transaction | None], *, now: datetime
    ) -> None:
        """Note which transactions began and which are over."""
        for plug in station.plugs.values():
            was, runs = before[plug.number], station.session(plug)
            if was is runs:
                continue
            if was is not None and was.ended_at is not None:
                slot = f"{TRANSACTION_SLOT}{was.transaction_id}"
                self.ledger.end_slot(plug.connector_id, slot, now=now)
            plug.over_limit = 0
            self.limits.force([plug.connector_id])

    def _replied(
        self, station: Station, event: Replied, *, now: datetime, effects: Effects
    ) -> None:
        effects.extend(safe_limit_read_back(station, event, ledger=self.ledger, now=now))
        effects.extend(self.foreign.replied(station, event, now=now))
        kind, _, rest = event.reference.partition(" ")
        seq_text, _, connector_id = rest.partition(" ")
        if kind == proof.VERIFY:
            effects.extend(
                proof.read_back(station, connector_id, event=event, ledger=self.ledger, now=now)
            )
        if kind == ORDER:
            effects.extend(self.orders.replied(event, now=now))
        if kind != LEASE:
            return
        lease = self.ledger.mark(connector_id, int(seq_text), state=event.outcome, now=now)
        if lease is None:
            return
        effects.leases.append(lease)
        effects.journal.append(self.limits.answered(lease, event, now=now))
        if lease.slot != DEFAULT_SLOT or own_slot(station, connector_id) == DEFAULT_SLOT:
            # Else it lies below the limit of a running session, and says nothing of that one.
            news = LeaseNews(lease, "answered", event.outcome, event.note, event.latency_s)
            effects.news.append(news)
        if event.outcome == "accepted":
            calls = clearing(station, lease, ledger=self.ledger, now=now)
            calls.append(proof.read_back_call(station, lease))
            effects.commands += [(station.station.station_id, call) for call in calls]

    def _inherit(self, left: Heritage, *, now: datetime) -> None:
        self._inherit_trust(left, now=now)
        self.watch.tended_at = left.tended_at
        epochs: dict[str, int] = {}
        for lease in left.leases:
            epochs[lease.station_id] = max(lease.epoch, epochs.get(lease.station_id, 0))
        self.ledger.restore(left.leases, epochs=epochs)
        for station_id, transactions in left.transactions.items():
            if station_id in self.stations:
                self.stations[station_id].restore(transactions)
        self.orders.restore(left.orders)

    def _inherit_trust(self, left: Heritage, *, now: datetime) -> None:
        self.dialects.restore(left.dialects)
        for station_id in self.stations.keys() & left.makes.keys():
            station, (vendor, model) = self.stations[station_id], left.makes[station_id]
            station.is_made_by(vendor, model, firmware=station.arming.firmware)
            self.ledger.trust[station_id].can_expire = station.arming.dialect.can_expire
        for station_id in left.armed:
            if station_id in self.stations:
                arming = self.stations[station_id].arming
                arming.is_armed = True
                trust = self.ledger.trust[station_id]
                trust.is_armed = True
                trust.unit = trust.safe_unit = arming.dialect.unit
                self.limits.untrusted_since.pop(station_id, None)
        self.ladder.restore(left.distrusts, now=now)
        for one in left.distrusts:
            if one.station_id in self.stations:
                self.limits.untrusted_since[one.station_id] = long_ago(now)


def _sort(outputs: Iterable[Output], station_id: str, *, effects: Effects) -> None:
    for output in outputs:
        if isinstance(output, JournalEntry):
            effects.journal.append(output)
        else:
            effects.commands.append((station_id, output))
