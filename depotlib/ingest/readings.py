"""Readings of vehicles on their way to a frame: one row a vehicle and instant, each value once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

import polars as pl

from depotlib.ingest.findings import counted
from depotlib.ingest.record import FieldReader
from depotlib.model.frames import TelematicsFrame
from depotlib.model.import_report import Finding, Rejection

MERGED_SCHEMA: Final = pl.Schema({"src_row": pl.Int64, "into_row": pl.Int64})


@dataclass(frozen=True, slots=True)
class VehicleReading:
    """One record: what a vehicle reported at an instant.

    Parameters
    ----------
    vehicle_id : str
        The vendor's; the fleet's `telematics_ids` say whose it is.
    at : datetime
    values : mapping of str to float or bool
        By the measurands of `TelematicsFrame`; one record may say two things (charging is
        plugged in, too).
    row : int
    """

    vehicle_id: str
    at: datetime
    values: Mapping[str, float | bool]
    row: int


@dataclass(frozen=True, slots=True)
class JoinedReadings:
    """Readings joined by vehicle and instant.

    Parameters
    ----------
    telematics : polars.DataFrame
        `TelematicsFrame`.
    merged_rows : polars.DataFrame
        Records that joined the row of another (``src_row``, ``into_row``).
    duplicates : int
        Records that say nothing new.
    findings : tuple of Finding
    """

    telematics: pl.DataFrame
    merged_rows: pl.DataFrame
    duplicates: int
    findings: tuple[Finding, ...]


@dataclass(slots=True)
class _Joined:
    row: int
    values: dict[str, float | bool] = field(default_factory=dict[str, float | bool])


def joined_readings(
    readings: Sequence[VehicleReading], *, source: str, file: str
) -> JoinedReadings:
    """Return readings as a frame; where two disagree on one measurand, the first stands."""
    rows: dict[tuple[str, datetime], _Joined] = {}
    merged: list[tuple[int, int]] = []
    duplicates = conflicts = 0
    for reading in readings:
        joined = rows.setdefault((reading.vehicle_id, reading.at), _Joined(reading.row))
        news = {name: value for name, value in reading.values.items() if name not in joined.values}
        conflicts += any(joined.values.get(name, value) != value
                         for name, value in reading.values.items())  # fmt: skip
        joined.values.update(news)
        if not news:
            duplicates += 1
        elif joined.row != reading.row:
            merged.append((reading.row, joined.row))
    return JoinedReadings(
        telematics=_frame(rows, source=source, file=file),
        merged_rows=pl.DataFrame(merged, schema=MERGED_SCHEMA, orient="row"),
        duplicates=duplicates,
        findings=tuple(
            counted(
                [
                    (
                        "joined_readings",
                        len(merged),
                        "readings that joined another of the same vehicle and instant",
                    ),
                    (
                        "conflicting_reading",
                        conflicts,
                        "readings that contradict another of the "
                        "same vehicle and instant, of which the first stands",
                    ),
                ]
            )
        ),
    )


def collected_readings(
    readers: Iterable[tuple[FieldReader, VehicleReading | None]],
) -> tuple[list[VehicleReading], list[Rejection]]:
    """Return the readings of records without a fault, and the rejections."""
    readings: list[VehicleReading] = []
    rejections: list[Rejection] = []
    for reader, reading in readers:
        if reader.rejection is not None:
            rejections.append(reader.rejection)
        else:
            assert reading is not None, "a record without a reading has a fault"
            readings.append(reading)
    return readings, rejections


def _frame(rows: Mapping[tuple[str, datetime], _Joined], *, source: str, file: str) -> pl.DataFrame:
    schema = {name: column.dtype for name, column in TelematicsFrame.columns().items()}
    frame = pl.DataFrame(
        [
            {
                **dict.fromkeys(schema),
                **joined.values,
                "vehicle_id": vehicle_id,
                "at": at,
                "source": source,
                "src_file": file,
                "src_row": joined.row,
            }
            for (vehicle_id, at), joined in rows.items()
        ],
        schema=schema,
        orient="row",
    )
    return TelematicsFrame.validate(frame.sort("vehicle_id", "at"), cast=True)
