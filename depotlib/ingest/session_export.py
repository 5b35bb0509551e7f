"""An export whose records are sessions: opened, mapped by its source, accounted for."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from depotlib.ingest.content import FileContent
from depotlib.ingest.identity import identity_findings
from depotlib.ingest.json_records import json_readers, listed, utc_conventions
from depotlib.ingest.json_text import parse_json
from depotlib.ingest.open_table import OpenTable, clock_findings, file_findings
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.session_rows import (
    SessionRow,
    collect,
    latest_versions,
    session_findings,
    session_frame,
)
from depotlib.ingest.source import Conventions, SourceRows
from depotlib.model.import_report import Finding, Rejection


@dataclass(frozen=True, slots=True)
class SessionExport:
    """An opened export.

    Parameters
    ----------
    readers : sequence of FieldReader
        One a record.
    conventions : Conventions
    rejections : tuple of Rejection
        Rows that were no records.
    findings : tuple of Finding
        About the file as a whole.
    """

    readers: Sequence[FieldReader]
    conventions: Conventions
    rejections: tuple[Rejection, ...] = ()
    findings: tuple[Finding, ...] = ()


Mapped = Sequence[tuple[FieldReader, SessionRow]]


def table_export(opened: OpenTable) -> SessionExport:
    """Return a table as an export of sessions."""
    return SessionExport(
        readers=opened.readers(),
        conventions=opened.conventions,
        rejections=opened.table.rejections,
        findings=tuple(file_findings(opened)),
    )


def json_export(content: FileContent, *, lists: Sequence[str]) -> SessionExport:
    """Return a JSON text as an export of sessions; its times are UTC.

    Parameters
    ----------
    content : FileContent
    lists : sequence of str
        Names of the field that holds the records where the text is a reply around them.

    Raises
    ------
    TruncatedFileError, MalformedFileError
        If the text is cut or no JSON.
    """
    readers = json_readers(listed(parse_json(content.text, file=content.file), *lists))
    return SessionExport(readers=readers, conventions=utc_conventions(readers))


def session_account(
    export: SessionExport,
    session_of: Callable[[FieldReader], SessionRow | None],
    *,
    notes: Callable[[Mapped], Sequence[Finding]] | None = None,
) -> SourceRows:
    """Return the sessions of an export, every record accounted for.

    Parameters
    ----------
    export : SessionExport
    session_of : callable
        The source's mapping; None where the reader notes a fault.
    notes : callable, optional
        What else is worth knowing of the records that are kept.
    """
    mapped, rejections = collect((reader, session_of(reader)) for reader in export.readers)
    sessions, superseded = latest_versions(mapped)
    by_row = {session.src_row: session for session in sessions}
    kept = [(reader, by_row[reader.record.row]) for reader in export.readers
            if reader.record.row in by_row]  # fmt: skip
    return SourceRows(
        rows_in=len(export.readers) + len(export.rejections),
        conventions=export.conventions,
        sessions=session_frame(sessions),
        duplicates=superseded,
        rejections=in_row_order(export.rejections, rejections),
        findings=(
            *export.findings,
            *clock_findings(reader for reader, _ in kept),
            *session_findings(sessions),
            *identity_findings(sessions),
            *(notes(kept) if notes else ()),
        ),
    )
