"""A station without a car park: it starts, meters and stops transactions as fast as it is answered.

It does what the specification asks of a real one: whatever was not answered is said again, word for
word but for the message id, once there is a connection again. So it knows which of its starts and
samples were acknowledged, and a test can ask the journal for each of them.
"""

import contextlib
import json
import threading
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from websockets.exceptions import ConnectionClosed, InvalidHandshake
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from depotlib.clock import Clock

PACE_S: Final = 0.02
ANSWER_S: Final = 5.0
ANSWERS: Final[dict[str, dict[str, Any]]] = {
    "GetConfiguration": {"configurationKey": [], "unknownKey": []},
    "GetCompositeSchedule": {"status": "Rejected"},
    "TriggerMessage": {"status": "NotImplemented"},
}


@dataclass(frozen=True, slots=True)
class Start:
    """A start that was acknowledged."""

    at: datetime
    transaction_id: int


class BusyStation(threading.Thread):
    """One station in a thread of its own.

    Parameters
    ----------
    station_id : str
    port : int
        Of the gateway, on loopback.
    clock : Clock
    """

    def __init__(self, station_id: str, *, port: int, clock: Clock) -> None:
        super().__init__(name=station_id, daemon=True)
        self.station_id = station_id
        self.starts: list[Start] = []
        self.sampled: list[datetime] = []
        self.stopped: list[int] = []
        self.repeats = 0
        self._url = f"ws://127.0.0.1:{port}/ocpp/{station_id}"
        self._clock = clock
        self._leaving = threading.Event()
        self._socket: ClientConnection | None = None
        self._open = contextlib.ExitStack()
        self._register_wh = 0

    def run(self) -> None:
        self._say("BootNotification", {"chargePointVendor": "busy", "chargePointModel": "b"})
        while not self._leaving.is_set():
            self._deliver()
        self._hang_up()

    def leave(self) -> None:
        """Return once it has finished what it was saying."""
        self._leaving.set()
        self.join(60.0)
        assert not self.is_alive(), f"{self.station_id} got no answer for a minute"

    def _deliver(self) -> None:
        at = self._clock.now()
        start = {"connectorId": 1, "idTag": f"TAG-{self.station_id}", "timestamp": _text(at)}
        answer = self._say("StartTransaction", {**start, "meterStart": self._register_wh})
        number = answer["transactionId"]
        self.starts.append(Start(at, number))
        self._register_wh += 5
        sampled_at = self._clock.now()
        sample = {"measurand": "Energy.Active.Import.Register", "value": str(self._register_wh)}
        value = {"timestamp": _text(sampled_at), "sampledValue": [{**sample, "unit": "Wh"}]}
        self._say("MeterValues", {"connectorId": 1, "transactionId": number, "meterValue": [value]})
        self.sampled.append(sampled_at)
        end = {"transactionId": number, "timestamp": _text(self._clock.now())}
        self._say("StopTransaction", {**end, "meterStop": self._register_wh})
        self.stopped.append(number)
        self._leaving.wait(PACE_S)

    def _say(self, action: str, payload: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to a message, said again on every new connection until it comes."""
        while True:
            try:
                if self._socket is None:
                    caller = connect(
                        self._url, subprotocols=[Subprotocol("ocpp1.6")], compression=None
                    )
                    self._socket = self._open.enter_context(caller)
                return self._asked(self._socket, action, payload)
            except (ConnectionClosed, InvalidHandshake, OSError, EOFError):
                self._hang_up()
                self.repeats += 1
                threading.Event().wait(PACE_S)

    def _hang_up(self) -> None:
        self._socket = None
        with contextlib.suppress(ConnectionClosed, OSError, EOFError):
            self._open.close()

    def _asked(
        self, socket: ClientConnection, action: str, payload: dict[str, Any]
    ) -> dict[str, Any]:
        mine = uuid.uuid4().hex
        socket.send(json.dumps([2, mine, action, payload]))
        while True:
            frame = json.loads(socket.recv(ANSWER_S))
            if frame[0] == 2:
                answer = ANSWERS.get(frame[2], {"status": "Accepted"})
                socket.send(json.dumps([3, frame[1], answer]))
            elif frame[1] == mine:
                assert frame[0] == 3, f"{action} was answered with {frame}"
                return frame[2]


def _text(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
