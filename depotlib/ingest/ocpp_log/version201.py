"""OCPP 2.0.1: transactions from events that name them and count themselves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from depotlib.ingest.json_text import JsonObject, text_at
from depotlib.ingest.normalise.times import BadTime
from depotlib.ingest.ocpp_log.frames import Message
from depotlib.ingest.ocpp_log.gathering import Gathered, Metering, place_of
from depotlib.ingest.ocpp_log.samples import Sample, instant_of, samples_of
from depotlib.ingest.ocpp_log.transaction import State, Transaction

_STARTED: Final = "Started"
_ENDED: Final = "Ended"


@dataclass(frozen=True, slots=True)
class _Event:
    message: Message
    name: str
    at: datetime
    samples: tuple[Sample, ...]

    @property
    def kind(self) -> str | None:
        return text_at(self.message.payload, "eventType")

    @property
    def state(self) -> str | None:
        return text_at(_inner(self.message.payload, "transactionInfo"), "chargingState")


def gather(messages: Sequence[Message], into: Gathered) -> None:
    """Gather the transactions of 2.0.1 events, and meter values outside of them.

    Parameters
    ----------
    messages : sequence of Message
        In the order of the log; events may have waited for a connection.
    into : Gathered
    """
    by_name: dict[tuple[str | None, str], list[_Event]] = {}
    counted: set[tuple[str | None, str, str]] = set()
    for message in messages:
        event = _event(message, into)
        if event is None:
            continue
        seq = text_at(message.payload, "seqNo")
        count = (message.station_id, event.name, seq or f"row {message.row}")
        if count in counted:
            into.duplicates += 1
            continue
        counted.add(count)
        by_name.setdefault((message.station_id, event.name), []).append(event)
    for events in by_name.values():
        _gather_one(sorted(events, key=lambda event: event.at), into)


def gather_idle(messages: Sequence[Message], into: Gathered) -> None:
    """Gather the meter values of 2.0.1, which are those outside of any transaction."""
    for message in messages:
        samples = samples_of(message.payload.get("meterValue"))
        if isinstance(samples, BadTime):
            into.rejections.append(message.reject(samples.reason, samples.detail))
        elif not samples:
            into.rejections.append(
                message.reject("no_values", "it holds no energy, power or charge")
            )
        else:
            place = place_of(message.station_id, text_at(message.payload, "evseId"))
            into.metered.append(Metering(message, place, tuple(samples)))


def _event(message: Message, into: Gathered) -> _Event | None:
    at = instant_of(message.payload)
    samples = samples_of(message.payload.get("meterValue"))
    for each in (at, samples):
        if isinstance(each, BadTime):
            into.rejections.append(message.reject(each.reason, each.detail))
            return None
    name = text_at(_inner(message.payload, "transactionInfo"), "transactionId")
    if name is None:
        into.rejections.append(message.reject("missing_field", "transactionId is empty"))
        return None
    assert not isinstance(at, BadTime), "returned above"
    assert not isinstance(samples, BadTime), "returned above"
    return _Event(message=message, name=name, at=at, samples=tuple(samples))


def _gather_one(events: Sequence[_Event], into: Gathered) -> None:
    """Gather the events of one transaction; without its start it is no session."""
    started = next((event for event in events if event.kind == _STARTED), None)
    if started is None:
        detail = "no start of this transaction here; join this log to the one before it"
        into.rejections.extend(each.message.reject("no_start", detail) for each in events)
        return
    connector_id = _evse_id(events)
    place = place_of(started.message.station_id, connector_id)
    ended = [event for event in events if event.kind == _ENDED]
    transaction = Transaction(
        key=f"ocpp_log/{place}/{started.name}",
        station_id=started.message.station_id,
        connector_id=connector_id,
        start=started.at,
        row=started.message.row,
        id_tag=_tag(events),
        stop=ended[-1].at if ended else None,
    )
    into.transactions.append(transaction)
    for event in events:
        transaction.samples.extend(event.samples)
        if event.state is not None:
            transaction.states.append(State(event.at, event.state))
        if event is not started:
            transaction.rows.append(event.message.row)
        into.metered.append(Metering(event.message, place, event.samples, transaction))


def _evse_id(events: Sequence[_Event]) -> str | None:
    """Return the EVSE, which only the first event must name."""
    named = (text_at(_inner(event.message.payload, "evse"), "id") for event in events)
    return next((each for each in named if each is not None), None)


def _tag(events: Sequence[_Event]) -> str | None:
    named = (text_at(_inner(event.message.payload, "idToken"), "idToken") for event in events)
    return next((each for each in named if each is not None), None)


def _inner(fields: JsonObject, name: str) -> JsonObject:
    value = fields.get(name)
    return value if isinstance(value, dict) else {}
