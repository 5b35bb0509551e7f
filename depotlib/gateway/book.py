"""The gateway's book: what it makes durable in the mailbox, and what it finds there at its start."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from depotlib.errors import MailboxBusyError, MailboxUnwritableError, ModelError
from depotlib.exchange.mailbox import Mailbox
from depotlib.gateway.control import Heritage, SiteControl
from depotlib.gateway.effects import Effects
from depotlib.gateway.identity import CONFIDENCE, NOBODY
from depotlib.gateway.order_desk import OrderDesk
from depotlib.gateway.safety import SITE
from depotlib.gateway.transactions import Transaction
from depotlib.model.brief import Brief
from depotlib.model.identity import CERTAIN, INFERRED, IdentitySource, Resolution
from depotlib.model.live import (
    ConnectorState,
    JournalEntry,
    JournalKind,
    JournalRecord,
    StationState,
)
from depotlib.model.news import NodeReserve
from depotlib.model.site_meter import SiteMeterState

LOOK_BACK: Final = 100_000
"""Journal records in which running sessions are looked for."""
PAGE: Final = 5000
RELEASED: Final = "released"
DISPATCH: Final = "dispatch"
"""Whose sign of life counts: it plans anew."""
TRUST_AGAIN: Final = "trust_again"
"""The operator's action that ends the distrust of a station that was caught."""
HEARD: Final[tuple[JournalKind, ...]] = ("identity_resolved", "operator_action")
TOLD_OF_SESSIONS: Final[tuple[JournalKind, ...]] = (
    "session_started",
    "identity_resolved",
    "session_ended",
)
TAG_SOURCES: Final[dict[str, IdentitySource]] = {
    **{name: name for name in ("tag", "card", "mac", "emaid", "bay", "telematics", "person")},
    **INFERRED,
}

_LOG: Final = logging.getLogger("depotlib.gateway")


class Book:
    """Writes for one generation of the gateway.

    Parameters
    ----------
    mailbox : Mailbox
    generation : int
        Checked in every transaction: a newer gateway ends this one (I6).
    orders : OrderDesk, optional
        Looks at what operators ask for.
    """

    def __init__(
        self, mailbox: Mailbox, generation: int, *, orders: OrderDesk | None = None
    ) -> None:
        self._mailbox = mailbox
        self._orders = orders
        self._generation = generation
        self._backlog = Effects()
        self._version = -1
        self._heard_seq = mailbox.journal_head().seq

    @property
    def has_backlog(self) -> bool:
        """Return whether something could not be written yet."""
        held = self._backlog
        kept = (held.leases, held.journal, held.distrusts, held.cleared, held.orders)
        return any((*kept, held.dialects))

    def write(self, effects: Effects) -> bool:
        """Return whether leases and journal are durable now; if not, they are kept for later.

        What can never be written, by a defect of ours, is given up, or nothing after it would be.
        Nothing of it is sent, and in the mailbox every lease keeps a state that reserves as much.

        Raises
        ------
        GenerationLostError
            If another gateway has taken over.
        """
        self.keep(effects)
        if not self.has_backlog:
            return True
        try:
            with self._mailbox.transaction():
                self._mailbox.check_generation(self._generation)
                self._put(self._backlog)
        except (MailboxBusyError, MailboxUnwritableError):
            return False
        except (ModelError, TypeError, ValueError):
            _LOG.exception("something could not be written, and is given up")
            self._backlog = Effects()
            return False
        self._backlog = Effects()
        return True

    def keep(self, effects: Effects) -> None:
        """Keep leases and journal for the next time that something is written."""
        self._backlog.leases += effects.leases
        self._backlog.journal += effects.journal
        self._backlog.distrusts += effects.distrusts
        self._backlog.cleared += effects.cleared
        self._backlog.orders += effects.orders
        self._backlog.dialects += effects.dialects

    def _put(self, effects: Effects) -> None:
        for lease in effects.leases:
            if lease.state == RELEASED:
                self._mailbox.drop_lease(lease.connector_id, lease.seq)
            else:
                self._mailbox.put_lease(lease)
        for distrust in effects.distrusts:
            self._mailbox.put_distrust(distrust)
        for connector_id in effects.cleared:
            self._mailbox.drop_distrust(connector_id)
        for status in effects.orders:
            self._mailbox.orders.put(status)
        for found in effects.dialects:
            self._mailbox.dialects.put(found.station_id, found)
        if effects.journal:
            self._mailbox.append(effects.journal)

    def heard(self, control: SiteControl, *, now: datetime) -> Effects:
        """Return what follows from what others wrote: telematics, and what people found out.

        Cheap when nobody has written.
        """
        effects = Effects()
        try:
            version = self._mailbox.data_version()
            if version == self._version:
                return effects
            control.visitors.take_readings(self._mailbox.readings())
            control.take_grid_limits(self._mailbox.grid_limits.standing(now))
            control.watch.tended_at = _tended_at(self._mailbox)
            last_seq = self._mailbox.journal_head().seq
            records = self._mailbox.journal(self._heard_seq, PAGE, kinds=HEARD)
            if self._orders is not None:
                effects.extend(self._orders.taken(control, now=now))
        except (MailboxBusyError, MailboxUnwritableError):
            return effects
        if len(records) < PAGE:
            self._version = version
        self._heard_seq = last_seq if len(records) < PAGE else records[-1].seq
        for record in records:
            effects.extend(_told_by_person(record.entry, control, now=now))
        return effects

    def show(
        self,
        states: Sequence[StationState],
        nodes: Sequence[NodeReserve],
        *,
        meter: SiteMeterState | None,
        note: str,
        now: datetime,
    ) -> bool:
        """Return whether the live state was written: stations that changed, nodes, meter, sign of life.

        Raises
        ------
        GenerationLostError
            If another gateway has taken over.
        """
        try:
            with self._mailbox.transaction():
                self._mailbox.check_generation(self._generation)
                for state in states:
                    self._mailbox.put_station_state(state)
                self._mailbox.put_ledger(nodes)
                self._mailbox.site_meter.replace_all([] if meter is None else [(SITE, meter)])
                self._mailbox.beat("gateway", now, note=note)
        except (MailboxBusyError, MailboxUnwritableError):
            return False
        return True


def heritage_of(mailbox: Mailbox, brief: Brief) -> Heritage:
    """Return what an earlier gateway left: leases, armed stations, running transactions."""
    states = {state.station_id: state for state in mailbox.station_states()}
    connectors = {
        connector.connector_id: connector
        for state in states.values()
        for connector in state.connectors
    }
    return Heritage(
        leases=tuple(mailbox.leases()),
        seqs={
            connector.connector_id: mailbox.last_lease_seq(connector.connector_id)
            for connector in brief.depot.connectors()
        },
        distrusts=mailbox.distrusts(),
        orders=tuple(mailbox.orders.open()),
        dialects=mailbox.dialects.all(),
        armed=frozenset(name for name, state in states.items() if state.is_fallback_armed),
        makes={name: (state.vendor, state.model) for name, state in states.items()},
        transactions=_transactions(
            mailbox,
            connectors=connectors,
            numbers={one.connector_id: one.number for one in brief.depot.connectors()},
        ),
        tended_at=_tended_at(mailbox),
    )


def _tended_at(mailbox: Mailbox) -> datetime | None:
    return next((one.at for one in mailbox.beats() if one.process == DISPATCH), None)


def _told_by_person(entry: JournalEntry, control: SiteControl, *, now: datetime) -> Effects:
    facts = entry.payload
    source = facts.get("identity_source")
    if entry.kind == "identity_resolved" and (source == "person" or source in INFERRED):
        session_id = str(facts.get("session_id"))
        return control.visitors.assign(session_id, _resolution_of(entry), now=now)
    if facts.get("action") == TRUST_AGAIN and entry.station_id in control.stations:
        return control.trust_again(entry.station_id or "", now=now)
    return Effects()


def _transactions(
    mailbox: Mailbox, *, connectors: dict[str, ConnectorState], numbers: dict[str, int]
) -> dict[str, list[Transaction]]:
    """Return the transactions of the journal's last pages, ended ones too: stations repeat them."""
    found: dict[str, Transaction] = {}
    stations: dict[str, list[Transaction]] = {}
    after = max(0, mailbox.journal_head().seq - LOOK_BACK)
    while True:
        records = mailbox.journal(after, PAGE, kinds=TOLD_OF_SESSIONS)
        for record in records:
            _replay(record, found=found, stations=stations, numbers=numbers)
        if len(records) < PAGE:
            break
        after = records[-1].seq
    for transaction in found.values():
        state = next(
            (one for one in connectors.values() if one.session_id == transaction.session_id), None
        )
        if state is not None and transaction.ended_at is None:
            transaction.energy_kwh = state.energy_kwh
            transaction.power_kw = state.power_kw
            transaction.soc = state.soc
            transaction.measured_at = state.measured_at
    return stations


def _replay(
    record: JournalRecord,
    *,
    found: dict[str, Transaction],
    stations: dict[str, list[Transaction]],
    numbers: dict[str, int],
) -> None:
    entry = record.entry
    session_id = str(entry.payload.get("session_id"))
    if entry.kind == "session_ended":
        if session_id in found:
            found[session_id].ended_at = entry.at
            found[session_id].energy_kwh = float(entry.payload.get("energy_kwh") or 0.0)
        return
    if entry.kind == "identity_resolved":
        who = _resolution_of(entry)
        is_settled = session_id in found and found[session_id].who.source in CERTAIN
        if session_id in found and not (who.source in INFERRED and is_settled):
            found[session_id].who = who
        return
    transaction = _transaction_of(entry, session_id=session_id, numbers=numbers)
    if transaction is not None and entry.station_id is not None:
        found[session_id] = transaction
        stations.setdefault(entry.station_id, []).append(transaction)


def _transaction_of(
    entry: JournalEntry, *, session_id: str, numbers: dict[str, int]
) -> Transaction | None:
    facts = entry.payload
    number, connector = facts.get("transaction_id"), numbers.get(entry.connector_id or "")
    if not isinstance(number, int) or connector is None:
        return None
    return Transaction(
        transaction_id=number,
        connector=connector,
        session_id=session_id,
        id_tag=str(facts.get("id_tag") or ""),
        who=_resolution_of(entry),
        may_charge=facts.get("may_charge") is not False,
        started_at=entry.at,
        meter_start_kwh=float(facts.get("meter_start_kwh") or 0.0),
        name=str(facts.get("transaction_name") or ""),
        has_meter_start=facts.get("meter_start_kwh") is not None,
    )


def _resolution_of(entry: JournalEntry) -> Resolution:
    """Return who a start or a later resolution says it is."""
    vehicle_id = entry.payload.get("vehicle_id")
    if not vehicle_id:
        return NOBODY
    source = TAG_SOURCES.get(str(entry.payload.get("identity_source")), "none")
    share = entry.payload.get("confidence_share")
    confidence_share = float(share) if isinstance(share, float | int) else CONFIDENCE[source]
    return Resolution(str(vehicle_id), source, confidence_share)
