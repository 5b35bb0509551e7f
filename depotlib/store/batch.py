"""One file, read and normalised, on its way into the warehouse."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

import polars as pl

from depotlib.model.import_report import Finding, Rejection
from depotlib.model.scanned_readings import ScannedReadings


@dataclass(frozen=True, slots=True)
class ImportBatch:
    """One file, read and normalised, ready to be stored.

    Parameters
    ----------
    file : str
        Name as given.
    source : str
        Registry name of the source that read it.
    digest : str
        SHA-256 of the raw bytes.
    rows_in : int
        Source rows of the file.
    duplicates_within : int
        Source rows that repeat another one of the same file and are in no frame.
    rejections : tuple of Rejection
    findings : tuple of Finding
    sessions, telematics, meter, trips, duties, vehicles, assignments, prices : DataFrame or None
        `SessionFrame`, `TelematicsFrame`, `MeterFrame`, `TripFrame`, `DutyFrame`, `VehicleFrame`,
        `AssignmentFrame`, `PriceFrame` (polars).
    scanned : ScannedReadings or None
        Readings that are on disk, where they are too many for a frame; then there is no frame.
    merged_rows : polars.DataFrame or None
        Source rows (``src_row``) that went into the frame rows of another (``into_row``).
    tariffs : mapping of str to str
        Tariff records, word for word, by their ids; each one source row.
    duties_complete_at : datetime or None
        The instant at which the duties are all that their source knows of what is to come: the
        others of the same source that depart later are withdrawn.
    options_json : str
        What was said beside the file, to read it the same way again.
    """

    file: str
    source: str
    digest: str
    rows_in: int
    duplicates_within: int = 0
    rejections: tuple[Rejection, ...] = ()
    findings: tuple[Finding, ...] = ()
    sessions: pl.DataFrame | None = None
    telematics: pl.DataFrame | None = None
    meter: pl.DataFrame | None = None
    trips: pl.DataFrame | None = None
    duties: pl.DataFrame | None = None
    vehicles: pl.DataFrame | None = None
    assignments: pl.DataFrame | None = None
    prices: pl.DataFrame | None = None
    scanned: ScannedReadings | None = None
    merged_rows: pl.DataFrame | None = None
    tariffs: Mapping[str, str] = field(default_factory=dict[str, str])
    duties_complete_at: datetime | None = None
    options_json: str = "{}"

    def __post_init__(self) -> None:
        """Hold the contract: a source row without a place is a defect of the source."""
        placed = self.duplicates_within + len(self.rejections) + self._represented()
        assert placed == self.rows_in, (
            f"source {self.source!r} read {self.rows_in} rows of {self.file!r} and gave {placed} "
            "a place: each must be a duplicate within, a rejection, a src_row or a merged row"
        )

    @property
    def frames(self) -> dict[str, pl.DataFrame]:
        """Return the frames that hold something, by name."""
        given = {
            "sessions": self.sessions,
            "telematics": self.telematics,
            "meter": self.meter,
            "trips": self.trips,
            "duties": self.duties,
            "vehicles": self.vehicles,
            "assignments": self.assignments,
            "prices": self.prices,
        }
        return {name: frame for name, frame in given.items() if frame is not None and len(frame)}

    def _represented(self) -> int:
        if self.scanned is not None:
            assert not self.frames, "what is scanned is alone"
            return self.scanned.count
        frames = [*self.frames.values()]
        if self.merged_rows is not None:
            frames.append(self.merged_rows)
        rows = [one["src_row"].cast(pl.Int64) for one in frames]
        if not rows:
            return len(self.tariffs)
        numbers = pl.concat(rows).unique()
        assert (numbers >= 1).all(), "source rows count from 1"
        return len(numbers) + len(self.tariffs)
