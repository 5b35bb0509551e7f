"""The live side's journal, as collected from the mailbox."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import JournalForkError, StoreMissingError
from depotlib.model.frames import JournalFrame
from depotlib.model.live import JournalKind, JournalRecord, Scalar
from depotlib.store.connection import reading, writing
from depotlib.store.query import count, frame

PAYLOAD: Final = TypeAdapter(dict[str, Scalar])


def append_journal(path: Path, records: Sequence[JournalRecord]) -> int:
    """Return how many records were new; those the warehouse has already change nothing.

    Parameters
    ----------
    path : Path
        The database file.
    records : sequence of JournalRecord
        In any order; overlapping what is there is fine.

    Raises
    ------
    JournalForkError
        If a record differs from the one the warehouse holds under its number.
    """
    # A collection without news brings the one record that is known: the file is left as it was,
    # and so is every answer that is kept for as long as the file is the same.
    if not records or (len(records) == 1 and _holds(path, records[0])):
        return 0
    incoming = JournalFrame.validate(
        pl.DataFrame(
            [_row(record) for record in records], schema=JournalFrame.create_empty().schema
        ),
        cast=True,
    )
    with writing(path) as connection:
        connection.register("incoming", incoming)
        forked = frame(
            connection,
            "SELECT min(incoming.seq) AS seq FROM incoming JOIN journal USING (seq) "
            "WHERE incoming.hash <> journal.hash",
        ).item()
        if forked is not None:
            raise JournalForkError(
                f"journal record {forked} differs from the one the warehouse holds",
                where=str(path),
                hint="the mailbox was replaced: put the former one back, or give the new one a "
                "DEPOT_HOME of its own",
            )
        before = count(connection, "SELECT count(*) FROM journal")
        connection.execute(
            "INSERT INTO journal SELECT DISTINCT ON (seq) * FROM incoming "
            "ANTI JOIN journal USING (seq) ORDER BY seq"
        )
        return count(connection, "SELECT count(*) FROM journal") - before


def _holds(path: Path, record: JournalRecord) -> bool:
    try:
        with reading(path) as connection:
            known = "SELECT count(*) FROM journal WHERE seq = ? AND hash = ?"
            return count(connection, known, record.seq, record.hash) == 1
    except StoreMissingError:
        return False


def last_seq(path: Path) -> int:
    """Return the number of the last record the warehouse holds, 0 without any or without it."""
    try:
        with reading(path) as connection:
            return count(connection, "SELECT max(seq) FROM journal")
    except StoreMissingError:
        return 0


def journal(
    path: Path,
    kinds: Sequence[JournalKind] = (),
    *,
    start: datetime | None = None,
    end: datetime | None = None,
) -> pl.DataFrame:
    """Return journal records in order, a `JournalFrame`.

    Parameters
    ----------
    path : Path
        The database file.
    kinds : sequence of JournalKind
        Kinds wanted; empty: all.
    start, end : datetime, optional
        Half-open span; open where not given.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(
            connection,
            """
            SELECT * FROM journal
            WHERE (len($1) = 0 OR list_contains($1, kind))
              AND ($2 IS NULL OR "at" >= $2) AND ($3 IS NULL OR "at" < $3)
            ORDER BY seq
            """,
            list(kinds),
            start,
            end,
        )


def _row(record: JournalRecord) -> dict[str, object]:
    entry = record.entry
    return {
        "seq": record.seq,
        "at": entry.at,
        "kind": entry.kind,
        "station_id": entry.station_id,
        "connector_id": entry.connector_id,
        "payload_json": PAYLOAD.dump_json(dict(entry.payload)).decode(),
        "hash": record.hash,
    }
