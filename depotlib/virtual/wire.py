"""What virtual stations say and hear on the wire, frame by frame, as JSON lines.

A frame is heard when it arrives, not when the station gets round to it: a slow one shows what
waits for its answer.
"""

import json
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from typing import Final, Literal, TextIO

from websockets.asyncio.client import ClientConnection
from websockets.frames import Frame, Opcode
from websockets.protocol import Event
from websockets.typing import DataLike

from depotlib.clock import Clock

Way = Literal["heard", "said"]
TEXT: Final = Opcode.TEXT


@dataclass(frozen=True, slots=True)
class WireTap:
    """Writes one line a frame.

    Parameters
    ----------
    stream : TextIO
    clock : Clock
        Of the depot.
    """

    stream: TextIO
    clock: Clock

    def note(self, station_id: str, way: Way, *, frame: str) -> None:
        """Write down a frame that a station said or heard now."""
        line = {
            "at": self.clock.now().isoformat(),
            "station_id": station_id,
            "way": way,
            "frame": frame,
        }
        self.stream.write(json.dumps(line) + "\n")

    def connection_of(self, station_id: str) -> type[ClientConnection]:
        """Return the kind of connection that notes what a station says and hears on it."""
        tap = self

        class TappedConnection(ClientConnection):
            def process_event(self, event: Event) -> None:
                if isinstance(event, Frame) and event.opcode is TEXT:
                    text = bytes(event.data).decode(errors="replace")
                    tap.note(station_id, "heard", frame=text)
                super().process_event(event)

            async def send(
                self,
                message: DataLike | Iterable[DataLike] | AsyncIterable[DataLike],
                *,
                text: bool | None = None,
            ) -> None:
                if isinstance(message, str):
                    tap.note(station_id, "said", frame=message)
                await super().send(message, text=text)

        return TappedConnection
