"""One charging station as a state machine without I/O: events and `now` in, commands out.

It answers the station, keeps its transactions, arms its fallback and notes what happened. What a
connector may draw is not its affair: that is the ledger's, and the site's control asks both.
"""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.gateway.arming import Arming
from depotlib.gateway.arming_notes import notes_of_safe_limit
from depotlib.gateway.identity import NOBODY, Identify, Verdict
from depotlib.gateway.messages import (
    AnswerBoot,
    AnswerEmpty,
    AnswerHeartbeat,
    AnswerStart,
    AnswerToken,
    Booted,
    Command,
    Connected,
    Disconnected,
    Event,
    HeartbeatAsked,
    InstallProfile,
    MeterReported,
    NoticeGiven,
    Replied,
    StatusReported,
    TokenOffered,
    TransactionEnded,
    TransactionStarted,
)
from depotlib.gateway.plug import Plug, metered_plug
from depotlib.gateway.profiles import lease_profile
from depotlib.gateway.quirks import first_dialect
from depotlib.gateway.ranks import RANK_LOWER, RANK_RAISE
from depotlib.gateway.reports import FaultTold, ReportTold, entries_of
from depotlib.gateway.stories import status_word
from depotlib.gateway.transactions import Transaction, Transactions, late_facts
from depotlib.model.depot import ChargingStation
from depotlib.model.live import JournalEntry, JournalKind, Lease, Scalar

HEARTBEAT_S: Final = 300
TRANSACTION_SLOT: Final = "tx-"
Output = Command | JournalEntry


class Station:
    """A station.

    Parameters
    ----------
    station : ChargingStation
    identify : callable
        Token, connector and instant → who is plugged in.
    draw : callable
        Gives a random 31-bit number above 0.
    """

    def __init__(
        self,
        station: ChargingStation,
        *,
        identify: Identify,
        draw: Callable[[], int],
    ) -> None:
        self.station = station
        self.arming = Arming(station, first_dialect(station))
        self.transactions = Transactions(draw)
        self.plugs = {
            connector.number: Plug(connector.number, connector.connector_id)
            for connector in station.connectors()
        }
        self.is_connected = False
        self.connected_at: datetime | None = None
        self.last_seen: datetime | None = None
        self.vendor = ""
        self.model = ""
        self._identify = identify

    def handle(self, event: Event, now: datetime) -> list[Output]:
        """Return what follows from an event: answers first, then notes, then calls."""
        if not isinstance(event, Disconnected):
            self.last_seen = now
        match event:
            case Connected():
                return self._connected(event, now)
            case Disconnected():
                return self._disconnected(event, now)
            case Replied():
                return self._replied(event, now)
            case Booted():
                return self._booted(event, now)
            case _:
                return self._said(event, now)

    def tick(self, now: datetime) -> list[Output]:
        """Return what is due by time alone."""
        return list(self.arming.calls(now)) if self.is_connected else []

    def occupied(self) -> dict[str, bool]:
        """Return by connector whether a vehicle is plugged in."""
        return {plug.connector_id: self.session(plug) is not None for plug in self.plugs.values()}

    def session(self, plug: Plug) -> Transaction | None:
        """Return the transaction that runs on a plug, or None."""
        return self.transactions.running(plug.number)

    def number_of(self, connector_id: str) -> int:
        """Return how the station counts a connector."""
        return next(one.number for one in self.plugs.values() if one.connector_id == connector_id)

    def lease_call(self, lease: Lease, *, is_lower: bool, now: datetime) -> InstallProfile:
        """Return the call that brings a lease to the station.

        Parameters
        ----------
        lease : Lease
        is_lower : bool
            Whether it goes before everything else.
        now : datetime
        """
        number = self.number_of(lease.connector_id)
        running = self.transactions.get(_number_in(lease.slot))
        profile = lease_profile(
            lease.steps,
            self.arming.dialect,
            connector=number,
            transaction_id=_number_in(lease.slot),
            valid_to=lease.valid_to,
            now=now,
        )
        if running is not None and running.name:
            profile = replace(profile, transaction_name=running.name)
        reference = f"lease {lease.seq} {lease.connector_id}"
        return InstallProfile(reference, profile, rank=RANK_LOWER if is_lower else RANK_RAISE)

    def is_made_by(self, vendor: str, model: str, *, firmware: str = "") -> None:
        """Take in who made it, and so how to speak to it."""
        self.vendor, self.model = vendor, model
        self.arming.is_made_by(vendor, model, firmware=firmware)

    def restore(self, transactions: list[Transaction]) -> None:
        """Take over the transactions that an earlier process knew."""
        for transaction in transactions:
            self.transactions.add(transaction)

    # --- the connection -------------------------------------------------------------------

    def _connected(self, event: Connected, now: datetime) -> list[Output]:
        self.is_connected, self.connected_at = True, now
        self.arming.connected(now, version=event.version)
        return [self._note(now, "station_connected", facts={"version": event.version})]

    def _disconnected(self, event: Disconnected, now: datetime) -> list[Output]:
        if not self.is_connected:
            return []
        self.is_connected = False
        self.arming.disconnected()
        return [self._note(now, "station_disconnected", facts={"reason": event.reason})]

    def _booted(self, event: Booted, now: datetime) -> list[Output]:
        self.is_made_by(event.vendor, event.model, firmware=event.firmware)
        self.arming.booted(now)
        for plug in self.plugs.values():
            plug.safe_limit_told = ""
        facts = {
            "vendor": event.vendor,
            "model": event.model,
            "serial": event.serial,
            "firmware": event.firmware,
        }
        note = self._note(now, "boot", facts=facts)
        return [AnswerBoot(event.call_id, now, HEARTBEAT_S), note, *self.arming.calls(now)]

    def _status(self, event: StatusReported, now: datetime) -> list[Output]:
        out: list[Output] = [AnswerEmpty(event.call_id, "StatusNotification")]
        plug = self.plugs.get(event.connector)
        status = event.status if plug is None else status_word(event.status, before=plug.status)
        if plug is not None and plug.status != status:
            plug.status = status
            at = event.at or now
            facts = {"status": status, "error_code": event.error_code}
            out.append(self._note(at, "status", plug=plug, facts=facts))
        return out

    def _said(self, event: Event, now: datetime) -> list[Output]:
        match event:
            case StatusReported():
                return self._status(event, now)
            case TransactionStarted():
                return self._started(event, now)
            case MeterReported():
                return self._metered(event, now)
            case TransactionEnded():
                return self._ended(event, now)
            case _:
                return self._answered(event, now)

    def _answered(self, event: Event, now: datetime) -> list[Output]:
        match event:
            case HeartbeatAsked(call_id=call_id):
                return [AnswerHeartbeat(call_id, now)]
            case TokenOffered(call_id=call_id, is_contract=True):
                # A name in a certificate that nobody here can look through proves nothing.
                return [AnswerToken(call_id, is_accepted=False, is_contract=True)]
            case TokenOffered(call_id=call_id, token=token):
                plug = next(iter(self.plugs.values()))
                verdict = self._identify(token, plug.connector_id, at=now)
                charging, why = verdict.may_charge, verdict.refusal
                return [AnswerToken(call_id, charging, refusal=why, parent=verdict.parent)]
            case FaultTold(call_id=call_id) | ReportTold(call_id=call_id):
                places = {number: plug.connector_id for number, plug in self.plugs.items()}
                notes = entries_of(event, self.station.station_id, places=places, now=now)
                return [AnswerEmpty(call_id, event.action), *notes]
            case NoticeGiven(call_id=call_id, action=action, status=status):
                facts = {"action": action, "status": status}
                notes = [self._note(now, "upkeep_status", facts=facts)] if status else []
                return [AnswerEmpty(call_id, action), *notes]
            case _:
                return []

    def _replied(self, event: Replied, now: datetime) -> list[Output]:
        self.arming.replied(event, now=now)
        # What it told may ask for its safe limit in other words: nothing else goes out before.
        return [
            *notes_of_safe_limit(self.station, self.arming, event=event, now=now),
            *self.tick(now),
        ]

    # --- transactions ---------------------------------------------------------------------

    def _started(self, event: TransactionStarted, now: datetime) -> list[Output]:
        known = self.transactions.known(event)
        if known is not None:
            number, may_charge = known.transaction_id, known.may_charge
            return [AnswerStart(event.call_id, number, may_charge, known.refusal)]
        plug = self.plugs.get(event.connector)
        number = (
            self.transactions.new_id() if event.transaction_id is None else event.transaction_id
        )
        if plug is None:
            what = f"a start on connector {event.connector}, which the station does not have"
            note = self._note(now, "identity_exception", facts={"what": what})
            return [AnswerStart(event.call_id, number, is_accepted=False), note]
        verdict = self._identify(event.token, plug.connector_id, at=event.at)
        transaction = self._begun(event, number, plug=plug, verdict=verdict)
        charging, why, group = verdict.may_charge, verdict.refusal, verdict.parent
        out: list[Output] = [AnswerStart(event.call_id, number, charging, why, group)]
        before = self.session(plug)
        if before is not None and not verdict.may_charge:
            # A refused start ends nothing: what runs goes on, and this one is over at once.
            transaction.ended_at = event.at
            self.transactions.add(transaction)
            what = f"a start that may not charge, where a session runs: {verdict.exception}"
            facts: dict[str, Scalar] = {"what": what, "token": event.token}
            return [*out, self._note(now, "identity_exception", plug=plug, facts=facts)]
        if before is not None and before.started_at <= event.at:
            out.append(self.close(plug, before, at=event.at, reason="Superseded"))
        self.transactions.add(transaction)
        return [*out, *self._start_notes(plug, transaction, verdict=verdict, now=now)]

    def _begun(
        self, event: TransactionStarted, number: int, *, plug: Plug, verdict: Verdict
    ) -> Transaction:
        return Transaction(
            transaction_id=number,
            connector=event.connector,
            session_id=f"{plug.connector_id}@{event.at.isoformat()}",
            id_tag=event.token,
            who=verdict.who,
            started_at=event.at,
            meter_start_kwh=event.meter_start_kwh or 0.0,
            may_charge=verdict.may_charge,
            refusal=verdict.refusal,
            name=event.name,
            has_meter_start=event.meter_start_kwh is not None,
        )

    def _start_notes(
        self, plug: Plug, transaction: Transaction, *, verdict: Verdict, now: datetime
    ) -> list[JournalEntry]:
        who = verdict.who
        facts: dict[str, Scalar] = {
            "session_id": transaction.session_id,
            "vehicle_id": who.vehicle_id,
            "id_tag": transaction.id_tag,
            "identity_source": who.source,
            "confidence_share": who.confidence_share,
            "may_charge": transaction.may_charge,
            "meter_start_kwh": transaction.meter_start_kwh if transaction.has_meter_start else None,
            "transaction_id": transaction.transaction_id,
            "transaction_name": transaction.name,
        }
        notes = [self._note(transaction.started_at, "session_started", plug=plug, facts=facts)]
        # Where a token may still follow the start (2.x), its lack is nothing to look at yet.
        if verdict.exception and (transaction.id_tag or not transaction.name):
            facts = {
                "session_id": transaction.session_id,
                "what": verdict.exception,
                "token": transaction.id_tag,
            }
            notes.append(self._note(now, "identity_exception", plug=plug, facts=facts))
        return notes

    def _metered(self, event: MeterReported, now: datetime) -> list[Output]:
        out: list[Output] = [AnswerEmpty(event.call_id, "MeterValues")]
        known = self.transactions.get(event.transaction_id)
        plug = metered_plug(self.plugs, event, known=known)
        if plug is None or not event.samples:
            return out
        transaction = known or self.session(plug)
        if transaction is None:
            if event.transaction_id is None or event.transaction_id <= 0:
                return out
            transaction = self._adopted(event, plug)
            verdict = Verdict(
                transaction.who, may_charge=True, exception="a running session adopted"
            )
            out += self._start_notes(plug, transaction, verdict=verdict, now=now)
        before_kwh = transaction.energy_kwh
        for sample in event.samples:
            taken = transaction.take(sample)
            facts: dict[str, Scalar] = {
                "session_id": transaction.session_id,
                "power_kw": taken.power_kw,
                "energy_kwh": taken.register_kwh,
                "soc": taken.soc,
                **late_facts(sample.at, connected_at=self.connected_at, now=now),
            }
            out.append(self._note(sample.at, "meter", plug=plug, facts=facts))
        if transaction.name and transaction.ended_at and transaction.energy_kwh > before_kwh:
            out.append(self.close(plug, transaction, at=transaction.ended_at, reason="Corrected"))
        return out

    def _adopted(self, event: MeterReported, plug: Plug) -> Transaction:
        """Return a running transaction that only its meter tells of (its start was lost to us)."""
        first = event.samples[0]
        registers = [one.register_kwh for one in event.samples if one.register_kwh is not None]
        verdict = self._identify("", plug.connector_id, at=first.at)
        assert event.transaction_id is not None
        transaction = Transaction(
            transaction_id=event.transaction_id,
            connector=plug.number,
            session_id=f"{plug.connector_id}@{first.at.isoformat()}",
            id_tag="",
            who=verdict.who if verdict.who.vehicle_id is not None else NOBODY,
            started_at=first.at,
            meter_start_kwh=registers[0] if registers else 0.0,
        )
        self.transactions.add(transaction)
        return transaction

    def _ended(self, event: TransactionEnded, now: datetime) -> list[Output]:
        out: list[Output] = [AnswerEmpty(event.call_id, "StopTransaction")]
        transaction = self.transactions.meant_by(event)
        if transaction is None or transaction.ended_at is not None:
            return out
        stop_kwh = event.meter_stop_kwh
        if stop_kwh is not None and stop_kwh >= transaction.meter_start_kwh:
            transaction.energy_kwh = stop_kwh - transaction.meter_start_kwh
        plug = self.plugs[transaction.connector]
        at = min(event.at, now) if event.at >= transaction.started_at else now
        return [*out, self.close(plug, transaction, at=at, reason=event.reason)]

    def close(
        self, plug: Plug, transaction: Transaction, *, at: datetime, reason: str
    ) -> JournalEntry:
        """Return the note of a transaction's end, which is so from now on."""
        transaction.ended_at = at
        transaction.power_kw = 0.0
        facts: dict[str, Scalar] = {
            "session_id": transaction.session_id,
            "energy_kwh": transaction.energy_kwh,
            "reason": reason,
            "vehicle_id": transaction.who.vehicle_id,
            "transaction_id": transaction.transaction_id,
        }
        return self._note(at, "session_ended", plug=plug, facts=facts)

    def _note(
        self,
        at: datetime,
        kind: JournalKind,
        *,
        facts: Mapping[str, Scalar],
        plug: Plug | None = None,
    ) -> JournalEntry:
        connector_id = None if plug is None else plug.connector_id
        return JournalEntry(at, kind, self.station.station_id, connector_id, facts)


def _number_in(slot: str) -> int | None:
    """Return the transaction's number that a lease's slot holds, or None for a default."""
    return int(slot[len(TRANSACTION_SLOT) :]) if slot.startswith(TRANSACTION_SLOT) else None
