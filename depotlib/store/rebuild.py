"""The same warehouse again: made beside the old one from kept raw files, then put in its place.

What was imported is imported again, by the workflow that knows how; what people decided (documents,
settings, plans) and the live side's journal are no raw files and are taken over as they are.
"""

import os
import time
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import duckdb
import polars as pl

from depotlib.errors import StoreDamagedError, StoreMissingError
from depotlib.store.connection import WAIT_S, reading, writing
from depotlib.store.import_notes import RecordedImport, noted_imports
from depotlib.store.imports import recorded_imports
from depotlib.store.lock import readers_out, rebuilder_turn
from depotlib.store.query import frame

TAKEN_OVER: Final = ("document", "setting", "plan", "plan_setpoint", "journal")
"""Tables that no raw file makes."""


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """A warehouse that is being made again.

    Parameters
    ----------
    path : Path
        Of the new one, while it is beside the old one.
    imports : tuple of RecordedImport
        What to import into it, in this order.
    has_decisions : bool
        Whether the old one could be read: then its documents, settings, plans and journal are in
        the new one already.
    """

    path: Path
    imports: tuple[RecordedImport, ...]
    has_decisions: bool


@contextmanager
def rebuilding(path: Path, raw_path: Path, *, wait_s: float = WAIT_S) -> Generator[Rebuilding]:
    """Make a warehouse again: the block imports, its end puts the new one in the old one's place.

    Readers go on with the old one meanwhile; writers wait as they do for any writer. An exception,
    or the death of the process, leaves the old one as it was. A damaged one is kept under another
    name; its imports are known from the notes beside the raw files.

    Parameters
    ----------
    path : Path
        The database file, which may be missing or damaged.
    raw_path : Path
        Folder of the raw files.
    wait_s : float
        How long to wait for others [s], at the beginning and at the end.

    Yields
    ------
    Rebuilding

    Raises
    ------
    StoreBusyError
        If a writer, or at the end a reader, keeps the file beyond the wait; names who.
    StoreVersionError
        If a newer depotlib wrote it.
    RawFileError
        If the warehouse is lost and a note of an import is damaged.
    """
    path = path.absolute()
    path.parent.mkdir(parents=True, exist_ok=True)
    is_readable = _is_readable(path)
    beside = path.with_name(path.name + ".rebuilding")
    with rebuilder_turn(path, deadline_s=time.monotonic() + wait_s):
        _remove(beside)
        try:
            decided = _decided(path) if is_readable else {}
            imports = recorded_imports(path) if is_readable else noted_imports(raw_path)
            _take_over(beside, decided)
            yield Rebuilding(beside, tuple(imports), has_decisions=is_readable)
            with readers_out(path, deadline_s=time.monotonic() + wait_s):
                _put_in_place(beside, path, is_readable=is_readable)
        finally:
            _remove(beside)


def _is_readable(path: Path) -> bool:
    """Return whether the old warehouse can be read; an older version is brought forward here."""
    try:
        with reading(path):
            return True
    except (StoreMissingError, StoreDamagedError):
        return False


def _decided(path: Path) -> dict[str, pl.DataFrame]:
    with reading(path) as connection:
        return {
            table: frame(connection, f"SELECT * FROM {table} ORDER BY rowid")  # noqa: S608 - a constant
            for table in TAKEN_OVER
        }


def _take_over(beside: Path, decided: dict[str, pl.DataFrame]) -> None:
    with writing(beside) as connection:
        for table, rows in decided.items():
            if len(rows):
                connection.register(f"taken_{table}", rows)
                connection.execute(f"INSERT INTO {table} BY NAME SELECT * FROM taken_{table}")  # noqa: S608 - a constant


def _put_in_place(beside: Path, path: Path, *, is_readable: bool) -> None:
    # What an earlier writer left in the write-ahead log must not be replayed into the new file:
    # opening the old one for writing takes it in.
    log = path.with_name(path.name + ".wal")
    if is_readable:
        duckdb.connect(path).close()
    elif path.exists():
        aside = path.with_name(f"{path.name}.damaged-{time.time_ns()}")
        os.link(path, aside)
        if log.exists():
            log.rename(aside.with_name(aside.name + ".wal"))
    assert not log.exists(), "a write-ahead log without a writer"
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _remove(beside: Path) -> None:
    """Remove a new warehouse that was not put in place, with its lock files."""
    for ending in ("", ".wal", ".gate", ".lock"):
        beside.with_name(beside.name + ending).unlink(missing_ok=True)
