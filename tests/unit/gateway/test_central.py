"""The hub and its connections over real sockets: what a defect of ours does to one station."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from depotlib.clock import real_clock
from depotlib.exchange.mailbox import open_mailbox
from depotlib.gateway.access.desk import SecurityDesk
from depotlib.gateway.access.doorway import station_id_of
from depotlib.gateway.access.vault import Vault
from depotlib.gateway.book import Book
from depotlib.gateway.central import Central
from depotlib.gateway.connection import Connection
from depotlib.gateway.control import SiteControl
from depotlib.gateway.messages import HeartbeatAsked, Replied, TokenOffered, TransactionStarted
from depotlib.gateway.push import PushDesk
from depotlib.gateway.versions.ocpp16 import OCPP16
from tests.gateway_cases import small_site

WAIT_S = 60.0
SUBPROTOCOLS = [Subprotocol("ocpp1.6")]
# The first two raise where they are handled: a lease without a number, a token that is none. The
# third raises where it is written: the journal takes no time without a zone.
UNREADABLE_ANSWER = Replied("lease x S0/1", "accepted")
UNREADABLE_CALL = TokenOffered("7", None)
UNWRITABLE_CALL = TransactionStarted("8", 1, "TAG-0", 0.0, datetime(2026, 11, 20))
START = (
    '[2,"d","StartTransaction",{"connectorId":1,"idTag":"TAG-1","meterStart":0,'
    '"timestamp":"2026-11-20T20:00:00Z"}]'
)


@dataclass
class Hub:
    central: Central
    url: str
    gone: dict[str, asyncio.Event]

    @property
    def control(self) -> SiteControl:
        return self.central.control


@contextlib.asynccontextmanager
async def hub(folder: Path) -> AsyncIterator[Hub]:
    clock = real_clock()
    with open_mailbox(folder / "exchange.sqlite") as mailbox:
        generation = mailbox.claim_generation(clock.now())
        control = SiteControl(small_site(), now=clock.now(), draw=lambda: 7)
        central = Central(
            control,
            book=Book(mailbox, generation),
            desk=PushDesk(mailbox, generation=generation, token_path=folder / "token"),
            clock=clock,
            security=SecurityDesk(Vault(folder / "security"), wall_now=clock.now),
        )
        gone = {name: asyncio.Event() for name in control.stations}

        async def serve_station(socket: ServerConnection) -> None:
            assert socket.request is not None
            station_id = station_id_of(socket.request.path)
            connection = Connection(
                socket,
                station_id,
                version=OCPP16,
                clock=clock,
                deliver=lambda event: central.deliver_from(connection, event),
            )
            central.attach(connection)
            reason = await connection.run()
            central.detach(connection, reason=reason)
            gone[station_id].set()

        async with serve(serve_station, "127.0.0.1", 0, subprotocols=SUBPROTOCOLS) as server:
            port = server.sockets[0].getsockname()[1]
            yield Hub(central, f"ws://127.0.0.1:{port}", gone)


@contextlib.asynccontextmanager
async def come(there: Hub, name: str) -> AsyncIterator[ClientConnection]:
    async with connect(f"{there.url}/{name}", subprotocols=SUBPROTOCOLS) as socket:
        await socket.send('[2,"b","Heartbeat",{}]')
        assert (await answer_to(socket, "b"))[0] == 3
        yield socket


async def answer_to(socket: ClientConnection, unique_id: str) -> list[object]:
    async with asyncio.timeout(WAIT_S):
        while True:
            frame = json.loads(await socket.recv())
            if frame[0] != 2 and frame[1] == unique_id:
                return frame


def test_an_answer_that_cannot_be_handled_ends_its_connection_and_no_other(tmp_path):
    async def play() -> None:
        async with hub(tmp_path) as there, come(there, "S0") as bad, come(there, "S1") as good:
            trust = there.control.ledger.trust["S0"]
            epoch = trust.epoch

            there.central.deliver("S0", UNREADABLE_ANSWER)
            there.central.deliver("S1", HeartbeatAsked("same-turn"))
            heard = await answer_to(good, "same-turn")
            async with asyncio.timeout(WAIT_S):
                await there.gone["S0"].wait()
            with pytest.raises(ConnectionClosed):
                await answer_to(bad, "never")

            assert heard[0] == 3
            assert not trust.is_connected
            assert not there.control.ledger.in_flight("S0")  # nothing waits for ever
            async with come(there, "S0"):
                assert (trust.is_connected, trust.epoch) == (True, epoch + 1)

    asyncio.run(play())


def test_two_devices_of_one_identity_are_told_once_and_the_newest_keeps_its_place(tmp_path):
    async def play() -> None:
        async with hub(tmp_path) as there, contextlib.AsyncExitStack() as kept:
            for _ in range(3):
                await kept.enter_async_context(come(there, "S0"))
            assert often(tmp_path) == []

            for _ in range(2):
                await kept.enter_async_context(come(there, "S0"))

            assert often(tmp_path) == ["S0"]
            assert there.control.ledger.trust["S0"].is_connected

    asyncio.run(play())


def often(folder: Path) -> list[str | None]:
    """Return which stations were told to come too often."""
    with open_mailbox(folder / "exchange.sqlite", create=False) as mailbox:
        entries = [record.entry for record in mailbox.journal()]
    return [one.station_id for one in entries if one.kind == "connections_too_often"]


def test_a_call_that_cannot_be_handled_is_refused_and_its_station_stays(tmp_path):
    async def play() -> None:
        async with hub(tmp_path) as there, come(there, "S0") as socket:
            there.central.deliver("S0", UNREADABLE_CALL)
            refused = await answer_to(socket, "7")
            await socket.send('[2,"c","Heartbeat",{}]')
            heard = await answer_to(socket, "c")

            # OCPP-J 1.6, table 7: InternalError is "an internal error occurred".
            assert refused[:3] == [4, "7", "InternalError"]
            assert heard[0] == 3
            assert there.control.ledger.trust["S0"].is_connected

    asyncio.run(play())


def test_what_a_defect_half_did_reserves_no_less_than_before(tmp_path):
    async def play() -> None:
        async with hub(tmp_path) as there, come(there, "S0"):
            now = real_clock().now()
            before = there.control.room(now).reserved_now_kw()

            there.central.deliver("S0", UNREADABLE_CALL)
            there.central.deliver("S0", UNREADABLE_ANSWER)
            async with asyncio.timeout(WAIT_S):
                await there.gone["S0"].wait()
            after = there.control.room(real_clock().now()).reserved_now_kw()

            assert all(after[node] >= reserved_kw for node, reserved_kw in before.items())

    asyncio.run(play())


def test_what_can_never_be_written_holds_up_nothing_that_comes_after_it(tmp_path):
    async def play() -> None:
        async with hub(tmp_path) as there, come(there, "S0") as socket, come(there, "S1") as other:
            there.central.deliver("S0", UNWRITABLE_CALL)
            await socket.send('[2,"c","Authorize",{"idTag":"TAG-0"}]')
            heard = await answer_to(socket, "c")
            await other.send(START)
            started = await answer_to(other, "d")
            with open_mailbox(tmp_path / "exchange.sqlite", create=False) as reader:
                sessions = reader.journal(kinds=["session_started"])

            assert heard[0] == started[0] == 3
            assert [one.entry.station_id for one in sessions] == ["S1"]

    asyncio.run(play())
