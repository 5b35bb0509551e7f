"""A small supervisor: starts the depot's processes in order, watches them, ends with them.

Children hold the other end of a pipe as their standard input: however this process dies, their
input ends and so do they.
"""

import http.client
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from depotlib.errors import ProcessError

LOOPBACK: Final = "127.0.0.1"
HEALTH_WAIT_S: Final = 60.0
HEALTH_POLL_S: Final = 0.1
WATCH_POLL_S: Final = 0.5
STOP_WAIT_S: Final = 8.0
BACKOFF_S: Final = (1.0, 2.0, 5.0, 15.0, 30.0)


@dataclass(frozen=True, slots=True)
class ProcessPlan:
    """How one process is started and how one sees that it is well.

    Parameters
    ----------
    name : str
        Prefix of its lines.
    arguments : sequence of str
        After the interpreter.
    environment : mapping of str to str
        Beyond this process's own.
    health_port : int
        Loopback port that answers with 200 when it is ready; 0: ready once it runs.
    health_path : str
        Empty: that it listens is enough.
    """

    name: str
    arguments: Sequence[str]
    environment: Mapping[str, str]
    health_port: int = 0
    health_path: str = ""


@dataclass(slots=True)
class _Child:
    plan: ProcessPlan
    process: subprocess.Popen[str]
    restarts: int = 0
    due_s: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Runs processes until told to stop.

    Parameters
    ----------
    plans : sequence of ProcessPlan
        In starting order.
    say : callable
        Takes every line of every process, with its name before it.
    """

    plans: Sequence[ProcessPlan]
    say: Callable[[str], None]
    _children: list[_Child] = field(default_factory=list[_Child], init=False)
    _is_stopping: threading.Event = field(default_factory=threading.Event, init=False)

    @property
    def is_stopping(self) -> bool:
        """Return whether it has been told to stop."""
        return self._is_stopping.is_set()

    def start(self) -> None:
        """Start every process and return once all answer, or once told to stop.

        Raises
        ------
        ProcessError
            If a port is taken, or one ends or does not answer in time; the others are stopped.
        """
        for plan in self.plans:
            if plan.health_port and _is_listening(plan.health_port):
                raise ProcessError(
                    f"port {plan.health_port} for the {plan.name} is taken",
                    where=f"depot up, {plan.name}",
                    hint="stop what listens there, or set another port: DEPOT_WORKBENCH_PORT, "
                    "DEPOT_GATEWAY_PORT, DEPOT_API_PORT",
                )
        self._children = [_Child(plan=plan, process=self._spawn(plan)) for plan in self.plans]
        try:
            for child in self._children:
                self._await_health(child)
        except ProcessError:
            self.stop()
            raise

    def watch(self, *, until: Callable[[], bool] = lambda: False) -> None:
        """Restart what ends, with growing pauses, until stopped."""
        while not (self.is_stopping or until()):
            for child in self._children:
                self._revive(child)
            self._is_stopping.wait(WATCH_POLL_S)

    def request_stop(self) -> None:
        """Make `watch` return; safe in a signal handler."""
        self._is_stopping.set()

    def stop(self) -> None:
        """End every process, last started first, and wait for each."""
        self._is_stopping.set()
        for child in reversed(self._children):
            if child.process.poll() is None:
                child.process.send_signal(signal.SIGTERM)
        deadline_s = time.monotonic() + STOP_WAIT_S
        for child in reversed(self._children):
            try:
                child.process.wait(max(0.1, deadline_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            _close_input(child.process)

    def _spawn(self, plan: ProcessPlan) -> subprocess.Popen[str]:
        process = subprocess.Popen(  # noqa: S603 - our own interpreter and arguments
            [sys.executable, *plan.arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **plan.environment},
        )
        threading.Thread(target=self._pass_on, args=(plan.name, process), daemon=True).start()
        return process

    def _pass_on(self, name: str, process: subprocess.Popen[str]) -> None:
        assert process.stdout is not None
        with process.stdout as lines:
            for line in lines:
                self.say(f"{name:>9} | {line.rstrip()}")

    def _await_health(self, child: _Child) -> None:
        deadline_s = time.monotonic() + HEALTH_WAIT_S
        # A stop by Ctrl-C ends the children too: that is no failure of theirs.
        while not (_is_well(child) or self.is_stopping):
            if child.process.poll() is not None or time.monotonic() > deadline_s:
                raise ProcessError(
                    f"the {child.plan.name} did not come up",
                    where=f"depot up, {child.plan.name}",
                    hint="see its lines above; depot doctor checks the ports",
                )
            time.sleep(HEALTH_POLL_S)

    def _revive(self, child: _Child) -> None:
        if child.process.poll() is None:
            return
        if child.due_s is None:
            pause_s = BACKOFF_S[min(child.restarts, len(BACKOFF_S) - 1)]
            self.say(
                f"{child.plan.name:>9} | ended with code {child.process.returncode}; "
                f"starts again in {pause_s:g} s"
            )
            child.due_s = time.monotonic() + pause_s
        elif time.monotonic() >= child.due_s:
            child.restarts += 1
            child.due_s = None
            _close_input(child.process)
            child.process = self._spawn(child.plan)


def _close_input(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()


def _is_well(child: _Child) -> bool:
    if child.process.poll() is not None:
        return False
    if not child.plan.health_port:
        return True
    if not child.plan.health_path:
        return _is_listening(child.plan.health_port)
    connection = http.client.HTTPConnection(LOOPBACK, child.plan.health_port, timeout=1.0)
    try:
        connection.request("GET", child.plan.health_path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _is_listening(port: int) -> bool:
    try:
        with socket.create_connection((LOOPBACK, port), timeout=1.0):
            return True
    except OSError:
        return False
