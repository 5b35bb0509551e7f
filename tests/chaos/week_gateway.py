"""The gateway's process in the simulated week: shipped control, book and desks on a real mailbox.

What `Central` and the daemon do between sockets is done here between simulated wires, in their
order: durable first, then on the wire. It may be killed before a write, behind it, or while sending.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.control import SiteControl
from depotlib.gateway.effects import Effects
from depotlib.gateway.messages import Command, Event
from depotlib.gateway.order_desk import OrderDesk
from depotlib.gateway.outlook import node_reserves, station_state
from depotlib.gateway.push import PushDesk
from depotlib.model.live import JournalEntry
from depotlib.model.site_meter import MeterReading

BEFORE, BEHIND, WITHIN = 0, 1, 2


class KilledError(Exception):
    """The process ended, by signal 9."""


class WeekGateway:
    """One life of the gateway.

    Parameters
    ----------
    path : Path
        Of the mailbox.
    token_path : Path
    now : datetime
    draw : random.Random
    send : callable
        Takes station and command.
    """

    def __init__(
        self,
        path: Path,
        *,
        token_path: Path,
        now: datetime,
        draw: random.Random,
        send: Callable[[str, Command], None],
    ) -> None:
        self.mailbox = open_mailbox(path)
        self.generation = self.mailbox.claim_generation(now)
        self._send = send
        self._changed: set[str] = set()
        self._seen_version = -1
        self.dies: int | None = None
        """Where it is killed the next time that it writes leases; None: not."""
        published = self.mailbox.brief()
        assert published is not None, "a brief is published before the gateway starts"
        self.brief_version, brief = published
        self.release_id: str | None = None
        left = heritage_of(self.mailbox, brief)
        left = replace(left, grid_limits=self.mailbox.grid_limits.standing(now))
        self.control = SiteControl(
            brief, now=now, draw=lambda: draw.randrange(1, 2**31), heritage=left
        )
        self.desk = PushDesk(self.mailbox, generation=self.generation, token_path=token_path)
        orders = OrderDesk(self.mailbox, token_path=token_path)
        self.book = Book(self.mailbox, self.generation, orders=orders)
        self._changed |= set(self.control.stations)
        self._journal_start(now)
        self._take_release()

    def hear(self, events: Sequence[tuple[str, Event]], *, now: datetime) -> None:
        """Take what stations say at an instant, written in one transaction, and pump."""
        effects = Effects()
        for station_id, event in events:
            effects.extend(self.control.handle(station_id, event, now=now))
        self._carry_out(effects, now=now)
        self._carry_out(self.control.pump(now), now=now)

    def tick(self, *, now: datetime) -> None:
        """Do what is due by time, and what others wrote."""
        version = self.mailbox.data_version()
        if version != self._seen_version:
            self._seen_version = version
            self._read_mailbox(now)
        if self.book.has_backlog:
            self.control.limits.is_suspended = not self.book.write(Effects())
        self._carry_out(self.control.tick(now), now=now)
        self._carry_out(self.book.heard(self.control, now=now), now=now)
        self.desk.finish(self.control, now=now)
        self._take_request(now)
        self._carry_out(self.control.pump(now), now=now)
        self._show(now)

    def meter(self, power_kw: float, *, now: datetime) -> None:
        """Take a reading of the site's meter."""
        self.control.watch.take(MeterReading(power_kw, now, now), now=now)

    def end(self) -> None:
        """Let go of the file, as a process does that ends."""
        self.mailbox.close()

    def sessions(self) -> int:
        """Return how many sessions it knows to be running."""
        return sum(sum(one.occupied().values()) for one in self.control.stations.values())

    # --- inside ---------------------------------------------------------------------------

    def _carry_out(self, effects: Effects, *, now: datetime) -> None:
        self._changed |= effects.stations
        dies, self.dies = (self.dies, None) if effects.leases else (None, self.dies)
        if dies == BEFORE:
            raise KilledError
        is_durable = self.book.write(effects)
        self.control.limits.is_suspended = not is_durable
        if dies == BEHIND:
            raise KilledError
        if effects.news and is_durable:
            self.desk.take(effects.news, now=now)
        half = len(effects.commands) // 2
        for place, (station_id, command) in enumerate(effects.commands):
            if dies == WITHIN and place >= half:
                raise KilledError
            if is_durable:
                self._send(station_id, command)
        if dies == WITHIN and not effects.commands:
            self.dies = dies  # nothing was being sent: it dies the next time

    def _read_mailbox(self, now: datetime) -> None:
        if self.mailbox.brief_version() != self.brief_version:
            newest = self.mailbox.brief()
            assert newest is not None
            self.brief_version = newest[0]
            self.control.apply_brief(newest[1])
        self._take_request(now)
        self._take_release()

    def _take_request(self, now: datetime) -> None:
        forced = self.desk.next_release(self.control, now=now)
        if forced is not None:
            self._take_release(forced)

    def _take_release(self, forced: list[str] | None = None) -> None:
        if forced is None and self.mailbox.current_release_id() == self.release_id:
            return
        release = self.mailbox.current_release()
        if release is None:
            return
        self.release_id = release.release_id
        self.desk.adopt(release)
        self.control.apply_release(release, forced=forced or ())

    def _show(self, now: datetime) -> None:
        names = sorted(self._changed)
        states = [station_state(self.control, name, now=now) for name in names]
        nodes = node_reserves(self.control, now=now)
        meter = self.control.watch.state(now)
        if self.book.show(states, nodes, meter=meter, note="simulated", now=now):
            self._changed.clear()

    def _journal_start(self, now: datetime) -> None:
        facts = {"generation": self.generation}
        self.mailbox.append([JournalEntry(now, "gateway_started", payload=facts)])
