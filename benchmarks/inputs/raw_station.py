"""Charging stations of bare bytes: so light that a thousand of them do not outweigh the gateway."""

import asyncio
import base64
import re
import ssl
from collections import Counter
from urllib.parse import urlsplit

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SHORT, LONG = 126, 65_536
SWITCHED = b"HTTP/1.1 101"
ANSWERS = {
    "SetChargingProfile": '{"status":"Accepted"}',
    "ChangeConfiguration": '{"status":"Accepted"}',
    "GetConfiguration": '{"configurationKey":[],"unknownKey":[]}',
    "GetCompositeSchedule": '{"status":"Rejected"}',
    "TriggerMessage": '{"status":"NotImplemented"}',
}
CALL = re.compile(r'\[2,"([^"]+)","([^"]+)"')


class RawStation(asyncio.Protocol):
    """A station of OCPP 1.6 that accepts whatever it is asked.

    Parameters
    ----------
    name : str
    host : str
    password : str
        Empty: it shows none.
    """

    def __init__(self, name: str, host: str, *, password: str = "") -> None:
        self.name = name
        self.heard: Counter[str] = Counter()
        self.is_in = False
        self.is_lost = False
        self.settled = asyncio.Event()
        """Whether it is let in, or lost."""
        self.answered = asyncio.Event()
        """Whether one of its calls is answered, or it is lost."""
        self._host = host
        self._password = password
        self._received = bytearray()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask to be let in."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        pair = base64.b64encode(f"{self.name}:{self._password}".encode()).decode()
        proof = f"Authorization: Basic {pair}\r\n" if self._password else ""
        transport.write(
            f"GET /ocpp/{self.name} HTTP/1.1\r\nHost: {self._host}\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n"
            f"Sec-WebSocket-Version: 13\r\n{proof}Sec-WebSocket-Protocol: ocpp1.6\r\n\r\n".encode()
        )

    def connection_lost(self, exc: Exception | None) -> None:
        """Note that the gateway has hung up, or the door was shut."""
        del exc
        self.is_lost = True
        self.settled.set()
        self.answered.set()

    def data_received(self, data: bytes) -> None:
        """Take in what the gateway says, frame by frame."""
        self._received += data
        if not self.is_in:
            head, found, rest = bytes(self._received).partition(b"\r\n\r\n")
            if not found:
                return
            self.is_in = head.startswith(SWITCHED)
            if self.is_in:
                self.settled.set()
            self._received = bytearray(rest)
        while (frame := self._next_frame()) is not None:
            self._hear(*frame)

    def say(self, text: str) -> None:
        """Send a frame of text."""
        self._send(TEXT, text.encode())

    def leave(self) -> None:
        """Drop the connection without a word."""
        assert self._transport is not None
        self._transport.abort()

    def _hear(self, kind: int, body: bytes) -> None:
        if kind == PING:
            self._send(PONG, body)
        if kind != TEXT:
            return
        text = body.decode()
        call = CALL.match(text)
        if call is None:
            self.heard["answer"] += 1
            self.answered.set()
            return
        self.heard[call[2]] += 1
        if '"TxDefaultProfile"' in text and '"connectorId":1' in text:
            self.heard["limit"] += 1
        self.say(f'[3,"{call[1]}",{ANSWERS[call[2]]}]')

    def _next_frame(self) -> tuple[int, bytes] | None:
        held = self._received
        begin = 2
        if len(held) < begin:
            return None
        size = held[1]
        if size >= SHORT:
            begin = 4 if size == SHORT else 10
            size = int.from_bytes(held[2:begin], "big")
        if len(held) < begin + size:
            return None
        kind, body = held[0] & 15, bytes(held[begin : begin + size])
        del held[: begin + size]
        return kind, body

    def _send(self, kind: int, body: bytes) -> None:
        assert self._transport is not None
        size = len(body)
        if size < SHORT:
            head = bytes((128 | kind, 128 | size))
        elif size < LONG:
            head = bytes((128 | kind, 128 | SHORT)) + size.to_bytes(2, "big")
        else:
            head = bytes((128 | kind, 255)) + size.to_bytes(8, "big")
        self._transport.write(head + b"\0\0\0\0" + body)  # masked with zeros: it stays as it is


async def call_at(
    url: str, name: str, *, password: str = "", context: ssl.SSLContext | None = None
) -> RawStation:
    """Return a station whose connection has begun."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    _, station = await asyncio.get_running_loop().create_connection(
        lambda: RawStation(name, parts.netloc, password=password),
        parts.hostname,
        parts.port,
        ssl=context,
    )
    return station
