"""Interval readings of a meter (CSV): a time and a mean power or an energy per interval.

A row is one reading. The interval's length is the most frequent distance between readings. Stamps
at the end of intervals are recognised by the column's name or by where the file begins and ends.
Local times need a zone from the user: a meter's file never says.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.findings import counted
from depotlib.ingest.interval_series import (
    IntervalSeries,
    Stamp,
    interval_length_s,
    interval_series,
)
from depotlib.ingest.meter_columns import MeterColumns, meter_columns
from depotlib.ingest.open_table import (
    OpenTable,
    TableShape,
    clock_findings,
    file_findings,
    open_table,
)
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.frames import MeterFrame
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import mean_power_kw

_NAMED_CONFIDENCE_SHARE: Final = 0.9
_JUDGED_CONFIDENCE_SHARE: Final = 0.7


@dataclass(frozen=True, slots=True)
class _MeterReading:
    meter_id: str
    stamp: Stamp
    kilo: float
    row: int


class MeterCsv:
    """Reads interval readings of meters."""

    name = "meter_csv"
    title = "Meter interval readings in kW or kWh (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header holds a time and a power or energy, and no session's words."""
        columns = meter_columns(sample.header)
        if columns is None:
            return NOT_MINE
        share = _JUDGED_CONFIDENCE_SHARE if columns.stamps is None else _NAMED_CONFIDENCE_SHARE
        return Recognition(share, f"it has times in {columns.stamp} and {columns.quantity}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the readings of a file, by meter."""
        columns = _columns(content)
        opened = open_table(
            content, options, shape=TableShape(times=(columns.stamp,), numbers=(columns.quantity,))
        )
        readers = opened.readers()
        readings, rejections = _readings(readers, columns=columns, options=options)
        meters = _by_meter(readings)
        placed = {
            meter_id: _placed(of_meter, columns=columns, options=options, opened=opened)
            for meter_id, of_meter in meters.items()
        }
        meter, duplicates, restated = _frame(meters, placed, columns=columns, file=content.file)
        return SourceRows(
            rows_in=opened.table.rows_in,
            conventions=opened.conventions,
            meter=meter,
            duplicates=duplicates,
            rejections=in_row_order(opened.table.rejections, rejections),
            findings=(
                *file_findings(opened),
                *clock_findings(readers),
                *(finding for series in placed.values() for finding in series.findings),
                *restated,
            ),
        )


def _columns(content: FileContent) -> MeterColumns:
    columns = meter_columns(sample_of(content.data).header)
    assert columns is not None, "the source recognised this file by these columns"
    return columns


def _readings(
    readers: Sequence[FieldReader], *, columns: MeterColumns, options: ReadOptions
) -> tuple[list[_MeterReading], list[Rejection]]:
    readings: list[_MeterReading] = []
    rejections: list[Rejection] = []
    for reader in readers:
        reader.needed_text(columns.stamp)
        reader.needed_text(columns.quantity)
        at, value = reader.instant(columns.stamp), reader.number(columns.quantity)
        if at is None or value is None or reader.rejection is not None:
            assert reader.rejection is not None, "a reading without time or value has a fault"
            rejections.append(reader.rejection)
            continue
        meter_id = reader.text(columns.meter) if columns.meter else None
        stamp = Stamp(at, is_repeated="repeat" in reader.clock_changes)
        readings.append(
            _MeterReading(
                meter_id=meter_id or options.meter_id,
                stamp=stamp,
                kilo=columns.in_kilo(value),
                row=reader.record.row,
            )
        )
    return readings, rejections


def _by_meter(readings: Sequence[_MeterReading]) -> dict[str, list[_MeterReading]]:
    meters: dict[str, list[_MeterReading]] = {}
    for reading in readings:
        meters.setdefault(reading.meter_id, []).append(reading)
    return meters


def _placed(
    readings: Sequence[_MeterReading],
    *,
    columns: MeterColumns,
    options: ReadOptions,
    opened: OpenTable,
) -> IntervalSeries:
    stamps = [reading.stamp for reading in readings]
    interval_s = interval_length_s(stamps)
    if interval_s is None:
        raise MalformedFileError(
            f"{len(readings)} readings of meter {readings[0].meter_id!r} do not show how long "
            "their interval is",
            where=opened.content.file,
            hint="give a file with at least two readings in order of time",
        )
    return interval_series(
        stamps,
        interval_s=interval_s,
        named=options.stamps or columns.stamps,
        time_zone=opened.reading.time_zone,
    )


def _frame(
    meters: Mapping[str, Sequence[_MeterReading]],
    placed: Mapping[str, IntervalSeries],
    *,
    columns: MeterColumns,
    file: str,
) -> tuple[pl.DataFrame, int, list[Finding]]:
    """Return the frame, how many readings repeat an interval, and how many of them differ."""
    rows: dict[object, tuple[object, ...]] = {}
    duplicates = restated = 0
    for meter_id, readings in meters.items():
        series = placed[meter_id]
        for reading, start in zip(readings, series.starts, strict=True):
            power_kw = (
                mean_power_kw(reading.kilo, series.interval_s)
                if columns.is_energy
                else reading.kilo
            )
            known = rows.get((meter_id, start))
            duplicates += known is not None
            restated += known is not None and known[3] != power_kw
            rows[meter_id, start] = (
                meter_id, start, series.interval_s, power_kw, file, reading.row,
            )  # fmt: skip
    schema = {name: column.dtype for name, column in MeterFrame.columns().items()}
    frame = pl.DataFrame(list(rows.values()), schema=schema, orient="row")
    checked = MeterFrame.validate(frame.sort("meter_id", "interval_start"), cast=True)
    text = "readings that restate an interval of this file, of which the later stands"
    return checked, duplicates, counted([("restated", restated, text)])
