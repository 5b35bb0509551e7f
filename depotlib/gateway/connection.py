"""One station's connection: its socket, its queue of calls and its timers, in one actor.

Handlers elsewhere only queue; here one writer sends. Answers go first, in order; of our calls one
is outstanding at a time, the most urgent next. A newer limit for the same place takes the place
of one that still waits. The writer owns the timeout, and a timeout means *unknown*.
"""

import asyncio
import json
import logging
import uuid
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from depotlib.clock import Clock
from depotlib.errors import FrameError
from depotlib.gateway.guard import (
    CALL,
    CALL_ERROR,
    CALL_RESULT,
    CALL_RESULT_ERROR,
    ONE_WAY,
    Budget,
    Frame,
    Payload,
    read_frame,
)
from depotlib.gateway.messages import Answer, Call, Event, InstallProfile, Replied
from depotlib.gateway.versions.version import Version

CALL_TIMEOUT_S: Final = 30.0
QUEUE_DEADLINE_S: Final = 120.0
LEAST_REAL_S: Final = 3.0
"""No timeout is shorter in real time: the machine gets no faster with the depot's clock.

What waits in the queue has as many of these as it has call timeouts: one station that does not
answer once takes no other call with it.
"""
WRITE_TIMEOUT_S: Final = 10.0
MOST_QUEUED: Final = 64
MOST_ANSWERS: Final = 256
POLICY_VIOLATION: Final = 1008
NO_CALL: Final = frozenset({"", "FormationViolation"})
"""Codes of what is no frame of OCPP-J at all."""

_LOG: Final = logging.getLogger("depotlib.gateway")


@dataclass(frozen=True, slots=True)
class _Queued:
    call: Call
    order: int
    deadline_s: float


@dataclass(frozen=True, slots=True)
class _Pending:
    call: Call
    unique_id: str
    sent_s: float


class Connection:
    """A connection.

    Parameters
    ----------
    socket : ServerConnection
    station_id : str
    version : Version
    clock : Clock
    deliver : callable
        Takes each event; returns at once.
    """

    def __init__(
        self,
        socket: ServerConnection,
        station_id: str,
        *,
        version: Version,
        clock: Clock,
        deliver: Callable[[Event], None],
    ) -> None:
        self.station_id = station_id
        self.version = version
        self._socket = socket
        self._clock = clock
        self._deliver = deliver
        self._budget = Budget(at_s=self._real_s(), messages_factor=clock.speed_factor)
        self._texts: deque[str] = deque()
        self._queue: list[_Queued] = []
        self._pending: _Pending | None = None
        self._order = 0
        self._wake = asyncio.Event()
        self._dropped_for = ""

    # --- what others ask of it ------------------------------------------------------------

    def answer(self, answer: Answer) -> None:
        """Queue an answer to the station."""
        if len(self._texts) < MOST_ANSWERS:
            payload = self.version.write_answer(answer)
            self._texts.append(_text(CALL_RESULT, answer.call_id, payload))
            self._wake.set()

    def fail(self, call_id: str, *, is_pending: bool = False) -> None:
        """Tell the station that a call could not be handled, or came while its boot is pending."""
        code, what = "InternalError", "it could not be handled"
        if is_pending:
            # OCPP 2.0.1 B02.FR.09; 1.6 forbids such calls and names no error for them.
            code, what = "SecurityError", "the boot is pending: nothing else may be said"
        self._refuse(FrameError(what, code=code, call_id=call_id))

    def ask(self, call: Call) -> None:
        """Queue a call; a newer limit for the same place takes the place of a waiting one."""
        superseded = [one for one in self._queue if _same_place(one.call, call)]
        self._queue = [one for one in self._queue if one not in superseded]
        for one in superseded:
            # Said again under the same reference, the answer to come is for both.
            if one.call.reference != call.reference:
                self._give_up(one.call, note="superseded before it was sent")
        if len(self._queue) >= MOST_QUEUED:
            self._give_up(call, note="the station's queue is full")
            return
        self._order += 1
        deadline_s = self._real_s() + real_span_s(self._clock, QUEUE_DEADLINE_S)
        self._queue.append(_Queued(call, self._order, deadline_s))
        self._wake.set()

    async def close(self, reason: str) -> None:
        """Close the socket because of what the station (or a second one of its name) did."""
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._socket.close(POLICY_VIOLATION, reason)

    def drop(self, reason: str) -> None:
        """End the connection at once, without a word: the station comes back and both begin anew."""
        self._dropped_for = reason
        self._socket.transport.abort()

    async def run(self) -> str:
        """Serve until the socket closes; return why."""
        try:
            async with asyncio.TaskGroup() as group:
                writer = group.create_task(self._write(), name=f"write {self.station_id}")
                reason = await self._read()
                writer.cancel()
        except* (ConnectionClosed, TimeoutError):
            reason = "the connection was lost"
        return self._dropped_for or reason

    # --- reading --------------------------------------------------------------------------

    async def _read(self) -> str:
        try:
            async for text in self._socket:
                if not self._budget.spend(len(text), now_s=self._real_s()):
                    await self.close("too many messages")
                    return "too many messages"
                try:
                    self._take(read_frame(text))
                except FrameError as error:
                    self._refuse(error)
                    # A call that is one, and wrong, is answered as often as it comes: a station
                    # with a quirk must not be thrown out for it.
                    if error.code in NO_CALL and self._budget.note_bad_frame():
                        await self.close("too many bad frames")
                        return "too many bad frames"
        except ConnectionClosed as closed:
            return f"closed: {closed}"
        return "closed by the station"

    def _take(self, frame: Frame) -> None:
        if frame.kind == CALL:
            self._deliver(self.version.read_call(frame, self._clock.now()))
            return
        if frame.kind in ONE_WAY:
            self._hear(frame)
            return
        pending = self._pending
        if pending is None or frame.unique_id != pending.unique_id:
            return  # late or never asked: what it answers is unknown already
        self._pending = None
        self._wake.set()
        latency_s = (self._real_s() - pending.sent_s) * self._clock.speed_factor
        if frame.kind == CALL_ERROR:
            reply = Replied(pending.call.reference, "rejected", note=f"error {frame.action}"[:80])
        else:
            reply = self.version.read_reply(pending.call, frame.payload)
        self._deliver(replace(reply, latency_s=latency_s))

    def _hear(self, frame: Frame) -> None:
        """Take what nobody answers: we ask for no event streams, so nothing of it is for us."""
        if not self.version.has_one_way:
            raise FrameError(f"a message type of {frame.kind}")
        if frame.kind == CALL_RESULT_ERROR:
            _LOG.warning("station %s cannot use an answer: %.80r", self.station_id, frame.action)

    def _refuse(self, error: FrameError) -> None:
        if error.call_id and error.code and len(self._texts) < MOST_ANSWERS:
            code = self.version.error_codes.get(error.code, error.code)
            self._texts.append(_text(CALL_ERROR, error.call_id, code, error.what[:255], {}))
            self._wake.set()

    # --- writing --------------------------------------------------------------------------

    async def _write(self) -> None:
        while True:
            self._wake.clear()
            self._drop_overdue()
            if self._texts:
                await self._send(self._texts.popleft())
            elif self._pending is None and self._queue:
                await self._send_next()
            else:
                await self._pause()

    async def _send_next(self) -> None:
        queued = min(self._queue, key=lambda one: (one.call.rank, one.order))
        self._queue.remove(queued)
        try:
            action, payload = self.version.write_call(queued.call)
        except FrameError as error:
            self._give_up(queued.call, note=f"never sent: {error.what}"[:200])
            return
        unique_id = uuid.uuid4().hex
        self._pending = _Pending(queued.call, unique_id, self._real_s())
        await self._send(_text(CALL, unique_id, action, payload))

    async def _send(self, text: str) -> None:
        async with asyncio.timeout(WRITE_TIMEOUT_S):
            await self._socket.send(text)

    async def _pause(self) -> None:
        """Wait until there is something to do, or a deadline has come."""
        deadlines = [one.deadline_s for one in self._queue]
        if self._pending is not None:
            deadlines.append(self._pending.sent_s + real_span_s(self._clock, CALL_TIMEOUT_S))
        wait_s = max(0.0, min(deadlines) - self._real_s()) if deadlines else None
        try:
            async with asyncio.timeout(wait_s):
                await self._wake.wait()
        except TimeoutError:
            return

    def _drop_overdue(self) -> None:
        now_s = self._real_s()
        pending = self._pending
        if pending is not None and now_s >= pending.sent_s + real_span_s(
            self._clock, CALL_TIMEOUT_S
        ):
            self._pending = None
            self._give_up(pending.call, note="no answer in time")
        overdue = [one for one in self._queue if now_s >= one.deadline_s]
        self._queue = [one for one in self._queue if one not in overdue]
        for one in overdue:
            self._give_up(one.call, note="not sent in time")

    def _give_up(self, call: Call, *, note: str) -> None:
        self._deliver(Replied(call.reference, "unknown", note=note))

    def _real_s(self) -> float:
        return asyncio.get_running_loop().time()


def real_span_s(clock: Clock, depot_s: float) -> float:
    """Return how long a timeout of so many depot seconds lasts [s]."""
    return max(clock.real_s(depot_s), LEAST_REAL_S * depot_s / CALL_TIMEOUT_S)


def _same_place(waiting: Call, newer: Call) -> bool:
    if not (isinstance(waiting, InstallProfile) and isinstance(newer, InstallProfile)):
        return False
    one, other = waiting.profile, newer.profile
    return (one.connector, one.profile_id, one.transaction_id) == (
        other.connector,
        other.profile_id,
        other.transaction_id,
    )


def _text(*parts: int | str | Payload) -> str:
    return json.dumps(parts, separators=(",", ":"), allow_nan=False)
