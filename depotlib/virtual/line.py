"""A virtual station's line to its central system: connect, boot once, say what there is, come back."""

import asyncio
import contextlib
import random
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Final, Protocol

import ocpp.messages
from ocpp.exceptions import OCPPError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.typing import Subprotocol

from depotlib.clock import Clock
from depotlib.virtual.keyring import CentralSystem
from depotlib.virtual.misconduct import garbled_meter
from depotlib.virtual.station import Message, VirtualStation

RETRY_WAIT_S: Final = (5.0, 15.0)
SILENCE_POLL_S: Final = 5.0
LEAST_WAIT_S: Final = 0.05
"""Real seconds between two looks at an empty outbox, however fast the clock runs: at 60 x forty-eight
stations that looked each depot second would keep a processor busy with looking."""
HEARTBEAT_S: Final = 300.0
"""So long a station says nothing before it asks for the time (HeartbeatInterval of both versions)."""


class Speaker(Protocol):
    """A station's side of one connection, in one version of OCPP."""

    station: VirtualStation
    socket: ClientConnection
    depot_clock: Clock
    has_booted: bool
    place: str
    """How its version calls a plug."""

    async def start(self) -> None:
        """Receive until the connection ends."""
        ...

    async def boot(self) -> None:
        """Announce the station."""
        ...

    async def say(self, message: Message) -> None:
        """Send one message and take in the answer."""
        ...

    async def ask_the_time(self) -> None:
        """Send a heartbeat."""
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
            async with _dial(station, central, speech=speech) as connection:
                station.is_connected = True
                client = speech.speaker(station, connection, clock=clock)
                client.has_booted = has_booted
                await _serve(client, _double(station, central, speech=speech, clock=clock))
                has_booted = client.has_booted
        except (OSError, InvalidHandshake, ConnectionClosed, TimeoutError):
            pass
        finally:
            station.is_connected = False
        await asyncio.sleep(clock.real_s(draw.uniform(*RETRY_WAIT_S)))


def _dial(station: VirtualStation, central: CentralSystem, *, speech: Speech) -> connect:
    station_id = station.traits.station_id
    return connect(
        f"{central.url.rstrip('/')}/{station_id}",
        ssl=central.context(station_id),
        additional_headers=central.headers(station_id),
        subprotocols=[speech.subprotocol],
        compression=None,
        user_agent_header=None,
        create_connection=None if central.tap is None else central.tap.connection_of(station_id),
    )


async def _double(
    station: VirtualStation, central: CentralSystem, *, speech: Speech, clock: Clock
) -> None:
    """Open a second connection of the same name, where the station does so, and hold it."""
    misbehaviour = station.misbehaves("doubles", clock.now())
    if misbehaviour is None:
        return
    await asyncio.sleep(clock.real_s(misbehaviour.delay_s))
    async with _dial(station, central, speech=speech) as second:
        await second.wait_closed()


async def _serve(client: Speaker, double: Coroutine[None, None, None]) -> None:
    """Receive and send until either ends; a lost or refused connection is how these end."""
    try:
        async with asyncio.TaskGroup() as group:
            second = group.create_task(double)
            sides = [group.create_task(client.start()), group.create_task(_send_all(client))]
            for side, other in (sides, reversed(sides)):
                # One side that ends without an error ends the others.
                side.add_done_callback(lambda _, other=other: (other.cancel(), second.cancel()))
    except* (ConnectionClosed, InvalidHandshake, TimeoutError, OSError, OCPPError):
        pass


async def _send_all(client: Speaker) -> None:
    station, clock = client.station, client.depot_clock
    if not client.has_booted:
        await client.boot()
        client.has_booted = True
    elif station.misbehaves("replays", clock.now()):
        station.outbox.extendleft(reversed(station.said))
    station.outbox.extendleft(reversed(station.statuses(clock.now())))
    said_s = clock.monotonic_s()
    while not station.misbehaves("silent", clock.now()):
        if station.must_restart(clock.now()):
            station.restart(clock.now())
            client.has_booted = False
            break
        is_idle = clock.monotonic_s() < said_s + HEARTBEAT_S
        if not station.outbox and is_idle:
            await asyncio.sleep(max(clock.real_s(1.0), LEAST_WAIT_S))
            continue
        # Taken off only once answered: what got no answer, or was swallowed by a lost connection,
        # is said again. The keepalive of the socket finds out about a dead connection.
        with contextlib.suppress(TimeoutError):
            await (_say_first(client) if station.outbox else client.ask_the_time())
        said_s = clock.monotonic_s()
    await client.socket.close()


async def _say_first(client: Speaker) -> None:
    station, message = client.station, client.station.outbox[0]
    if message.kind == "meter" and station.misbehaves("garbles", client.depot_clock.now()):
        await client.socket.send(garbled_meter(message, place=client.place))
    else:
        await client.say(message)
        if message.kind != "status":
            station.said.append(message)
    if station.outbox and station.outbox[0] is message:
        station.outbox.popleft()
