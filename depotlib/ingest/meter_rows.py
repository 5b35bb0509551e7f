"""Meter readings as rows of the meter frame: each interval once, and what stood there again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from depotlib.ingest.findings import counted
from depotlib.model.frames import MeterFrame
from depotlib.model.import_report import Finding


@dataclass(frozen=True, slots=True)
class MeterRow:
    """Mean power over one interval of a meter.

    Parameters
    ----------
    meter_id : str
    interval_start : datetime
        UTC.
    interval_s : int
    power_kw : float
        Mean; import is positive.
    src_row : int
        Several intervals may stand in one record.
    version : int
        Of two rows with one key the higher version stands.
    """

    meter_id: str
    interval_start: datetime
    interval_s: int
    power_kw: float
    src_row: int
    version: int = 0

    @property
    def key(self) -> tuple[str, datetime]:
        """Return the meter and the interval's start."""
        return (self.meter_id, self.interval_start)


@dataclass(frozen=True, slots=True)
class MeterRows:
    """The checked frame of a file's intervals.

    Parameters
    ----------
    frame : polars.DataFrame
        `MeterFrame`, each interval of a meter once.
    duplicates : int
        Records of which no interval is in the frame, since others state them again.
    findings : tuple of Finding
    """

    frame: pl.DataFrame
    duplicates: int
    findings: tuple[Finding, ...]


def meter_frame(rows: Iterable[MeterRow], *, file: str) -> MeterRows:
    """Return the intervals of a file; of an interval that is stated twice the later one stands."""
    stated: dict[tuple[str, datetime], MeterRow] = {}
    records: set[int] = set()
    restated = 0
    for row in rows:
        known = stated.get(row.key)
        restated += known is not None and known.power_kw != row.power_kw
        stated[row.key] = row
        records.add(row.src_row)
    kept = list(stated.values())
    frame = pl.DataFrame(
        {
            "meter_id": [row.meter_id for row in kept],
            "interval_start": [row.interval_start for row in kept],
            "interval_s": [row.interval_s for row in kept],
            "power_kw": [row.power_kw for row in kept],
            "src_file": [file] * len(kept),
            "src_row": [row.src_row for row in kept],
        },
        schema={name: column.dtype for name, column in MeterFrame.columns().items()},
    )
    text = "readings that restate an interval of this file, of which the later stands"
    return MeterRows(
        frame=MeterFrame.validate(frame.sort("meter_id", "interval_start"), cast=True),
        duplicates=len(records) - frame["src_row"].n_unique(),
        findings=tuple(counted([("restated", restated, text)])),
    )
