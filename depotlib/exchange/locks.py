"""Locks between processes that the system frees by itself when their holder dies."""

import fcntl
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from depotlib.errors import DepotError, GatewayLockedError, ProcessError

TRIES: Final = 20
PAUSE_S: Final = 0.05
"""Who only looks holds a lock for an instant: that is waited out."""


def is_held(path: Path) -> bool:
    """Return whether a process holds the lock of a file; a file that is not there, nobody."""
    if not path.exists():
        return False
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
    return False


def is_taken(handle: int) -> bool:
    """Return whether the lock of an open file could be taken from everybody who only looks.

    Parameters
    ----------
    handle : int
        Number of the open file; who has it, or inherits it, holds the lock.
    """
    for _ in range(TRIES):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            time.sleep(PAUSE_S)
        else:
            return True
    return False


@contextmanager
def file_lock(path: Path) -> Generator[None, None, None]:
    """Hold an exclusive lock on a file, waiting for it."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@contextmanager
def gateway_lock(mailbox_path: Path) -> Generator[None, None, None]:
    """Hold the lock of the one gateway of a mailbox, for as long as the block lasts.

    Parameters
    ----------
    mailbox_path : Path
        The lock is a file beside it, ``<name>.gateway.lock``.

    Raises
    ------
    GatewayLockedError
        At once, if another process holds it.
    """
    held = GatewayLockedError(
        "a gateway already runs on this mailbox",
        where=str(mailbox_path),
        hint="stop it first, or start this one read-only",
    )
    with _only_one(mailbox_path, "gateway", otherwise=held):
        yield


@contextmanager
def teller_lock(mailbox_path: Path, process: str) -> Generator[None, None, None]:
    """Hold the lock of the one process that tells others of what a mailbox holds.

    Parameters
    ----------
    mailbox_path : Path
    process : str
        ``alerts`` or ``webhooks``.

    Raises
    ------
    ProcessError
        At once, if another process holds it: everybody would be told twice.
    """
    held = ProcessError(
        f"another process tells this depot's {process} already",
        where=str(mailbox_path),
        hint="let it go on, or stop it first",
    )
    with _only_one(mailbox_path, process, otherwise=held):
        yield


@contextmanager
def _only_one(
    mailbox_path: Path, role: str, *, otherwise: DepotError
) -> Generator[None, None, None]:
    """Hold the lock of a role beside a mailbox, or raise at once."""
    path = mailbox_path.with_name(f"{mailbox_path.name}.{role}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise otherwise from error
        yield
