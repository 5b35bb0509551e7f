"""One file that was read, into the store: its raw bytes first, then its rows with their account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from pydantic import TypeAdapter

from depotlib.ingest.content import FileContent
from depotlib.ingest.source import ReadOptions, SourceRows
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.batch import ImportBatch
from depotlib.store.imports import write_import
from depotlib.store.raw import keep_raw


@dataclass(frozen=True, slots=True)
class HowRead:
    """What importing a kept file again takes, beside its bytes and the source that read it.

    Parameters
    ----------
    raw_digest : str
        SHA-256 of the file as it was handed over: an archive, where `part` is one of its files.
    part : str
        Name of the part of an archive or a workbook; empty: the file itself.
    options : ReadOptions
        What was said beside the file.
    """

    raw_digest: str
    part: str
    options: ReadOptions


HOW_READ: Final = TypeAdapter(HowRead)


@dataclass(frozen=True, slots=True)
class ReadFile:
    """A file, or one part of it, with all that was read of it.

    Parameters
    ----------
    raw : FileContent
        As it was handed over.
    content : FileContent
        What the source read: the same, or a part of it.
    source : str
        Registry name.
    options : ReadOptions
    rows : SourceRows
    """

    raw: FileContent
    content: FileContent
    source: str
    options: ReadOptions
    rows: SourceRows

    @property
    def how(self) -> HowRead:
        """Return what reading it again takes."""
        is_part = self.content.file != self.raw.file
        part = self.content.file if is_part else ""
        return HowRead(raw_digest=self.raw.digest, part=part, options=self.options)


def store_file(read: ReadFile, *, settings: Settings, now: datetime) -> ImportReport:
    """Return the account of a file that was read, now in the store with its raw bytes.

    Raises
    ------
    StoreError
        If the store is busy or full, or the raw file changed while it was read.
    """
    keep_raw(settings.raw_path, read.raw.held, digest=read.raw.digest, name=read.raw.file)
    return write_import(settings.warehouse_path, batch_of(read), imported_at=now)


def batch_of(read: ReadFile) -> ImportBatch:
    """Return what was read of a file, as the warehouse takes it."""
    rows = read.rows
    return ImportBatch(
        file=read.content.file,
        source=read.source,
        digest=read.content.digest,
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
        merged_rows=rows.merged_rows,
        tariffs={document.name: document.text for document in rows.documents},
        duties_complete_at=rows.duties_complete_at,
        options_json=HOW_READ.dump_json(read.how).decode(),
    )
