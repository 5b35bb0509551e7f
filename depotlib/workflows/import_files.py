"""Import exports and logs: recognise, read, keep the raw bytes, store; or only try it."""

import atexit
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

import polars as pl

from depotlib.errors import DepotError, MissingFileError
from depotlib.ingest.content import FileContent, content_of, file_at
from depotlib.ingest.read_parts import ReadPart
from depotlib.ingest.reading_worker import IdleWorkers, ReadingWorker
from depotlib.ingest.report import TrialStore
from depotlib.ingest.source import Conventions, ReadOptions, SourceRows
from depotlib.model.column_mapping import ColumnMapping
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.store.mappings import mappings
from depotlib.workflows.stored_file import ReadFile, repeated_file, store_file


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
    series_start : str or None
        When the first reading of a file without times begins.
    interval_s : int or None
        Length of each interval of a meter's file that does not show it [s].
    vehicle_id : str or None
        Whose log it is, where a file names no vehicle.
    mappings : tuple of ColumnMapping
        What columns hold; they go before those that the store remembers.
    is_dry_run : bool
        Only say what an import would do; no store is opened and nothing is kept.
    """

    time_zone: str | None = None
    stamps: Literal["start", "end"] | None = None
    meter_id: str = "site"
    series_start: str | None = None
    interval_s: int | None = None
    vehicle_id: str | None = None
    mappings: tuple[ColumnMapping, ...] = ()
    is_dry_run: bool = False

    def read_options(self) -> ReadOptions:
        """Return these choices as the sources know them."""
        return ReadOptions(
            time_zone=self.time_zone,
            stamps=self.stamps,
            meter_id=self.meter_id,
            series_start=self.series_start,
            interval_s=self.interval_s,
            vehicle_id=self.vehicle_id,
            mappings=self.mappings,
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
    """

    file: str
    report: ImportReport | None
    error: DepotError | None = None
    conventions: Conventions | None = None
    shown: tuple[ShownRows, ...] = ()


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
    nothing.

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
        door = _Door(known=lambda _: None, finish=partial(_try, trial=TrialStore()), is_trial=True)
    else:
        door = _Door(
            known=partial(repeated_file, settings),
            finish=partial(store_file, settings=settings, now=now),
        )
    options = _with_remembered(choices.read_options(), choices=choices, settings=settings)
    with WORKERS.worker() as worker:
        return [
            imported
            for file in files
            for imported in _imported(file, options=options, worker=worker, door=door)
        ]


def files_under(paths: Sequence[Path]) -> list[Path]:
    """Return files as given and, for each folder, all files in it, by name; hidden ones are not.

    Raises
    ------
    MissingFileError
        If a folder holds no file.
    """
    return [file for path in paths for file in (_in_folder(path) if path.is_dir() else [path])]


def _in_folder(folder: Path) -> list[Path]:
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.is_file() and not any(p.startswith(".") for p in path.relative_to(folder).parts)
    )
    if not files:
        raise MissingFileError(
            "the folder holds no file", where=str(folder), hint="name the folder of the exports"
        )
    return files


@dataclass(frozen=True, slots=True)
class _Door:
    """What is done with what was read, and what is known without reading, by digest."""

    known: Callable[[str], ImportReport | None]
    finish: Callable[[ReadFile], ImportReport]
    is_trial: bool = False


def _imported(
    file: Path | GivenFile, *, options: ReadOptions, worker: ReadingWorker, door: _Door
) -> list[ImportedFile]:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        given = opened(file)
        known = door.known(given.digest)
        if known is not None:
            return [ImportedFile(file=name, report=known)]
        parts = worker.read(given, options)
    except DepotError as error:
        return [ImportedFile(file=name, report=None, error=error)]
    return [_finished(part, given=given, options=options, door=door) for part in parts]


def _finished(
    part: ReadPart, *, given: FileContent, options: ReadOptions, door: _Door
) -> ImportedFile:
    if part.read is None:
        return ImportedFile(file=part.file, report=None, error=part.error)
    rows = part.read.rows
    used = replace(options, mappings=_of_header(options.mappings, rows.conventions.columns))
    try:
        report = door.finish(ReadFile(given, file=part.file, read=part.read, options=used))
    except DepotError as error:
        return ImportedFile(file=part.file, report=None, error=error)
    return ImportedFile(
        file=part.file,
        report=report,
        conventions=rows.conventions,
        shown=_shown(rows) if door.is_trial else (),
    )


def _with_remembered(
    options: ReadOptions, *, choices: ImportChoices, settings: Settings
) -> ReadOptions:
    """Return options with the mappings that were confirmed before, where no other is given."""
    if choices.is_dry_run:
        return options
    remembered = [
        mapping
        for mapping in mappings(settings.warehouse_path)
        if not _of_header(choices.mappings, mapping.header)
    ]
    return replace(options, mappings=(*choices.mappings, *remembered))


def _of_header(given: Sequence[ColumnMapping], header: Sequence[str]) -> tuple[ColumnMapping, ...]:
    """Return the mappings that fit a header."""
    return tuple(mapping for mapping in given if set(mapping.header) <= set(header))


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


def _try(read: ReadFile, *, trial: TrialStore) -> ImportReport:
    return trial.account(read.file, read.read)
