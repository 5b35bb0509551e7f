"""The keeper of the site's meter: it asks over and over, whatever a meter does."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import replace

from depotlib.clock import real_clock
from depotlib.gateway.meters.keeper import MeterKeeper
from depotlib.model.site_meter import MeterPoint, MeterReading, SiteMeterSource
from tests.unit.gateway.meter_servers import HOST, mqtt_broker

POWER = MeterPoint("power", "grid.power", "W")
FILE = SiteMeterSource("file", "m.csv", points=(MeterPoint("power", "kw", "kW"),))
MQTT = SiteMeterSource(
    "mqtt", f"{HOST}:1", points=(POWER,), topic="site/meter", period_s=0.1, stale_s=5.0
)
QUICK = {"period_s": 0.1, "stale_s": 5.0}


class Kept:
    """What a keeper tells, to be waited for."""

    def __init__(self) -> None:
        self.readings: list[MeterReading] = []
        self.troubles: list[str] = []
        self._news = asyncio.Event()

    def keeper(self) -> MeterKeeper:
        return MeterKeeper(real_clock(), said=self._said, failed=self._failed)

    def _said(self, reading: MeterReading) -> None:
        self.readings.append(reading)
        self._news.set()

    def _failed(self, trouble: str) -> None:
        self.troubles.append(trouble)
        self._news.set()

    async def until(self, is_enough: Callable[[], bool]) -> None:
        async with asyncio.timeout(60.0):
            while not is_enough():
                self._news.clear()
                await self._news.wait()


def kept(source: SiteMeterSource, act: Callable[[Kept, MeterKeeper], Awaitable[None]]) -> Kept:
    async def run() -> Kept:
        seen = Kept()
        keeper = seen.keeper()
        keeper.follow(source, most_kw=400.0)
        async with asyncio.TaskGroup() as group:
            running = group.create_task(keeper.run())
            await act(seen, keeper)
            running.cancel()
        return seen

    return asyncio.run(run())


def test_a_published_reading_arrives_and_one_kept_from_before_does_not():
    async def act(seen: Kept, keeper: MeterKeeper) -> None:
        async with mqtt_broker() as broker:
            broker.retained["site/meter"] = json.dumps({"grid": {"power": 99_000}}).encode()
            keeper.follow(replace(MQTT, address=f"{HOST}:{broker.port}"), most_kw=400.0)
            await broker.subscribed.wait()
            broker.publish("site/meter", {"grid": {"power": 42_500}})
            await seen.until(lambda: bool(seen.readings))

    seen = kept(replace(MQTT, address=f"{HOST}:9"), act)

    assert [one.power_kw for one in seen.readings] == [42.5]


def test_a_broker_that_drops_the_meter_is_called_again():
    async def act(seen: Kept, keeper: MeterKeeper) -> None:
        async with mqtt_broker() as broker:
            keeper.follow(replace(MQTT, address=f"{HOST}:{broker.port}"), most_kw=400.0)
            await broker.subscribed.wait()
            broker.drop_all()
            await broker.subscribed.wait()
            broker.publish("site/meter", {"grid": {"power": 1000}})
            await seen.until(lambda: bool(seen.readings))

    seen = kept(replace(MQTT, address=f"{HOST}:9"), act)

    assert seen.readings[-1].power_kw == 1.0
    assert seen.troubles


def test_a_wrong_number_is_told_and_the_next_right_one_is_read(tmp_path):
    path = tmp_path / "meter.csv"
    path.write_text("at,kw\n2026-11-20T20:00:00Z,nan\n")

    async def act(seen: Kept, _: MeterKeeper) -> None:
        await seen.until(lambda: bool(seen.troubles))
        path.write_text("at,kw\n2026-11-20T20:00:00Z,7\n")
        await seen.until(lambda: bool(seen.readings))

    seen = kept(replace(FILE, address=str(path), **QUICK), act)

    assert "power = nan" in seen.troubles[0]
    assert seen.readings[0].power_kw == 7.0


def test_a_meter_that_is_not_there_is_asked_again_until_it_is_and_logged_once(tmp_path, caplog):
    path = tmp_path / "meter.csv"

    async def act(seen: Kept, _: MeterKeeper) -> None:
        await seen.until(lambda: len(seen.troubles) > 1)
        path.write_text("at,kw\n2026-11-20T20:00:00Z,7\n")
        await seen.until(lambda: bool(seen.readings))

    seen = kept(replace(FILE, address=str(path), **QUICK), act)

    assert set(seen.troubles) == {"the site meter's file is not there yet"}
    assert caplog.messages == [f"site meter {path}: the site meter's file is not there yet"]


def test_an_ocpp_meter_and_none_are_not_read(tmp_path):
    async def act(seen: Kept, keeper: MeterKeeper) -> None:
        await seen.until(lambda: bool(seen.troubles))
        keeper.follow(SiteMeterSource("ocpp", "CP-1"), most_kw=400.0)
        keeper.follow(None, most_kw=400.0)

    seen = kept(replace(FILE, address=str(tmp_path / "none.csv"), **QUICK), act)

    assert seen.readings == []
