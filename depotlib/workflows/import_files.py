"""Import exports and logs: recognise, read, keep the raw bytes, store; or only try it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

from depotlib.errors import DepotError, RecordMissingError, StoreMissingError
from depotlib.ingest.content import FileContent, content_of, read_content
from depotlib.ingest.recognise import recognise
from depotlib.ingest.report import TrialStore
from depotlib.ingest.source import ReadOptions, SourceDocument, SourceRows
from depotlib.ingest.sources import SOURCES
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.catalogue import save_tariff_record, tariff_record
from depotlib.store.imports import ImportBatch, write_import
from depotlib.store.raw import keep_raw


@dataclass(frozen=True, slots=True)
class ImportChoices:
    """What a person says about the files that they do not say themselves.

    Parameters
    ----------
    time_zone : str or None
        IANA name of the zone of local times.
    stamps : {'start', 'end'} or None
        Which end of its interval a meter reading is stamped at; None: judged.
    meter_id : str
        Name of the meter where a file names none.
    is_dry_run : bool
        Only say what an import would do; no store is opened and nothing is kept.
    """

    time_zone: str | None = None
    stamps: Literal["start", "end"] | None = None
    meter_id: str = "site"
    is_dry_run: bool = False

    def read_options(self) -> ReadOptions:
        """Return these choices as the sources know them."""
        return ReadOptions(time_zone=self.time_zone, stamps=self.stamps, meter_id=self.meter_id)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was handed over as bytes, as a page receives it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What became of one file: a report, or the error that kept all of it out.

    Parameters
    ----------
    file : str
        Name as given.
    report : ImportReport or None
    error : DepotError or None
        Nothing of the file was stored; the other files are not touched by it.
    """

    file: str
    report: ImportReport | None
    error: DepotError | None = None


NO_CHOICES: Final = ImportChoices()


def import_files(
    files: Sequence[Path | GivenFile],
    *,
    settings: Settings,
    now: datetime,
    choices: ImportChoices = NO_CHOICES,
) -> list[ImportedFile]:
    """Return what became of each file, in the order given.

    A file is stored whole or not at all, and its raw bytes are kept before anything of it is
    stored. The same bytes again change nothing.

    Parameters
    ----------
    files : sequence of Path or GivenFile
    settings : Settings
        Where the warehouse and the kept raw files are.
    now : datetime
        Aware.
    choices : ImportChoices
    """
    if choices.is_dry_run:
        finish = partial(_try, trial=TrialStore())
    else:
        finish = partial(_store, settings=settings, now=now)
    return [_imported(file, choices=choices, finish=finish) for file in files]


@dataclass(frozen=True, slots=True)
class _ReadFile:
    content: FileContent
    rows: SourceRows
    source: str


def _imported(
    file: Path | GivenFile, *, choices: ImportChoices, finish: Callable[[_ReadFile], ImportReport]
) -> ImportedFile:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        content = opened(file)
        source = recognise(content, sources=SOURCES).source
        rows = source.read(content, choices.read_options())
        report = finish(_ReadFile(content=content, rows=rows, source=source.name))
    except DepotError as error:
        return ImportedFile(file=name, report=None, error=error)
    return ImportedFile(file=name, report=report)


def opened(file: Path | GivenFile) -> FileContent:
    """Return the content of a file, from disk or as handed over.

    Raises
    ------
    MissingFileError, UnreadableFileError, EmptyFileError, FileTooLargeError
        If there is nothing that could be read.
    """
    return content_of(file.name, file.data) if isinstance(file, GivenFile) else read_content(file)


def _try(read: _ReadFile, *, trial: TrialStore) -> ImportReport:
    return trial.account(read.content, read.rows, source=read.source)


def _store(read: _ReadFile, *, settings: Settings, now: datetime) -> ImportReport:
    content, rows = read.content, read.rows
    keep_raw(settings.raw_path, content.data, digest=content.digest, name=content.file)
    if rows.documents:
        return _store_documents(read, path=settings.warehouse_path, now=now)
    batch = ImportBatch(
        file=content.file,
        source=read.source,
        digest=content.digest,
        rows_in=rows.rows_in,
        duplicates_within=rows.duplicates,
        rejections=rows.rejections,
        findings=rows.findings,
        sessions=rows.sessions,
        telematics=rows.telematics,
        meter=rows.meter,
        merged_rows=rows.merged_rows,
    )
    return write_import(settings.warehouse_path, batch, imported_at=now)


def _store_documents(read: _ReadFile, *, path: Path, now: datetime) -> ImportReport:
    """Return the account of tariff records: the catalogue keeps each of them, word for word."""
    rows = read.rows
    news = [document for document in rows.documents if not _is_known(path, document)]
    for document in news:
        save_tariff_record(path, document.text, tariff_id=document.name, saved_at=now)
    return ImportReport(
        file=read.content.file,
        source=read.source,
        digest=read.content.digest,
        rows_in=rows.rows_in,
        stored=len(news),
        duplicates=rows.rows_in - len(news) - len(rows.rejections),
        rejections=rows.rejections,
        findings=rows.findings,
        is_repeat=not news,
    )


def _is_known(path: Path, document: SourceDocument) -> bool:
    try:
        return tariff_record(path, document.name) == document.text
    except (RecordMissingError, StoreMissingError):
        return False
