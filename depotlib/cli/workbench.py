"""``depot workbench``: runs the pages of a depot."""

import runpy
import sys
from pathlib import Path
from typing import Annotated, Final

import typer

from depotlib.cli.lifetime import end_with_parent
from depotlib.settings import read_settings
from depotlib.workflows.workbench_hosts import SECRETS_NAME, workbench_hosts

APP: Final = Path(__file__).resolve().parents[2] / "app.py"
LOOPBACK: Final = "127.0.0.1"


def command(
    *,
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
) -> None:
    """Serve the pages on loopback, on DEPOT_WORKBENCH_PORT."""
    settings = read_settings()
    port = settings.workbench_port
    if watch_stdin:
        end_with_parent()
    # As `python -m streamlit run app.py` would, in this process: only so does it end with the
    # supervisor's pipe, which Streamlit itself knows nothing of.
    sys.argv = [
        *("streamlit", "run", str(APP), "--server.headless", "true"),
        *("--server.address", LOOPBACK, "--server.port", str(port)),
        # Whoever reaches this machine under another name is a page elsewhere that rebinds its own.
        *(word for host in workbench_hosts(settings) for word in ("--server.allowedHosts", host)),
        # The login of this depot; without the file nobody logs in.
        *("--secrets.files", str(settings.home / SECRETS_NAME)),
    ]
    runpy.run_module("streamlit", run_name="__main__", alter_sys=True)
