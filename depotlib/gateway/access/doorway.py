"""The doors themselves: the ports stations call at, plain and encrypted, and who stands in them."""

import asyncio
import contextlib
import logging
import ssl
from collections import Counter
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import unquote, urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.extensions.permessage_deflate import ServerPerMessageDeflateFactory
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from depotlib.errors import ListenAddressError
from depotlib.gateway.access.gate import NO_PROOF, Caller, Gate, Verdict, is_loopback
from depotlib.gateway.access.tls import server_context, subject_of
from depotlib.gateway.guard import MAX_FRAME_BYTES
from depotlib.gateway.versions import VERSIONS

HANDSHAKE_S: Final = 5
LEAST_PER_SOURCE: Final = 64
PER_STATION: Final = 2
"""Connections of one source for each station of the site: a depot may stand behind one address."""
MOST_WAITING: Final = 4096
"""Callers the kernel keeps at the door: with asyncio's 100 a depot that comes back at once was
dropped there, and each tried again by TCP's clock, after a second, three, seven."""
MOST_AT_ONCE: Final = 32
"""Callers let in at one turn of the loop: who is in has five seconds to shake hands, and those
outside have not begun to count."""
WINDOW_BITS: Final = 11
"""A compressor of 2 KiB a connection, where 2.x asks for one."""
RAW_NAME: Final = "depotlib.gateway.sockets"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a door is.

    Parameters
    ----------
    host : str
    port : int
        0 takes any free one.
    is_encrypted : bool
    """

    host: str
    port: int
    is_encrypted: bool = False


class Doorway:
    """Lets stations in by the gate's verdict, and knows who is in.

    Parameters
    ----------
    gate : Gate
    stations : callable
        The stations of the site, as it is now.
    note : callable
        Told of callers that were refused.
    """

    def __init__(
        self,
        gate: Gate,
        *,
        stations: Callable[[], Collection[str]],
        note: Callable[[Caller, Verdict], None],
    ) -> None:
        self.gate = gate
        self._stations = stations
        self._note = note
        self._inside: dict[ServerConnection, Caller] = {}
        self._by_source: Counter[str] = Counter()
        self._seen: object = None

    def admit(self, connection: ServerConnection, request: Request) -> Response | None:
        """Return the refusal of a caller, or None: it may come in."""
        caller = _caller(connection, request)
        verdict = self.gate.judge(caller, stations=self._stations())
        if verdict.is_admitted:
            self._inside[connection] = caller
            if "ocpp2" not in ",".join(request.headers.get_all("Sec-WebSocket-Protocol")):
                connection.protocol.available_extensions = []  # 1.6 knows no compression
            return None
        if verdict.is_news:
            self._note(caller, verdict)
        response = connection.respond(verdict.status, f"{verdict.status.phrase}\n")
        if verdict.status is HTTPStatus.UNAUTHORIZED:
            response.headers["WWW-Authenticate"] = 'Basic realm="ocpp"'
        return response

    def show_out(self) -> None:
        """End the connections that the gate would not let in any more, once the vault changed."""
        stamp = (self.gate.vault.stamp(), self.gate.site_profile)
        if stamp == self._seen:
            return
        self._seen = stamp
        for socket, caller in list(self._inside.items()):
            if not self.gate.is_still_welcome(caller):
                self._note(caller, Verdict(HTTPStatus.UNAUTHORIZED, "it is not welcome any more"))
                socket.transport.abort()

    def enter(self, source: str) -> bool:
        """Return whether a source has room for one more connection, shaken hands or not."""
        self._by_source[source] += 1
        most = max(LEAST_PER_SOURCE, PER_STATION * len(self._stations()))
        return self._by_source[source] <= most

    def leave(self, connection: ServerConnection, source: str) -> None:
        """Note that a connection is gone."""
        self._inside.pop(connection, None)
        self._by_source[source] -= 1
        if not self._by_source[source]:
            del self._by_source[source]


@contextlib.asynccontextmanager
async def open_doors(
    doorway: Doorway,
    serve_station: Callable[[ServerConnection], Awaitable[None]],
    *,
    addresses: Collection[Address],
) -> AsyncGenerator[list[str], None]:
    """Yield the URLs that stations can call at, until the doors close again.

    Raises
    ------
    ListenAddressError
        If an address cannot be had.
    CredentialError
        If a door is encrypted and the server has no certificates.
    """
    async with contextlib.AsyncExitStack() as stack:
        urls: list[str] = []
        for address in addresses:
            context = server_context(doorway.gate.vault) if address.is_encrypted else None
            server = await _listen(doorway, serve_station, address=address, context=context)
            await stack.enter_async_context(server)
            for listening in server.sockets:
                # asyncio has one number for both: how many it takes at a time, how many may wait.
                with contextlib.closing(listening.dup()) as same:
                    same.listen(MOST_WAITING)
            host, port = server.sockets[0].getsockname()[:2]
            scheme = "wss" if address.is_encrypted else "ws"
            urls.append(f"{scheme}://{host}:{port}/ocpp")
        yield urls


def require_loopback(host: str, *, site_profile: int, is_open: bool) -> None:
    """Refuse to listen to the world where stations need not prove who they are.

    Raises
    ------
    ListenAddressError
        If the site has no security profile, the host is not this machine, and nobody said so.
    """
    if site_profile > NO_PROOF or is_open or is_loopback(host):
        return
    raise ListenAddressError(
        f"security profile 0 is not served on {host!r}: anybody could be any station",
        where="--listen",
        hint="listen on 127.0.0.1, give the site a security_profile, or say --allow-open",
    )


def station_id_of(path: str) -> str:
    """Return the identity in a URL: its last segment, percent-decoded (OCPP-J 1.6 section 3.1)."""
    return unquote(urlsplit(path).path.rstrip("/").rpartition("/")[2])


# --- inside -----------------------------------------------------------------------------------


async def _listen(
    doorway: Doorway,
    serve_station: Callable[[ServerConnection], Awaitable[None]],
    *,
    address: Address,
    context: ssl.SSLContext | None,
) -> Server:
    try:
        return await serve(
            serve_station,
            address.host,
            address.port,
            ssl=context,
            backlog=MOST_AT_ONCE,
            subprotocols=[Subprotocol(version.subprotocol) for version in VERSIONS],
            process_request=doorway.admit,
            create_connection=_counted(doorway),
            origins=[None],  # a browser always names its origin; a station never does
            extensions=[
                ServerPerMessageDeflateFactory(
                    server_max_window_bits=WINDOW_BITS,
                    client_max_window_bits=WINDOW_BITS,
                    compress_settings={"memLevel": 4},
                )
            ],
            server_header=None,
            compression=None,
            open_timeout=HANDSHAKE_S,
            ping_interval=20,
            ping_timeout=10,
            close_timeout=2,
            max_size=MAX_FRAME_BYTES,
            max_queue=8,
            logger=_quiet_log(),
            ssl_handshake_timeout=HANDSHAKE_S if context is not None else None,
        )
    except OSError as error:
        raise ListenAddressError(
            f"cannot listen on {address.host}:{address.port}: {error.strerror}",
            where="--listen",
            hint="choose another port, or stop what uses it",
        ) from error


def _counted(doorway: Doorway) -> type[ServerConnection]:
    """Return a connection that counts from its first byte on, before it has said anything."""

    class CountedConnection(ServerConnection):
        _source = ""

        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            super().connection_made(transport)
            self._source = _source(transport)
            if not doorway.enter(self._source):
                self.transport.abort()

        def connection_lost(self, exc: Exception | None) -> None:
            doorway.leave(self, self._source)
            super().connection_lost(exc)

    return CountedConnection


def _caller(connection: ServerConnection, request: Request) -> Caller:
    tls = connection.transport.get_extra_info("ssl_object")
    authorizations = request.headers.get_all("Authorization")
    return Caller(
        station_id=station_id_of(request.path),
        source=_source(connection.transport),
        # Given twice it proves nothing: joined, it is no header that the gate can read.
        authorization=",".join(authorizations),
        is_encrypted=tls is not None,
        subject=subject_of(tls),
    )


def _source(transport: asyncio.BaseTransport) -> str:
    peer = transport.get_extra_info("peername")
    return str(peer[0]) if peer else ""


class _Quiet(logging.Filter):
    """Keeps what a stranger can cause at will, and every header, out of the log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether a record is worth a line."""
        return record.levelno >= logging.ERROR and "handshake" not in str(record.msg)


def _quiet_log() -> logging.Logger:
    log = logging.getLogger(RAW_NAME)
    if not log.filters:
        log.addFilter(_Quiet())
    return log
