"""A door on a real socket, and depot systems that connect to it."""

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
import uvicorn
from fastapi import FastAPI
from websockets.sync.client import ClientConnection, connect

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.api.server import listening_socket
from depotlib.api.throttle import Throttle
from depotlib.clock import Clock
from depotlib.exchange.api_keys import issue_key
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING, MORNING

PROTOCOL = "v1.463.vdv.de"
PATIENCE_S = 60.0


def door_to(path: Path, *, at: datetime = EVENING) -> Door:
    clock = Clock(start=at, speed_factor=1.0, anchor=datetime.now(UTC))
    return Door(path, clock, operator_token_path=path.with_name("operator.token"))


@pytest.fixture(scope="session")
def served() -> Iterator[tuple[FastAPI, str]]:
    """Serve one application; each test gives it a door of its own."""
    app = api_app(door_to(Path("nowhere")))
    listening = listening_socket("127.0.0.1", 0)
    config = uvicorn.Config(app, log_level="critical", lifespan="off", ws_max_size=1_048_576)
    server = uvicorn.Server(config)
    app.state.is_ending = lambda: server.should_exit
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield app, f"ws://127.0.0.1:{listening.getsockname()[1]}/vdv463"
    server.should_exit = True
    thread.join(PATIENCE_S)
    listening.close()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "exchange.sqlite"


@pytest.fixture
def mailbox(path: Path) -> Iterator[Mailbox]:
    with open_mailbox(path) as mailbox:
        mailbox.publish_brief(samples.brief(), at=EVENING)
        yield mailbox


@pytest.fixture
def address(served: tuple[FastAPI, str], mailbox: Mailbox, path: Path) -> str:
    app, address = served
    app.state.door, app.state.throttle = door_to(path), Throttle()
    return address


def key(path: Path, name: str, *scopes) -> str:
    return issue_key(path.with_name("operator.token"), name, scopes=scopes, now=EVENING)


class DepotSystem:
    """A depot system on its connection."""

    def __init__(self, connection: ClientConnection, presystem_id: str) -> None:
        self._connection = connection
        self._presystem_id = presystem_id
        self.told: list[dict] = []

    def send(self, text: str) -> None:
        self._connection.send(text)

    def message(self, action: str, payload: dict, *, at: datetime = EVENING, kind: int = 1) -> list:
        return [kind, "BMS", self._presystem_id, at.isoformat(), str(uuid4()), action, payload]

    def ask(self, action: str, payload: dict, *, at: datetime = EVENING) -> list:
        """Return the answer to a request; what is told meanwhile is kept and confirmed."""
        sent = self.message(action, payload, at=at)
        self.send(json.dumps(sent))
        return self.until(lambda got: got[4] == sent[4])

    def until(self, is_it) -> list:
        while True:
            got = json.loads(self._connection.recv(timeout=PATIENCE_S))
            if got[0] == 1:
                self.told.append(got[6])
                confirmation = [2, "BMS", got[2], EVENING.isoformat(), got[4], got[5], {}]
                self.send(json.dumps(confirmation))
            if is_it(got):
                return got

    def boot(self) -> list:
        return self.ask("BootNotification", {"presystem": "BMS"})

    def next_told(self) -> dict:
        return self.until(lambda got: got[0] == 1)[6]


@contextmanager
def system(address: str, *, secret: str = "", presystem_id: str = "bms-1") -> Iterator[DepotSystem]:
    coded = base64.b64encode(f"{presystem_id}:{secret}".encode()).decode()
    headers = {"Authorization": f"Basic {coded}"} if secret else {}
    with connect(
        address, subprotocols=[PROTOCOL], additional_headers=headers, open_timeout=PATIENCE_S
    ) as connection:
        yield DepotSystem(connection, presystem_id)


def request(vehicle_id: str = "van-1", *, request_id: str = "r1", departure=MORNING,
            least: float = 50.0, most: float = 80.0, **fields) -> dict:  # fmt: skip
    data = {"minTargetSoc": least, "maxTargetSoc": most, "expectedSocAtArrival": 30.0}
    if departure is not None:
        data["requestedTimeForDeparture"] = departure.isoformat()
    return {"vehicleId": vehicle_id, "chargingRequestId": request_id,
            "chargingRequestData": data, **fields}  # fmt: skip


def listed(*requests: dict) -> dict:
    return {"chargingRequestList": list(requests)}


EARLY = MORNING - timedelta(hours=2)
