"""A gateway with room for all, and a 2.x station of its own for every test on it."""

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

from tests.conformance.gateway_process import SITE, RawStation, station
from tests.conformance.ocpp201_frames import BOOT, TAG, told
from tests.conformance.pushing import push_limit, push_states

COUNT = 40
NUMBERS: defaultdict[str, Iterator[int]] = defaultdict(lambda: count(1))
"""By gateway: each module has one of its own."""
ROOMY_SITE = SITE.replace("service_kw = 40.0", "service_kw = 400.0").replace(
    "operating_limit_kw = 36.0", "operating_limit_kw = 390.0"
) + "".join(
    f'\n[[station]]\nstation_id = "K-{number}"\nmax_kw = 7.36\nmin_kw = 1.38\n'
    "safe_limit_kw = 1.38\n"
    for number in range(1, COUNT + 1)
)


def now_text() -> str:
    """Return the time as stations write it."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass
class Own:
    """A station that no other test has."""

    cp: RawStation
    home: Path
    name: str
    running: str = ""

    def arm(self, *, answer: Any = None) -> None:
        """Boot, and answer until all that arming asks has been asked."""
        self.cp.say("BootNotification", BOOT, unique_id="boot")
        self.cp.hear(lambda: bool(self.cp.asked("GetCompositeSchedule")), answer=answer)

    def push(self, limit_kw: float = 5.0, *, name: str = "") -> None:
        """Ask for a limit from now on, for two hours."""
        push_limit(
            self.home,
            limit_kw=limit_kw,
            connector_id=f"{self.name}/1",
            name=f"{self.name}{name}",
        )

    def states(self, name: str = "") -> set[tuple[str, str]]:
        """Return where its push stands, and why."""
        return push_states(self.home, name=f"{self.name}{name}")

    def start(self, name: str = "tx-a") -> dict[str, Any]:
        """Begin a transaction now."""
        self.running = name
        event = told("Started", name, 0, idToken=TAG, evse={"id": 1}, at=now_text(), register_wh=0)
        return self.cp.ask("TransactionEvent", event)

    def end(self) -> None:
        """End what it has begun, so that its vehicle can stand elsewhere."""
        if self.running:
            self.cp.ask("TransactionEvent", told("Ended", self.running, 99, at=now_text()))
            self.running = ""

    @contextmanager
    def again(self, url: str, *, version: str = "2.0.1") -> Iterator["Own"]:
        """Connect the same station once more: the newcomer wins."""
        with station(url, self.name, subprotocols=[f"ocpp{version}"]) as cp:
            yield Own(cp, self.home, self.name)

    def profiles(self) -> list[dict[str, Any]]:
        """Return the profiles that it was sent."""
        return [one["chargingProfile"] for one in self.cp.asked("SetChargingProfile")]

    def leases(self) -> list[dict[str, Any]]:
        """Return those above the safe limit."""
        return [one for one in self.profiles() if one["stackLevel"] > 0]


@contextmanager
def own_station(url: str, home: Path, *, version: str = "2.0.1") -> Iterator[Own]:
    """Connect a station that no other test has."""
    name = f"K-{next(NUMBERS[url])}"
    with station(url, name, subprotocols=[f"ocpp{version}"]) as cp:
        one = Own(cp, home, name)
        yield one
        one.end()
