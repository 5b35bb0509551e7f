"""The gateway's process: one port, one mailbox, one loop; and what wires them together."""

import asyncio
import contextlib
import logging
import random
import signal
import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from websockets.asyncio.server import ServerConnection

from depotlib.clock import Clock, real_clock
from depotlib.errors import ExchangeError, GenerationLostError
from depotlib.exchange.locks import gateway_lock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.gateway.access.desk import SecurityDesk
from depotlib.gateway.access.doorway import (
    Address,
    Doorway,
    open_doors,
    require_loopback,
    station_id_of,
)
from depotlib.gateway.access.gate import ENCRYPTED_PASSWORD, NO_PROOF, Caller, Gate, Verdict
from depotlib.gateway.access.vault import FOLDER_NAME, Vault
from depotlib.gateway.book import Book, heritage_of
from depotlib.gateway.central import Central
from depotlib.gateway.connection import LEAST_REAL_S, Connection
from depotlib.gateway.control import SiteControl
from depotlib.gateway.meters.keeper import MeterKeeper
from depotlib.gateway.order_desk import OrderDesk
from depotlib.gateway.push import PushDesk
from depotlib.gateway.versions import VERSIONS
from depotlib.model.brief import Brief
from depotlib.model.live import JournalEntry, JournalKind
from depotlib.model.order import without_deratings
from depotlib.model.site_meter import MeterReading

POLL_REAL_S: Final = 0.05
LONGEST_REST_S: Final = 2.0
"""Whatever held a step up, stations are armed and told their limits soon after."""
REST_FACTOR: Final = 2.0
"""Two thirds of the time belong to the stations, however long our own looks at a large site take."""
TICK_S: Final = 1.0
RESTARTING: Final = 1012
LARGEST_ID: Final = 2**31
MOST_NAME_CHARACTERS: Final = 48

_LOG: Final = logging.getLogger("depotlib.gateway")


@dataclass(frozen=True, slots=True)
class GatewayOptions:
    """How the gateway runs.

    Parameters
    ----------
    mailbox_path : Path
    token_path : Path
        File of the operator's token.
    token : str
        The token itself where the environment gives it.
    host : str
    port : int
        0 takes any free one.
    clock : Clock
    site : Brief or None
        Seeds the mailbox's brief.
    announce : callable
        Told each address once it listens.
    tls : Address or None
        A second door, encrypted; the first is encrypted already where the site asks for it.
    is_open : bool
        Whether stations without any proof may call from elsewhere than this machine.
    """

    mailbox_path: Path
    token_path: Path
    token: str
    host: str
    port: int
    clock: Clock
    site: Brief | None
    announce: Callable[[str], None]
    tls: Address | None = None
    is_open: bool = False


def run_gateway(options: GatewayOptions) -> None:
    """Run the central system until SIGTERM or SIGINT.

    Raises
    ------
    ListenAddressError
        If the address cannot be had, or is not loopback though the site has no security profile.
    GatewayLockedError
        If a gateway already runs on this mailbox.
    GenerationLostError
        If another gateway has taken over.
    ExchangeError
        If the mailbox cannot be opened.
    """
    with (
        gateway_lock(options.mailbox_path),
        open_mailbox(options.mailbox_path) as mailbox,
    ):
        asyncio.run(_Gateway(options, mailbox).run())


class _Gateway:
    def __init__(self, options: GatewayOptions, mailbox: Mailbox) -> None:
        self._options = options
        self._mailbox = mailbox
        self._clock = options.clock
        self._generation = 0
        self._central: Central | None = None
        self._desk: PushDesk | None = None
        self._brief: tuple[int, Brief] | None = None
        self._release_id: str | None = None
        self._seen_version = -1
        self._ticked_s = 0.0
        self._sockets: set[ServerConnection] = set()
        self._keeper = MeterKeeper(options.clock, said=self._meter_said, failed=self._meter_failed)
        self._stop = asyncio.Event()
        self._gate = Gate(
            Vault(options.mailbox_path.parent / FOLDER_NAME),
            is_open=options.is_open,
            monotonic_s=time.monotonic,
        )
        self._doorway = Doorway(self._gate, stations=self._stations, note=self._note_refused)

    async def run(self) -> None:
        """Serve until told to stop."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._stop.set)
        now = self._clock.now()
        self._generation = self._mailbox.claim_generation(now)
        self._seed()
        self._journal("gateway_started")
        async with open_doors(
            self._doorway, self._serve_station, addresses=self._addresses()
        ) as urls:
            for url in urls:
                self._options.announce(url)
            await self._serve()
        self._journal("gateway_stopped")

    async def _serve(self) -> None:
        """Supervise, with the site's meter read beside it: it can end nothing here."""
        lost: GenerationLostError | None = None
        async with asyncio.TaskGroup() as group:
            reading = group.create_task(self._keeper.run(), name="site meter")
            try:
                await self._supervise()
            except GenerationLostError as error:
                lost = error  # not as one of a group: the caller knows it by its name
            finally:
                reading.cancel()
        if lost is not None:
            raise lost

    def _addresses(self) -> list[Address]:
        """Return where the doors are: encrypted alone where the site asks for it."""
        options = self._options
        site_profile = self._site_profile()
        require_loopback(options.host, site_profile=site_profile, is_open=options.is_open)
        first = Address(options.host, options.port, is_encrypted=site_profile >= ENCRYPTED_PASSWORD)
        return [first, *([] if options.tls is None else [options.tls])]

    def _site_profile(self) -> int:
        newest = self._mailbox.brief()
        brief = newest[1] if newest else self._options.site
        return brief.security_profile if brief is not None else NO_PROOF

    def _stations(self) -> Collection[str]:
        return self._central.control.stations if self._central is not None else ()

    def _note_refused(self, caller: Caller, verdict: Verdict) -> None:
        """Write that somebody was refused: who they said they were, never what they said it with."""
        entry = JournalEntry(
            self._clock.now(),
            "access_refused",
            caller.station_id if caller.station_id in self._stations() else None,
            payload={
                "source": caller.source,
                "claimed": caller.station_id[:MOST_NAME_CHARACTERS],
                "reason": verdict.reason,
            },
        )
        try:
            self._mailbox.append([entry])
        except ExchangeError:
            _LOG.warning("a refused caller could not be journalled: %s", verdict.reason)

    # --- stations -------------------------------------------------------------------------

    async def _serve_station(self, socket: ServerConnection) -> None:
        central = self._central
        if central is None or socket.request is None:
            return
        station_id = station_id_of(socket.request.path)
        version = next(one for one in VERSIONS if one.subprotocol == socket.subprotocol)
        connection = Connection(
            socket,
            station_id,
            version=version,
            clock=self._clock,
            deliver=lambda event: central.deliver_from(connection, event),
        )
        self._sockets.add(socket)
        reason = "the gateway is stopping"
        try:
            earlier = central.attach(connection)
            if earlier is not None:
                await earlier.close("a newer connection of this station took its place")
            reason = await connection.run()
        finally:
            self._sockets.discard(socket)
            central.detach(connection, reason=reason)

    # --- the loop -------------------------------------------------------------------------

    async def _supervise(self) -> None:
        """Poll and tick until told to stop; one failure is logged and is not the end."""
        loop = asyncio.get_running_loop()
        while not self._stop.is_set():
            begun_s = loop.time()
            try:
                await self._step()
            except GenerationLostError:
                raise
            except Exception:  # noqa: BLE001 - the one place: one wrong step must not stop all
                _LOG.exception("a step of the gateway failed")
            pause_s = max(POLL_REAL_S, REST_FACTOR * (loop.time() - begun_s))
            pause_s = min(pause_s, LONGEST_REST_S)
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(pause_s):
                    await self._stop.wait()
        if self._central is not None:
            self._central.show(self._clock.now())

    async def _step(self) -> None:
        version = self._mailbox.data_version()
        if version != self._seen_version:
            self._seen_version = version
            await self._read_mailbox()
        at_s = asyncio.get_running_loop().time()
        if self._central is not None and at_s >= self._ticked_s + self._clock.real_s(TICK_S):
            self._ticked_s = at_s
            self._doorway.show_out()
            self._central.tick()
            self._take_request()
        if self._central is not None:
            self._central.pump()

    async def _read_mailbox(self) -> None:
        # A large site's brief takes longer to read than a look has time.
        if self._brief is None or self._mailbox.brief_version() != self._brief[0]:
            newest = self._mailbox.brief()
            if newest is not None:
                await self._take_brief(newest)
        self._take_request()
        self._take_release()

    async def _take_brief(self, newest: tuple[int, Brief]) -> None:
        before, self._brief = self._brief, newest
        brief = newest[1]
        self._gate.site_profile = brief.security_profile
        is_same = before is not None and _on_same_ground(before[1], brief)
        if self._central is not None and is_same:
            self._central.control.apply_brief(brief)
            self._follow_meter(brief)
            return
        require_loopback(
            self._options.host,
            site_profile=brief.security_profile,
            is_open=self._options.is_open,
        )
        await self._close_all()
        self._build(brief)
        self._follow_meter(brief)

    def _build(self, brief: Brief) -> None:
        """Begin with a depot as after a restart: from what the mailbox remembers."""
        now = self._clock.now()
        left = heritage_of(self._mailbox, brief)
        left = replace(left, grid_limits=self._mailbox.grid_limits.standing(now))
        control = SiteControl(brief, now=now, draw=_draw_number, heritage=left)
        self._desk = PushDesk(
            self._mailbox,
            generation=self._generation,
            token_path=self._options.token_path,
            token=self._options.token,
        )
        self._release_id = None
        orders = OrderDesk(
            self._mailbox, token_path=self._options.token_path, token=self._options.token
        )
        book = Book(self._mailbox, self._generation, orders=orders)
        self._central = Central(
            control,
            book=book,
            desk=self._desk,
            clock=self._clock,
            security=SecurityDesk(self._gate.vault, wall_now=real_clock().now),
        )
        self._central.show(now)
        self._take_release()

    def _follow_meter(self, brief: Brief) -> None:
        if self._central is not None:
            self._keeper.follow(brief.depot.site_meter, most_kw=self._central.control.watch.most_kw)

    def _meter_said(self, reading: MeterReading) -> None:
        if self._central is not None:
            self._central.control.watch.take(reading, now=self._clock.now())

    def _meter_failed(self, trouble: str) -> None:
        if self._central is not None:
            self._central.control.watch.fail(trouble)

    async def _close_all(self) -> None:
        if self._central is not None:
            self._central.show(self._clock.now())
        for socket in list(self._sockets):
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LEAST_REAL_S):
                    await socket.close(RESTARTING, "the site has changed")

    def _take_request(self) -> None:
        if self._central is None or self._desk is None:
            return
        now = self._clock.now()
        forced = self._desk.next_release(self._central.control, now=now)
        if forced is not None:
            self._take_release(forced)

    def _take_release(self, forced: list[str] | None = None) -> None:
        """Put the mailbox's current release into force, if it is new or has to be sent again."""
        if self._central is None or self._desk is None:
            return
        if forced is None and self._mailbox.current_release_id() == self._release_id:
            return
        release = self._mailbox.current_release()
        if release is None:
            return
        self._release_id = release.release_id
        if not release.pushable:
            self._journal("push_refused", release_id=release.release_id)
            return
        self._desk.adopt(release)
        self._central.control.apply_release(release, forced=forced or ())

    def _seed(self) -> None:
        site, newest = self._options.site, self._mailbox.brief()
        if site is None:
            return
        now = self._clock.now()
        if newest is not None and _same_site(newest[1], site):
            return
        self._mailbox.publish_brief(replace(site, made_at=now), at=now)

    def _journal(self, kind: JournalKind, **facts: str) -> None:
        payload = {"generation": self._generation, **facts}
        self._mailbox.append([JournalEntry(self._clock.now(), kind, payload=payload)])


def _same_site(held: Brief, site: Brief) -> bool:
    named = ("depot", "identities", "unknown_policy", "security_profile")
    return all(getattr(held, name) == getattr(site, name) for name in named)


def _on_same_ground(held: Brief, brief: Brief) -> bool:
    """Return whether two briefs differ in no station and no limit; what may change by itself aside."""
    was, now = (replace(without_deratings(one.depot), site_meter=None) for one in (held, brief))
    return was == now


def _draw_number() -> int:
    return random.SystemRandom().randrange(1, LARGEST_ID)
