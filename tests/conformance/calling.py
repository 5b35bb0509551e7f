"""Calling at a gateway as a station does: who was let go of for being slow calls again."""

import ssl
import time
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidMessage
from websockets.sync.client import ClientConnection, connect

from depotlib.gateway.access.doorway import HANDSHAKE_S

WAIT_S = 60.0
UNHEARD = (ssl.SSLError, OSError, InvalidMessage, ConnectionClosed, EOFError)
"""What a caller meets that got no answer: neither in, nor a refusal by an HTTP status."""


def called(url: str, **options: Any) -> ClientConnection:
    """Return a connection of a station.

    On a machine with too much to do a handshake takes longer than the gateway waits. That says
    nothing about the caller, which calls again; whoever had the time is told what it met.
    """
    options.setdefault("compression", None)
    deadline_s = time.monotonic() + WAIT_S
    while True:
        began_s = time.monotonic()
        try:
            return connect(url, **options)
        except UNHEARD:
            now_s = time.monotonic()
            if now_s < began_s + HANDSHAKE_S or now_s > deadline_s:
                raise
