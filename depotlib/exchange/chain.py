"""The journal's chain: each record's hash covers its facts and the hash before it.

``h_n = SHA256(h_(n-1) || canonical row)``: a record that is changed, taken out or put in breaks
the chain from there on. What a chain cannot show by itself is that its end was cut off: for that
the newest hash also stands in a second file, the *head*.
"""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

from depotlib.errors import MailboxDamagedError, ModelError
from depotlib.model.live import JournalEntry, JournalKind, JournalRecord, Scalar

START_HASH: Final = "0" * 64
"""What the first record is chained to."""
HEAD_MODE: Final = 0o644
HEAD_BYTES: Final = 128
"""More than the head file's one line, less than a disk sector."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record of the journal exactly as it is stored."""

    seq: int
    at: str
    kind: str
    station_id: str | None
    connector_id: str | None
    payload: str
    hash: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """The newest record that was ever written: its number and its hash."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class JournalVerdict:
    """Whether the journal is whole.

    Parameters
    ----------
    ok : bool
    first_bad_seq : int or None
        First record that is changed or missing.
    count : int
        Records that hold, from the first on.
    head : str
        Hash of the last of them.
    note : str
        What was found, as a sentence.
    """

    ok: bool
    first_bad_seq: int | None
    count: int
    head: str
    note: str


def row_of(entry: JournalEntry, seq: int) -> Row:
    """Return an entry as it will be stored, not yet chained.

    Raises
    ------
    ModelError
        If its instant has no offset from UTC.
    """
    if entry.at.tzinfo is None:
        raise ModelError("a journal entry needs an instant with an offset from UTC", where="at")
    return Row(
        seq=seq,
        at=entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        kind=entry.kind,
        station_id=entry.station_id,
        connector_id=entry.connector_id,
        payload=json.dumps(dict(entry.payload), sort_keys=True, separators=(",", ":")),
    )


def record_of(row: Row) -> JournalRecord:
    """Return a stored row as the record it holds.

    Raises
    ------
    MailboxDamagedError
        If it cannot be read (somebody changed it).
    """
    try:
        at = datetime.fromisoformat(row.at)
        payload = cast("dict[str, Scalar]", json.loads(row.payload))
    except ValueError as error:
        raise MailboxDamagedError(
            f"journal record {row.seq} cannot be read: {error}",
            where=f"journal {row.seq}",
            hint="depot journal verify says where the chain breaks",
        ) from error
    entry = JournalEntry(
        at=at,
        # Stored by `row_of`; a changed word is found by `verified`, not here.
        kind=cast("JournalKind", row.kind),
        station_id=row.station_id,
        connector_id=row.connector_id,
        payload=payload,
    )
    return JournalRecord(seq=row.seq, entry=entry, hash=row.hash)


def chained_hash(before: str, row: Row) -> str:
    """Return the hash that chains a row to the hash before it."""
    canonical = json.dumps(
        [row.seq, row.at, row.kind, row.station_id, row.connector_id, row.payload],
        separators=(",", ":"),
    )
    return hashlib.sha256((before + canonical).encode()).hexdigest()


def verified(rows: Iterable[Row], head: Head | None) -> JournalVerdict:
    """Return whether a journal is whole, judged by its chain and its head.

    Parameters
    ----------
    rows : iterable of Row
        All of them, by rising number.
    head : Head or None
        From the second file; None: there is none.
    """
    before, count = START_HASH, 0
    head_is_met = head is None
    for row in rows:
        if row.seq != count + 1:
            return _broken(count, before, note=f"record {count + 1} is missing")
        if chained_hash(before, row) != row.hash:
            return _broken(count, before, note=f"record {row.seq} is not what was written")
        if head is not None and head.seq == row.seq:
            if head.hash != row.hash:
                return _broken(count, before, note=f"record {row.seq} is not that of the head file")
            head_is_met = True
        before, count = row.hash, row.seq
    if head is None and count:
        return _broken(count, before, note="the head file is missing, so the end cannot be proven")
    if not head_is_met and head is not None:
        return _broken(
            count, before, note=f"records {count + 1} to {head.seq} are missing at the end"
        )
    return JournalVerdict(ok=True, first_bad_seq=None, count=count, head=before, note="whole")


def _broken(count: int, head: str, *, note: str) -> JournalVerdict:
    return JournalVerdict(ok=False, first_bad_seq=count + 1, count=count, head=head, note=note)


def write_head(path: Path, head: Head) -> None:
    """Move the head file forward; never back, whoever writes last.

    Several processes append, and each writes the head after its commit; under the lock the
    larger number wins. One write of one fixed-width line within one disk sector is whole or not
    there at all, and takes a hundredth of the time of replacing the file.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, HEAD_MODE)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        held = _parsed_head(os.pread(handle, HEAD_BYTES, 0))
        if held is None or held.seq < head.seq:
            os.pwrite(handle, f"{head.seq:020d} {head.hash}\n".encode(), 0)
    finally:
        os.close(handle)


def read_head(path: Path) -> Head | None:
    """Return what the head file holds; a file that cannot be read as one holds nothing."""
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            return _parsed_head(os.pread(file.fileno(), HEAD_BYTES, 0))
    except OSError:
        return None


def _parsed_head(line: bytes) -> Head | None:
    try:
        number, digest = line.decode("ascii").split()
        return Head(seq=int(number), hash=digest)
    except ValueError:
        return None
