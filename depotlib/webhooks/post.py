"""A signed POST: answered with 2xx or tried again later; redirects are not followed.

The name of the other system is looked up once, and the connection made to the address that was
judged: a name that stands for another address a moment later (DNS rebinding) leads nowhere else.
"""

import hashlib
import hmac
import http.client
import socket
import ssl
import threading
from collections.abc import Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from depotlib.errors import DeliveryError, ModelError
from depotlib.model.webhook_address import Network, may_reach, require_reachable

TIMEOUT_S: Final = 10.0
"""For a whole message with its answer, however slowly it drips [s]."""
SIGNATURE: Final = "Depot-Signature"
IDEMPOTENCY: Final = "Idempotency-Key"
HTTPS_PORT: Final = 443
HTTP_PORT: Final = 80


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a message may go, and how long it may take.

    Parameters
    ----------
    networks : tuple of Network or None
        Private networks it may lead into; None: anywhere, the address is the operator's own.
    timeout_s : float
        For the whole message with its answer [s].
    """

    networks: tuple[Network, ...] | None
    timeout_s: float = TIMEOUT_S


ANYWHERE: Final = Reach(networks=None)


def post_webhook(address: str, body: bytes, *, secret: str, message_id: str, at: datetime) -> None:
    """Post a document to an address of the operator's own; when this returns, it was taken.

    Parameters
    ----------
    address : str
    body : bytes
        JSON.
    secret : str
        Shared with the receiver.
    message_id : str
        The same whenever the same message is sent again.
    at : datetime
        Stands in the signature, so that an old message cannot be played again later.

    Raises
    ------
    DeliveryError
        If there is no secret, nobody answers in time, or the answer is not 2xx.
    """
    if not secret:
        raise DeliveryError(
            "webhooks are signed and there is no secret",
            where=_place(address),
            hint="set DEPOT_WEBHOOK_SECRET here and at the receiver",
        )
    status = status_of_post(address, body, secret=secret, message_id=message_id, at=at)
    if not is_taken(status):
        raise DeliveryError(f"the webhook answered {status}", where=_place(address))


def status_of_post(
    address: str,
    body: bytes,
    *,
    secret: str,
    message_id: str,
    at: datetime,
    reach: Reach = ANYWHERE,
) -> int:
    """Return the status with which a signed document was answered.

    Parameters
    ----------
    address : str
    body : bytes
        JSON.
    secret, message_id : str
    at : datetime
    reach : Reach

    Raises
    ------
    DeliveryError
        If nobody answers in time, or the address leads where it may not.
    """
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "depotlib",
        IDEMPOTENCY: message_id,
        SIGNATURE: signature(body, secret=secret, at=at),
    }
    parts = urlsplit(address)
    try:
        if reach.networks is not None:
            require_reachable(address, reach.networks)
        with _connected(parts, reach) as wire:
            return _answered(parts, wire, body=body, headers=headers)
    except ModelError as error:
        raise DeliveryError(error.what, where=_place(address), hint=error.hint) from error
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise DeliveryError(
            f"the webhook was not reached: {error or type(error).__name__}", where=_place(address)
        ) from error


def is_taken(status: int) -> bool:
    """Return whether a status says that the message was taken."""
    return HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES


def signature(body: bytes, *, secret: str, at: datetime) -> str:
    """Return ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY`` under the secret."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    return f"t={seconds},v1={digest.hexdigest()}"


@contextmanager
def _connected(parts: SplitResult, reach: Reach) -> Generator[socket.socket, None, None]:
    """Hold a connection for at most the time that a message may take."""
    host = parts.hostname or ""
    place = _judged(host, parts.port or _usual_port(parts), networks=reach.networks)
    timeout_s = reach.timeout_s
    with socket.create_connection(place, timeout=timeout_s) as plain, plain.dup() as handle:
        # A timeout of the socket starts anew with each byte; this one does not.
        end = threading.Timer(timeout_s, _cut, (handle,))
        end.daemon = True
        end.start()
        try:
            if parts.scheme != "https":
                yield plain
                return
            context = ssl.create_default_context()
            with context.wrap_socket(plain, server_hostname=host) as secure:
                yield secure
        finally:
            end.cancel()


def _cut(handle: socket.socket) -> None:
    """End a connection from another thread: whoever waits for it sees its end."""
    with suppress(OSError):  # it was closed already
        handle.shutdown(socket.SHUT_RDWR)


def _judged(host: str, port: int, *, networks: Sequence[Network] | None) -> tuple[str, int]:
    """Return the first address of a host that may be called."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [str(place[0]) for *_, place in found]
    for address in addresses:
        if networks is None or may_reach(ip_address(address.partition("%")[0]), networks):
            return address, port
    raise ModelError(
        f"webhooks are not sent to {host}: it stands for {addresses[0]}, no public address",
        hint="name its network in DEPOT_WEBHOOK_NETWORKS if it is meant",
    )


def _answered(
    parts: SplitResult, wire: socket.socket, *, body: bytes, headers: dict[str, str]
) -> int:
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    # Without a port it would look for one in the name, and find it behind an IPv6 address's colon.
    connection = kind(parts.hostname or "", parts.port or _usual_port(parts))
    connection.sock = wire  # made above, to the address that was judged
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection.request("POST", path, body=body, headers=headers)
    return connection.getresponse().status


def _usual_port(parts: SplitResult) -> int:
    return HTTPS_PORT if parts.scheme == "https" else HTTP_PORT


def _place(address: str) -> str:
    # An address may hold a key in its path or query: it is not for the journal.
    return f"webhook at {urlsplit(address).netloc.rpartition('@')[2]}"
