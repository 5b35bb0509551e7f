"""The virtual depot as a process: every station connected, the yard moved second by second."""

import asyncio
import contextlib
import logging
import random
import signal
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from depotlib.clock import Clock
from depotlib.errors import NightScriptError
from depotlib.virtual.client import SPEECH_16
from depotlib.virtual.client21 import SPEECH_21
from depotlib.virtual.client201 import SPEECH_201
from depotlib.virtual.keyring import CentralSystem, Keyring
from depotlib.virtual.line import run_station
from depotlib.virtual.recorder import MeterRecorder
from depotlib.virtual.script import night_from_toml
from depotlib.virtual.site_meter import VirtualSiteMeter, serve_meter
from depotlib.virtual.wire import WireTap
from depotlib.virtual.yard import STEP, VirtualYard

BURST_STEPS: Final = 30
"""Steps made in one go before the sockets get their turn."""
SHEET_POLL_S: Final = 30.0
SPEECHES: Final = {"1.6": SPEECH_16, "2.0.1": SPEECH_201, "2.1": SPEECH_21}
_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class VirtualDepot:
    """Everything one run needs.

    Parameters
    ----------
    yard : VirtualYard
    url : str
        Of the central system; each station appends its identity.
    clock : Clock
    recorder : MeterRecorder
    script_path : Path or None
        Read again whenever it changes: the sheet that the people in the yard follow.
    keyring : Keyring
        What the stations prove themselves with.
    versions : tuple of str
        Of OCPP, taken by turns: the first station speaks the first, and so on.
    meter_address : (host, port), optional
        Where the site's meter answers over HTTP; without, it is in the recorder's lines only.
    site_meter : VirtualSiteMeter
    tap : WireTap, optional
        Notes every frame on the wire.
    """

    yard: VirtualYard
    url: str
    clock: Clock
    recorder: MeterRecorder
    script_path: Path | None = None
    keyring: Keyring = field(default_factory=Keyring)
    versions: tuple[str, ...] = ("1.6",)
    meter_address: tuple[str, int] | None = None
    site_meter: VirtualSiteMeter = field(default_factory=VirtualSiteMeter)
    tap: WireTap | None = None

    async def run(self, leaving: asyncio.Event) -> None:
        """Run until cancelled, with `leaving` set before."""
        async with asyncio.TaskGroup() as group:
            for index, (station_id, station) in enumerate(self.yard.stations.items()):
                draw = random.Random(f"{self.yard.script.seed} {station_id}")  # noqa: S311 - a night
                group.create_task(
                    run_station(
                        station,
                        central=CentralSystem(self.url, self.keyring, self.tap),
                        clock=self.clock,
                        draw=draw,
                        leaving=leaving,
                        speech=SPEECHES[self.versions[index % len(self.versions)]],
                    ),
                    name=station_id,
                )
            group.create_task(self._move_yard(), name="yard")
            if self.meter_address is not None:
                host, port = self.meter_address
                serving = serve_meter(self.site_meter, host=host, port=port)
                group.create_task(serving, name="site meter")
            if self.script_path is not None:
                group.create_task(self._follow_sheet(self.script_path), name="sheet")

    async def _move_yard(self) -> None:
        at = self.clock.now().replace(microsecond=0)
        while True:
            at = self._catch_up(at)
            self.recorder.flush()
            await asyncio.sleep(min(self.clock.real_s(1.0), 1.0))

    def _catch_up(self, at: datetime) -> datetime:
        for _ in range(BURST_STEPS):
            if at + STEP > self.clock.now():
                break
            powers_kw = self.yard.step(at)
            charging_kw = sum(powers_kw.values())
            self.site_meter.measure(at, charging_kw, script=self.yard.script)
            self.recorder.record(at, powers_kw, meter=self.site_meter.line())
            at += STEP
        return at

    async def _follow_sheet(self, path: Path) -> None:
        seen_ns = _changed_ns(path)
        while True:
            await asyncio.sleep(self.clock.real_s(SHEET_POLL_S))
            latest_ns = _changed_ns(path)
            if latest_ns != seen_ns:
                seen_ns = latest_ns
                self._take_sheet(path)

    def _take_sheet(self, path: Path) -> None:
        try:
            self.yard.follow(night_from_toml(path.read_text(encoding="utf-8"), where=str(path)))
        except (NightScriptError, OSError) as error:
            # A sheet that is being written, or is wrong, leaves the yard on the one it has.
            _log.warning("the sheet was not taken over: %s", error)


def run_virtual_depot(depot: VirtualDepot) -> None:
    """Run a virtual depot until SIGTERM or SIGINT."""
    # Late answers are told apart by their ids: the package's warning on each is noise.
    logging.getLogger("ocpp").setLevel(logging.ERROR)

    async def until_told() -> None:
        task = asyncio.current_task()
        assert task is not None
        leaving = asyncio.Event()

        def leave() -> None:
            leaving.set()
            task.cancel()

        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, leave)
        await depot.run(leaving)

    with contextlib.suppress(asyncio.CancelledError):
        asyncio.run(until_told())


def _changed_ns(path: Path) -> int:
    return path.stat().st_mtime_ns if path.exists() else 0
