"""Connections to the warehouse that live for one ``with`` block."""

import time
from collections.abc import Generator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Final

import duckdb

from depotlib.errors import StoreDamagedError, StoreError, StoreMissingError
from depotlib.store.holder import holder_in_message, own_words
from depotlib.store.lock import POLL_S, busy, reader_turn, writer_turn
from depotlib.store.schema import bring_up_to_date, is_current

WAIT_S: Final = 10.0
CONFIG: Final[dict[str, str | bool | int | float | list[str]]] = {
    # An extension that is missing must fail at once, not after a download that cannot be.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
}


@contextmanager
def reading(path: Path, *, wait_s: float = WAIT_S) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for reading, together with any number of other readers.

    Never nest: a block within a block may wait for a writer that waits for the outer one.

    Parameters
    ----------
    path : Path
        The database file.
    wait_s : float
        How long to wait for a writer to finish [s].

    Yields
    ------
    duckdb.DuckDBPyConnection
        Read-only, in UTC. Take frames out of the block, never the connection or its relations.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    StoreBusyError
        If a writer or a foreign program keeps the file beyond the wait; names it.
    StoreVersionError
        If a newer depotlib wrote it.
    StoreDamagedError
        If the file is not a readable warehouse.
    """
    path = path.absolute()
    if not path.exists():
        raise StoreMissingError(
            "there is no warehouse yet",
            where=str(path),
            hint="import a file or set up the demo depot first",
        )
    deadline_s = time.monotonic() + wait_s
    with reader_turn(path, deadline_s=deadline_s):
        connection = _connect(path, read_only=True, deadline_s=deadline_s)
        with closing(connection):
            if is_current(connection):
                yield connection
                return
    # An older depotlib wrote it: bring it up to date, which only a writer can, and read again.
    with writing(path, wait_s=wait_s):
        pass
    with reading(path, wait_s=wait_s) as current:
        yield current


@contextmanager
def writing(path: Path, *, wait_s: float = WAIT_S) -> Generator[duckdb.DuckDBPyConnection]:
    """Open the warehouse for writing, alone, as one transaction.

    The block's end commits everything; an exception, or the death of the process, leaves the
    warehouse as it was. Creates a missing warehouse and applies migrations.

    Parameters
    ----------
    path : Path
        The database file; its folder is made if missing.
    wait_s : float
        How long to wait for others to finish [s].

    Yields
    ------
    duckdb.DuckDBPyConnection
        Within a transaction, in UTC.

    Raises
    ------
    StoreBusyError
        If somebody keeps the file beyond the wait; names who.
    StoreVersionError
        If a newer depotlib wrote it.
    StoreDamagedError
        If the file is not a readable warehouse or its folder cannot be used.
    StoreError
        If the disk or memory does not hold what was to be written.
    """
    path = path.absolute()
    deadline_s = time.monotonic() + wait_s
    _make_folder(path.parent)
    with writer_turn(path, deadline_s=deadline_s) as readers_have_left:
        if not readers_have_left:
            raise busy(path, _reader_of(path))
        with closing(_connect(path, read_only=False, deadline_s=deadline_s)) as connection:
            bring_up_to_date(connection)
            with _transaction(connection, path):
                yield connection


@contextmanager
def _transaction(connection: duckdb.DuckDBPyConnection, path: Path) -> Generator[None]:
    # Nothing is rolled back by hand: what the closing connection has not committed is gone.
    connection.begin()
    try:
        yield
    except (duckdb.IOException, duckdb.OutOfMemoryException, duckdb.FatalException) as error:
        raise _unwritten(error, path) from error
    try:
        connection.commit()
    except duckdb.Error as error:
        raise _unwritten(error, path) from error


def _unwritten(error: duckdb.Error, path: Path) -> StoreError:
    return StoreError(
        f"nothing was written: {_first_line(error)}",
        where=str(path),
        hint="make room on the disk or in memory, then try again",
    )


def _connect(path: Path, *, read_only: bool, deadline_s: float) -> duckdb.DuckDBPyConnection:
    """Return a connection once foreign programs (that know no turns) let go of the file."""
    while True:
        try:
            connection = duckdb.connect(path, read_only=read_only, config=CONFIG)
            # TimeZone is no start option; GLOBAL, since cursors inherit nothing else.
            connection.execute("SET GLOBAL TimeZone = 'UTC'")
            _without_progress_bar(connection)
        except duckdb.Error as error:
            holder = _holder_in(error)
            if holder is None:
                raise StoreDamagedError(
                    f"the warehouse cannot be opened: {_first_line(error)}",
                    where=str(path),
                    hint="depot rebuild makes it again from the kept raw files",
                ) from error
            if time.monotonic() >= deadline_s:
                raise busy(path, holder) from error
            time.sleep(POLL_S)
        else:
            return connection


def _without_progress_bar(connection: duckdb.DuckDBPyConnection) -> None:
    """Keep DuckDB's bar off stdout, where commands print their JSON.

    In a notebook without widgets DuckDB refuses the very setting; there is no bar then.
    """
    with suppress(duckdb.InvalidInputException):
        connection.execute("SET enable_progress_bar = false")


def _holder_in(error: duckdb.Error) -> str | None:
    if isinstance(error, duckdb.ConnectionException):  # open elsewhere in this process
        return own_words()
    return holder_in_message(str(error))


def _reader_of(path: Path) -> str:
    """Return who reads, as DuckDB tells it: readers sign nothing, to stay fast."""
    try:
        duckdb.connect(path, config=CONFIG).close()
    except duckdb.Error as error:
        return _holder_in(error) or "a reader"
    return "a reader that is just finishing"


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreDamagedError(
            f"the warehouse's folder cannot be made: {error.strerror}",
            where=str(folder),
            hint="set DEPOT_HOME to a folder that can be written",
        ) from error


def _first_line(error: duckdb.Error) -> str:
    return str(error).splitlines()[0]
