"""Imports: one file, one transaction, every source row accounted for once.

A *source row* is a record as a person would count it in the file; the frames carry its number in
``src_row``, from 1. One source row may give several frame rows (a charge event: a session and two
readings), and several source rows may give one (start, meter values and stop of one session).

The contract with ``ingest``: each source row is exactly one of

- a duplicate inside the file, left out of the frames and counted in ``duplicates_within``;
- a rejection;
- the ``src_row`` of at least one frame row;
- a row of ``merged_rows``: it went into the frame rows of another source row.

A source row is *stored* if at least one value of it is in the warehouse now and was not before,
and a *duplicate* if all it says was there already. What counts as there already:

=========== =========================== =====================================================
frame       natural key                 met again
=========== =========================== =====================================================
sessions    session_key                 a later version replaces the earlier one, except that
                                        an open one never replaces one that has ended
telematics  vehicle_id, at              absent measurands are filled in, known ones are kept
meter       meter_id, interval_start    a reading that differs replaces: utilities restate
trips       vehicle_id, start           a later version replaces (vendors recalculate, and give
                                        new ids: those are no key); open as with sessions
duties      source, duty_id             a later version replaces; one that a complete list does
                                        not hold any more is withdrawn, and comes back when told
vehicles    source, vehicle_id          a later version replaces
assignments source, driver_id, start    a later version replaces; open as with sessions
prices      series, interval_start      a price that differs replaces
tariffs     id                          a record whose text differs from the latest one is added
=========== =========================== =====================================================

Of the columns ``source``, ``src_file`` and ``src_row`` only what stands in a key counts: a fact
that another file tells in the same words is there already. `model.natural_keys` holds the rules.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import StoreMissingError
from depotlib.model.frames import RejectionFrame
from depotlib.model.import_report import Finding, ImportReport, Rejection
from depotlib.store.batch import ImportBatch
from depotlib.store.connection import reading, writing
from depotlib.store.document import DocumentVersion, add_document, add_document_again
from depotlib.store.import_notes import RecordedImport
from depotlib.store.merge.everything import merge_everything
from depotlib.store.query import count, frame

RECORDS_SQL: Final = (
    "SELECT import_no, digest, file, source, options_json, imported_at FROM ingest_file"
)
FINDINGS: Final = TypeAdapter(tuple[Finding, ...])


@dataclass(frozen=True, slots=True)
class ImportStamp:
    """Which import it was, and when."""

    import_no: int
    imported_at: datetime


def write_import(path: Path, batch: ImportBatch, *, imported_at: datetime) -> ImportReport:
    """Return the closed account of one file, stored in one transaction.

    Bytes that were imported before change nothing (``is_repeat``). Whatever ends the process on
    the way, the warehouse is as before.

    Parameters
    ----------
    path : Path
        The database file.
    batch : ImportBatch
    imported_at : datetime
        Aware.

    Raises
    ------
    StoreBusyError
        If somebody keeps the file beyond the wait; names who.
    StoreError
        If the disk does not hold it.
    """
    with writing(path) as connection:
        repeated = _recorded(connection, batch.digest)
        if repeated is not None:
            return repeated
        import_no = count(connection, "SELECT max(import_no) FROM ingest_file") + 1
        made = ImportStamp(import_no=import_no, imported_at=imported_at)
        return _write(connection, batch, made=made, add=add_document)


def write_import_again(path: Path, batch: ImportBatch, *, made: ImportStamp) -> ImportReport:
    """Return the account of an import that is done again, under its own number and time.

    Of documents, those that the warehouse holds already count as this import's if they were.

    Raises
    ------
    StoreError
        If the warehouse cannot be written.
    """
    with writing(path) as connection:
        return _write(connection, batch, made=made, add=add_document_again)


def _write(
    connection: duckdb.DuckDBPyConnection,
    batch: ImportBatch,
    *,
    made: ImportStamp,
    add: Callable[[duckdb.DuckDBPyConnection, DocumentVersion], bool],
) -> ImportReport:
    stored, findings = merge_everything(connection, batch)
    for tariff_id, text in batch.tariffs.items():
        stored += add(
            connection,
            DocumentVersion(
                "tariff",
                tariff_id,
                text=text,
                saved_at=made.imported_at,
                import_no=made.import_no,
            ),
        )
    report = ImportReport(
        file=batch.file,
        source=batch.source,
        digest=batch.digest,
        rows_in=batch.rows_in,
        stored=stored,
        duplicates=batch.rows_in - len(batch.rejections) - stored,
        rejections=batch.rejections,
        findings=(*batch.findings, *findings),
    )
    _record(connection, report, made=made, options_json=batch.options_json)
    return report


def has_digest(path: Path, digest: str) -> bool:
    """Return whether these very bytes were imported before; False without a warehouse."""
    try:
        with reading(path) as connection:
            return (
                count(connection, "SELECT count(*) FROM ingest_file WHERE digest = ?", digest) > 0
            )
    except StoreMissingError:
        return False


def recorded_report(path: Path, digest: str) -> ImportReport | None:
    """Return what importing these bytes again would report, or None if they are new.

    The account of a repeat: nothing stored, every row that was not rejected a duplicate.
    """
    try:
        with reading(path) as connection:
            return _recorded(connection, digest)
    except StoreMissingError:
        return None


def recorded_import(path: Path, digest: str) -> RecordedImport | None:
    """Return the record of one import, or None if these bytes are new or there is no store."""
    try:
        with reading(path) as connection:
            found = frame(connection, f"{RECORDS_SQL} WHERE digest = ?", digest)
    except StoreMissingError:
        return None
    return RecordedImport(**found.row(0, named=True)) if len(found) else None


def imports_of_raw(path: Path, raw_digest: str) -> list[RecordedImport]:
    """Return the record of each import of a raw file, or of a part of it; none without a store."""
    try:
        with reading(path) as connection:
            found = frame(
                connection,
                f"{RECORDS_SQL} WHERE digest = $1 OR contains(options_json, $1) ORDER BY import_no",
                raw_digest,
            )
    except StoreMissingError:
        return []
    return [RecordedImport(**one) for one in found.to_dicts()]


def recorded_imports(path: Path) -> list[RecordedImport]:
    """Return the record of every import, in their order.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        found = frame(connection, f"{RECORDS_SQL} ORDER BY import_no")
    return [RecordedImport(**one) for one in found.to_dicts()]


def import_history(path: Path) -> pl.DataFrame:
    """Return every import, the latest first, an `ImportHistoryFrame`.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return frame(connection, "SELECT * FROM ingest_file ORDER BY import_no DESC")


def rejections(path: Path, digest: str | None = None) -> pl.DataFrame:
    """Return rejected source rows, of one file or of all, a `RejectionFrame`.

    Raises
    ------
    StoreMissingError
        If there is no warehouse yet.
    """
    with reading(path) as connection:
        return _rejections(connection, digest)


def _rejections(connection: duckdb.DuckDBPyConnection, digest: str | None) -> pl.DataFrame:
    return frame(
        connection,
        "SELECT * FROM rejection WHERE $1 IS NULL OR digest = $1 ORDER BY rowid",
        digest,
    )


def _record(
    connection: duckdb.DuckDBPyConnection,
    report: ImportReport,
    *,
    made: ImportStamp,
    options_json: str,
) -> None:
    connection.execute(
        "INSERT INTO ingest_file VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [
            made.import_no,
            report.digest,
            report.file,
            report.source,
            report.rows_in,
            report.stored,
            report.duplicates,
            len(report.rejections),
            FINDINGS.dump_json(report.findings).decode(),
            made.imported_at,
            options_json,
        ],
    )
    if not report.rejections:
        return
    rejected = pl.DataFrame(
        [(report.digest, report.file, r.row, r.reason, r.detail, r.raw) for r in report.rejections],
        schema=RejectionFrame.create_empty().schema,
        orient="row",
    )
    connection.register("incoming_rejection", rejected)
    connection.execute("INSERT INTO rejection SELECT * FROM incoming_rejection")


def _recorded(connection: duckdb.DuckDBPyConnection, digest: str) -> ImportReport | None:
    found = frame(connection, "SELECT * FROM ingest_file WHERE digest = ?", digest)
    if found.is_empty():
        return None
    row = found.row(0, named=True)
    rejected = _rejections(connection, digest).select("row", "reason", "detail", "raw")
    return ImportReport(
        file=row["file"],
        source=row["source"],
        digest=digest,
        rows_in=row["rows_in"],
        stored=0,
        duplicates=row["rows_in"] - row["rejected"],
        rejections=tuple(Rejection(**one) for one in rejected.to_dicts()),
        findings=FINDINGS.validate_json(row["findings_json"]),
        is_repeat=True,
    )
