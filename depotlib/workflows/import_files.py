"""Import exports and logs: recognise, read, keep the raw bytes, store; or only try it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

from depotlib.errors import DepotError
from depotlib.ingest.content import FileContent, content_of, read_content
from depotlib.ingest.recognise import recognise
from depotlib.ingest.report import TrialStore
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.model.import_report import ImportReport
from depotlib.settings import Settings
from depotlib.workflows.stored_file import ReadFile, store_file


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
        finish = partial(store_file, settings=settings, now=now)
    return [_imported(file, choices=choices, finish=finish) for file in files]


def _imported(
    file: Path | GivenFile, *, choices: ImportChoices, finish: Callable[[ReadFile], ImportReport]
) -> ImportedFile:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        content = opened(file)
        source = recognise(content, sources=SOURCES).source
        options = choices.read_options()
        rows = source.read(content, options)
        report = finish(ReadFile(content, content, source=source.name, options=options, rows=rows))
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


def _try(read: ReadFile, *, trial: TrialStore) -> ImportReport:
    return trial.account(read.content, read.rows, source=read.source)
