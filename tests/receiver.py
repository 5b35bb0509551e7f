"""A system of the fleet that is told: a real HTTP server, with the faults that such systems have."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from depotlib.webhooks.post import IDEMPOTENCY, SIGNATURE

HANG, DRIP = -1, -2
"""In the place of a status: never answers; answers a byte at a time, and never ends."""
REDIRECT = 302


@dataclass
class Received:
    """One message as it came."""

    path: str
    message_id: str
    signature: str
    body: bytes

    @property
    def document(self) -> dict[str, Any]:
        return json.loads(self.body)


@dataclass
class Receiver:
    """What the server does with the next messages, and which came.

    `statuses` are used up one by one; after them every message gets `otherwise`.
    """

    port: int = 0
    statuses: list[int] = field(default_factory=list)
    otherwise: int = 204
    came: list[Received] = field(default_factory=list)
    begun: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    """Released whenever a message has come, before it is answered."""
    let_go: threading.Event = field(default_factory=threading.Event)
    """Ends what hangs or drips."""

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}/told?key=4711"

    def ids(self) -> list[str]:
        return [one.message_id for one in self.came]

    def events(self) -> list[str]:
        return [one.document["event"] for one in self.came]


class _Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        receiver: Receiver = self.server.receiver
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = receiver.statuses.pop(0) if receiver.statuses else receiver.otherwise
        receiver.came.append(
            Received(self.path, self.headers[IDEMPOTENCY], self.headers[SIGNATURE], body)
        )
        receiver.begun.release()
        if status == HANG:
            receiver.let_go.wait(60.0)
        elif status == DRIP:
            self._drip(receiver)
        else:
            self.send_response(status)
            if status == REDIRECT:
                self.send_header("Location", f"http://127.0.0.1:{receiver.port}/elsewhere")
            self.end_headers()

    def _drip(self, receiver: Receiver) -> None:
        try:
            while not receiver.let_go.wait(0.02):
                self.wfile.write(b"H")
        except OSError:
            return  # the other side has had enough

    def log_message(self, *_words: object) -> None:
        pass


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Hold a server that answers on loopback."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Handler) as server:
        server.daemon_threads = True
        receiver = Receiver(port=server.server_address[1])
        server.receiver = receiver
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield receiver
        finally:
            receiver.let_go.set()
            server.shutdown()
            thread.join()
