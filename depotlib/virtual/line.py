"""A virtual station's line to its central system: connect, boot once, say what there is, come back."""

import asyncio
import contextlib
import random
from dataclasses import dataclass
from typing import Final, Protocol

import ocpp.messages
from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from depotlib.clock import Clock
from depotlib.virtual.keyring import CentralSystem
from depotlib.virtual.station import Message, VirtualStation

RETRY_WAIT_S: Final = (5.0, 15.0)
SILENCE_POLL_S: Final = 5.0


class Speaker(Protocol):
    """A station's side of one connection, in one version of OCPP."""

    station: VirtualStation
    socket: ClientConnection
    depot_clock: Clock
    has_booted: bool

    async def start(self) -> None:
        """Receive until the connection ends."""
        ...

    async def boot(self) -> None:
        """Announce the station."""
        ...

    async def say(self, message: Message) -> None:
        """Send one message and take in the answer."""
        ...


class MakeSpeaker(Protocol):
    """Takes over a connection for a station."""

    def __call__(
        self, station: VirtualStation, connection: ClientConnection, *, clock: Clock
    ) -> Speaker:
        """Return the station's side of it."""
        ...


@dataclass(frozen=True, slots=True)
class Speech:
    """A version of OCPP that a virtual station speaks."""

    subprotocol: Subprotocol
    speaker: MakeSpeaker


async def run_station(
    station: VirtualStation,
    *,
    central: CentralSystem,
    clock: Clock,
    draw: random.Random,
    leaving: asyncio.Event,
    speech: Speech,
) -> None:
    """Keep a station connected until the depot is leaving.

    The first connection boots; later ones only report their statuses (OCPP-J 1.6 section 5.4).
    A connection that breaks while this task is being cancelled hides the cancellation (a task
    group with an error to report does not pass it on), so the end is told by an event as well.
    """
    ocpp.messages.ASYNC_VALIDATION = False
    has_booted = False
    while not leaving.is_set():
        if station.misbehaves("silent", clock.now()):
            await asyncio.sleep(clock.real_s(SILENCE_POLL_S))
            continue
        try:
            async with connect(
                f"{central.url.rstrip('/')}/{station.traits.station_id}",
                ssl=central.context(station.traits.station_id),
                additional_headers=central.headers(station.traits.station_id),
                subprotocols=[speech.subprotocol],
                compression=None,
                user_agent_header=None,
            ) as connection:
                client = speech.speaker(station, connection, clock=clock)
                client.has_booted = has_booted
                await _serve(client)
                has_booted = client.has_booted
        except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
            pass
        await asyncio.sleep(clock.real_s(draw.uniform(*RETRY_WAIT_S)))


async def _serve(client: Speaker) -> None:
    """Receive and send until either ends; a lost or refused connection is how these end."""
    try:
        async with asyncio.TaskGroup() as group:
            sides = [group.create_task(client.start()), group.create_task(_send_all(client))]
            for side, other in (sides, reversed(sides)):
                # One side that ends without an error ends the other.
                side.add_done_callback(lambda _, other=other: other.cancel())
    except* (ConnectionClosed, TimeoutError, OSError, OCPPError):
        pass


async def _send_all(client: Speaker) -> None:
    station, clock = client.station, client.depot_clock
    if not client.has_booted:
        await client.boot()
        client.has_booted = True
    station.outbox.extendleft(reversed(station.statuses(clock.now())))
    while not station.misbehaves("silent", clock.now()):
        if not station.outbox:
            await asyncio.sleep(clock.real_s(1.0))
            continue
        # Taken off only once answered: what got no answer, or was swallowed by a lost connection,
        # is said again. The keepalive of the socket finds out about a dead connection.
        message = station.outbox[0]
        with contextlib.suppress(TimeoutError):
            await client.say(message)
            if station.outbox and station.outbox[0] is message:
                station.outbox.popleft()
    await client.socket.close()
