"""Keeps the site's meter read: a task of its own that nothing of a meter can get out of."""

import asyncio
import contextlib
import logging
from collections.abc import Callable
from typing import Final

from depotlib.clock import Clock
from depotlib.errors import DepotError, SiteMeterError
from depotlib.gateway.meters.client import MeterClient
from depotlib.gateway.meters.file import FileMeter
from depotlib.gateway.meters.http import HttpMeter
from depotlib.gateway.meters.modbus import ModbusMeter
from depotlib.gateway.meters.mqtt import MqttMeter
from depotlib.gateway.meters.reading import reading_of
from depotlib.model.site_meter import MeterKind, MeterReading, SiteMeterSource

LEAST_PAUSE_REAL_S: Final = 0.05
FIRST_PAUSE_S: Final = 1.0
MOST_PAUSE_S: Final = 30.0
PATIENCE_REAL_S: Final = 5.0
"""Real seconds that opening or reading may take, at the least."""
CLIENTS: Final[dict[MeterKind, Callable[[SiteMeterSource], MeterClient]]] = {
    "file": FileMeter,
    "http": HttpMeter,
    "modbus": ModbusMeter,
    "mqtt": MqttMeter,
}
"""An ocpp meter has no client: its station speaks by itself."""

_LOG: Final = logging.getLogger("depotlib.gateway")


class MeterKeeper:
    """Reads the meter of the site in force, for ever.

    Parameters
    ----------
    clock : Clock
    said : callable
        Told each reading.
    failed : callable
        Told why there is none.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        said: Callable[[MeterReading], None],
        failed: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._said = said
        self._failed = failed
        self._wanted: tuple[SiteMeterSource, float] | None = None
        self._changed = asyncio.Event()

    def follow(self, source: SiteMeterSource | None, *, most_kw: float) -> None:
        """Read this meter from now on, or none; the same one goes on as it is."""
        has_client = source is not None and source.kind in CLIENTS
        wanted = (source, most_kw) if source is not None and has_client else None
        if wanted != self._wanted:
            self._wanted = wanted
            self._changed.set()

    async def run(self) -> None:
        """Read what is followed, until cancelled."""
        while True:
            self._changed.clear()
            async with asyncio.TaskGroup() as group:
                if self._wanted is not None:
                    source, most_kw = self._wanted
                    reading = group.create_task(self._keep(source, most_kw=most_kw))
                    await self._changed.wait()
                    reading.cancel()
                else:
                    await self._changed.wait()

    async def _keep(self, source: SiteMeterSource, *, most_kw: float) -> None:
        pause_s, told = FIRST_PAUSE_S, ""
        while True:
            begun_at = self._clock.now()
            trouble = await self._read_until_it_fails(source, most_kw=most_kw)
            lasted_s = (self._clock.now() - begun_at).total_seconds()
            if trouble != told or lasted_s > MOST_PAUSE_S:
                _LOG.warning("site meter %s: %s", source.address, trouble)
            told = trouble
            self._failed(trouble)
            pause_s = FIRST_PAUSE_S if lasted_s > MOST_PAUSE_S else min(2 * pause_s, MOST_PAUSE_S)
            # A meter is worth asking again long before the depot's clock, if it runs fast, says so.
            await asyncio.sleep(max(LEAST_PAUSE_REAL_S, self._clock.real_s(pause_s)))

    async def _read_until_it_fails(self, source: SiteMeterSource, *, most_kw: float) -> str:
        """Return why the meter can no longer be read."""
        client = CLIENTS[source.kind](source)
        try:
            async with asyncio.timeout(PATIENCE_REAL_S):
                await client.open()
            while True:
                await self._read(client, source, most_kw=most_kw)
                if not client.is_pushed:
                    pause_s = self._clock.real_s(source.period_s)
                    await asyncio.sleep(max(LEAST_PAUSE_REAL_S, pause_s))
        except TimeoutError:
            return "it does not answer in time"
        except (DepotError, OSError) as error:
            return error.what if isinstance(error, DepotError) else str(error)
        except Exception as error:  # noqa: BLE001 - a library's failure is the meter's, not ours
            _LOG.exception("the client of the site meter failed")
            return f"its client failed: {type(error).__name__}"
        finally:
            with contextlib.suppress(Exception):
                await client.close()

    async def _read(self, client: MeterClient, source: SiteMeterSource, *, most_kw: float) -> None:
        patience_s = max(PATIENCE_REAL_S, self._clock.real_s(source.stale_s))
        async with asyncio.timeout(patience_s):
            found = await client.read()
        try:
            reading = reading_of(found, source, most_kw=most_kw, at=self._clock.now())
        except SiteMeterError as error:
            self._failed(error.what)  # one wrong number is no reason to hang up
            return
        self._said(reading)
