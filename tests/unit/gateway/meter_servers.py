"""Meters to read over real sockets: a Modbus server, a small MQTT broker, a web server."""

import asyncio
import json
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice

HOST = "127.0.0.1"
CONNECT, CONNACK, PUBLISH, SUBSCRIBE, SUBACK, PINGREQ, PINGRESP = 1, 2, 3, 8, 9, 12, 13


@asynccontextmanager
async def modbus_meter(blocks: dict[int, list[int]], *, device: int = 1) -> AsyncIterator[int]:
    """Serve registers, by the address at which each block begins; yield the port."""
    data = [
        SimData(address, values=words, datatype=DataType.REGISTERS)
        for address, words in sorted(blocks.items())
    ]
    server = ModbusTcpServer(SimDevice(device, simdata=data), address=(HOST, 0))
    await server.serve_forever(background=True)
    try:
        yield server.transport.sockets[0].getsockname()[1]
    finally:
        await server.shutdown()


@dataclass
class Broker:
    """As much of MQTT 3.1.1 as a meter needs: connect, subscribe, publish at most once, ping."""

    port: int = 0
    retained: dict[str, bytes] = field(default_factory=dict)
    subscribers: list[tuple[str, asyncio.StreamWriter]] = field(default_factory=list)
    subscribed: asyncio.Event = field(default_factory=asyncio.Event)

    def publish(self, topic: str, document: object) -> None:
        for wanted, writer in self.subscribers:
            if wanted == topic:
                writer.write(published(topic, json.dumps(document).encode()))

    def drop_all(self) -> None:
        for _, writer in self.subscribers:
            writer.close()
        self.subscribers.clear()
        self.subscribed.clear()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                kind, body = await packet(reader)
                if kind == CONNECT:
                    writer.write(bytes([CONNACK << 4, 2, 0, 0]))
                elif kind == PINGREQ:
                    writer.write(bytes([PINGRESP << 4, 0]))
                elif kind == SUBSCRIBE:
                    (size,) = struct.unpack(">H", body[2:4])
                    topic = body[4 : 4 + size].decode()
                    writer.write(bytes([SUBACK << 4, 3, *body[:2], 0]))
                    if topic in self.retained:
                        writer.write(published(topic, self.retained[topic], is_retained=True))
                    self.subscribers.append((topic, writer))
                    self.subscribed.set()
        writer.close()


async def packet(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    kind = (await reader.readexactly(1))[0] >> 4
    size = shift = 0
    while True:
        digit = (await reader.readexactly(1))[0]
        size |= (digit & 127) << shift
        shift += 7
        if digit < 128:
            return kind, await reader.readexactly(size)


def published(topic: str, payload: bytes, *, is_retained: bool = False) -> bytes:
    body = struct.pack(">H", len(topic)) + topic.encode() + payload
    size = bytearray()
    length = len(body)
    while True:
        length, digit = divmod(length, 128)
        size.append(digit | (128 if length else 0))
        if not length:
            return bytes([PUBLISH << 4 | int(is_retained)]) + bytes(size) + body


@asynccontextmanager
async def mqtt_broker() -> AsyncIterator[Broker]:
    broker = Broker()
    server = await asyncio.start_server(broker.serve, HOST, 0)
    broker.port = server.sockets[0].getsockname()[1]
    try:
        yield broker
    finally:
        broker.drop_all()
        server.close()


@asynccontextmanager
async def web_meter(answers: list[bytes]) -> AsyncIterator[int]:
    """Serve whole HTTP answers, the last one again and again; yield the port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(asyncio.IncompleteReadError, ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answers.pop(0) if len(answers) > 1 else answers[0])
            await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, HOST, 0)
    try:
        yield server.sockets[0].getsockname()[1]
    finally:
        server.close()


def answer_of(document: object, *, status: str = "200 OK") -> bytes:
    body = json.dumps(document).encode()
    return f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
