"""The workbench alone, as a process that serves its pages."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.app.whole_night import free_port, wait_for
from tests.places import ROOT


@contextmanager
def served(home: Path, *, clock: str = "") -> Iterator[str]:
    """Serve the pages of a depot's folder at an address, which is given."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "depotlib", "workbench"],
        cwd=ROOT,
        env={
            **os.environ,
            "DEPOT_HOME": str(home),
            "DEPOT_CLOCK": clock,
            "DEPOT_WORKBENCH_PORT": str(port),
        },
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: is_listening(port), within_s=120, what="the workbench")
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
