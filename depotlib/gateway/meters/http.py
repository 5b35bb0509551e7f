"""A meter that answers over HTTP with JSON. No redirects, no proxies, nothing large."""

import asyncio
import http.client
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters.reading import Found, values_of_json
from depotlib.model.site_meter import PointOf, SiteMeterSource

TIMEOUT_S: Final = 5.0
MOST_BYTES: Final = 65_536


class HttpMeter:
    """One GET a reading.

    Parameters
    ----------
    source : SiteMeterSource
    """

    is_pushed = False

    def __init__(self, source: SiteMeterSource) -> None:
        self._source = source

    async def open(self) -> None:
        """Refuse an address that is none; each reading is a connection of its own."""
        parts = urlsplit(self._source.address)
        if parts.scheme not in {"http", "https"} or not parts.hostname or parts.username:
            raise SiteMeterError(
                f"{self._source.address!r} is no address of a meter",
                where="site_meter",
                hint="give an http or https address, without a password in it",
            )

    async def read(self) -> Mapping[PointOf, Found]:
        """Return the numbers of the answer."""
        text = await asyncio.to_thread(_get, self._source.address)
        return values_of_json(text, self._source)

    async def close(self) -> None:
        """Do nothing."""


def _get(address: str) -> str:
    parts = urlsplit(address)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_S)
    try:
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        connection.request("GET", path, headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read(MOST_BYTES + 1)
    except http.client.HTTPException as error:
        raise SiteMeterError("the site meter speaks no HTTP", where=address) from error
    finally:
        connection.close()
    if answer.status != http.client.OK or len(body) > MOST_BYTES:
        raise SiteMeterError(
            f"the site meter answers {answer.status} with {len(body)} bytes", where=address
        )
    return body.decode("utf-8", "replace")
