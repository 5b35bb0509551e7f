"""The door's server: loopback only, one process, ends cleanly when told to."""

import ipaddress
import socket
from typing import Final

import uvicorn

from depotlib.api.app import api_app
from depotlib.api.door import Door
from depotlib.api.guard import MAX_BODY_BYTES
from depotlib.errors import SettingsError

GRACE_S: Final = 3
"""How long running calls may take to end once the process is told to stop [s]."""
KEEP_ALIVE_S: Final = 30


def listening_socket(host: str, port: int) -> socket.socket:
    """Return a socket that listens on loopback.

    Parameters
    ----------
    host : str
        A loopback address or ``localhost``.
    port : int
        0 takes any free one.

    Raises
    ------
    SettingsError
        If the address is not loopback, or cannot be had.
    """
    address = "127.0.0.1" if host == "localhost" else host
    if not _is_loopback(address):
        raise SettingsError(
            f"the HTTP door does not listen on {host!r}: it is open to this machine only",
            where="--listen",
            hint="give 127.0.0.1:PORT and put a proxy with its own access control in front",
        )
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        return socket.create_server((address, port), family=family)
    except OSError as error:
        raise SettingsError(
            f"cannot listen on {host}:{port}: {error.strerror}",
            where="--listen",
            hint="choose another port, or stop what uses it",
        ) from error


def serve(door: Door, listening: socket.socket) -> None:
    """Serve the door until SIGTERM or SIGINT; running calls may end first."""
    app = api_app(door)
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws_max_size=MAX_BODY_BYTES,
        timeout_keep_alive=KEEP_ALIVE_S,
        timeout_graceful_shutdown=GRACE_S,
        lifespan="off",
    )
    server = uvicorn.Server(config)
    app.state.is_ending = lambda: server.should_exit  # streams end by themselves
    server.run(sockets=[listening])


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False
