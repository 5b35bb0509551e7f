"""The door's process: loopback only, ends cleanly, and carries none of the heavy rooms."""

import http.client
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from depotlib.api.server import listening_socket
from depotlib.cli.main import run_command
from depotlib.errors import SettingsError
from depotlib.exchange.mailbox import open_mailbox
from tests.places import ROOT
from tests.unit.exchange import samples

COMMAND = [sys.executable, "-m", "depotlib", "api", "--listen", "127.0.0.1:0"]


def started(home: Path, *options: str) -> tuple[subprocess.Popen[str], str]:
    """Return a running door and its address, as it says it."""
    process = subprocess.Popen(
        [*COMMAND, "--home", str(home), *options],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DEPOT_CLOCK": ""},
    )
    assert process.stderr is not None
    line = process.stderr.readline()
    assert line.startswith("depot api: http://"), line + process.stderr.read()
    return process, line.split()[-1]


def answer_of(address: str, path: str) -> str:
    connection = http.client.HTTPConnection(address.removeprefix("http://"), timeout=60)
    connection.request("GET", path)
    text = connection.getresponse().read().decode()
    connection.close()
    return text


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    """Return its exit code, what it printed, and what it said to people."""
    printed, errors = process.communicate(timeout=60)
    return process.returncode, printed, errors


def test_the_door_serves_until_it_is_told_to_stop(tmp_path: Path):
    with open_mailbox(tmp_path / "exchange.sqlite") as mailbox:
        mailbox.put_station_state(samples.station_state())
    process, address = started(tmp_path, "--json")

    text = answer_of(address, "/v1/stations")
    process.send_signal(signal.SIGTERM)

    assert '"station_id":"AC-01"' in text
    code, printed, errors = ended(process)
    assert (code, json.loads(printed), errors) == (0, {"url": address}, "")


def test_the_door_ends_with_the_one_that_started_it(tmp_path: Path):
    process, address = started(tmp_path, "--watch-stdin")
    assert "depot up" in answer_of(address, "/v1/health")  # it serves; there is no mailbox yet

    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None

    assert ended(process) == (0, "", "")


@pytest.mark.parametrize("host", ["0.0.0.0", "192.0.2.1", "depot.example"])
def test_the_door_listens_to_this_machine_only(host: str):
    with pytest.raises(SettingsError, match="this machine only"):
        listening_socket(host, 0)


def test_a_port_in_use_is_said():
    with listening_socket("localhost", 0) as held, pytest.raises(SettingsError, match="listen"):
        listening_socket("127.0.0.1", held.getsockname()[1])


@pytest.mark.parametrize("address", ["9221", "127.0.0.1:", "127.0.0.1:99999", ":80"])
def test_an_address_that_cannot_be_read_ends_with_two(tmp_path: Path, capsys, address: str):
    code = run_command(["api", "--home", str(tmp_path), "--listen", address])

    assert code == 2
    assert '"where": "--listen"' in capsys.readouterr().out


def test_the_door_loads_none_of_the_heavy_rooms():
    heavy = {"duckdb", "ortools", "plotly", "streamlit", "pandas", "polars", "websockets", "ocpp"}
    code = f"import sys, depotlib.cli.api; print(sorted({heavy!r} & set(sys.modules)))"

    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[]"
