"""OCPP 1.6: transactions from starts, stops and meter values that may be lost, late or repeated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import blake2b
from typing import Final

from depotlib.ingest.json_text import JsonObject, compact, text_at
from depotlib.ingest.normalise.quantities import read_number
from depotlib.ingest.normalise.times import BadTime
from depotlib.ingest.ocpp_log.frames import Message
from depotlib.ingest.ocpp_log.gathering import Gathered, Metering, place_of
from depotlib.ingest.ocpp_log.known import KnownTransactions
from depotlib.ingest.ocpp_log.samples import instant_of, samples_of
from depotlib.ingest.ocpp_log.transaction import State, Transaction
from depotlib.units import wh_to_kwh

_NO_ID: Final = 0
"""Ids from here down are no ids: -1 after an offline start, other negatives are a station's own."""


def gather(messages: Sequence[Message], states: Sequence[Message], *, into: Gathered) -> None:
    """Gather the transactions of 1.6 messages.

    Parameters
    ----------
    messages : sequence of Message
        Starts, stops and meter values, in the order of the log.
    states : sequence of Message
        Status notifications.
    into : Gathered
    """
    known = KnownTransactions()
    for message in _called(messages, "StartTransaction"):
        _start(message, into, known=known)
    said: set[bytes] = set()
    metered = [each for message in _called(messages, "MeterValues")
               if (each := _metering(message, into, said=said))]  # fmt: skip
    _learn_ids(metered, known)
    for message in _called(messages, "StopTransaction"):
        _stop(message, into, known=known)
    for each in metered:
        transaction = _running(each, known)
        if transaction is not None:
            transaction.samples.extend(each.samples)
            transaction.rows.append(each.message.row)
        into.metered.append(replace(each, transaction=transaction))
    _place_states(states, known)
    into.transactions.extend(known)


def _called(messages: Iterable[Message], action: str) -> list[Message]:
    return [message for message in messages if message.action == action]


def _start(message: Message, into: Gathered, *, known: KnownTransactions) -> None:
    """Begin a transaction, unless a station sends a known start again after a lost connection."""
    fields = message.payload
    at, connector_id = instant_of(fields), text_at(fields, "connectorId")
    if isinstance(at, BadTime):
        into.rejections.append(message.reject(at.reason, at.detail))
        return
    begin_wh = read_number(text_at(fields, "meterStart") or "")
    place = place_of(message.station_id, connector_id)
    key = f"ocpp_log/{place}/{at.isoformat()}"
    transaction = known.with_key(key)
    if transaction is not None:
        into.duplicates += 1
        into.repeated_starts += 1
    else:
        transaction = Transaction(
            key=key,
            station_id=message.station_id,
            connector_id=connector_id,
            start=at,
            row=message.row,
            id_tag=text_at(fields, "idTag"),
            start_kwh=None if begin_wh is None or begin_wh < 0 else wh_to_kwh(begin_wh),
        )
        known.add(transaction)
    known.call(transaction, _ids(message.answer))


def _ids(fields: JsonObject) -> set[str]:
    """Return the transaction id in a payload, if it is one."""
    number = read_number(text_at(fields, "transactionId") or "")
    return {str(int(number))} if number is not None and number > _NO_ID else set()


def _metering(message: Message, into: Gathered, *, said: set[bytes]) -> Metering | None:
    """Return the samples of a message; None where it has none or repeats another."""
    words = blake2b(f"{message.station_id} {compact(message.payload)}".encode()).digest()
    if words in said:
        into.duplicates += 1
        return None
    said.add(words)
    samples = samples_of(message.payload.get("meterValue"))
    if isinstance(samples, BadTime):
        into.rejections.append(message.reject(samples.reason, samples.detail))
        return None
    if not samples:
        into.rejections.append(message.reject("no_values", "it holds no energy, power or charge"))
        return None
    place = place_of(message.station_id, text_at(message.payload, "connectorId"))
    return Metering(message=message, place=place, samples=tuple(samples))


def _learn_ids(metered: Sequence[Metering], known: KnownTransactions) -> None:
    """Take the ids that meter values name for transactions whose start was never answered."""
    for each in metered:
        ids = _ids(each.message.payload)
        if not ids or known.called(each.message.station_id, ids):
            continue
        running = known.running_at(each.place, each.samples[0].at)
        if running is not None and not running.ids:
            known.call(running, ids)


def _running(metering: Metering, known: KnownTransactions) -> Transaction | None:
    """Return the transaction that a message samples: by its id, else by where and when."""
    message = metering.message
    named = known.called(message.station_id, _ids(message.payload))
    return named or known.running_at(metering.place, metering.samples[0].at)


def _stop(message: Message, into: Gathered, *, known: KnownTransactions) -> None:
    """End the transaction that a stop means; a second stop counts if it is later."""
    at = instant_of(message.payload)
    samples = samples_of(message.payload.get("transactionData"))
    fault = next((each for each in (at, samples) if isinstance(each, BadTime)), None)
    if isinstance(at, BadTime) or isinstance(samples, BadTime):
        assert fault is not None, "one of them is bad"
        into.rejections.append(message.reject(fault.reason, fault.detail))
        return
    transaction = _stopped(message, at, known=known)
    if transaction is None:
        detail = "no start here that this stop could end; join this log to the one before it"
        into.rejections.append(message.reject("no_start", detail))
        return
    if transaction.stop is not None:
        into.duplicates += 1
        into.repeated_stops += 1
    else:
        transaction.rows.append(message.row)
    if transaction.stop is None or at > transaction.stop:
        end_wh = read_number(text_at(message.payload, "meterStop") or "")
        transaction.stop = at
        transaction.stop_kwh = None if end_wh is None or end_wh < 0 else wh_to_kwh(end_wh)
    transaction.samples.extend(samples)


def _stopped(message: Message, at: datetime, *, known: KnownTransactions) -> Transaction | None:
    """Return the transaction that a stop means: by its id, else the only one it can be."""
    ids = _ids(message.payload)
    named = known.called(message.station_id, ids)
    if named is not None:
        return named if at >= named.start else None
    running = known.unstopped(message.station_id, at)
    if ids:
        running = [each for each in running if not each.ids]
    tag = text_at(message.payload, "idTag")
    same_tag = [each for each in running if tag is not None and each.id_tag == tag]
    chosen = same_tag or running
    return chosen[0] if len(chosen) == 1 else None


def _place_states(states: Sequence[Message], known: KnownTransactions) -> None:
    """Give each transaction what its connector said while it ran."""
    for message in states:
        at, status = instant_of(message.payload), text_at(message.payload, "status")
        if isinstance(at, BadTime) or status is None:
            continue
        place = place_of(message.station_id, text_at(message.payload, "connectorId"))
        for each in known.all_at(place, at):
            each.states.append(State(at, status))
