"""OCPP 1.6: transactions from starts, stops and meter values that may be lost, late or repeated."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.ingest.json_text import JsonObject, compact, text_at
from depotlib.ingest.normalise.quantities import read_number
from depotlib.ingest.normalise.times import BadTime
from depotlib.ingest.ocpp_log.frames import Message
from depotlib.ingest.ocpp_log.gathering import Gathered, Metering, place_of
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
    for message in _called(messages, "StartTransaction"):
        _start(message, into)
    said: set[tuple[str | None, str]] = set()
    metered = [each for message in _called(messages, "MeterValues")
               if (each := _metering(message, into, said=said))]  # fmt: skip
    _learn_ids(metered, into.transactions)
    for message in _called(messages, "StopTransaction"):
        _stop(message, into)
    for each in metered:
        transaction = _running(each, into.transactions)
        if transaction is not None:
            transaction.samples.extend(each.samples)
            transaction.rows.append(each.message.row)
        into.metered.append(replace(each, transaction=transaction))
    _place_states(states, into.transactions)


def _called(messages: Iterable[Message], action: str) -> list[Message]:
    return [message for message in messages if message.action == action]


def _start(message: Message, into: Gathered) -> None:
    """Begin a transaction, unless a station sends a known start again after a lost connection."""
    fields = message.payload
    at, connector_id = instant_of(fields), text_at(fields, "connectorId")
    if isinstance(at, BadTime):
        into.rejections.append(message.reject(at.reason, at.detail))
        return
    begin_wh = read_number(text_at(fields, "meterStart") or "")
    place = place_of(message.station_id, connector_id)
    key = f"ocpp_log/{place}/{at.isoformat()}"
    known = next((each for each in into.transactions if each.key == key), None)
    transaction = known or Transaction(
        key=key,
        station_id=message.station_id,
        connector_id=connector_id,
        start=at,
        row=message.row,
        id_tag=text_at(fields, "idTag"),
        start_kwh=None if begin_wh is None or begin_wh < 0 else wh_to_kwh(begin_wh),
    )
    transaction.ids |= _ids(message.answer)
    if known is not None:
        into.duplicates += 1
        into.repeated_starts += 1
    else:
        into.transactions.append(transaction)


def _ids(fields: JsonObject) -> set[str]:
    """Return the transaction id in a payload, if it is one."""
    number = read_number(text_at(fields, "transactionId") or "")
    return {str(int(number))} if number is not None and number > _NO_ID else set()


def _metering(
    message: Message, into: Gathered, *, said: set[tuple[str | None, str]]
) -> Metering | None:
    """Return the samples of a message; None where it has none or repeats another."""
    words = (message.station_id, compact(message.payload))
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


def _learn_ids(metered: Sequence[Metering], transactions: Sequence[Transaction]) -> None:
    """Take the ids that meter values name for transactions whose start was never answered."""
    for each in metered:
        ids = _ids(each.message.payload)
        if not ids or _with_ids(ids, each.message.station_id, transactions=transactions):
            continue
        nameless = [known for known in transactions if not known.ids and _is_at(known, each)]
        if nameless:
            max(nameless, key=lambda known: known.start).ids |= ids


def _with_ids(
    ids: set[str], station_id: str | None, *, transactions: Sequence[Transaction]
) -> Transaction | None:
    """Return the last transaction of a station that is called so."""
    called = [each for each in transactions if each.station_id == station_id and each.ids & ids]
    return max(called, key=lambda each: each.start, default=None)


def _is_at(transaction: Transaction, metering: Metering) -> bool:
    place = place_of(transaction.station_id, transaction.connector_id)
    return place == metering.place and transaction.holds(metering.samples[0].at)


def _running(metering: Metering, transactions: Sequence[Transaction]) -> Transaction | None:
    """Return the transaction that a message samples: by its id, else by where and when."""
    named = _with_ids(
        _ids(metering.message.payload), metering.message.station_id, transactions=transactions
    )
    if named is not None:
        return named
    here = [each for each in transactions if _is_at(each, metering)]
    return max(here, key=lambda each: each.start, default=None)


def _stop(message: Message, into: Gathered) -> None:
    """End the transaction that a stop means; a second stop counts if it is later."""
    at = instant_of(message.payload)
    samples = samples_of(message.payload.get("transactionData"))
    fault = next((each for each in (at, samples) if isinstance(each, BadTime)), None)
    if isinstance(at, BadTime) or isinstance(samples, BadTime):
        assert fault is not None, "one of them is bad"
        into.rejections.append(message.reject(fault.reason, fault.detail))
        return
    transaction = _stopped(message, at, transactions=into.transactions)
    if transaction is None:
        detail = "this log holds no start that this stop could belong to"
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


def _stopped(
    message: Message, at: datetime, *, transactions: Sequence[Transaction]
) -> Transaction | None:
    """Return the transaction that a stop means: by its id, else the only one it can be."""
    ids = _ids(message.payload)
    named = _with_ids(ids, message.station_id, transactions=transactions)
    if named is not None:
        return named if at >= named.start else None
    tag = text_at(message.payload, "idTag")
    running = [each for each in transactions if _may_stop(each, message, at=at)]
    if ids:
        running = [each for each in running if not each.ids]
    same_tag = [each for each in running if tag is not None and each.id_tag == tag]
    chosen = same_tag or running
    return chosen[0] if len(chosen) == 1 else None


def _may_stop(transaction: Transaction, message: Message, *, at: datetime) -> bool:
    is_here = transaction.station_id == message.station_id
    return is_here and transaction.stop is None and transaction.start <= at


def _place_states(states: Sequence[Message], transactions: Sequence[Transaction]) -> None:
    """Give each transaction what its connector said while it ran."""
    for message in states:
        at, status = instant_of(message.payload), text_at(message.payload, "status")
        if isinstance(at, BadTime) or status is None:
            continue
        place = place_of(message.station_id, text_at(message.payload, "connectorId"))
        for each in transactions:
            if place_of(each.station_id, each.connector_id) == place and each.holds(at):
                each.states.append(State(at, status))
