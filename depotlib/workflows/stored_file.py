"""One file that was read, into the store: its raw bytes first, then its rows with their account."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from depotlib.ingest.content import FileContent
from depotlib.ingest.read_parts import ReadRows
from depotlib.ingest.source import ReadOptions
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.batch import ImportBatch
from depotlib.store.import_notes import RecordedImport, is_noted, write_note
from depotlib.store.imports import imports_of_raw, recorded_import, recorded_report, write_import
from depotlib.store.raw import keep_raw
from depotlib.workflows.import_choices import joined


@dataclass(frozen=True, slots=True)
class HowRead:
    """What importing a kept file again takes, beside its bytes.

    Parameters
    ----------
    raw_digest : str
        SHA-256 of the file as it was handed over: an archive, where the import is a part of it.
    raw_name : str
        Its name as given.
    options : ReadOptions
        What was said beside the file.
    """

    raw_digest: str
    raw_name: str
    options: ReadOptions


HOW_READ: Final = TypeAdapter(HowRead)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, or one part of it, with all that was read of it.

    Parameters
    ----------
    raw : FileContent
        As it was handed over.
    file : str
        The name given, or ``archive.zip/member.csv`` for a part.
    read : ReadRows
        Digest, source and rows of the file or part.
    options : ReadOptions
    """

    raw: FileContent
    file: str
    read: ReadRows
    options: ReadOptions


def store_file(read: ReadFile, *, settings: Settings, now: datetime) -> ImportReport:
    """Return the account of a file that was read, now in the store with its raw bytes.

    The bytes are kept first and the note of how they were read comes last, so that whatever ends
    the process on the way, importing the file again makes good.

    Raises
    ------
    StoreError
        If the store is busy or full, or the raw file changed while it was read.
    """
    keep_raw(settings.raw_path, read.raw.held, digest=read.raw.digest, name=read.raw.file)
    report = write_import(settings.warehouse_path, batch_of(read), imported_at=now)
    note_import(settings, read.read.digest)
    return report


def repeated_file(settings: Settings, digest: str) -> ImportReport | None:
    """Return the account of bytes that were imported before, without reading them; else None."""
    report = recorded_report(settings.warehouse_path, digest)
    if report is not None:
        note_import(settings, digest)
    return report


def note_import(settings: Settings, digest: str) -> None:
    """Keep beside the raw files what importing one again takes, should the warehouse be lost."""
    record = recorded_import(settings.warehouse_path, digest)
    assert record is not None, "an import that was just recorded"
    if not is_noted(settings.raw_path, record):
        write_note(settings.raw_path, record)


def how_read(record: RecordedImport) -> HowRead:
    """Return how a file was read; imports from before this was recorded said nothing beside it."""
    if record.options_json == "{}":
        return HowRead(raw_digest=record.digest, raw_name=record.file, options=ReadOptions())
    return HOW_READ.validate_json(record.options_json)


def options_of(record: RecordedImport) -> ReadOptions:
    """Return what was said beside a file when it was imported."""
    return how_read(record).options


def earlier_options(settings: Settings, raw_digest: str) -> ReadOptions:
    """Return what was said beside a raw file the last time; of an archive, of all its parts."""
    found = [options_of(one) for one in imports_of_raw(settings.warehouse_path, raw_digest)]
    if not found:
        return ReadOptions()
    mappings = tuple(mapping for options in reversed(found) for mapping in options.mappings)
    return replace(found[-1], mappings=joined((), mappings))


def record_of(read: ReadFile, *, imported_at: datetime) -> RecordedImport:
    """Return the record of importing a file that was read, before it has a number."""
    return RecordedImport(
        import_no=0,
        digest=read.read.digest,
        file=read.file,
        source=read.read.source,
        options_json=_how_json(read),
        imported_at=imported_at,
    )


def batch_of(read: ReadFile) -> ImportBatch:
    """Return what was read of a file, as the warehouse takes it."""
    rows = read.read.rows
    return ImportBatch(
        file=read.file,
        source=read.read.source,
        digest=read.read.digest,
        rows_in=rows.rows_in,
        duplicates_within=rows.duplicates,
        rejections=rows.rejections,
        findings=rows.findings,
        sessions=rows.sessions,
        telematics=rows.telematics,
        meter=rows.meter,
        trips=rows.trips,
        duties=rows.duties,
        vehicles=rows.vehicles,
        assignments=rows.assignments,
        prices=rows.prices,
        scanned=rows.scanned,
        merged_rows=rows.merged_rows,
        tariffs={document.name: document.text for document in rows.documents},
        duties_complete_at=rows.duties_complete_at,
        options_json=_how_json(read),
    )


def _how_json(read: ReadFile) -> str:
    how = HowRead(raw_digest=read.raw.digest, raw_name=read.raw.file, options=read.options)
    return HOW_READ.dump_json(how).decode()
