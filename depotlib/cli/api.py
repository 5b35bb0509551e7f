"""``depot api``: runs the HTTP door of a depot."""

import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from depotlib.api.door import Door
from depotlib.api.server import listening_socket, serve
from depotlib.cli.lifetime import end_with_parent
from depotlib.cli.printing import print_json, print_message
from depotlib.errors import SettingsError
from depotlib.settings import read_settings


def command(
    *,
    home: Annotated[Path | None, typer.Option(help="the depot's folder")] = None,
    listen: Annotated[str, typer.Option(help="HOST:PORT on loopback")] = "",
    watch_stdin: Annotated[bool, typer.Option(help="end when stdin ends")] = False,
    json: Annotated[
        bool, typer.Option(help="accepted everywhere; says the address as JSON")
    ] = False,
) -> None:
    """Serve stations, sessions, ledger, releases and departures over HTTP, on loopback."""
    settings = read_settings()
    if home is not None:
        settings = settings.model_copy(update={"home": home})
    host, port = _address(listen or f"127.0.0.1:{settings.api_port}")
    door = Door(
        mailbox_path=settings.mailbox_path,
        clock=settings.depot_clock(),
        operator_token_path=settings.operator_token_path,
        operator_token=settings.operator_token,
        webhook_networks=settings.opened_networks(),
    )
    # The server stops on SIGTERM and then raises it again for whoever listened before: us.
    signal.signal(signal.SIGTERM, _end)
    if watch_stdin:
        end_with_parent()
    with listening_socket(host, port) as listening:
        url = f"http://{host}:{listening.getsockname()[1]}"
        print_message(f"depot api: {url}")
        if json:
            print_json({"url": url})
        serve(door, listening)


def _end(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def _address(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not (host and port.isdigit() and int(port) < 2**16):
        raise SettingsError(
            f"cannot read the address {text!r}",
            where="--listen",
            hint="write HOST:PORT, for instance 127.0.0.1:9221",
        )
    return host.strip("[]"), int(port)
