"""The live processes start without the heavy libraries, and so outlive them.

Asked of the running processes themselves: what they have imported by the time they serve.
"""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.depot_processes import LOOPBACK, free_port, wait_until
from tests.places import DATA, ROOT

pytestmark = pytest.mark.chaos

HEAVY = {"duckdb", "ortools", "plotly", "streamlit", "polars", "pandas", "pyarrow"}
WATCHED = """
import os, signal, sys, threading
from pathlib import Path
from depotlib.cli.main import run_command

def tell(*_):
    report = Path(os.environ["MODULES_FILE"])
    report.with_suffix(".part").write_text("\\n".join(sys.modules))
    report.with_suffix(".part").rename(report)

signal.signal(signal.SIGUSR1, tell)
sys.exit(run_command(sys.argv[1:]))
"""
"""Runs a command as ``python -m depotlib`` does, and tells its modules when asked by a signal."""


def modules_of(tmp_path: Path, *words: str) -> set[str]:
    """Return the top-level modules of a running process that has said that it is ready."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("DEPOT_")},
        "DEPOT_HOME": str(tmp_path / "home"),
        "MODULES_FILE": str(tmp_path / "modules"),
    }
    log, report = tmp_path / "log", tmp_path / "modules"
    with log.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "-c", WATCHED, *words],
            cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=stream, stderr=stream,
        )  # fmt: skip
    try:
        wait_until(lambda: f"depot {words[0]}: " in log.read_text(), f"the {words[0]}")
        process.send_signal(signal.SIGUSR1)
        wait_until(report.exists, "the list of modules")
    finally:
        process.terminate()
        process.wait(60.0)
    return {module.partition(".")[0] for module in report.read_text().splitlines()}


@pytest.mark.parametrize(
    "words", [("gateway", "--site", str(DATA / "demo" / "site.toml")), ("api",)], ids=lambda w: w[0]
)
def test_the_running_process_has_imported_no_heavy_library(tmp_path, words):
    modules = modules_of(tmp_path, *words, "--listen", f"{LOOPBACK}:{free_port()}")

    assert {"depotlib", "sqlite3"} <= modules
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "words", [("dispatch",), ("alerts", "--watch"), ("webhooks", "watch")], ids=lambda w: w[0]
)
def test_running_dispatch_and_who_tells_have_imported_no_warehouse_and_no_pages(tmp_path, words):
    modules = modules_of(tmp_path, *words)

    assert {"depotlib", "sqlite3"} <= modules
    assert modules & {"duckdb", "plotly", "streamlit"} == set()
