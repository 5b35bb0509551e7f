"""Say what files are: source, time zone, order of dates, columns; nothing is stored."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from depotlib.errors import DepotError
from depotlib.ingest.recognise import recognise
from depotlib.ingest.source import ReadOptions
from depotlib.ingest.sources import SOURCES
from depotlib.workflows.import_files import GivenFile, opened


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
    """Return what each file is, in the order given.

    Parameters
    ----------
    files : sequence of Path or GivenFile
    time_zone : str or None
        Zone of local times, if the user knows.
    """
    return [_sniffed(file, time_zone=time_zone) for file in files]


def _sniffed(file: Path | GivenFile, *, time_zone: str | None) -> Sniffed:
    name = file.name if isinstance(file, GivenFile) else str(file)
    try:
        content = opened(file)
        found = recognise(content, sources=SOURCES)
    except DepotError as error:
        return Sniffed(file=name, error=error)
    known = Sniffed(
        file=name,
        source=found.source.name,
        title=found.source.title,
        confidence_share=found.recognition.confidence_share,
        reason=found.recognition.reason,
    )
    try:
        rows = found.source.read(content, ReadOptions(time_zone=time_zone, is_trial=True))
    except DepotError as error:
        return replace(known, error=error)
    return replace(
        known,
        time_zone=rows.conventions.time_zone,
        zone_origin=rows.conventions.zone_origin,
        date_order=rows.conventions.date_order,
        columns=rows.conventions.columns,
    )
