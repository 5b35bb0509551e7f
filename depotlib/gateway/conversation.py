"""What 2.x stations say beyond 1.6: transactions as stories, vehicles, needs, profiles they hold."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from depotlib.gateway import proof
from depotlib.gateway.effects import Effects
from depotlib.gateway.identity import Identify, Verdict
from depotlib.gateway.ledger import Ledger
from depotlib.gateway.limits import Limits
from depotlib.gateway.messages import (
    Answer,
    AnswerEmpty,
    AnswerStatus,
    AnswerToken,
    AnswerTransaction,
    Event,
    Replied,
    TokenOffered,
    TransactionTold,
    VehicleTold,
)
from depotlib.gateway.negotiation import NeedsTold, ProfilesTold, ScheduleTold
from depotlib.gateway.profiles import kw_of_tenths
from depotlib.gateway.station import Plug, Station
from depotlib.gateway.stories import Stories
from depotlib.gateway.transactions import Transaction, number_of
from depotlib.model.live import DEFAULT_SLOT, JournalEntry

Told = TransactionTold | VehicleTold | NeedsTold | ScheduleTold | ProfilesTold
WEAK_SOURCES: Final = frozenset({"none", "bay"})
"""What a vehicle says of itself goes before a guess, not before a token."""


class Handle(Protocol):
    """Handles an event of a station as the site's control does."""

    def __call__(self, station_id: str, event: Event, *, now: datetime) -> Effects:
        """Return what follows."""
        ...


class Conversation:
    """The 2.x stations of a site.

    Parameters
    ----------
    stations : mapping of str to Station
    ledger : Ledger
    limits : Limits
    identify : Identify
    handle : Handle
        For the neutral words that a story consists of.
    """

    def __init__(
        self,
        stations: Mapping[str, Station],
        *,
        ledger: Ledger,
        limits: Limits,
        identify: Identify,
        handle: Handle,
    ) -> None:
        self._stations = stations
        self._ledger = ledger
        self._limits = limits
        self._identify = identify
        self._handle = handle
        self._stories = {
            name: Stories(station.transactions, station.plugs) for name, station in stations.items()
        }

    def told(self, station_id: str, event: Told, *, now: datetime) -> Effects:
        """Return what follows from what a station says."""
        station = self._stations[station_id]
        match event:
            case TransactionTold():
                return self._transaction(station, event, now=now)
            case VehicleTold():
                effects = self._vehicle(station, event, now=now)
                answer: Answer = AnswerEmpty(event.call_id, "NotifyEvent")
            case ProfilesTold():
                effects = self._profiles(station, event, now=now)
                answer = AnswerEmpty(event.call_id, "ReportChargingProfiles")
            case NeedsTold():
                effects, answer = Effects(), self._needs(station, event)
            case ScheduleTold():
                effects, answer = Effects(), self._schedule(station, event, now=now)
        effects.commands.insert(0, (station_id, answer))
        return effects

    # --- transactions ---------------------------------------------------------------------

    def _transaction(self, station: Station, event: TransactionTold, *, now: datetime) -> Effects:
        station_id = station.station.station_id
        effects = Effects(stations={station_id})
        for part in self._stories[station_id].parts(event):
            if isinstance(part, VehicleTold):
                effects.extend(self._vehicle(station, part, now=now))
            else:
                effects.extend(self._handle(station_id, part, now=now))
        effects.commands = [
            one
            for one in effects.commands
            if not (isinstance(one[1], Answer) and one[1].call_id == "")
        ]
        effects.commands.insert(0, (station_id, self._verdict(station, event, now=now)))
        return effects

    def _verdict(self, station: Station, event: TransactionTold, *, now: datetime) -> Answer:
        """Return whether a transaction may charge; nothing of it where no token was offered."""
        if event.token is None:
            return AnswerTransaction(event.call_id, is_accepted=None)
        known = station.transactions.get(number_of(event.name))
        if known is not None:
            return AnswerTransaction(event.call_id, known.may_charge, known.refusal)
        asked = self._handle(station.station.station_id, TokenOffered("", event.token), now=now)
        answers = [one for _, one in asked.commands if isinstance(one, AnswerToken)]
        refused = next((one for one in answers if not one.is_accepted), None)
        if refused is None:
            return AnswerTransaction(event.call_id, is_accepted=True)
        return AnswerTransaction(event.call_id, is_accepted=False, refusal=refused.refusal)

    # --- who it is ------------------------------------------------------------------------

    def _vehicle(self, station: Station, event: VehicleTold, *, now: datetime) -> Effects:
        """Return what follows when a token comes after the start, or a vehicle names itself."""
        plug = station.plugs.get(event.connector)
        meant = station.transactions.get(event.transaction_id)
        running = meant if plug is None or meant is not None else station.session(plug)
        if plug is None or running is None:
            return Effects()
        is_over = running.ended_at is not None
        at = running.started_at if is_over else now
        verdict = self._identify(event.token, plug.connector_id, at=at)
        is_named = verdict.who.vehicle_id is not None and not verdict.exception
        is_token = bool(event.token) and not running.id_tag and not event.call_id
        if is_token:
            running.id_tag, running.may_charge = event.token, verdict.may_charge
            running.refusal = verdict.refusal
        effects = Effects(stations={station.station.station_id})
        if running.who.source in WEAK_SOURCES and (is_named or is_token):
            running.who = verdict.who
            effects.journal.append(_resolved(station, plug, running=running, now=now))
            if running.ended_at is None:
                self._limits.force([plug.connector_id])
            else:
                # Its end was written without its vehicle: it is told again, as it was.
                ended_at = running.ended_at
                effects.journal.append(
                    station.close(plug, running, at=ended_at, reason="Corrected")
                )
        if verdict.exception and not event.call_id:
            effects.journal.append(
                _exception(station, plug, running=running, verdict=verdict, now=now)
            )
        return effects

    # --- negotiated charging --------------------------------------------------------------

    def _needs(self, station: Station, event: NeedsTold) -> Answer:
        """Return the answer; accepted means that a profile follows soon (K15.FR.08)."""
        plug = station.plugs.get(event.connector)
        is_served = plug is not None and station.session(plug) is not None
        if plug is not None and is_served:
            self._limits.force([plug.connector_id])
        status = "Accepted" if is_served else "Rejected"
        return AnswerStatus(event.call_id, "NotifyEVChargingNeeds", status)

    def _schedule(self, station: Station, event: ScheduleTold, *, now: datetime) -> Answer:
        """Return whether a vehicle's schedule is within its limits; else it is told them again."""
        plug = station.plugs.get(event.connector)
        is_within = plug is not None and self._is_within(station, plug, event=event, now=now)
        if plug is not None and not is_within:
            self._limits.force([plug.connector_id])
        status = "Accepted" if is_within else "Rejected"
        return AnswerStatus(event.call_id, "NotifyEVChargingSchedule", status)

    def _is_within(
        self, station: Station, plug: Plug, *, event: ScheduleTold, now: datetime
    ) -> bool:
        unit = "W" if event.unit == "W" else "A"
        dialect = replace(station.arming.dialect, unit=unit)
        told = [(one.start_s, kw_of_tenths(one.limit_tenths, dialect)) for one in event.periods]
        safe_kw = self._ledger.outlets[plug.connector_id].safe_kw
        lease = proof.held(self._ledger, plug.connector_id, now=now)
        if lease is None:
            return all(limit_kw <= safe_kw + proof.TOLD_TOLERANCE_KW for _, limit_kw in told)
        return proof.holds_no_more(told, lease, begin=event.periods_from, safe_kw=safe_kw)

    def _profiles(self, station: Station, event: ProfilesTold, *, now: datetime) -> Effects:
        """Return what follows from the profiles a station holds: the lease's own is compared."""
        plug = station.plugs.get(event.connector)
        lease = None if plug is None else proof.held(self._ledger, plug.connector_id, now=now)
        if plug is None or lease is None or lease.seq != event.request_id:
            return Effects()
        purpose = "default" if lease.slot == DEFAULT_SLOT else "transaction"
        effects = Effects()
        for profile in event.profiles:
            if profile.purpose == purpose and profile.stack_level > 0:
                told = Replied(
                    reference=proof.VERIFY,
                    outcome="accepted",
                    periods=profile.periods,
                    unit=profile.unit,
                    periods_from=profile.start,
                )
                effects.extend(
                    proof.read_back(
                        station, plug.connector_id, event=told, ledger=self._ledger, now=now
                    )
                )
        return effects


def _resolved(station: Station, plug: Plug, *, running: Transaction, now: datetime) -> JournalEntry:
    facts = {
        "session_id": running.session_id,
        "vehicle_id": running.who.vehicle_id,
        "identity_source": running.who.source,
        "id_tag": running.id_tag,
    }
    return JournalEntry(
        now, "identity_resolved", station.station.station_id, plug.connector_id, facts
    )


def _exception(
    station: Station, plug: Plug, *, running: Transaction, verdict: Verdict, now: datetime
) -> JournalEntry:
    facts = {"session_id": running.session_id, "what": verdict.exception}
    return JournalEntry(
        now, "identity_exception", station.station.station_id, plug.connector_id, facts
    )
