"""The supervisor of `depot up`: what ends is started again, and nothing outlives it."""

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from depotlib.errors import ProcessError
from depotlib.workflows import run_depot
from depotlib.workflows.run_depot import ProcessPlan, Supervisor
from tests.chaos.depot_processes import LOOPBACK, free_port, is_running, wait_until
from tests.places import ROOT

pytestmark = pytest.mark.chaos

CHILD = """
import os, pathlib, sys
with pathlib.Path(sys.argv[1]).open("a") as pids:
    pids.write(f"{os.getpid()}\\n")
sys.stdin.read()
"""
"""Says its pid and lives until its standard input ends."""
DRIVER = """
import sys
from depotlib.workflows.run_depot import ProcessPlan, Supervisor
names = sys.argv[2:]
plans = [ProcessPlan(name, ("-c", sys.argv[1], name), {}) for name in names]
supervisor = Supervisor(plans, print)
supervisor.start()
supervisor.watch()
"""


def plan(pids: Path, *, code: str = CHILD, port: int = 0) -> ProcessPlan:
    return ProcessPlan(
        name=pids.stem, arguments=("-c", code, str(pids)), environment={}, health_port=port
    )


def pids_in(*files: Path) -> list[int]:
    return [int(line) for file in files if file.exists() for line in file.read_text().split()]


def children_of(pid: int) -> list[int]:
    """Return the processes that a process has started from its main thread (Linux)."""
    return [int(text) for text in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_a_process_that_ends_is_started_again_and_all_end_with_stop(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    said: list[str] = []
    supervisor = Supervisor([plan(one), plan(other)], said.append)
    supervisor.start()
    watching = threading.Thread(target=supervisor.watch)
    watching.start()
    try:
        wait_until(lambda: len(pids_in(one, other)) == 2, "both children")

        os.kill(pids_in(one)[0], signal.SIGKILL)
        wait_until(lambda: len(pids_in(one)) == 2, "the first child again")
    finally:
        supervisor.request_stop()  # as the signal handler of depot up does
        watching.join()
        supervisor.stop()

    assert said == ["      one | ended with code -9; starts again in 1 s"]
    assert len(pids_in(other)) == 1  # its neighbour was left alone
    assert [pid for pid in pids_in(one, other) if is_running(pid)] == []


def test_children_end_when_the_supervisor_is_killed(tmp_path):
    files = [tmp_path / "one", tmp_path / "other"]
    supervisor = subprocess.Popen(
        [sys.executable, "-c", DRIVER, CHILD, *map(str, files)], cwd=ROOT, stdin=subprocess.PIPE
    )
    try:
        wait_until(lambda: len(pids_in(*files)) == 2, "both children")
    finally:
        supervisor.kill()
        supervisor.communicate()

    wait_until(lambda: not any(map(is_running, pids_in(*files))), "the end of both children")


@pytest.mark.parametrize(
    "code", ["raise SystemExit(3)", CHILD], ids=["one that ends", "one that never listens"]
)
def test_a_process_that_does_not_come_up_is_named_and_the_others_are_stopped(
    tmp_path, monkeypatch, code
):
    monkeypatch.setattr(run_depot, "HEALTH_WAIT_S", 3.0)
    well, broken = tmp_path / "well", tmp_path / "broken"
    supervisor = Supervisor([plan(well), plan(broken, code=code, port=free_port())], print)

    with pytest.raises(ProcessError, match="the broken did not come up") as refused:
        supervisor.start()

    assert refused.value.hint == "see its lines above; depot doctor checks the ports"
    assert [pid for pid in pids_in(well, broken) if is_running(pid)] == []


def test_a_stop_while_processes_come_up_is_no_failure_of_theirs(tmp_path):
    mute = tmp_path / "mute"
    supervisor = Supervisor([plan(mute, port=free_port())], print)
    failed: list[ProcessError] = []

    def start() -> None:
        try:
            supervisor.start()
        except ProcessError as error:
            failed.append(error)

    starting = threading.Thread(target=start)
    starting.start()
    wait_until(lambda: len(pids_in(mute)) == 1, "the child that never listens")

    supervisor.request_stop()
    os.kill(pids_in(mute)[0], signal.SIGKILL)  # as Ctrl-C ends the whole group
    starting.join()
    supervisor.stop()

    assert failed == []


def test_depot_up_revives_a_killed_gateway_and_leaves_nothing_behind_when_killed(tmp_path):
    ports = {name: str(free_port()) for name in ("GATEWAY", "API", "WORKBENCH")}
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("DEPOT_")},
        **{f"DEPOT_{name}_PORT": port for name, port in ports.items()},
        "DEPOT_HOME": str(tmp_path / "home"),
    }
    log = tmp_path / "up.log"
    with log.open("wb") as stream:
        up = subprocess.Popen(
            [sys.executable, "-m", "depotlib", "up"],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    children: list[int] = []
    try:
        wait_until(lambda: f"open http://{LOOPBACK}:" in log.read_text(), "depot up")
        children = children_of(up.pid)
        assert len(children) == 6  # workbench, gateway, api, dispatch, alerts, webhooks

        os.kill(children[1], signal.SIGKILL)
        wait_until(lambda: log.read_text().count("depot gateway: ws://") == 2, "the gateway again")
        children = [*children, *children_of(up.pid)]
    finally:
        up.kill()
        up.wait()

    wait_until(lambda: not any(map(is_running, children)), "the end of every process")
