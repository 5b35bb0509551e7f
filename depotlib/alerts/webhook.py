"""Webhooks: a signed POST, answered with 2xx or tried again later; redirects are not followed."""

import hashlib
import hmac
import http.client
import ssl
from datetime import datetime
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

from depotlib.errors import AlertDeliveryError

TIMEOUT_S: Final = 10.0
SIGNATURE: Final = "Depot-Signature"
IDEMPOTENCY: Final = "Idempotency-Key"


def post_webhook(address: str, body: bytes, *, secret: str, message_id: str, at: datetime) -> None:
    """Post a document; when this returns, the other side has answered with 2xx.

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
    AlertDeliveryError
        If there is no secret, nobody answers in time, or the answer is not 2xx.
    """
    if not secret:
        raise AlertDeliveryError(
            "webhooks are signed and there is no secret",
            where=_host(address),
            hint="set DEPOT_WEBHOOK_SECRET here and at the receiver",
        )
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "depotlib",
        IDEMPOTENCY: message_id,
        SIGNATURE: signature(body, secret=secret, at=at),
    }
    try:
        status = _status(address, body, headers=headers)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise AlertDeliveryError(
            f"the webhook was not reached: {error or type(error).__name__}", where=_host(address)
        ) from error
    if not HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        raise AlertDeliveryError(f"the webhook answered {status}", where=_host(address))


def signature(body: bytes, *, secret: str, at: datetime) -> str:
    """Return ``t=SECONDS,v1=HEX``: HMAC-SHA256 of ``SECONDS.BODY`` under the secret."""
    seconds = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256)
    return f"t={seconds},v1={digest.hexdigest()}"


def _status(address: str, body: bytes, *, headers: dict[str, str]) -> int:
    parts = urlsplit(address)
    host = parts.hostname or ""
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    connection: http.client.HTTPConnection
    if parts.scheme == "https":
        context = ssl.create_default_context()
        connection = http.client.HTTPSConnection(
            host, parts.port, timeout=TIMEOUT_S, context=context
        )
    else:
        connection = http.client.HTTPConnection(host, parts.port, timeout=TIMEOUT_S)
    try:
        connection.request("POST", path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def _host(address: str) -> str:
    # An address may hold a key in its path or query: it is not for the journal.
    return f"webhook at {urlsplit(address).netloc.rpartition('@')[2]}"
