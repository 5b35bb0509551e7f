"""A small depot in real processes: started, killed and always stopped by their own pid.

The processes share a clock that runs faster than the world. Nothing here waits for a span of
time: every wait is for a condition, with a deadline in real seconds that is far beyond what even
a busy machine needs.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from depotlib.clock import Clock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.settings import Settings
from depotlib.virtual.script import NightScript
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.yard_sheet import write_yard_sheet
from tests.places import ROOT

LOOPBACK: Final = "127.0.0.1"
DEADLINE_S: Final = 60.0
POLL_S: Final = 0.03
EVENING: Final = datetime(2026, 11, 2, 22, tzinfo=UTC)


def wait_until(claim: Callable[[], bool], what: str, *, deadline_s: float = DEADLINE_S) -> None:
    """Return as soon as a claim holds; fail with its words if it does not in time."""
    end_s = time.monotonic() + deadline_s
    while not claim():
        assert time.monotonic() < end_s, f"not within {deadline_s:g} s: {what}"
        time.sleep(POLL_S)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


def is_running(pid: int) -> bool:
    """Return whether a process lives; one that ended and was not yet waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in {"Z", "X"}


class DepotProcesses:
    """Gateway, virtual depot and whatever else a test wants, on one home folder.

    Parameters
    ----------
    home : Path
        `DEPOT_HOME`; not a shared one.
    site : str
        The site file's text.
    speed_factor : float
        Depot seconds per real second.
    """

    def __init__(self, home: Path, *, site: str, speed_factor: float) -> None:
        home.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(start=EVENING, speed_factor=speed_factor, anchor=datetime.now(UTC))
        self.settings = Settings(
            home=home,
            clock=self.clock.text(),
            gateway_port=free_port(),
            api_port=free_port(),
            workbench_port=free_port(),
        )
        self.operator_token = ensure_operator_token(self.settings.operator_token_path)
        self.site_path = home / "site.toml"
        self.site_path.write_text(site)
        self.meters_path = home / "meters.jsonl"
        self.sheet = NightScript()
        self._running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for name in reversed(list(self._running)):
            self.end(name)
        if kind is not None:
            for log in sorted(self.settings.home.glob("*.log")):
                sys.stderr.write(f"--- {log.name}\n{log.read_text()[-4000:]}\n")

    # --- processes ------------------------------------------------------------------------

    def start(self, name: str, *words: str) -> int:
        """Return the pid of ``depot NAME WORDS``, which ends with this process."""
        home = self.settings.home
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DEPOT_")},
            "DEPOT_HOME": str(home),
            "DEPOT_CLOCK": self.clock.text(),
            "PYTHONUNBUFFERED": "1",
        }
        with (home / f"{name}.log").open("ab") as log:
            process = subprocess.Popen(
                [sys.executable, "-m", "depotlib", name, *words, "--watch-stdin"],
                cwd=ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )
        self._running[name] = process
        return process.pid

    def start_gateway(self, *, is_awaited: bool = True) -> int:
        """Return the pid of a gateway; unless told not to wait, one that listens."""
        listen = f"{LOOPBACK}:{self.settings.gateway_port}"
        home = str(self.settings.home)
        pid = self.start(
            "gateway", "--site", str(self.site_path), "--home", home, "--listen", listen
        )
        if is_awaited:
            self.await_gateway()
        return pid

    def await_gateway(self) -> None:
        """Return once the gateway listens."""
        wait_until(lambda: self.is_listening("gateway", self.settings.gateway_port), "the gateway")

    def start_virtual(
        self, script: NightScript, *, ocpp: str = "1.6", site_path: Path | None = None
    ) -> int:
        """Return the pid of a virtual depot that plays a script, in versions of OCPP by turns.

        It has the stations of the whole site, or those of another site file.
        """
        self.play(script)
        site = str(site_path or self.site_path)
        url = f"ws://{LOOPBACK}:{self.settings.gateway_port}/ocpp"
        return self.start(
            "virtual",
            *("--site", site, "--url", url),
            *("--script", str(night_sheet_path(self.settings)), "--meters", str(self.meters_path)),
            *("--ocpp", ocpp),
        )

    def start_api(self) -> int:
        """Return the pid of an api that listens."""
        listen = f"{LOOPBACK}:{self.settings.api_port}"
        pid = self.start("api", "--home", str(self.settings.home), "--listen", listen)
        wait_until(lambda: self.is_listening("api", self.settings.api_port), "the api")
        return pid

    def kill(self, name: str) -> None:
        """Kill a process with signal 9 and return when it is gone."""
        process = self._running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
        if process.stdin is not None:
            process.stdin.close()

    def end(self, name: str) -> None:
        """End a process politely, or by force when it does not."""
        process = self._running.pop(name)
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def is_listening(self, name: str, port: int) -> bool:
        process = self._running[name]
        assert process.poll() is None, f"{name} ended with code {process.returncode}"
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, port)) == 0

    # --- what they do ---------------------------------------------------------------------

    def play(self, script: NightScript) -> None:
        """Give the people in the yard a new sheet."""
        self.sheet = script
        write_yard_sheet(night_sheet_path(self.settings), script)

    @contextmanager
    def mailbox(self) -> Iterator[Mailbox]:
        with open_mailbox(self.settings.mailbox_path, create=False) as mailbox:
            yield mailbox

    def journal(self, *kinds: JournalKind) -> list[JournalRecord]:
        """Return the journal's records of some kinds."""
        with self.mailbox() as mailbox:
            return mailbox.journal(limit=1_000_000, kinds=kinds)

    def armed_count(self) -> int:
        """Return how many stations are connected with their safe limit in place."""
        with self.mailbox() as mailbox:
            states = mailbox.station_states()
        return sum(state.is_connected and state.is_fallback_armed for state in states)

    def meters(self) -> list[tuple[datetime, float, dict[str, float]]]:
        """Return the virtual stations' own meters: instant, site [kW], each plug's power [kW]."""
        if not self.meters_path.exists():
            return []
        text = self.meters_path.read_text()
        lines = [json.loads(line) for line in text[: text.rfind("\n") + 1].splitlines()]
        return [
            (datetime.fromisoformat(one["at"]), float(one["site_kw"]), one["power_kw"])
            for one in lines
        ]

    def newest_meter(self) -> tuple[datetime, dict[str, float]]:
        """Return the newest second that is metered, and what each plug draws in it [kW].

        A plug that draws nothing is missing.
        """
        with self.meters_path.open("rb") as file:
            file.seek(max(0, self.meters_path.stat().st_size - 16_384))
            whole = re.findall(rb"^\{.*\}$", file.read(), flags=re.MULTILINE)
        if not whole:
            return EVENING, {}
        newest = json.loads(whole[-1])
        return datetime.fromisoformat(newest["at"]), newest["power_kw"]

    def live_through(self, seconds: int) -> None:
        """Return once the stations have metered so many more seconds of the depot's clock."""
        end = self.newest_meter()[0] + timedelta(seconds=seconds)
        wait_until(lambda: self.newest_meter()[0] >= end, f"{seconds} s more of meters")
