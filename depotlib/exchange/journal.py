"""The journal: append-only, hash-chained, with its newest hash in a second file."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final, cast

from depotlib.errors import ExchangeError
from depotlib.exchange.chain import (
    START_HASH,
    Head,
    JournalVerdict,
    Row,
    chained_hash,
    read_head,
    record_of,
    row_of,
    verified,
    write_head,
)
from depotlib.exchange.database import Database, Value, in_our_words
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord

VERIFY_PAGE: Final = 5000
"""Records read at a time, so that a year's journal never stands in memory."""
_BYTES_SQL: Final = (
    "SELECT seq, CAST(at AS BLOB), CAST(kind AS BLOB), CAST(station_id AS BLOB),"
    " CAST(connector_id AS BLOB), CAST(payload AS BLOB), CAST(hash AS BLOB) FROM journal"
    " WHERE seq > ? ORDER BY seq LIMIT ?"
)
"""As bytes: a field that somebody made unreadable must end in a verdict, not in an error."""


class Journal:
    """The journal of one mailbox.

    Parameters
    ----------
    database : Database
    head_path : Path
        The second file.
    """

    def __init__(self, database: Database, head_path: Path) -> None:
        self._database = database
        self._head_path = head_path
        self._is_ahead_of_head = False

    def append(self, entries: Sequence[JournalEntry]) -> list[int]:
        """Return the numbers under which entries were written, all or none."""
        with self._database.transaction():
            last = self.head()
            before, seq = last.hash, last.seq
            for entry in entries:
                seq += 1
                row = row_of(entry, seq)
                before = chained_hash(before, row)
                self._insert(row, before)
        self._is_ahead_of_head = True
        return list(range(last.seq + 1, seq + 1))

    def carry_head(self) -> None:
        """Bring the head file up to date; to be called when a transaction has ended.

        The records are durable by then. A head that lags behind is no harm, so a full disk must
        not turn a written record into a failure: the next call tries again.
        """
        if not self._is_ahead_of_head or self._database.is_in_transaction:
            return
        head = self.head()
        try:
            with in_our_words(self._head_path):
                if head.seq:
                    write_head(self._head_path, head)
        except ExchangeError:
            return
        self._is_ahead_of_head = False

    def head(self) -> Head:
        """Return the newest record's number and hash; number 0 before the first."""
        row = self._database.row("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1")
        return Head(int(row[0] or 0), str(row[1])) if row else Head(0, START_HASH)

    def records(
        self, after_seq: int, limit: int, *, kinds: Sequence[JournalKind] | None
    ) -> list[JournalRecord]:
        """Return records by rising number, of all kinds or of some."""
        if kinds is None:
            return [record_of(row) for row in self._page(after_seq, limit)]
        # Kinds are few and known; `instr` in a delimited list keeps the statement constant.
        rows = self._database.rows(
            "SELECT seq, at, kind, station_id, connector_id, payload, hash FROM journal"
            " WHERE seq > ? AND instr(?, '|' || kind || '|') > 0 ORDER BY seq LIMIT ?",
            (after_seq, f"|{'|'.join(kinds)}|", limit),
        )
        return [record_of(_row(row)) for row in rows]

    def verify(self) -> JournalVerdict:
        """Return whether the journal is whole; the head is read first, as the chain may grow."""
        return verified(self._all(), read_head(self._head_path))

    def _insert(self, row: Row, digest: str) -> None:
        facts = (row.seq, row.at, row.kind, row.station_id, row.connector_id, row.payload)
        self._database.write(
            "INSERT INTO journal (seq, at, kind, station_id, connector_id, payload, hash)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (*facts, digest),
        )

    def _all(self) -> Iterator[Row]:
        after_seq = -(2**63)
        while page := self._database.rows(_BYTES_SQL, (after_seq, VERIFY_PAGE)):
            rows = [_row(tuple(_text(value) for value in values)) for values in page]
            yield from rows
            after_seq = rows[-1].seq

    def _page(self, after_seq: int, limit: int) -> list[Row]:
        rows = self._database.rows(
            "SELECT seq, at, kind, station_id, connector_id, payload, hash FROM journal"
            " WHERE seq > ? ORDER BY seq LIMIT ?",
            (after_seq, limit),
        )
        return [_row(row) for row in rows]


def _text(value: object) -> Value:
    """Return bytes as text, with what is no text kept apart from anything that is."""
    if isinstance(value, bytes):
        return value.decode(errors="surrogateescape")
    return cast("Value", value)


def _row(values: tuple[Value, ...]) -> Row:
    seq, at, kind, station_id, connector_id, payload, digest = values
    return Row(
        seq=cast("int", seq),
        at=str(at),
        kind=str(kind),
        station_id=cast("str | None", station_id),
        connector_id=cast("str | None", connector_id),
        payload=str(payload),
        hash=str(digest),
    )
