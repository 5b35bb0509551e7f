"""The wires of the simulated week: the shipped virtual stations and the gateway's translator, joined.

What a station says, refuses and answers is said by the shipped client; frames are written and read
as on the wire, and take their time. No socket, no loop: a coroutine of the client stops where it
waits for an answer, and goes on when that comes.
"""

import contextlib
import json
import random
from collections.abc import Callable, Coroutine, Generator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from ocpp.charge_point import (
    camel_to_snake_case,
    remove_nones,
    serialize_as_dict,
    snake_to_camel_case,
)

from depotlib.clock import Clock
from depotlib.errors import FrameError
from depotlib.gateway.guard import CALL, read_frame
from depotlib.gateway.messages import Answer, Call, Event, InstallProfile, Replied
from depotlib.gateway.versions.ocpp16 import OCPP16
from depotlib.virtual.client import StationClient
from depotlib.virtual.misconduct import garbled_meter
from depotlib.virtual.station import VirtualStation

CALL_TIMEOUT_S, QUEUE_DEADLINE_S, STATION_TIMEOUT_S = 30.0, 120.0, 60.0
LATENCY_S: Final = (0.05, 1.5)
LOSS_SHARE: Final = 0.001
"""Of all frames; a lost one ends its connection."""
Payload = dict[str, Any]
Later = Callable[[float, Callable[[], None]], None]


@dataclass
class Asked:
    """What a station's client waits for: the answer to one of its calls."""

    call: object

    def __await__(self) -> Generator["Asked", object, object]:
        return (yield self)


class WeekClient(StationClient):
    """The shipped client; its calls are carried by `Wire`."""

    async def call(self, payload: object, *_: object, **__: object) -> object:  # type: ignore[override] # carried here, not by the package
        return await Asked(payload)

    async def _delay(self) -> None:
        """A slow station's delay is the wire's here."""


@dataclass
class Queued:
    """A call of the gateway that waits for its turn."""

    call: Call
    deadline_s: float


@dataclass(eq=False)
class Wire:
    """One connection: the station's end, and the gateway's."""

    client: WeekClient
    queue: list[Queued] = field(default_factory=list)
    pending: Call | None = None
    saying: Coroutine[Asked, object, None] | None = None
    is_open: bool = True
    spoke_s: float = 0.0
    serial: int = 0


class Wires:
    """All connections of the yard.

    Parameters
    ----------
    clock : Clock
        Simulated.
    draw : random.Random
    later : callable
        Does something so many seconds later.
    deliver : callable
        Takes station and event; the gateway's end.
    lose : callable
        Takes a station whose connection is lost.
    touch : callable
        Takes a station about which something is about to change.
    """

    def __init__(
        self,
        clock: Clock,
        draw: random.Random,
        *,
        later: Later,
        deliver: Callable[[str, Event], None],
        lose: Callable[[str], None],
        touch: Callable[[str], None],
    ) -> None:
        self.clock, self.draw = clock, draw
        self.later, self.deliver, self.lose, self.touch = later, deliver, lose, touch
        self.open: dict[str, Wire] = {}
        self.stacked: list[tuple[datetime, str]] = []
        self.repeats: list[tuple[datetime, str]] = []
        self._held: dict[tuple[str, object, object], tuple[Wire, object]] = {}
        self.frames = 0

    def connect(self, station: VirtualStation, *, has_booted: bool) -> Wire:
        """Return a new connection of a station."""
        self.touch(station.traits.station_id)
        client = WeekClient(station, cast("Any", None), clock=self.clock)
        client.has_booted = has_booted
        wire = Wire(client)
        self.open[station.traits.station_id] = wire
        station.is_connected = True
        return wire

    def close(self, station_id: str) -> Wire | None:
        """Return the connection that a station had, closed now."""
        wire = self.open.pop(station_id, None)
        if wire is not None:
            self.touch(station_id)
            wire.is_open = False
            wire.client.station.is_connected = False
            if wire.saying is not None:
                wire.saying.close()
        return wire

    # --- what stations say ----------------------------------------------------------------

    def second(self, now: datetime, at_s: float) -> None:
        """Let every station that has something to say, and waits for no answer, say it."""
        for station_id, wire in list(self.open.items()):
            station = wire.client.station
            if wire.saying is not None:
                continue
            if not wire.client.has_booted:
                self._begin(station_id, wire, wire.client.boot())
            elif station.outbox:
                self._say_first(station_id, wire, now=now)
            elif at_s >= wire.spoke_s + 300.0:
                self._begin(station_id, wire, wire.client.ask_the_time())
            else:
                continue
            wire.spoke_s = at_s

    def _say_first(self, station_id: str, wire: Wire, *, now: datetime) -> None:
        station, message = wire.client.station, wire.client.station.outbox[0]
        if message.kind == "meter" and station.misbehaves("garbles", now):
            station.outbox.popleft()
            self._at_gateway(station_id, wire, garbled_meter(message, place=wire.client.place))
            return
        self._begin(station_id, wire, wire.client.say(message))

    def _begin(self, station_id: str, wire: Wire, words: Coroutine[Any, Any, None]) -> None:
        wire.saying = words
        asked = words.send(None)
        action = type(asked.call).__name__
        body = remove_nones(snake_to_camel_case(serialize_as_dict(asked.call)))
        wire.serial += 1
        text = json.dumps([CALL, f"s{wire.serial}", action, body], default=str)
        if self._is_lost(station_id):
            return
        self.later(self._latency_s(), lambda: self._at_gateway(station_id, wire, text))
        serial = wire.serial
        self.later(STATION_TIMEOUT_S, lambda: self._unanswered(wire, serial))

    def _at_gateway(self, station_id: str, wire: Wire, text: str) -> None:
        self.frames += 1
        if not wire.is_open:
            return
        try:
            event = OCPP16.read_call(read_frame(text), self.clock.now())
        except FrameError:
            return  # refused; a station that garbles goes on all the same
        self.deliver(station_id, event)

    def answer(self, station_id: str, answer: Answer) -> None:
        """Carry an answer to the station's call."""
        wire = self.open.get(station_id)
        if wire is None or answer.call_id != f"s{wire.serial}" or self._is_lost(station_id):
            return
        body = OCPP16.write_answer(answer)
        self.later(self._latency_s(), lambda: self._heard(wire, answer.call_id, body))

    def _heard(self, wire: Wire, call_id: str, body: Payload) -> None:
        if not wire.is_open or wire.saying is None or call_id != f"s{wire.serial}":
            return
        words, wire.saying = wire.saying, None
        self.touch(wire.client.station.traits.station_id)
        with contextlib.suppress(StopIteration):
            words.send(_Answered(**camel_to_snake_case(body)))
        station = wire.client.station
        if not wire.client.has_booted:
            wire.client.has_booted = True
            station.outbox.extendleft(reversed(station.statuses(self.clock.now())))
            return
        if station.outbox and words.__name__ == "say":
            message = station.outbox.popleft()
            if message.kind != "status":
                station.said.append(message)

    def _unanswered(self, wire: Wire, serial: int) -> None:
        """Forget a call that got no answer: it is said again."""
        if wire.saying is not None and wire.serial == serial:
            wire.saying.close()
            wire.saying = None

    # --- what the gateway asks ------------------------------------------------------------

    def ask(self, station_id: str, call: Call, *, at_s: float) -> None:
        """Queue a call; a newer limit for the same place takes the place of one that waits."""
        wire = self.open.get(station_id)
        if wire is None:
            return
        for one in [one for one in wire.queue if _same_place(one.call, call)]:
            wire.queue.remove(one)
            if one.call.reference != call.reference:
                self.deliver(station_id, Replied(one.call.reference, "unknown", "superseded"))
        wire.queue.append(Queued(call, at_s + QUEUE_DEADLINE_S))
        self._next(station_id, wire, at_s=at_s)

    def _next(self, station_id: str, wire: Wire, *, at_s: float) -> None:
        if wire.pending is not None or not wire.queue or not wire.is_open:
            return
        queued = min(wire.queue, key=lambda one: one.call.rank)
        wire.queue.remove(queued)
        if queued.deadline_s <= at_s:
            self.deliver(station_id, Replied(queued.call.reference, "unknown", "not sent in time"))
            self._next(station_id, wire, at_s=at_s)
            return
        call = wire.pending = queued.call
        if self._is_lost(station_id):
            return
        action, body = OCPP16.write_call(call)
        slow = wire.client.station.misbehaves("slow", self.clock.now())
        delay_s = self._latency_s() + (slow.delay_s if slow is not None else 0.0)
        self.later(delay_s, lambda: self._at_station(station_id, wire, call, (action, body)))
        self.later(CALL_TIMEOUT_S, lambda: self._timed_out(station_id, wire, call))

    def _at_station(
        self, station_id: str, wire: Wire, call: Call, frame: tuple[str, Payload]
    ) -> None:
        self.frames += 1
        now = self.clock.now()
        if not wire.is_open or wire.client.station.misbehaves("mute", now):
            return
        self.touch(station_id)
        action, body = frame
        answer = answer_of(wire.client, action, body)
        if action == "SetChargingProfile" and answer == {"status": "Accepted"}:
            self._note_profile(station_id, wire, body)
        self._note_stacked(wire.client.station)
        self.later(self._latency_s(), lambda: self._replied(station_id, wire, call, answer))

    def _note_stacked(self, station: VirtualStation) -> None:
        """Note a connector for which a station holds two profiles of one purpose."""
        places = [(one.connector, one.purpose) for one in station.profiles.profiles]
        if len(set(places)) < len(places):
            self.stacked.append((self.clock.now(), station.traits.station_id))

    def _note_profile(self, station_id: str, wire: Wire, body: Payload) -> None:
        """Note a profile that says of all the time to come what its station holds already."""
        now, profile = self.clock.now(), body["csChargingProfiles"]
        key = (station_id, body["connectorId"], profile["chargingProfileId"])
        what = (profile.get("transactionId"), profile.get("validTo"), ahead_of(profile, now))
        if self._held.get(key) == (wire, what):
            self.repeats.append((now, f"{station_id} {what}"))
        self._held[key] = (wire, what)

    def _replied(self, station_id: str, wire: Wire, call: Call, answer: Payload | None) -> None:
        if not wire.is_open or wire.pending is not call:
            return
        wire.pending = None
        reply = Replied(call.reference, "rejected", "error NotImplemented")
        if answer is not None:
            reply = OCPP16.read_reply(call, answer)
        self.deliver(station_id, reply)
        self._next(station_id, wire, at_s=self.clock.monotonic_s())

    def _timed_out(self, station_id: str, wire: Wire, call: Call) -> None:
        if not wire.is_open or wire.pending is not call:
            return
        wire.pending = None
        self.deliver(station_id, Replied(call.reference, "unknown", "no answer in time"))
        self._next(station_id, wire, at_s=self.clock.monotonic_s())

    def _latency_s(self) -> float:
        return self.draw.uniform(*LATENCY_S)

    def _is_lost(self, station_id: str) -> bool:
        """Return whether a frame is lost now, and its connection with it."""
        if self.draw.random() >= LOSS_SHARE:
            return False
        self.later(5.0, lambda: self.lose(station_id))
        return True


class _Answered:
    """A result as the package's own classes show it: by attributes."""

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


def ahead_of(profile: Payload, now: datetime) -> tuple[tuple[datetime, float], ...]:
    """Return the limits that a profile gives from an instant on, each with its begin."""
    schedule = profile["chargingSchedule"]
    start = datetime.fromisoformat(schedule.get("startSchedule") or now.isoformat())
    found: list[tuple[datetime, float]] = []
    for period in schedule["chargingSchedulePeriod"]:
        at = start + timedelta(seconds=period["startPeriod"])
        if at <= now:
            found = [(datetime.min.replace(tzinfo=UTC), float(period["limit"]))]
        else:
            found.append((at, float(period["limit"])))
    return tuple(found)


def answer_of(client: StationClient, action: str, body: Payload) -> Payload | None:
    """Return what the shipped client answers a call, or None where it knows no such action."""
    handler = client.route_map.get(action, {}).get("_on_action")
    if handler is None:
        return None
    answering = handler(**camel_to_snake_case(body))
    try:
        answering.send(None)
    except StopIteration as done:
        return cast("Payload", remove_nones(snake_to_camel_case(serialize_as_dict(done.value))))
    raise AssertionError(f"{action} waits for something")


def _same_place(waiting: Call, newer: Call) -> bool:
    if not (isinstance(waiting, InstallProfile) and isinstance(newer, InstallProfile)):
        return False
    one, other = waiting.profile, newer.profile
    return (one.connector, one.profile_id, one.transaction_id) == (
        other.connector,
        other.profile_id,
        other.transaction_id,
    )
