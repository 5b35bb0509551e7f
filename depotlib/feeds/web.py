"""JSON over HTTP: no redirects, no proxies, nothing endless; credentials in the clear nowhere."""

import http.client
import json
import math
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final
from urllib.parse import urlsplit

from depotlib.errors import FeedCredentialError, FeedDownError, InputError, SettingsError
from depotlib.ingest.json_text import JsonValue, parse_json

TIMEOUT_S: Final = 30.0
MOST_BYTES: Final = 64 * 1024 * 1024
"""A full page of 50,000 status data is about 15 MB."""
LONGEST_WAIT_S: Final = 600.0
"""What a vendor asks us to wait is believed up to here."""
_LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
_OK: Final = frozenset[int]({http.client.OK})
_NO_ENTRY: Final = frozenset({http.client.UNAUTHORIZED, http.client.FORBIDDEN})


@dataclass(frozen=True, slots=True)
class Reply:
    """What a server answers.

    Parameters
    ----------
    status : int
    etag : str
        Under which it knows this answer; empty: none.
    content : JsonValue
        None where it has none.
    """

    status: int
    etag: str
    content: JsonValue


class WebServer:
    """One vendor's server; each call is a connection of its own.

    Parameters
    ----------
    address : str
        ``https://`` and a host; ``http://`` is taken on loopback only.
    what : str
        What messages call it.

    Raises
    ------
    SettingsError
        If the address is none, holds credentials, or would show them to everybody on the way.
    """

    def __init__(self, address: str, *, what: str = "telematics server") -> None:
        self._what = what
        parts = urlsplit(address)
        is_plain = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or parts.username or not (parts.scheme == "https" or is_plain):
            raise SettingsError(
                f"{parts.hostname or address!r} is no address of a {what}",
                where="feeds",
                hint="give https:// and the host, without credentials in it",
            )
        self.host = parts.netloc
        self.base_path = parts.path.rstrip("/")
        self._kind = http.client.HTTPConnection if is_plain else http.client.HTTPSConnection

    def call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        body: Mapping[str, object] | None = None,
    ) -> JsonValue:
        """Return the JSON of an answer.

        Raises
        ------
        FeedDownError
            If there is no answer, it is an error or a redirect, or it holds no JSON.
        FeedCredentialError
            If the server does not let us in.
        """
        sent = None if body is None else json.dumps(body).encode()
        return self.exchange(method, path, headers=headers or {}, sent=sent).content

    def exchange(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str],
        sent: bytes | None = None,
        takes: frozenset[int] = _OK,
    ) -> Reply:
        """Return an answer whose status is one that the caller takes.

        Parameters
        ----------
        method, path : str
        headers : mapping of str to str
        sent : bytes or None
        takes : frozenset of int
            Other statuses are errors.

        Raises
        ------
        FeedDownError
            If there is no answer, it is an error or a redirect, or it holds no JSON.
        FeedCredentialError
            If the server does not let us in.
        """
        told = {"Accept": "application/json", "Content-Type": "application/json", **headers}
        try:
            with closing(self._kind(self.host, timeout=TIMEOUT_S)) as connection:
                connection.request(method, path, body=sent, headers=told)
                answer = connection.getresponse()
                data = answer.read(MOST_BYTES + 1)
        # ValueError: a host or a header, told by another server, that cannot be sent.
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise self._down(f"no answer: {type(error).__name__}") from error
        if answer.status not in takes:
            raise self._refused(answer)
        if len(data) > MOST_BYTES:
            raise self._down(f"it answers with more than {MOST_BYTES} bytes")
        return Reply(answer.status, answer.headers.get("ETag") or "", self._content(data, answer))

    def _refused(self, answer: http.client.HTTPResponse) -> FeedDownError | FeedCredentialError:
        if answer.status in _NO_ENTRY:
            return FeedCredentialError(
                f"the server answers {answer.status}",
                where=self.host,
                hint="check the credentials in the environment, and what they may read",
            )
        error = self._down(f"it answers {answer.status}")
        error.retry_after_s = retry_after_s(answer.headers.get("Retry-After"))
        return error

    def _content(self, data: bytes, answer: http.client.HTTPResponse) -> JsonValue:
        if not data and answer.status != http.client.OK:
            return None
        try:
            return parse_json(data.decode("utf-8", "replace"), file=self.host)
        except InputError as error:
            raise self._down("its answer is no JSON") from error

    def _down(self, what: str) -> FeedDownError:
        return FeedDownError(
            f"the {self._what} cannot be read: {what}",
            where=self.host,
            hint="it is asked again by itself; plans go on from the stations' meters",
        )


def retry_after_s(text: str | None) -> float:
    """Return how long a Retry-After header asks to wait [s]; 0 where it says nothing readable."""
    if not text:
        return 0.0
    try:
        wait_s = float(text)
    except ValueError:
        try:
            until = parsedate_to_datetime(text)
        except ValueError:
            return 0.0
        until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
        wait_s = (until - datetime.now(UTC)) / timedelta(seconds=1)
    return min(max(0.0, wait_s), LONGEST_WAIT_S) if math.isfinite(wait_s) else 0.0
