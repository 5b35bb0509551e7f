"""The process `depot dispatch`: it answers events of other processes, and ends when told."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from depotlib.clock import real_clock
from depotlib.exchange.mailbox import Mailbox, open_mailbox
from depotlib.model.live import JournalEntry
from depotlib.model.release import Release
from tests.places import ROOT
from tests.unit.dispatch import scenes
from tests.unit.exchange import samples
from tests.unit.exchange.samples import EVENING

PLANNED = "dispatch: the rest of the night is "


def started(home: Path, *options: str) -> subprocess.Popen[str]:
    clock = real_clock()
    at_six = clock.__class__(
        start=EVENING + timedelta(minutes=5), speed_factor=1.0, anchor=clock.anchor
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "depotlib", "dispatch", "--home", str(home), *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DEPOT_CLOCK": at_six.text()},
    )
    assert "follows" in said(process)
    return process


def said(process: subprocess.Popen[str]) -> str:
    assert process.stderr is not None
    return process.stderr.readline()


def hear(process: subprocess.Popen[str], is_enough: Callable[[], bool]) -> None:
    """Listen, plan by plan, until one of them has made something true."""
    while not is_enough():
        line = said(process)
        assert line.startswith(PLANNED), line


def in_force(gateway: Mailbox) -> Release:
    release = gateway.current_release()
    assert release is not None
    return release


def test_an_event_of_the_gateway_becomes_a_release_and_sigterm_ends_it(tmp_path: Path):
    with open_mailbox(tmp_path / "exchange.sqlite") as gateway:
        gateway.publish_brief(samples.brief(), at=EVENING)
        gateway.add_release(scenes.pushed())
        gateway.set_current_release("pushed", at=EVENING)
        process = started(tmp_path)
        hear(process, lambda: in_force(gateway).release_id != "pushed")  # what it found

        with gateway.transaction():
            gateway.put_station_state(scenes.plugged("AC-02/1", "van-1"))
            gateway.append([JournalEntry(at=EVENING, kind="session_started", payload={})])
        hear(
            process,
            lambda: scenes.schedule_of(in_force(gateway), "van-1").connector_id == "AC-02/1",
        )
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=60)

        assert gateway.verify_journal().ok
    # Nothing but what else it may have planned meanwhile.
    assert [line for line in errors.splitlines() if not line.startswith(PLANNED)] == []
    assert process.returncode == 0


def test_it_ends_with_the_one_that_started_it(tmp_path: Path):
    process = started(tmp_path, "--watch-stdin")

    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None

    _, errors = process.communicate(timeout=60)
    assert (process.returncode, errors) == (0, "")


def test_it_opens_no_warehouse_and_speaks_no_protocol():
    foreign = {"duckdb", "plotly", "streamlit", "websockets", "ocpp", "fastapi"}
    code = f"import sys, depotlib.cli.dispatch; print(sorted({foreign!r} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
