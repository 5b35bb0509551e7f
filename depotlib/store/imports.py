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

========== ============================ =====================================================
frame      natural key                  met again
========== ============================ =====================================================
sessions   session_key                  a later version replaces the earlier one, except that
                                        an open one never replaces one that has ended
telematics vehicle_id, at               absent measurands are filled in, known ones are kept
meter      meter_id, interval_start     a reading that differs replaces: utilities restate
========== ============================ =====================================================
"""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

import duckdb
import polars as pl
from pydantic import TypeAdapter

from depotlib.errors import StoreMissingError
from depotlib.model.frames import MeterFrame, RejectionFrame, SessionFrame, TelematicsFrame
from depotlib.model.import_report import Finding, ImportReport, Rejection
from depotlib.store.connection import reading, writing
from depotlib.store.merge import merge_meter, merge_sessions, merge_telematics
from depotlib.store.query import count, frame

FINDINGS: Final = TypeAdapter(tuple[Finding, ...])
MERGED_SCHEMA: Final = pl.Schema({"src_row": pl.Int64, "into_row": pl.Int64})


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One file, read and normalised, ready to be stored.

    Parameters
    ----------
    file : str
        Name as given.
    source : str
        Registry name of the source that read it.
    digest : str
        SHA-256 of the raw bytes.
    rows_in : int
        Source rows of the file.
    duplicates_within : int
        Source rows that repeat another one of the same file and are in no frame.
    rejections : tuple of Rejection
    findings : tuple of Finding
    sessions, telematics, meter : polars.DataFrame or None
        `SessionFrame`, `TelematicsFrame`, `MeterFrame`.
    merged_rows : polars.DataFrame or None
        Source rows (``src_row``) that went into the frame rows of another (``into_row``).
    """

    file: str
    source: str
    digest: str
    rows_in: int
    duplicates_within: int = 0
    rejections: tuple[Rejection, ...] = ()
    findings: tuple[Finding, ...] = ()
    sessions: pl.DataFrame | None = None
    telematics: pl.DataFrame | None = None
    meter: pl.DataFrame | None = None
    merged_rows: pl.DataFrame | None = None

    def __post_init__(self) -> None:
        """Hold the contract: a source row without a place is a defect of the source."""
        placed = self.duplicates_within + len(self.rejections) + self._represented()
        assert placed == self.rows_in, (
            f"source {self.source!r} read {self.rows_in} rows of {self.file!r} and gave {placed} "
            "a place: each must be a duplicate within, a rejection, a src_row or a merged row"
        )

    def _represented(self) -> int:
        frames = (self.sessions, self.telematics, self.meter, self.merged_rows)
        rows = [one["src_row"].cast(pl.Int64) for one in frames if one is not None]
        if not rows:
            return 0
        numbers = pl.concat(rows).unique()
        assert (numbers >= 1).all(), "source rows count from 1"
        return len(numbers)


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
        _register(connection, batch)
        findings = (
            *batch.findings,
            *merge_sessions(connection),
            *merge_telematics(connection),
            *merge_meter(connection),
        )
        stored = _stored_rows(connection)
        report = ImportReport(
            file=batch.file,
            source=batch.source,
            digest=batch.digest,
            rows_in=batch.rows_in,
            stored=stored,
            duplicates=batch.rows_in - len(batch.rejections) - stored,
            rejections=batch.rejections,
            findings=findings,
        )
        _record(connection, report, imported_at=imported_at)
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


def _register(connection: duckdb.DuckDBPyConnection, batch: ImportBatch) -> None:
    """Make the frames visible to SQL, checked at this door."""
    for name, given, schema in (
        ("incoming_session", batch.sessions, SessionFrame),
        ("incoming_telematics", batch.telematics, TelematicsFrame),
        ("incoming_meter", batch.meter, MeterFrame),
    ):
        checked = schema.create_empty() if given is None else schema.validate(given, cast=True)
        connection.register(name, checked)
    merged = pl.DataFrame(schema=MERGED_SCHEMA) if batch.merged_rows is None else batch.merged_rows
    connection.register("incoming_merged", merged)


def _stored_rows(connection: duckdb.DuckDBPyConnection) -> int:
    return count(
        connection,
        """
        WITH winner AS (
            SELECT src_row FROM session_winner
            UNION SELECT src_row FROM telematics_winner
            UNION SELECT src_row FROM meter_winner
        )
        SELECT count(*) FROM (
            SELECT src_row FROM winner
            UNION
            SELECT src_row FROM incoming_merged SEMI JOIN winner ON winner.src_row = into_row
        )
        """,
    )


def _record(
    connection: duckdb.DuckDBPyConnection, report: ImportReport, *, imported_at: datetime
) -> None:
    connection.execute(
        "INSERT INTO ingest_file "
        "SELECT coalesce(max(import_no), 0) + 1, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM ingest_file",
        [
            report.digest,
            report.file,
            report.source,
            report.rows_in,
            report.stored,
            report.duplicates,
            len(report.rejections),
            FINDINGS.dump_json(report.findings).decode(),
            imported_at,
        ],
    )
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
