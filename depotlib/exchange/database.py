"""One SQLite file, several processes: opening, transactions, and errors in our own words.

WAL lets readers go on while one process writes; ``synchronous=FULL`` makes every commit durable
before it is acknowledged. Only the gateway folds the log back into the file while others work
(`fold_log_here`); otherwise that happens when the last process closes.
"""

import sqlite3
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from depotlib.errors import (
    MailboxBusyError,
    MailboxDamagedError,
    MailboxMissingError,
    MailboxSchemaError,
    MailboxUnwritableError,
)
from depotlib.exchange.locks import file_lock
from depotlib.exchange.migrations import APPLICATION_ID, MIGRATIONS

BUSY_TIMEOUT_S: Final = 5.0
LOG_PAGES: Final = 1000
"""How long the write-ahead log may grow before the gateway folds it back [pages of 4 KiB]."""

Value = str | int | None
_BUSY: Final = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}
_PRIMARY_CODE: Final = 0xFF
"""SQLite keeps the kind of an error in the low byte and its detail above."""


class Database:
    """An open mailbox file, for one thread of one process.

    SQLite's own check holds this to the thread that opened it. Use `open_database`.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
        self._depth = 0

    @property
    def is_in_transaction(self) -> bool:
        """Return whether a write transaction is open here."""
        return self._depth > 0

    def rows(self, sql: str, values: Sequence[Value] = ()) -> list[tuple[Value, ...]]:
        """Return all rows of a query."""
        with in_our_words(self.path):
            return self._connection.execute(sql, values).fetchall()

    def row(self, sql: str, values: Sequence[Value] = ()) -> tuple[Value, ...] | None:
        """Return the first row of a query, or None."""
        with in_our_words(self.path):
            return self._connection.execute(sql, values).fetchone()

    def texts(self, sql: str, values: Sequence[Value] = ()) -> list[str]:
        """Return the first column of a query as texts."""
        return [str(row[0]) for row in self.rows(sql, values)]

    def write(self, sql: str, values: Sequence[Value] = ()) -> int:
        """Return how many rows a statement changed; alone, it is a transaction of its own."""
        if not self.is_in_transaction:
            with self.transaction():
                return self.write(sql, values)
        with in_our_words(self.path):
            return self._connection.execute(sql, values).rowcount

    @contextmanager
    def transaction(self) -> Generator[None, None, None]:
        """Hold the one write transaction; within another one, a part that can fail alone.

        Raises
        ------
        MailboxBusyError
            If another process writes for longer than the busy timeout.
        """
        point = f"part_{self._depth}"
        self._run(f"SAVEPOINT {point}" if self._depth else "BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            self._give_up(point)
            raise
        self._depth -= 1
        try:
            self._run(f"RELEASE {point}" if self._depth else "COMMIT")
        except BaseException:
            self._give_up(point)
            raise

    def fold_log_here(self) -> None:
        """Make this connection the one that folds the write-ahead log back into the file."""
        self._run(f"PRAGMA wal_autocheckpoint={LOG_PAGES}")

    def close(self) -> None:
        """Close the file; an open transaction is lost."""
        self._connection.close()

    def _run(self, statement: str) -> None:
        with in_our_words(self.path):
            self._connection.execute(statement).close()

    def _give_up(self, point: str) -> None:
        if not self._connection.in_transaction:
            return  # SQLite rolled back by itself (full disk, for one)
        if self._depth:
            self._run(f"ROLLBACK TO {point}")
            self._run(f"RELEASE {point}")
        else:
            self._run("ROLLBACK")


def open_database(path: Path, *, create: bool, busy_timeout_s: float) -> Database:
    """Return the open mailbox file, made or migrated where needed.

    Parameters
    ----------
    path : Path
    create : bool
        Whether to make the file (and its folder) where there is none.
    busy_timeout_s : float
        How long to wait for another process's transaction [s].

    Raises
    ------
    MailboxMissingError
        If there is no mailbox and `create` is False.
    MailboxDamagedError
        If the file is not a mailbox.
    MailboxSchemaError
        If a newer depotlib has written it.
    MailboxUnwritableError
        If the folder or the file cannot be written.
    """
    if not create and not path.is_file():
        raise _missing(path)
    with in_our_words(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            f"{path.resolve().as_uri()}?mode={'rwc' if create else 'rw'}",
            uri=True,
            isolation_level=None,  # transactions are ours to begin
            timeout=busy_timeout_s,
        )
    database = Database(path, connection)
    try:
        _set_up(database, create=create)
    except BaseException:
        database.close()
        raise
    return database


@contextmanager
def in_our_words(path: Path) -> Generator[None, None, None]:
    """Turn what SQLite and the file system say into errors a person can act on."""
    try:
        yield
    except sqlite3.ProgrammingError:
        raise  # a mistake of the caller (another thread, a closed file), not of the file
    except sqlite3.DatabaseError as error:
        raise _explained(error, path) from error
    except OSError as error:
        raise MailboxUnwritableError(
            f"the mailbox cannot be used: {error.strerror}",
            where=str(error.filename or path),
            hint="check the folder's permissions and the free space",
        ) from error


def _explained(
    error: sqlite3.DatabaseError, path: Path
) -> MailboxBusyError | MailboxDamagedError | MailboxUnwritableError:
    code = getattr(error, "sqlite_errorcode", 0) & _PRIMARY_CODE
    if code in _BUSY:
        return MailboxBusyError(
            "another process has been writing to the mailbox for too long",
            where=str(path),
            hint="try again; if it stays, look for a depot process that hangs",
        )
    if code in _DAMAGED:
        return MailboxDamagedError(
            f"the file is not a mailbox, or is damaged: {error}",
            where=str(path),
            hint="restore it, or move it away and publish the site again",
        )
    return MailboxUnwritableError(
        f"the mailbox cannot be written: {error}",
        where=str(path),
        hint="check the free space and the file's permissions",
    )


def _missing(path: Path) -> MailboxMissingError:
    return MailboxMissingError(
        "there is no mailbox yet",
        where=str(path),
        hint="publish the site first (depot publish), or start everything with depot up",
    )


def _set_up(database: Database, *, create: bool) -> None:
    # Switching a new file to WAL does not wait for others, so one process at a time does it.
    with (
        in_our_words(database.path),
        file_lock(database.path.with_name(f"{database.path.name}.lock")),
    ):
        version = _version(database, create=create)
        database.rows("PRAGMA journal_mode=WAL")
        database.rows("PRAGMA synchronous=FULL")
        database.rows("PRAGMA foreign_keys=ON")
        database.rows("PRAGMA wal_autocheckpoint=0")
        for number, statements in enumerate(MIGRATIONS[version:], start=version + 1):
            with database.transaction():
                for statement in statements:
                    database.write(statement)
                database.write(f"PRAGMA application_id={APPLICATION_ID}")
                database.write(f"PRAGMA user_version={number}")


def _version(database: Database, *, create: bool) -> int:
    version = _number(database, "PRAGMA user_version")
    is_ours = _number(database, "PRAGMA application_id") == APPLICATION_ID
    is_empty = not database.rows("SELECT name FROM sqlite_schema LIMIT 1")
    if is_empty and not create:
        raise _missing(database.path)
    if not is_ours and not is_empty:
        raise MailboxDamagedError(
            "the file is another program's database, not a mailbox",
            where=str(database.path),
            hint="point DEPOT_HOME at a folder of depotlib's own",
        )
    if version > len(MIGRATIONS):
        raise MailboxSchemaError(
            f"the mailbox has schema {version}; this depotlib knows up to {len(MIGRATIONS)}",
            where=str(database.path),
            hint="update depotlib on this machine",
        )
    return version


def _number(database: Database, sql: str) -> int:
    row = database.row(sql)
    return int(row[0] or 0) if row else 0
