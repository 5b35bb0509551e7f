"""Interval readings of a meter (CSV): a time and a mean power or an energy per interval.

A row is one reading. The interval's length is the most frequent distance between readings. Stamps
at the end of intervals are recognised by the column's name or by where the file begins and ends.
Date and time may stand in two columns, the unit in a third, and what flowed to the grid beside
what came from it: a reading is then the difference. Local times need a zone from the user: a
meter's file never says.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.day_columns import day_columns
from depotlib.ingest.findings import counted
from depotlib.ingest.interval_series import (
    IntervalSeries,
    Stamp,
    interval_length_s,
    interval_series,
)
from depotlib.ingest.meter_columns import (
    MeterColumns,
    in_kilo,
    is_energy_unit,
    is_plausible,
    is_unit,
    meter_columns,
)
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.normalise.times import usual_date_order
from depotlib.ingest.open_table import (
    OpenTable,
    TableShape,
    clock_findings,
    file_findings,
    open_table,
)
from depotlib.ingest.record import FieldReader, Record, in_row_order
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import mean_power_kw

_NAMED_CONFIDENCE_SHARE: Final = 0.9
_JUDGED_CONFIDENCE_SHARE: Final = 0.7
_TIME_OF_DAY: Final = re.compile(r"^\d{1,2}(:\d{2}){0,2}(\s*[AaPp][Mm])?$")
_HOUR_ONLY: Final = re.compile(r"^\d{1,2}$")
_END_OF_DAY: Final = re.compile(r"(?<!\d)24:00(:00)?$")
_LAST_SECOND: Final = "23:59:59"


@dataclass(frozen=True, slots=True)
class _MeterReading:
    meter_id: str
    stamp: Stamp
    kilo: float
    is_energy: bool
    row: int


class MeterCsv:
    """Reads interval readings of meters."""

    name = "meter_csv"
    title = "Meter interval readings in kW or kWh (CSV)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header holds a time and a power or energy, and no session's words."""
        columns = meter_columns(sample.header)
        if columns is None or day_columns(sample.header) is not None:
            return NOT_MINE
        share = _JUDGED_CONFIDENCE_SHARE if columns.stamps is None else _NAMED_CONFIDENCE_SHARE
        return Recognition(share, f"it has times in {columns.stamp} and {columns.quantity}")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the readings of a file, by meter."""
        columns = _columns(content)
        times = (columns.stamp,) if columns.date is None else (columns.date, columns.stamp)
        order = usual_date_order(options.time_zone)
        shape = TableShape(times, columns.numbers, date_order=order)
        opened = open_table(content, options, shape=shape)
        readers = _readers(opened, columns)
        readings, rejections = _readings(readers, columns=columns, options=options)
        meters = _by_meter(readings)
        placed = {
            meter_id: _placed(of_meter, columns=columns, options=options, opened=opened)
            for meter_id, of_meter in meters.items()
        }
        meter = meter_frame(_rows(meters, placed), file=content.file)
        return SourceRows(
            rows_in=opened.table.rows_in,
            conventions=opened.conventions,
            meter=meter.frame,
            duplicates=meter.duplicates,
            rejections=in_row_order(opened.table.rejections, rejections),
            findings=(
                *file_findings(opened),
                *clock_findings(readers),
                *(finding for series in placed.values() for finding in series.findings),
                *meter.findings,
                *_received_findings(readers, columns),
            ),
        )


def _columns(content: FileContent) -> MeterColumns:
    columns = meter_columns(sample_of(content.head).header)
    assert columns is not None, "the source recognised this file by these columns"
    return columns


def _readers(opened: OpenTable, columns: MeterColumns) -> list[FieldReader]:
    """Return the readers of a table; a date and a time of day become one text."""
    return [
        FieldReader(_with_whole_stamp(record, columns), opened.reading)
        for record in opened.table.records
    ]


def _with_whole_stamp(record: Record, columns: MeterColumns) -> Record:
    time = str(record.fields.get(columns.stamp) or "").strip()
    date = str(record.fields.get(columns.date) or "").strip() if columns.date else ""
    if not date or not _TIME_OF_DAY.match(time):
        return record
    clock = f"{time}:00" if _HOUR_ONLY.match(time) else time
    return replace(record, fields={**record.fields, columns.stamp: f"{date} {clock}"})


def _readings(
    readers: Sequence[FieldReader], *, columns: MeterColumns, options: ReadOptions
) -> tuple[list[_MeterReading], list[Rejection]]:
    readings: list[_MeterReading] = []
    rejections: list[Rejection] = []
    for reader in readers:
        reading = _reading(reader, columns=columns, options=options)
        if reading is None:
            assert reader.rejection is not None, "a reading without time or value has a fault"
            rejections.append(reader.rejection)
        else:
            readings.append(reading)
    return readings, rejections


def _reading(
    reader: FieldReader, *, columns: MeterColumns, options: ReadOptions
) -> _MeterReading | None:
    reader.needed_text(columns.stamp)
    reader.needed_text(columns.quantity)
    stamp, value = _stamp(reader, columns), reader.number(columns.quantity)
    received = reader.number(columns.received) if columns.received else None
    unit = reader.needed_text(columns.unit_column) if columns.unit_column else columns.unit
    if unit and not is_unit(unit):
        reader.reject("not_used", f"the unit is {unit!r}, neither active energy nor power")
    if stamp is None or value is None or reader.rejection is not None:
        return None
    kilo = in_kilo(value - (received or 0.0), unit=unit)
    if not is_plausible(kilo):
        reader.reject("implausible_reading", f"{columns.quantity} is {value:g}")
        return None
    meter_id = reader.text(columns.meter) if columns.meter else None
    return _MeterReading(
        meter_id=meter_id or options.meter_id,
        stamp=stamp,
        kilo=kilo,
        is_energy=is_energy_unit(unit),
        row=reader.record.row,
    )


def _stamp(reader: FieldReader, columns: MeterColumns) -> Stamp | None:
    """Return the stamp of a reading; 24:00 is the instant after the day's last second."""
    text = reader.text(columns.stamp) or ""
    ends_day = _END_OF_DAY.search(text) is not None
    if ends_day:
        fields = {**reader.record.fields, columns.stamp: _END_OF_DAY.sub(_LAST_SECOND, text)}
        reader.record = replace(reader.record, fields=fields)
    at = reader.instant(columns.stamp)
    if at is None:
        return None
    at += timedelta(seconds=int(ends_day))
    return Stamp(at, is_repeated="repeat" in reader.clock_changes)


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
    interval_s = options.interval_s or interval_length_s(stamps)
    if interval_s is None:
        raise MalformedFileError(
            f"{len(readings)} readings of meter {readings[0].meter_id!r} do not show how long "
            "their interval is",
            where=opened.content.file,
            hint="give a file with at least two readings in order of time, or --interval-s",
        )
    return interval_series(
        stamps,
        interval_s=interval_s,
        named=options.stamps or columns.stamps,
        time_zone=opened.reading.time_zone,
    )


def _rows(
    meters: Mapping[str, Sequence[_MeterReading]], placed: Mapping[str, IntervalSeries]
) -> list[MeterRow]:
    return [
        MeterRow(
            meter_id=meter_id,
            interval_start=start,
            interval_s=placed[meter_id].interval_s,
            power_kw=mean_power_kw(reading.kilo, placed[meter_id].interval_s)
            if reading.is_energy
            else reading.kilo,
            src_row=reading.row,
        )
        for meter_id, readings in meters.items()
        for reading, start in zip(readings, placed[meter_id].starts, strict=True)
    ]


def _received_findings(readers: Sequence[FieldReader], columns: MeterColumns) -> list[Finding]:
    if columns.received is None:
        return []
    rows = sum(
        reader.rejection is None and bool(reader.number(columns.received)) for reader in readers
    )
    text = f"readings from which {columns.received}, what flowed to the grid, was subtracted"
    return counted([("received", rows, text)])
