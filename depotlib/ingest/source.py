"""What a source is: it recognises by content, reads, and gives checked frames with an account."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Literal, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.errors import TimeZoneNeededError
from depotlib.ingest.content import FileContent, FileSample
from depotlib.model.calendar import zone
from depotlib.model.column_mapping import ColumnMapping
from depotlib.model.import_report import Finding, Rejection
from depotlib.model.scanned_readings import ScannedReadings

Stamps = Literal["start", "end"]
ZoneOrigin = Literal["offsets in the file", "given", "assumed", "unknown"]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says about a file that the file does not say itself.

    Parameters
    ----------
    time_zone : str or None
        IANA name for local times.
    stamps : {'start', 'end'} or None
        Whether interval readings are stamped at their start or end; None: judged.
    meter_id : str
        Name of the meter where the file names none.
    series_start : str or None
        When the first reading of a file without times begins (ISO 8601, local or with an offset).
    interval_s : int or None
        Length of each interval [s], where a meter's file does not show it.
    vehicle_id : str or None
        Whose file it is, where it names no vehicle.
    mappings : tuple of ColumnMapping
        What a person said of tables like this; they go before the shipped ones.
    scan_folder : Path or None
        Where what is scanned of a big file may be written; None: it is read into memory, if it fits.
    is_trial : bool
        True when a file is only looked at: an unknown zone is then left unknown (UTC stands in)
        where an import would ask for it.
    """

    time_zone: str | None = None
    stamps: Stamps | None = None
    meter_id: str = "site"
    series_start: str | None = None
    interval_s: int | None = None
    vehicle_id: str | None = None
    mappings: tuple[ColumnMapping, ...] = ()
    scan_folder: Path | None = None
    is_trial: bool = False


@dataclass(frozen=True, slots=True)
class Recognition:
    """How sure a source is that a file is its own, and why.

    Parameters
    ----------
    confidence_share : float
        0 (not mine) to 1.
    reason : str
        For a person.
    """

    confidence_share: float
    reason: str


@dataclass(frozen=True, slots=True)
class Conventions:
    """How a file was read.

    Parameters
    ----------
    time_zone : str or None
        IANA name, ``UTC`` for times with offsets; None: nobody said.
    zone_origin : ZoneOrigin
    date_order : str
        ``year_month_day``, ``day_month_year`` or ``month_day_year``; empty without dates.
    columns : tuple of str
        Columns or field names seen.
    """

    time_zone: str | None
    zone_origin: ZoneOrigin
    date_order: str
    columns: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """A document that is kept whole: a tariff record."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class SourceRows:
    """All of one file: ``rows_in == kept + duplicates + len(rejections)``.

    Parameters
    ----------
    rows_in : int
        Source records.
    conventions : Conventions
    sessions, telematics, meter, trips, duties, vehicles, assignments, prices : DataFrame or None
        `SessionFrame`, `TelematicsFrame`, `MeterFrame`, `TripFrame`, `DutyFrame`, `VehicleFrame`,
        `AssignmentFrame`, `PriceFrame` (polars), checked; without duplicates.
    merged_rows : polars.DataFrame or None
        Records (``src_row``) whose values went into the frame row of another (``into_row``).
    documents : tuple of SourceDocument
        One a record.
    duties_complete_at : datetime or None
        The instant at which ``duties`` are all that the source knows of what is to come (VDV 463
        sends complete lists): those of the same source that depart later are withdrawn.
    scanned : ScannedReadings or None
        Readings that are on disk, where they are too many for a frame; then there is no frame.
    duplicates : int
        Records superseded or repeated within the file.
    rejections : tuple of Rejection
    findings : tuple of Finding
    """

    rows_in: int
    conventions: Conventions
    sessions: pl.DataFrame | None = None
    telematics: pl.DataFrame | None = None
    meter: pl.DataFrame | None = None
    trips: pl.DataFrame | None = None
    duties: pl.DataFrame | None = None
    vehicles: pl.DataFrame | None = None
    assignments: pl.DataFrame | None = None
    prices: pl.DataFrame | None = None
    merged_rows: pl.DataFrame | None = None
    documents: tuple[SourceDocument, ...] = ()
    duties_complete_at: datetime | None = None
    scanned: ScannedReadings | None = None
    duplicates: int = 0
    rejections: tuple[Rejection, ...] = ()
    findings: tuple[Finding, ...] = field(default=())

    def __post_init__(self) -> None:
        """Hold the account closed."""
        accounted = self.kept + self.duplicates + len(self.rejections)
        assert self.rows_in == accounted, f"{self.rows_in} rows in, {accounted} accounted for"

    @property
    def frames(self) -> dict[str, pl.DataFrame | None]:
        """Return the frames by what they hold."""
        return {
            "sessions": self.sessions,
            "telematics": self.telematics,
            "meter": self.meter,
            "trips": self.trips,
            "duties": self.duties,
            "vehicles": self.vehicles,
            "assignments": self.assignments,
            "prices": self.prices,
        }

    @property
    def kept(self) -> int:
        """Return how many records go on to the store."""
        rows = [frame["src_row"] for frame in (*self.frames.values(), self.merged_rows)
                if frame is not None]  # fmt: skip
        scanned = self.scanned.count if self.scanned else 0
        return scanned + len(self.documents) + (pl.concat(rows).n_unique() if rows else 0)


@dataclass(frozen=True, slots=True)
class ZoneChoice:
    """The zone that local times of a file are read in, and who said so."""

    time_zone: ZoneInfo | None
    origin: ZoneOrigin

    @property
    def name(self) -> str | None:
        """Return the zone's name for people: UTC where the file's offsets say it all."""
        if self.origin == "offsets in the file":
            return "UTC"
        return self.time_zone.key if self.time_zone and self.origin != "unknown" else None


class Source(Protocol):
    """One kind of export. To add one: a file in `sources` and a line in its registry."""

    @property
    def name(self) -> str:
        """Return the registry name, which is the module's."""
        ...

    @property
    def title(self) -> str:
        """Return what the export is, for people."""
        ...

    def recognise(self, sample: FileSample) -> Recognition:
        """Return how sure this source is that the sample is its own."""
        ...

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return all records of a file, mapped, checked and accounted for."""
        ...


@runtime_checkable
class ArchiveSource(Protocol):
    """A source that reads a whole zip archive as one dataset, beside what `Source` asks.

    `Source.read` then gets the archive itself; `archive.members_of` opens it.
    """

    def recognise_archive(self, names: Sequence[str]) -> Recognition:
        """Return how sure this source is of an archive with files of these names."""
        ...


@runtime_checkable
class MappingSource(Protocol):
    """A source that reads tables by column mappings, beside what `Source` asks."""

    def with_mappings(self, mappings: tuple[ColumnMapping, ...]) -> Source:
        """Return this source, knowing mappings of a person, too; those go first."""
        ...


NOT_MINE = Recognition(0.0, "")


def choose_zone(
    options: ReadOptions, *, has_offsets: bool, assumed: str | None, file: str
) -> ZoneChoice:
    """Return the zone of a file's local times.

    Parameters
    ----------
    options : ReadOptions
    has_offsets : bool
        Whether every time in the file names its offset: then nothing else counts.
    assumed : str or None
        What this kind of export is known to use.
    file : str
        For messages.

    Raises
    ------
    TimeZoneNeededError
        If nobody says, and this is not a trial.
    """
    if has_offsets:
        return ZoneChoice(None, "offsets in the file")
    if options.time_zone is not None:
        return ZoneChoice(zone(options.time_zone), "given")
    if assumed is not None:
        return ZoneChoice(zone(assumed), "assumed")
    if options.is_trial:
        return ZoneChoice(zone("UTC"), "unknown")
    raise TimeZoneNeededError(
        "the times in this file are local and it does not say where",
        where=file,
        hint="name the zone, for example --time-zone America/New_York",
    )
