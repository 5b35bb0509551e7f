"""The hub between connections, control and mailbox: durable first, then on the wire.

What stations say within one turn of the loop is handled in order, written in one transaction and
only then answered: a disk that takes its time holds up a crowd once, not once for each message. No
handler ever waits for a station. Sockets and timers belong to the connections.
"""

import asyncio
import logging
import time
from collections import deque
from dataclasses import replace
from datetime import datetime
from typing import Final

from depotlib.clock import Clock
from depotlib.gateway.access.desk import SecurityDesk
from depotlib.gateway.arming import UNASKED
from depotlib.gateway.book import Book
from depotlib.gateway.connection import Connection
from depotlib.gateway.control import SiteControl
from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import (
    Answer,
    AnswerBoot,
    AnswerHeartbeat,
    AskFor,
    Booted,
    Call,
    Command,
    Connected,
    Disconnected,
    Event,
    Replied,
)
from depotlib.gateway.outlook import node_reserves, station_state
from depotlib.gateway.push import PushDesk

SHOW_EVERY_S: Final = 0.9
"""Real seconds between two looks at the live state: a little less than a tick, so that each shows."""
SHOW_REST_FACTOR: Final = 5.0
"""Showing a large site takes at most a sixth of the time."""
PENDING_S: Final = 60
"""A station that is kept pending boots again after so long, or sooner when it is asked to."""
LONG_S: Final = 1.0
"""Who waited so long for the mailbox in vain had to wait for another writer."""

_LOG: Final = logging.getLogger("depotlib.gateway")


class Central:
    """The hub.

    Parameters
    ----------
    control : SiteControl
    book : Book
    desk : PushDesk
    clock : Clock
    security : SecurityDesk
    """

    def __init__(
        self,
        control: SiteControl,
        *,
        book: Book,
        desk: PushDesk,
        clock: Clock,
        security: SecurityDesk,
    ) -> None:
        self.control = control
        self._security = security
        self._book = book
        self._desk = desk
        self._clock = clock
        self._connections: dict[str, Connection] = {}
        self._changed = set(control.stations)
        self._pending: set[str] = set()
        """Stations that booted while nothing could be written: they may not charge unrecorded."""
        self._asked: set[str] = set()
        """Of those, who was asked to boot again."""
        self._inbox: deque[tuple[str, Event]] = deque()
        self._is_busy = False
        self._is_due = False
        self._show_after_s = 0.0
        self._write_after_s = 0.0

    # --- connections ----------------------------------------------------------------------

    def attach(self, connection: Connection) -> Connection | None:
        """Return the connection that a newcomer replaces, to be closed: the newcomer wins."""
        station_id = connection.station_id
        earlier = self._connections.get(station_id)
        self._pending.discard(station_id)
        if earlier is not None:
            self.deliver(station_id, Disconnected("a newer connection took its place"))
        if any(name == station_id for name, _ in self._inbox):
            self._drain()  # what follows from the old connection's words goes to the old one
        self._connections[station_id] = connection
        self.deliver(station_id, Connected(connection.version.name))
        return earlier

    def detach(self, connection: Connection, *, reason: str) -> None:
        """Note that a connection is over, unless a newer one has its place already."""
        if self._connections.get(connection.station_id) is connection:
            del self._connections[connection.station_id]
            self._pending.discard(connection.station_id)
            self.deliver(connection.station_id, Disconnected(reason))

    def deliver_from(self, connection: Connection, event: Event) -> None:
        """Take an event of a connection; one that was replaced has nothing to say any more."""
        if self._connections.get(connection.station_id) is not connection:
            return
        is_pending = connection.station_id in self._pending
        if is_pending and not isinstance(event, Booted | Replied):
            connection.fail(getattr(event, "call_id", ""), is_pending=True)
            return
        self.deliver(connection.station_id, event)

    # --- events ---------------------------------------------------------------------------

    def deliver(self, station_id: str, event: Event) -> None:
        """Take an event; it is handled in this turn of the loop, with what others say in it."""
        self._inbox.append((station_id, event))
        if not (self._is_due or self._is_busy):
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._drain)

    def tick(self) -> None:
        """Do what is due by time: arm, expire, pump, finish a push, show the state."""
        now = self._clock.now()
        if self._book.has_backlog:
            self.control.limits.is_suspended = not self._is_written(Effects())
        if not self.control.limits.is_suspended:
            self._ask_pending()
        self._carry_out(self.control.tick(now), now=now)
        self._carry_out(self._book.heard(self.control, now=now), now=now)
        self._carry_out(self._security.rotations(self._connections), now=now)
        self._drain()
        self._desk.finish(self.control, now=now)
        if time.monotonic() >= self._show_after_s:
            self.show(now)

    def pump(self) -> None:
        """Send the limits that events since the last call have made possible or necessary."""
        now = self._clock.now()
        self._carry_out(self.control.pump(now), now=now)
        self._drain()

    def show(self, now: datetime) -> None:
        """Write the live state of what changed, the nodes, and a sign of life."""
        begun_s = time.monotonic()
        states = [station_state(self.control, name, now=now) for name in sorted(self._changed)]
        nodes = node_reserves(self.control, now=now)
        note = f"{len(self._connections)} of {len(self.control.stations)} stations connected"
        if self._book.show(states, nodes, meter=self.control.watch.state(now), note=note, now=now):
            self._changed.clear()
            ended_s = time.monotonic()
            rest_s = SHOW_REST_FACTOR * (ended_s - begun_s)
            self._show_after_s = max(begun_s + SHOW_EVERY_S, ended_s + rest_s)

    def _drain(self) -> None:
        self._is_due = False
        if self._is_busy:
            return  # an event raised by what is being carried out: its turn comes in the loop
        self._is_busy = True
        try:
            while self._inbox:
                effects = Effects()
                while self._inbox:
                    effects.extend(self._handled(*self._inbox.popleft()))
                self._carry_out(effects, now=self._clock.now())
        finally:
            self._is_busy = False

    def _handled(self, station_id: str, event: Event) -> Effects:
        """Return what follows from an event; one that cannot be handled stops nobody else's.

        A defect of ours may have changed a part of what it should. Nothing it left frees room: that
        takes an acceptance, noted, and a settled pause. A call is refused, so that the station says
        it again; without one there is nobody to say it again, and the connection ends instead:
        what it left in doubt is unknown then, and is sent anew when the station is back.
        """
        whose = self._security if self._security.concerns(event) else self.control
        try:
            return whose.handle(station_id, event, now=self._clock.now())
        except Exception:  # noqa: BLE001 - the one place: no station may stop what others have said
            _LOG.exception("station %s: %s was not handled", station_id, type(event).__name__)
            self._refuse(station_id, getattr(event, "call_id", ""))
            return Effects()

    def _refuse(self, station_id: str, call_id: str) -> None:
        connection = self._connections.get(station_id)
        if connection is None:
            return
        if call_id:
            connection.fail(call_id)
        else:
            connection.drop("what it said could not be handled")

    def _carry_out(self, effects: Effects, *, now: datetime) -> None:
        self._changed |= effects.stations
        is_durable = self._is_written(effects)
        self.control.limits.is_suspended = not is_durable
        if effects.news and is_durable:
            self._desk.take(effects.news, now=now)
        for station_id, command in effects.commands:
            if isinstance(command, AnswerBoot):
                self._answer_boot(station_id, command, is_durable=is_durable)
            elif is_durable or isinstance(command, AnswerHeartbeat):
                self._route(station_id, command)
            elif isinstance(command, Call):
                note = "not sent: the mailbox cannot be written"
                self._inbox.append((station_id, Replied(command.reference, "unknown", note)))

    def _is_written(self, effects: Effects) -> bool:
        """Return whether effects are durable; where another one writes on and on, stations go first.

        Each try waits for seconds, and nobody hears a station meanwhile: as long again goes to them.
        """
        begun_s = time.monotonic()
        if begun_s < self._write_after_s:
            self._book.keep(effects)
            return not self._book.has_backlog
        is_written = self._book.write(effects)
        ended_s = time.monotonic()
        if not is_written and ended_s - begun_s > LONG_S:
            self._write_after_s = ended_s + (ended_s - begun_s)
        return is_written

    def _answer_boot(self, station_id: str, answer: AnswerBoot, *, is_durable: bool) -> None:
        """Answer a boot: pending where it could not be written, so that nothing else is said."""
        self._pending.discard(station_id)
        if not is_durable:
            self._pending.add(station_id)
            answer = replace(answer, is_pending=True, interval_s=PENDING_S)
        self._route(station_id, answer)

    def _ask_pending(self) -> None:
        """Ask who was kept pending to boot, now that it can be written; once."""
        for station_id in sorted(self._pending & self._connections.keys() - self._asked):
            self._asked.add(station_id)
            self._route(station_id, AskFor(UNASKED, "BootNotification"))
        self._asked &= self._pending

    def _route(self, station_id: str, command: Command) -> None:
        connection = self._connections.get(station_id)
        if connection is None:
            return
        if isinstance(command, Answer):
            connection.answer(command)
        else:
            connection.ask(command)
