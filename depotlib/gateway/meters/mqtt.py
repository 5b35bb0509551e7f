"""A meter that publishes JSON to an MQTT broker."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from typing import Final

from aiomqtt import Client, Message, MqttError

from depotlib.errors import SiteMeterError
from depotlib.gateway.meters.client import host_and_port
from depotlib.gateway.meters.reading import Found, values_of_json
from depotlib.model.site_meter import PointOf, SiteMeterSource

PORT: Final = 1883
TIMEOUT_S: Final = 5.0
MOST_QUEUED: Final = 100


class MqttMeter:
    """The newest message on a topic; what a broker kept from before proves nothing.

    Parameters
    ----------
    source : SiteMeterSource
    """

    is_pushed = True

    def __init__(self, source: SiteMeterSource) -> None:
        self._source = source
        self._client: Client | None = None
        self._open = AsyncExitStack()

    async def open(self) -> None:
        """Connect and subscribe."""
        host, port = host_and_port(self._source.address, port=PORT)
        try:
            client = Client(host, port, timeout=TIMEOUT_S, max_queued_incoming_messages=MOST_QUEUED)
            self._client = await self._open.enter_async_context(client)
            await self._client.subscribe(self._source.topic)
        except MqttError as error:
            raise _refused(error, self._source) from error

    async def read(self) -> Mapping[PointOf, Found]:
        """Return the numbers of the next message, or of the newest one that waits."""
        if self._client is None:
            raise SiteMeterError("the broker is not connected", where=self._source.address)
        messages = self._client.messages
        try:
            newest: Message | None = None
            while newest is None or newest.retain or len(messages) > 0:
                newest = await anext(messages)
        except MqttError as error:
            raise _refused(error, self._source) from error
        return values_of_json(newest.payload.decode("utf-8", "replace"), self._source)

    async def close(self) -> None:
        """Leave the broker."""
        self._client = None
        await self._open.aclose()


def _refused(error: MqttError, source: SiteMeterSource) -> SiteMeterError:
    return SiteMeterError(f"the broker of the site meter: {error}", where=source.address)
