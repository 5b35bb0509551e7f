"""A whole night at the demo depot in real processes, as `make run` starts it."""

import json
import os
import socket
import subprocess
import sys
import threading
import time
import tomllib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from depotlib.clock import Clock, parse_clock
from depotlib.settings import Settings
from tests.places import ROOT

SPEED = 60
# An afternoon early enough for a person to import, plan and push before the first van is home at
# 17:00, even where the machine is slow: a minute here is an hour there.
BEGIN = "2026-11-02T15:15:00-05:00"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(claim: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Poll until a claim about another process holds."""
    deadline_s = time.monotonic() + within_s
    while not claim():
        assert time.monotonic() < deadline_s, f"{what}: not within {within_s:g} s"
        time.sleep(0.25)


@dataclass
class WholeNight:
    """`depot up --demo` in a folder of its own."""

    home: Path
    begin: str = BEGIN
    speed: int = SPEED
    ports: dict[str, int] = field(init=False)
    process: subprocess.Popen[str] = field(init=False)
    reader: threading.Thread = field(init=False)
    lines: list[str] = field(default_factory=list)
    clock: Clock = field(init=False)

    def start(self) -> None:
        self.ports = {name: free_port() for name in ("GATEWAY", "API", "WORKBENCH")}
        self.clock = parse_clock(f"{self.begin},{self.speed},{datetime.now(UTC).isoformat()}")
        environment = {
            **os.environ,
            "DEPOT_HOME": str(self.home),
            "DEPOT_CLOCK": self.clock.text(),
            **{f"DEPOT_{name}_PORT": str(port) for name, port in self.ports.items()},
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "depotlib", "up", "--demo"],
            cwd=ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.reader = threading.Thread(target=self._read, daemon=True)
        self.reader.start()
        wait_for(self._is_open, within_s=120, what="the workbench's address")

    def stop(self) -> None:
        self.process.terminate()
        try:
            self.process.wait(30)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.reader.join(10)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def _read(self) -> None:
        assert self.process.stdout is not None
        self.lines.extend(iter(self.process.stdout.readline, ""))

    def _is_open(self) -> bool:
        assert self.process.poll() is None, "".join(self.lines)
        return any(line.startswith("open http") for line in self.lines)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.ports['WORKBENCH']}"

    @property
    def settings(self) -> Settings:
        return Settings(home=self.home, clock=self.clock.text())

    @property
    def token(self) -> str:
        return (self.home / "operator.token").read_text().strip()


@dataclass(frozen=True)
class MeteredNight:
    """What the virtual stations' own meters saw, second by second."""

    seconds: int
    gaps: int
    peak_kw: float
    peak_at: datetime | None
    quarter_peak_kw: float
    energy_kwh: dict[str, float]


def metered_night(home: Path) -> MeteredNight:
    """Read the meters and give each kilowatt-hour to the vehicle that stood there by the sheet."""
    sheet = tomllib.loads((home / "virtual" / "night.toml").read_text())
    stays = defaultdict(list)
    for stay in sheet["stay"]:
        stays[stay["connector_id"]].append(stay)
    energy_kwh, quarter_kw = defaultdict(float), defaultdict(float)
    seconds, gaps, peak_kw, peak_at, last = 0, 0, 0.0, None, None
    with (home / "virtual" / "meters.jsonl").open() as meters:
        for line in meters:
            if not line.endswith("\n"):
                break  # being written at this moment
            second = json.loads(line)
            at = datetime.fromisoformat(second["at"])
            gaps += last is not None and at - last != timedelta(seconds=1)
            last, seconds = at, seconds + 1
            quarter_kw[at.timestamp() // 900] += second["site_kw"] / 900
            if second["site_kw"] > peak_kw:
                peak_kw, peak_at = second["site_kw"], at
            for connector_id, power_kw in second["power_kw"].items():
                for stay in stays[connector_id]:
                    if stay["plug_in"] <= at < stay["unplug"]:
                        energy_kwh[stay["vehicle_id"]] += power_kw / 3600
    return MeteredNight(seconds, gaps, peak_kw, peak_at, max(quarter_kw.values()), dict(energy_kwh))
