"""A connection to an OpenADR 3 server: a token, the programmes, their events; reports back.

References
----------
.. [1] OpenADR Alliance, "OpenADR 3 API", 3.0.1: /programs, /events, /reports, /auth/token.
.. [2] OpenADR Alliance, "OpenADR 3.1.0 Definitions", Security: client credential flow, /auth/server.
"""

import http.client
import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from depotlib.errors import FeedCredentialError, FeedDownError
from depotlib.feeds.sighting import number_in, text_in
from depotlib.feeds.web import Reply, WebServer
from depotlib.ingest.json_text import JsonObject, JsonValue, objects_in
from depotlib.model.openadr import OpenAdrSource
from depotlib.units import minutes_to_s

PAGE: Final = 50
"""The most that a server gives at once."""
MOST_PAGES: Final = 40
TOKEN_LASTS_S: Final = minutes_to_s(10)
"""Where the server does not say how long."""
TOKEN_SHARE: Final = 0.8
"""Renewed after this share of its life."""
WHAT: Final = "OpenADR server"
_TOKEN: Final = re.compile("[!-~]+")
"""What may stand in a header: a line break would begin another one."""
_READ: Final = frozenset[int]({http.client.OK, http.client.NOT_MODIFIED})
_ASKED: Final = frozenset[int](
    {http.client.OK, http.client.NOT_FOUND, http.client.NOT_IMPLEMENTED, http.client.UNAUTHORIZED}
)
_WRITTEN: Final = frozenset[int]({http.client.OK, http.client.CREATED, http.client.CONFLICT})
"""409: this very report is there already."""


class OpenAdrClient:
    """Asks one server. Answers that have not changed are not sent again where it gives ETags.

    Parameters
    ----------
    source : OpenAdrSource
    client_id, client_secret : str
        Empty: the server is asked without a token.
    monotonic : callable
        The seconds that have passed.
    """

    def __init__(
        self,
        source: OpenAdrSource,
        *,
        client_id: str,
        client_secret: str,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._source = source
        self._server = WebServer(source.address, what=WHAT)
        self._client_id = client_id
        self._client_secret = client_secret
        self._monotonic = monotonic
        self._token = ""
        self._renew_at_s = 0.0
        self._kept: dict[str, Reply] = {}

    def programs(self) -> tuple[JsonObject, ...]:
        """Return every programme that the server shows us."""
        return tuple(self._pages("/programs", self._targets()))

    def events(self, program_id: str) -> tuple[JsonObject, ...]:
        """Return every event of a programme that the server shows us."""
        return tuple(self._pages("/events", [("programID", program_id), *self._targets()]))

    def post_report(self, report: Mapping[str, object]) -> None:
        """Give the server a report; one that it has already counts as given.

        Raises
        ------
        FeedDownError, FeedCredentialError
            If it does not take it.
        """
        self._as_client("POST", "/reports", sent=json.dumps(report).encode(), takes=_WRITTEN)

    def _targets(self) -> list[tuple[str, str]]:
        if not self._source.targets:
            return []
        if self._source.version == "3.1":
            return [("targets", name) for name in self._source.targets]
        named = [("targetValues", name) for name in self._source.targets]
        return [("targetType", "GROUP"), *named]

    def _pages(self, path: str, wish: Sequence[tuple[str, str]]) -> Iterator[JsonObject]:
        for page in range(MOST_PAGES):
            place = [("skip", str(page * PAGE)), ("limit", str(PAGE))]
            found = objects_in(self._read(f"{path}?{urlencode([*wish, *place])}"))
            yield from found
            if len(found) < PAGE:
                return
        raise FeedDownError(
            f"the {WHAT} has more than {PAGE * MOST_PAGES} of {path}",
            where=self._server.host,
            hint="ask for fewer: give targets in the site file",
        )

    def _read(self, path: str) -> JsonValue:
        held = self._kept.get(path)
        headers = {"If-None-Match": held.etag} if held is not None else {}
        reply = self._as_client("GET", path, headers=headers, takes=_READ)
        if reply.status == http.client.NOT_MODIFIED and held is not None:
            return held.content
        if not isinstance(reply.content, list):
            raise FeedDownError(
                f"the {WHAT} gives no list", where=path.partition("?")[0], hint="check its address"
            )
        self._kept.pop(path, None)
        if reply.etag:
            self._kept[path] = reply
        return reply.content

    def _as_client(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        sent: bytes | None = None,
        takes: frozenset[int],
    ) -> Reply:
        """Return an answer; a token that was refused is renewed once: it may have been recalled."""
        was_held = bool(self._token) and self._monotonic() < self._renew_at_s
        try:
            return self._call(method, path, headers=headers, sent=sent, takes=takes)
        except FeedCredentialError:
            self._token = ""
            if not was_held:
                raise
        return self._call(method, path, headers=headers, sent=sent, takes=takes)

    def _call(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None,
        sent: bytes | None,
        takes: frozenset[int],
    ) -> Reply:
        if self._client_id and not (self._token and self._monotonic() < self._renew_at_s):
            self._renew_token()
        shown = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        return self._server.exchange(
            method,
            f"{self._server.base_path}{path}",
            headers={**shown, **(headers or {})},
            sent=sent,
            takes=takes,
        )

    def _renew_token(self) -> None:
        address = self._source.token_address or self._told_token_address()
        server = WebServer(address, what="token server") if address else self._server
        path = server.base_path if address else f"{server.base_path}/auth/token"
        query = urlsplit(address).query
        form = {
            "grant_type": "client_credentials",
            "client_id": self._client_id,
            "client_secret": self._client_secret,
        }
        reply = server.exchange(
            "POST",
            f"{path or '/'}{'?' + query if query else ''}",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            sent=urlencode(form, quote_via=quote).encode(),
        ).content
        token = text_in(reply, "access_token")
        if token is None or not _TOKEN.fullmatch(token):
            raise FeedCredentialError(
                "the token server gives no token that can be sent",
                where=server.host,
                hint="check DEPOT_OPENADR_CLIENT_ID and DEPOT_OPENADR_CLIENT_SECRET",
            )
        lasts_s = number_in(reply, "expires_in") or TOKEN_LASTS_S
        self._token = token
        self._renew_at_s = self._monotonic() + TOKEN_SHARE * lasts_s

    def _told_token_address(self) -> str:
        """Return where 3.1 says that tokens are to be had; empty: at the server itself."""
        if self._source.version == "3.0":
            return ""
        reply = self._server.exchange(
            "GET", f"{self._server.base_path}/auth/server", headers={}, takes=_ASKED
        )
        return text_in(reply.content, "tokenURL") or ""
