"""Say what files are: source, time zone, order of dates, columns; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from depotlib.errors import DepotError
from depotlib.ingest.read_parts import ReadPart
from depotlib.ingest.reading_worker import ReadingWorker
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.workflows.import_files import WORKERS, GivenFile, opened


@dataclass(frozen=True, slots=True)
class Sniffed:
    """What a file is taken for.

    Parameters
    ----------
    file : str
        Name as given.
    source, title : str or None
        Registry name and plain words; None where no source recognises it.
    confidence_share : float
        0-1.
    reason : str
        What it was recognised by.
    time_zone : str or None
        IANA name; UTC where times name their offsets; None where the file does not say.
    zone_origin : str
        Who says so.
    date_order : str
        ``year_month_day``, ``day_month_year`` or ``month_day_year``; empty without dates.
    columns : tuple of str
    error : DepotError or None
        Why it is not recognised, or cannot be read although it is.
    """

    file: str
    source: str | None = None
    title: str | None = None
    confidence_share: float = 0.0
    reason: str = ""
    time_zone: str | None = None
    zone_origin: str = "unknown"
    date_order: str = ""
    columns: tuple[str, ...] = ()
    error: DepotError | None = None


def sniff_files(
    files: Sequence[Path | GivenFile], *, time_zone: str | None = None
) -> list[Sniffed]:
    """Return what each file is, in the order given; of an archive, what each file in it is.

    Parameters
    ----------
    files : sequence of Path or GivenFile
    time_zone : str or None
        Zone of local times, if the user knows.
    """
    options = ReadOptions(time_zone=time_zone, is_trial=True)
    with WORKERS.worker() as worker:
        return [each for file in files for each in _sniffed(file, options=options, worker=worker)]


def _sniffed(
    file: Path | GivenFile, *, options: ReadOptions, worker: ReadingWorker
) -> list[Sniffed]:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        parts = worker.read(opened(file), options)
    except DepotError as error:
        return [Sniffed(file=name, error=error)]
    return [_told(part) for part in parts]


def _told(part: ReadPart) -> Sniffed:
    if not part.source:
        return Sniffed(file=part.file, error=part.error)
    known = Sniffed(
        file=part.file,
        source=part.source,
        title=next(source.title for source in SOURCES if source.name == part.source),
        confidence_share=part.recognition.confidence_share,
        reason=part.recognition.reason,
        error=part.error,
    )
    if part.read is None:
        return known
    conventions = part.read.rows.conventions
    return replace(
        known,
        time_zone=conventions.time_zone,
        zone_origin=conventions.zone_origin,
        date_order=conventions.date_order,
        columns=conventions.columns,
    )
