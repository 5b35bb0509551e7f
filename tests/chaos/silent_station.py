"""A station that comes back after a lost connection without a word, as OCPP-J 1.6 section 5.4 allows.

It answers what it is asked, keeps what it was asked in order, and never says anything of itself
after its first boot.
"""

import contextlib
import json
import threading
from typing import Any, Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

PACE_S: Final = 0.05
LISTEN_S: Final = 0.2
BOOT: Final = '[2,"boot","BootNotification",{"chargePointVendor":"V","chargePointModel":"M"}]'
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "GetConfiguration": {"configurationKey": [], "unknownKey": []},
    "GetCompositeSchedule": {"status": "Rejected"},
    "TriggerMessage": {"status": "Rejected"},
}
Asked = tuple[str, dict[str, Any]]


class SilentStation(threading.Thread):
    """One station in a thread of its own.

    Parameters
    ----------
    station_id : str
    port : int
        Of the gateway, on loopback.
    """

    def __init__(self, station_id: str, *, port: int) -> None:
        super().__init__(name=station_id, daemon=True)
        self.station_id = station_id
        self.asked: list[list[Asked]] = []
        """By connection: action and payload of every call, in order."""
        self._url = f"ws://127.0.0.1:{port}/ocpp/{station_id}"
        self._leaving = threading.Event()

    def run(self) -> None:
        while not self._leaving.is_set():
            # What a killed gateway leaves behind: a refused, a reset or a half-done handshake.
            with contextlib.suppress(ConnectionClosed, InvalidHandshake, OSError, EOFError):
                self._live()
            self._leaving.wait(PACE_S)

    def leave(self) -> None:
        """Return once it has hung up."""
        self._leaving.set()
        self.join(60.0)
        assert not self.is_alive(), f"{self.station_id} hangs"

    def _live(self) -> None:
        subprotocols = [Subprotocol("ocpp1.6")]
        with connect(self._url, subprotocols=subprotocols, compression=None) as socket:
            if not self.asked:
                socket.send(BOOT)
            asked: list[Asked] = []
            self.asked.append(asked)
            while not self._leaving.is_set():
                self._hear(socket, asked)

    def _hear(self, socket: ClientConnection, asked: list[Asked]) -> None:
        try:
            frame = json.loads(socket.recv(LISTEN_S))
        except TimeoutError:
            return
        if frame[0] == 2:
            asked.append((frame[2], frame[3]))
            answer = ANSWERS.get(frame[2], {"status": "Accepted"})
            socket.send(json.dumps([3, frame[1], answer]))
