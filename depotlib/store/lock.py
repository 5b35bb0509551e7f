"""Whose turn it is with the warehouse: many readers, or one writer, with a bounded wait.

DuckDB refuses a second opener at once, and cannot read and write one file within one process.
Two lock files beside the database bring processes and threads alike into order:

- ``.gate``: a writer holds it alone from queueing until it is done and signs it with its name;
  a reader only passes through, so a waiting writer is not starved by new readers.
- ``.lock``: readers hold it together while they read, a writer holds it alone while it writes.

A rebuilder holds the gate as readers do, for as long as it takes: readers pass, writers wait. Of
rebuilders ``.rebuild`` lets one in.

The system drops both when a process dies, however it dies. The database file itself is never
opened here: closing such a handle would drop DuckDB's own lock.
"""

import fcntl
import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from depotlib.errors import StoreBusyError, StoreDamagedError
from depotlib.store.holder import own_words

POLL_S: Final = 0.01
NOTE_BYTES: Final = 500


@contextmanager
def reader_turn(path: Path, *, deadline_s: float) -> Generator[None]:
    """Hold the warehouse together with other readers.

    Parameters
    ----------
    path : Path
        The database file.
    deadline_s : float
        On the monotonic clock: until when to wait [s].

    Raises
    ------
    StoreBusyError
        If a writer has its turn beyond the deadline.
    StoreDamagedError
        If the lock files cannot be made.
    """
    with _opened(path, ".lock") as lock:
        with _opened(path, ".gate") as gate:
            for handle in (gate, lock):
                if not _take(handle, fcntl.LOCK_SH, deadline_s=deadline_s):
                    raise busy(path, _note_in(gate))
        yield


@contextmanager
def writer_turn(path: Path, *, deadline_s: float) -> Generator[bool]:
    """Hold the warehouse alone; the value says whether all readers have left.

    Parameters
    ----------
    path : Path
        The database file.
    deadline_s : float
        On the monotonic clock: until when to wait [s].

    Yields
    ------
    bool
        False: the queue is ours, but a reader kept the file beyond the deadline. Nothing may be
        written; the caller finds out who reads and raises.

    Raises
    ------
    StoreBusyError
        If another writer has its turn beyond the deadline.
    StoreDamagedError
        If the lock files cannot be made.
    """
    with _opened(path, ".gate") as gate:
        if not _take(gate, fcntl.LOCK_EX, deadline_s=deadline_s):
            raise busy(path, _note_in(gate))
        _sign(gate)
        with _opened(path, ".lock") as lock:
            yield _take(lock, fcntl.LOCK_EX, deadline_s=deadline_s)


@contextmanager
def rebuilder_turn(path: Path, *, deadline_s: float) -> Generator[None]:
    """Keep writers out, and let readers go on, while the warehouse is made again beside.

    Raises
    ------
    StoreBusyError
        If a writer or another rebuilder has its turn beyond the deadline.
    StoreDamagedError
        If the lock files cannot be made.
    """
    with _opened(path, ".rebuild") as rebuild, _opened(path, ".gate") as gate:
        # Alone first, until writers that queue have left; shared from then on, as readers hold it.
        for handle, kind in (
            (rebuild, fcntl.LOCK_EX),
            (gate, fcntl.LOCK_EX),
            (gate, fcntl.LOCK_SH),
        ):
            if not _take(handle, kind, deadline_s=deadline_s):
                raise busy(path, _note_in(gate))
        _sign(gate)
        yield


@contextmanager
def readers_out(path: Path, *, deadline_s: float) -> Generator[None]:
    """Hold the warehouse alone for a moment, within a rebuilder's turn.

    Raises
    ------
    StoreBusyError
        If a reader keeps it beyond the deadline.
    """
    with _opened(path, ".lock") as lock:
        if not _take(lock, fcntl.LOCK_EX, deadline_s=deadline_s):
            raise busy(path, "a reader")
        yield


def busy(path: Path, holder: str) -> StoreBusyError:
    """Return the error that names who holds the warehouse and what to do."""
    return StoreBusyError(
        f"the warehouse is in use by {holder}",
        where=str(path),
        hint="wait until it is done or close it (a notebook with its own open connection keeps "
        "the file: use depotlib.store there), then try again",
    )


@contextmanager
def _opened(path: Path, ending: str) -> Generator[int]:
    beside = path.with_name(path.name + ending)
    try:
        handle = os.open(beside, os.O_RDWR | os.O_CREAT, 0o666)
    except OSError as error:
        raise StoreDamagedError(
            f"the warehouse's folder cannot be used: {error.strerror}",
            where=str(beside),
            hint="give write permission in that folder or set DEPOT_HOME to another one",
        ) from error
    try:
        yield handle
    finally:
        os.close(handle)


def _take(handle: int, kind: int, *, deadline_s: float) -> bool:
    while True:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline_s:
                return False
            time.sleep(POLL_S)
        else:
            return True


def _sign(gate: int) -> None:
    os.ftruncate(gate, 0)
    os.pwrite(gate, own_words().encode()[:NOTE_BYTES], 0)


def _note_in(gate: int) -> str:
    return os.pread(gate, NOTE_BYTES, 0).decode("utf-8", "replace") or "another process"
