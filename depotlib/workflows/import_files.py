"""Import exports and logs: recognise, read, keep the raw bytes, store; or only try it."""

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

import polars as pl

from depotlib.errors import DepotError
from depotlib.ingest.content import FileContent, content_of, file_at
from depotlib.ingest.read_parts import ReadPart, read_parts
from depotlib.ingest.reading_worker import IdleWorkers, ReadingWorker
from depotlib.ingest.report import TrialStore
from depotlib.ingest.source import Conventions, ReadOptions, SourceRows
from depotlib.ingest.sources import SOURCES
from depotlib.ingest.unpacked import Allowance
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.import_notes import RecordedImport
from depotlib.store.imports import recorded_import
from depotlib.store.mappings import mappings
from depotlib.workflows.import_choices import ImportChoices, joined, of_header, other_choices
from depotlib.workflows.rebuild_store import rebuild_store
from depotlib.workflows.stored_file import (
    ReadFile,
    earlier_options,
    options_of,
    record_of,
    repeated_file,
    store_file,
)


@dataclass(frozen=True, slots=True)
class GivenFile:
    """A file that was handed over as bytes, as a page receives it."""

    name: str
    data: bytes


@dataclass(frozen=True, slots=True)
class ShownRows:
    """The first rows that a trial read of a file, as they would be stored.

    Parameters
    ----------
    kind : str
        ``sessions``, ``telematics``, ``meter``, …
    rows : polars.DataFrame
        In the order of the file; ``src_row`` is the line or the place in a list.
    """

    kind: str
    rows: pl.DataFrame


@dataclass(frozen=True, slots=True)
class ImportedFile:
    """What became of one file: a report, or the error that kept all of it out.

    Parameters
    ----------
    file : str
        Name as given; ``archive.zip/member.csv`` for a file of an archive.
    report : ImportReport or None
    error : DepotError or None
        Nothing of the file was stored; the other files are not touched by it.
    conventions : Conventions or None
        How it was read; None where it was not.
    shown : tuple of ShownRows
        Of a trial.
    other_choices : tuple of str
        In words, what is said otherwise of bytes that were imported before; nothing was changed.
    """

    file: str
    report: ImportReport | None
    error: DepotError | None = None
    conventions: Conventions | None = None
    shown: tuple[ShownRows, ...] = ()
    other_choices: tuple[str, ...] = ()


NO_CHOICES: Final = ImportChoices()
SHOWN_ROWS: Final = 20
WORKERS: Final = IdleWorkers()
"""One is kept warm for the next import; it ends with this process."""
atexit.register(WORKERS.close)


def import_files(
    files: Sequence[Path | GivenFile],
    *,
    settings: Settings,
    now: datetime,
    choices: ImportChoices = NO_CHOICES,
) -> list[ImportedFile]:
    """Return what became of each file, in the order given; of an archive, of each file in it.

    Files are read in a process of their own, under limits. A file is stored whole or not at all,
    and its raw bytes are kept before anything of it is stored. The same bytes again change
    nothing; with other choices they say so, or take the place of the earlier import if that is
    chosen: the warehouse is then made again without it, and they are imported last.

    Parameters
    ----------
    files : sequence of Path or GivenFile
    settings : Settings
        Where the warehouse and the kept raw files are.
    now : datetime
        Aware.
    choices : ImportChoices
    """
    door = _Trial(choices) if choices.is_dry_run else _Store(settings, now=now, choices=choices)
    with WORKERS.worker() as worker:
        done = [
            imported
            for file in files
            for imported in _imported(file, reading=worker.read, door=door)
        ]
        return done if isinstance(door, _Trial) else door.with_replaced(done, worker=worker)


def import_own_files(
    files: Sequence[Path | GivenFile], *, settings: Settings, now: datetime
) -> list[ImportedFile]:
    """Return what became of files that ship with depotlib, in the order given.

    They are no stranger's: they are read in this process, which saves the start of another.

    Parameters
    ----------
    files : sequence of Path or GivenFile
    settings : Settings
    now : datetime
        Aware.
    """
    door = _Store(settings, now=now, choices=NO_CHOICES)
    return [
        imported for file in files for imported in _imported(file, reading=_read_here, door=door)
    ]


def imported_otherwise(
    tried: Sequence[ImportedFile], *, settings: Settings, choices: ImportChoices
) -> dict[str, tuple[str, ...]]:
    """Return what is said otherwise than before of files that were imported once, by their names.

    Parameters
    ----------
    tried : sequence of ImportedFile
        Of a trial.
    settings : Settings
    choices : ImportChoices
        What is said now.
    """
    found: dict[str, tuple[str, ...]] = {}
    for one in tried:
        if one.report is None or one.conventions is None:
            continue
        record = recorded_import(settings.warehouse_path, one.report.digest)
        if record is None:
            continue
        earlier = options_of(record)
        now = _narrowed(choices.read_options(earlier), header=one.conventions.columns)
        words = other_choices(earlier, now)
        if words:
            found[one.file] = words
    return found


def files_under(paths: Sequence[Path]) -> list[Path]:
    """Return files as given and, for each folder, all files in it, by name; hidden ones are not.

    A folder without any stands for itself: reading it says that it is no file, and the others are
    read all the same.
    """
    return [file for path in paths for file in (_in_folder(path) if path.is_dir() else [path])]


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    return files or [folder]


class _Trial:
    """What an import would do, without a store."""

    def __init__(self, choices: ImportChoices) -> None:
        self._options = choices.read_options()
        self._store = TrialStore()

    def options(self, given: FileContent) -> ReadOptions:
        del given
        return self._options

    def known(self, given: FileContent, *, file: str) -> ImportedFile | None:
        del given, file

    def finished(self, read: ReadFile) -> ImportedFile:
        rows = read.read.rows
        report = self._store.account(read.file, read.read)
        return ImportedFile(
            file=read.file, report=report, conventions=rows.conventions, shown=_shown(rows)
        )


class _Store:
    """The warehouse, with what it knows of files before they are read."""

    def __init__(self, settings: Settings, *, now: datetime, choices: ImportChoices) -> None:
        self._settings = settings
        self._now = now
        self._choices = choices
        self._remembered = mappings(settings.warehouse_path)
        self._again = dict[str, RecordedImport]()

    def options(self, given: FileContent) -> ReadOptions:
        """Return how a file is to be read: as is said now, else as it was read before."""
        return self._merged(earlier_options(self._settings, given.digest))

    def known(self, given: FileContent, *, file: str) -> ImportedFile | None:
        """Return what is known of bytes without reading them; None if they are to be read."""
        report = repeated_file(self._settings, given.digest)
        if report is None:
            return None
        earlier = earlier_options(self._settings, given.digest)
        # Only a reading tells whether a mapping fits that was not used before.
        now = self._merged(earlier)
        headers = {frozenset(mapping.header) for mapping in earlier.mappings}
        used = tuple(one for one in now.mappings if frozenset(one.header) in headers)
        others = other_choices(earlier, replace(now, mappings=used))
        is_mapped = not {frozenset(one.header) for one in self._choices.mappings} <= headers
        if self._choices.is_again and (others or is_mapped):
            return None
        return ImportedFile(file=file, report=report, other_choices=others)

    def _merged(self, earlier: ReadOptions) -> ReadOptions:
        mappings_then = joined(self._remembered, earlier.mappings)
        return self._choices.read_options(replace(earlier, mappings=mappings_then))

    def finished(self, read: ReadFile) -> ImportedFile:
        """Return what became of a file that was read."""
        conventions = read.read.rows.conventions
        report = store_file(read, settings=self._settings, now=self._now)
        others: tuple[str, ...] = ()
        if report.is_repeat:
            record = recorded_import(self._settings.warehouse_path, report.digest)
            assert record is not None, "an import that is repeated"
            others = other_choices(options_of(record), read.options)
            if others and self._choices.is_again:
                self._again[report.digest] = record_of(read, imported_at=self._now)
        return ImportedFile(
            file=read.file, report=report, conventions=conventions, other_choices=others
        )

    def with_replaced(
        self, done: list[ImportedFile], *, worker: ReadingWorker
    ) -> list[ImportedFile]:
        """Return what became of files once those that are read again took the earlier's place."""
        if not self._again:
            return done
        try:
            readings = tuple(self._again.values())
            rebuilt = rebuild_store(self._settings, instead=readings, worker=worker)
        except DepotError as error:
            return [self._failed(one, error) for one in done]
        reports = {report.digest: report for report in rebuilt.reports}
        return [
            replace(one, report=reports[one.report.digest], other_choices=())
            if self._is_again(one) and one.report is not None
            else one
            for one in done
        ]

    def _is_again(self, one: ImportedFile) -> bool:
        return one.report is not None and one.report.digest in self._again

    def _failed(self, one: ImportedFile, error: DepotError) -> ImportedFile:
        return ImportedFile(one.file, None, error=error) if self._is_again(one) else one


def _read_here(given: FileContent, options: ReadOptions) -> list[ReadPart]:
    allowance = Allowance(given.file, given.size_bytes)
    return read_parts(given, sources=SOURCES, options=options, allowance=allowance)


def _imported(
    file: Path | GivenFile,
    *,
    reading: Callable[[FileContent, ReadOptions], list[ReadPart]],
    door: _Trial | _Store,
) -> list[ImportedFile]:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        given = opened(file)
        known = door.known(given, file=name)
        if known is not None:
            return [known]
        options = door.options(given)
        parts = reading(given, options)
    except DepotError as error:
        return [ImportedFile(file=name, report=None, error=error)]
    return [_finished(part, given=given, options=options, door=door) for part in parts]


def _finished(
    part: ReadPart, *, given: FileContent, options: ReadOptions, door: _Trial | _Store
) -> ImportedFile:
    if part.read is None:
        return ImportedFile(file=part.file, report=None, error=part.error)
    used = _narrowed(options, header=part.read.rows.conventions.columns)
    try:
        return door.finished(ReadFile(given, file=part.file, read=part.read, options=used))
    except DepotError as error:
        return ImportedFile(file=part.file, report=None, error=error)


def _narrowed(options: ReadOptions, *, header: Sequence[str]) -> ReadOptions:
    """Return options with the mappings alone that fit a file."""
    return replace(options, mappings=of_header(options.mappings, header))


def _shown(rows: SourceRows) -> tuple[ShownRows, ...]:
    return tuple(
        ShownRows(kind, frame.sort("src_row").head(SHOWN_ROWS))
        for kind, frame in rows.frames.items()
        if frame is not None and frame.height
    )


def opened(file: Path | GivenFile) -> FileContent:
    """Return the content of a file, where it lies on disk or as it was handed over.

    Raises
    ------
    MissingFileError, UnreadableFileError, EmptyFileError
        If there is nothing that could be read.
    """
    return content_of(file.name, file.data) if isinstance(file, GivenFile) else file_at(file)
