"""The virtual depot's main meter: all charging and the base load of the script, and its faults."""

import asyncio
import json
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from depotlib.units import energy_kwh
from depotlib.virtual.script import NightScript

STEP_S: Final = 1.0
HEADER_END: Final = b"\r\n\r\n"
Shown = dict[str, str | float]
"""What a meter shows: its time, power [kW] and energy [kWh]."""


@dataclass(slots=True)
class VirtualSiteMeter:
    """What a meter at the grid connection shows, second by second.

    A frozen one says the same again and again, its own time too; a silent one says nothing.
    """

    energy_kwh: float = 0.0
    shown: Shown = field(default_factory=dict[str, str | float])
    is_silent: bool = False

    def measure(self, at: datetime, charging_kw: float, *, script: NightScript) -> None:
        """Take the power of a second: what the meter then shows is in `shown`."""
        power_kw = charging_kw + script.base_load_kw(at)
        self.energy_kwh += energy_kwh(power_kw, STEP_S)
        faults = {one.kind for one in script.meter_fault if one.holds_at(at)}
        self.is_silent = "silent" in faults
        if "frozen" not in faults:
            self.shown = {
                "at": at.isoformat(),
                "power_kw": round(power_kw, 4),
                "energy_kwh": round(self.energy_kwh, 4),
            }

    def line(self) -> dict[str, str | float] | None:
        """Return what it shows now, or None while it is silent."""
        return None if self.is_silent else self.shown


async def serve_meter(meter: VirtualSiteMeter, *, host: str, port: int) -> None:
    """Answer every request over HTTP with what the meter shows, until cancelled."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(HEADER_END)
            shown = meter.line()
            if shown is not None:
                body = json.dumps(shown).encode()
                head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close"
                writer.write(head.encode() + HEADER_END + body)
                await writer.drain()
        except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, ConnectionError):
            return
        finally:
            writer.close()

    async with await asyncio.start_server(answer, host, port) as server:
        await server.serve_forever()
