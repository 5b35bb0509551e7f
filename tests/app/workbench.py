"""The workbench alone, as a process that serves its pages."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.app.whole_night import free_port, wait_for
from tests.places import ROOT

NOTHING: Mapping[str, str] = {}


@contextmanager
def served(home: Path, *, clock: str = "", homes: str = "") -> Iterator[str]:
    """Serve the pages of a depot's folder, or of several, at an address, which is given."""
    port = free_port()
    settings = {
        "DEPOT_HOME": str(home),
        "DEPOT_HOMES": homes,
        "DEPOT_CLOCK": clock,
        "DEPOT_WORKBENCH_PORT": str(port),
    }
    with listening(["depotlib", "workbench"], port=port, settings=settings) as address:
        yield address


@contextmanager
def listening(
    module: Sequence[str], *, port: int, settings: Mapping[str, str] = NOTHING
) -> Iterator[str]:
    """Run a module of Python until it serves at a port, and end it; its address is given."""
    process = subprocess.Popen(
        [sys.executable, "-m", *module],
        cwd=ROOT,
        env={**os.environ, **settings},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        wait_for(lambda: is_listening(port), within_s=120, what=module[0])
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(60)


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
