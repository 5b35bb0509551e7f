"""A gateway in its own process, and a raw client that speaks frames with it."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from websockets.sync.client import ClientConnection

from tests.conformance.calling import called
from tests.places import ROOT

SITE = """
[depot]
depot_id = "d"
name = "Depot"
time_zone = "UTC"

[grid]
service_kw = 40.0
operating_limit_kw = 36.0

[[station]]
station_id = "CP-1"
max_kw = 7.36
min_kw = 1.38
safe_limit_kw = 1.38

[[station]]
station_id = "CP-2"
current_type = "DC"
max_kw = 20.0
safe_limit_kw = 0.0
phases = 3

[[station]]
station_id = "CP-3"
max_kw = 7.36
safe_limit_kw = 1.38
connectors = 2

[[identity]]
token = "TAG-1"
vehicle_id = "van-1"
"""
WAIT_S = 60.0
LISTEN_S = 0.2
ACCEPTED = {"status": "Accepted"}


@contextmanager
def gateway(home: Path, *, site: str = SITE) -> Iterator[str]:
    """Run ``depot gateway`` and yield its URL; it ends when its standard input does."""
    (home / "site.toml").write_text(site)
    log = home / "gateway.log"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-m", "depotlib", "gateway", "--site", str(home / "site.toml"),
             "--home", str(home), "--listen", "127.0.0.1:0", "--json", "--watch-stdin"],
            cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=stream,
        )  # fmt: skip
    assert process.stdout is not None
    assert process.stdin is not None
    try:
        told = process.stdout.readline()
        assert told, log.read_text()
        yield json.loads(told)["url"]
    finally:
        process.stdin.close()
        process.stdout.close()
        assert process.wait(timeout=WAIT_S) == 0, log.read_text()[-4000:]


@dataclass
class RawStation:
    """A station that is nothing but frames."""

    socket: ClientConnection
    calls: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)
    errors: list[list[Any]] = field(default_factory=list)
    answers: dict[str, dict[str, Any]] = field(default_factory=dict)

    def say(self, action: str, payload: object, *, unique_id: str = "1") -> None:
        self.socket.send(json.dumps([2, unique_id, action, payload]))

    def ask(self, action: str, payload: object, *, unique_id: str = "1") -> dict[str, Any]:
        """Send a call and return the payload of its result."""
        self.say(action, payload, unique_id=unique_id)
        self.hear(lambda: unique_id in self.answers)
        return self.answers.pop(unique_id)

    def refused(self, action: str, payload: object) -> str:
        """Send a call and return the code of the error it gets."""
        self.say(action, payload)
        self.hear(lambda: bool(self.errors))
        return str(self.errors.pop()[2])

    def hear(self, is_enough: Any, *, answer: Any = None) -> None:
        """Read frames until something is true, answering calls as told (or accepting them)."""
        deadline = time.monotonic() + WAIT_S
        while not is_enough():
            assert time.monotonic() < deadline, "nothing of the kind was heard"
            try:
                frame = json.loads(self.socket.recv(timeout=LISTEN_S))
            except TimeoutError:
                continue  # what is waited for may show elsewhere than on the wire
            if frame[0] == 2:
                self.calls.append((frame[1], frame[2], frame[3]))
                reply = ACCEPTED if answer is None else answer(frame[2], frame[3])
                is_error = isinstance(reply, str)  # the code of a CALLERROR
                parts = [4, frame[1], reply, "", {}] if is_error else [3, frame[1], reply]
                self.socket.send(json.dumps(parts))
            elif frame[0] == 3:
                self.answers[frame[1]] = frame[2]
            else:
                self.errors.append(frame)

    def asked(self, action: str) -> list[dict[str, Any]]:
        return [payload for _, name, payload in self.calls if name == action]

    def boot(self) -> dict[str, Any]:
        return self.ask("BootNotification", {"chargePointVendor": "V", "chargePointModel": "M"})


@contextmanager
def station(url: str, name: str, **options: Any) -> Iterator[RawStation]:
    """A connection of a station; the subprotocol is 1.6 unless told otherwise."""
    options.setdefault("subprotocols", ["ocpp1.6"])
    with called(f"{url}/{name}", **options) as socket:
        yield RawStation(socket)
