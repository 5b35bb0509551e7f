"""A depot in real processes, in a folder of its own: started, killed and ended by their own pid.

The processes share a clock that may run faster than the world. Whatever is waited for is a
condition with a deadline; no wait depends on how fast the machine is.
"""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from depotlib.clock import Clock
from depotlib.drills.drill import Program, Stage
from depotlib.drills.meters import MeteredSecond, read_meters, read_newest
from depotlib.errors import ProcessError
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.exchange.operator import ensure_operator_token
from depotlib.model.brief import Brief
from depotlib.model.live import JournalKind, JournalRecord
from depotlib.model.site_file import site_from_toml
from depotlib.settings import Settings
from depotlib.virtual.script import BaseLoad, NightScript
from depotlib.workflows.load_demo import night_sheet_path
from depotlib.workflows.yard_sheet import write_yard_sheet

VERSIONS: Final = "1.6,2.0.1"
"""Of OCPP, that the stations speak by turns."""
LOOPBACK: Final = "127.0.0.1"
ROOT: Final = Path(__file__).resolve().parents[2]
EVENING: Final = datetime(2026, 11, 2, 22, tzinfo=UTC)
"""When a drill begins, on the depot's clock, unless it says otherwise."""
DEADLINE_S: Final = 240.0
"""Real seconds in which something that has to come does come, on a busy machine too."""
POLL_S: Final = 0.1
END_WAIT_S: Final = 10.0
KEPT_LOG: Final = 400
WHOLE_JOURNAL: Final = 1_000_000
MARK_KW: Final = 0.001
"""Added to the base load of each new sheet, so that the meters show when the yard has it."""


@dataclass(slots=True)
class DrillDepot:
    """Gateway, virtual stations and dispatch on one home folder; `drill_depot` ends them all.

    Parameters
    ----------
    stage : Stage
    site : str
        The site file's text.
    speed_factor : float
        Depot seconds per real second.
    begin : datetime
        Of the drill, on the depot's clock.
    """

    stage: Stage
    site: str
    speed_factor: float
    begin: datetime = EVENING
    clock: Clock = field(init=False)
    settings: Settings = field(init=False)
    operator_token: str = field(init=False)
    sheet: NightScript = field(default_factory=NightScript, init=False)
    _sheets: int = field(default=0, init=False)
    _running: dict[str, subprocess.Popen[bytes]] = field(
        default_factory=dict[str, subprocess.Popen[bytes]], init=False
    )

    def __post_init__(self) -> None:
        """Make the folder and its settings."""
        home = self.stage.folder
        home.mkdir(parents=True, exist_ok=True)
        self.clock = Clock(
            start=self.begin, speed_factor=self.speed_factor, anchor=datetime.now(UTC)
        )
        self.settings = Settings(home=home, clock=self.clock.text(), gateway_port=_free_port())
        self.operator_token = ensure_operator_token(self.settings.operator_token_path)
        self.site_path.write_text(self.site, encoding="utf-8")

    @property
    def site_path(self) -> Path:
        """Return the site file."""
        return self.settings.home / "site.toml"

    @property
    def meters_path(self) -> Path:
        """Return the file of the stations' own meters."""
        return self.settings.home / "meters.jsonl"

    @property
    def wire_path(self) -> Path:
        """Return the file of the stations' frames, whole once they have ended."""
        return self.settings.home / "wire.jsonl"

    # --- processes ------------------------------------------------------------------------

    def start_gateway(self) -> None:
        """Start a gateway on what the mailbox says, and return once it listens.

        Raises
        ------
        ProcessError
            If it ends or does not listen in time.
        """
        port = self.settings.gateway_port
        self._start("gateway", "--listen", f"{LOOPBACK}:{port}")
        self.wait_for(lambda: self._is_listening("gateway", port), "the gateway to listen")

    def start_dispatch(self) -> None:
        """Start a dispatch, and return once it gives a sign of life."""
        now = self.clock.now()
        self._start("dispatch")
        self.wait_for(lambda: self.has_beaten("dispatch", since=now), "dispatch to live")

    def start_virtual(self, script: NightScript) -> None:
        """Start virtual stations that play a script, in versions of OCPP by turns."""
        self._write_sheet(script)
        self._start(
            "virtual",
            *("--site", str(self.site_path)),
            *("--url", f"ws://{LOOPBACK}:{self.settings.gateway_port}/ocpp"),
            *("--script", str(night_sheet_path(self.settings))),
            *("--meters", str(self.meters_path), "--wire", str(self.wire_path)),
            *("--ocpp", VERSIONS),
        )

    def kill(self, name: Program) -> None:
        """Kill a process with signal 9 and return when it is gone."""
        process = self._running.pop(name)
        os.kill(process.pid, signal.SIGKILL)
        process.wait(DEADLINE_S)
        if process.stdin is not None:
            process.stdin.close()

    def _start(self, name: Program, *words: str) -> None:
        home = self.settings.home
        environment = {
            **{key: value for key, value in os.environ.items() if not key.startswith("DEPOT_")},
            "DEPOT_HOME": str(home),
            "DEPOT_CLOCK": self.clock.text(),
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
        }
        command = self.stage.commands.get(name, (sys.executable, "-m", "depotlib", name))
        with self._log_path(name).open("ab") as log:
            self._running[name] = subprocess.Popen(  # noqa: S603 - our own interpreter and words
                [*command, *words, "--watch-stdin"],
                env=environment,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
            )

    def end(self) -> None:
        """End every process that runs, the last one first."""
        for name in reversed(list(self._running)):
            self._end(name)

    def _end(self, name: str) -> None:
        process = self._running.pop(name)
        if process.stdin is not None:
            process.stdin.close()
        process.terminate()
        try:
            process.wait(END_WAIT_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    def _is_listening(self, name: str, port: int) -> bool:
        self._require_running(name)
        with socket.socket() as probe:
            return probe.connect_ex((LOOPBACK, port)) == 0

    def has_beaten(self, name: str, *, since: datetime) -> bool:
        """Return whether a process that runs gave a sign of life since an instant."""
        self._require_running(name)
        with self.mailbox() as mailbox:
            return any(one.process == name and one.at >= since for one in mailbox.beats())

    def _require_running(self, name: str) -> None:
        code = self._running[name].poll()
        if code is not None:
            last = self._log_path(name).read_text(encoding="utf-8", errors="replace")[-KEPT_LOG:]
            raise ProcessError(
                f"the {name} ended with code {code}: {last.strip()}",
                where=f"drill in {self.settings.home}",
                hint="start it alone with the same site to see why",
            )

    def _log_path(self, name: str) -> Path:
        return self.settings.home / f"{name}.log"

    # --- waiting --------------------------------------------------------------------------

    def wait_for(self, claim: Callable[[], bool], what: str) -> None:
        """Return once a claim holds.

        Raises
        ------
        ProcessError
            If it does not in time, which is far longer than even a busy machine needs.
        """
        end_s = time.monotonic() + DEADLINE_S
        while not claim():
            if time.monotonic() > end_s:
                raise ProcessError(
                    f"waited {DEADLINE_S:g} s in vain for {what}",
                    where=f"drill in {self.settings.home}",
                    hint="the logs of the processes are there, where --keep is given",
                )
            time.sleep(POLL_S)

    def comes_true(self, claim: Callable[[], bool], *, within_s: float) -> bool:
        """Return whether a claim comes to hold before the yard has lived so long [depot seconds].

        The yard's own meters tell how long it has lived: a machine that stalls stalls them too.
        """
        end = self.newest_at() + timedelta(seconds=within_s)
        while not claim():
            if self.newest_at() >= end:
                return claim()
            self.wait_for(lambda: claim() or self.newest_at() >= end, "the yard to live on")
        return True

    def live_until(self, instant: datetime) -> None:
        """Return once the yard has lived until an instant."""
        while (before := self.newest_at()) < instant:
            self.wait_for(lambda before=before: self.newest_at() > before, "the yard to live on")

    # --- what is so -----------------------------------------------------------------------

    def newest_at(self) -> datetime:
        """Return the newest second that the stations' own meters have told."""
        newest = read_newest(self.meters_path)
        return self.begin if newest is None else newest.at

    def newest(self) -> MeteredSecond | None:
        """Return the newest second of the stations' own meters, or None before the first."""
        return read_newest(self.meters_path)

    def meters(self) -> list[MeteredSecond]:
        """Return what the stations' own meters have told so far, second by second."""
        return read_meters(self.meters_path)

    @contextmanager
    def mailbox(self, *, is_new: bool = False) -> Generator[Mailbox]:
        """Open the mailbox for one use."""
        with open_mailbox(self.settings.mailbox_path, create=is_new) as mailbox:
            yield mailbox

    def journal(self, *kinds: JournalKind) -> list[JournalRecord]:
        """Return the journal's records of some kinds."""
        with self.mailbox() as mailbox:
            return mailbox.journal(limit=WHOLE_JOURNAL, kinds=kinds)

    def armed_count(self) -> int:
        """Return how many stations are connected with their safe limit in place."""
        with self.mailbox() as mailbox:
            states = mailbox.station_states()
        return sum(state.is_connected and state.is_fallback_armed for state in states)

    # --- what people do -------------------------------------------------------------------

    def publish(self, brief: Brief | None = None) -> Brief:
        """Return the brief that was put into the mailbox; default: the site's own."""
        known = brief or site_from_toml(self.site, where=str(self.site_path))
        with self.mailbox(is_new=True) as mailbox:
            mailbox.publish_brief(known, at=self.clock.now())
        return known

    def play(self, script: NightScript) -> None:
        """Give the people in the yard a new sheet, and return once they have it."""
        self._write_sheet(script)
        self.wait_for(self._has_sheet, "the yard to take its new sheet")

    def _write_sheet(self, script: NightScript) -> None:
        self._sheets += 1
        mark_kw = self._sheets * MARK_KW
        marked = tuple(
            one.model_copy(update={"power_kw": one.power_kw + mark_kw})
            for one in (script.base_load or (BaseLoad(start=self.begin, power_kw=0.0),))
        )
        self.sheet = script.model_copy(update={"base_load": marked})
        write_yard_sheet(night_sheet_path(self.settings), self.sheet)

    def _has_sheet(self) -> bool:
        newest = read_newest(self.meters_path)
        if newest is None or newest.meter_kw is None:
            return False
        base_kw = newest.meter_kw - newest.site_kw
        return abs(base_kw - self.sheet.base_load_kw(newest.at)) < MARK_KW / 2


@contextmanager
def drill_depot(
    stage: Stage, site: str, *, speed_factor: float, begin: datetime = EVENING
) -> Generator[DrillDepot]:
    """Give a depot whose processes end with the context, however that ends."""
    depot = DrillDepot(stage, site, speed_factor=speed_factor, begin=begin)
    try:
        yield depot
    finally:
        depot.end()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port
