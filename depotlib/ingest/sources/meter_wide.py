"""Interval readings of a meter with a day in each row (CSV): 24, 48 or 96 columns of the day.

A row is one day of one meter. Columns are named by times of day, or numbered from midnight on; the
hour that clocks repeat may have columns of its own. An empty cell is a reading that is not there;
a day with a cell that is no number is rejected whole, so that it can be mended and imported.
Times are local and need a zone from the user.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.errors import MalformedFileError
from depotlib.ingest.content import FileContent, FileSample, sample_of
from depotlib.ingest.day_columns import DayColumn, DayColumns, day_columns
from depotlib.ingest.findings import counted
from depotlib.ingest.meter_columns import (
    METER_NAMES,
    UNIT_NAMES,
    date_column,
    in_kilo,
    is_energy_unit,
    is_foreign,
    is_plausible,
    is_unit,
    plain,
)
from depotlib.ingest.meter_rows import MeterRow, meter_frame
from depotlib.ingest.normalise.times import second_of_repeat, usual_date_order
from depotlib.ingest.open_table import OpenTable, TableShape, file_findings, open_table
from depotlib.ingest.record import FieldReader, in_row_order
from depotlib.ingest.source import NOT_MINE, ReadOptions, Recognition, SourceRows
from depotlib.model.calendar import is_in_gap, is_repeated_hour, local_to_utc, zone
from depotlib.model.import_report import Finding, Rejection
from depotlib.units import mean_power_kw

_CONFIDENCE_SHARE: Final = 0.9
_WORDS: Final = re.compile(r"[a-z]+")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where things stand in a file of days."""

    date: str
    day: DayColumns
    unit: str
    unit_column: str | None
    meter: str | None
    time_zone: ZoneInfo


class MeterWide:
    """Reads interval readings with a day in each row."""

    name = "meter_wide"
    title = "Meter interval readings with a day in each row (CSV, 24 to 100 columns)"

    def recognise(self, sample: FileSample) -> Recognition:
        """Return whether the header has a date and a whole day of columns."""
        day = day_columns(sample.header)
        if day is None or date_column(sample.header) is None:
            return NOT_MINE
        if is_foreign([plain(name) for name in sample.header]):
            return NOT_MINE
        return Recognition(_CONFIDENCE_SHARE, f"it has a date and {len(day.columns)} intervals")

    def read(self, content: FileContent, options: ReadOptions) -> SourceRows:
        """Return the intervals of all days, by meter.

        Raises
        ------
        MalformedFileError
            If nothing in the file says whether its numbers are kW or kWh.
        """
        opened, layout = _opened(content, options)
        account: Counter[str] = Counter()
        rows: list[MeterRow] = []
        rejections: list[Rejection] = []
        for reader in opened.readers():
            day = _day(reader, layout, account=account, meter_id=options.meter_id)
            if reader.rejection is not None:
                rejections.append(reader.rejection)
            else:
                rows.extend(day)
        meter = meter_frame(rows, file=content.file)
        return SourceRows(
            rows_in=opened.table.rows_in,
            conventions=opened.conventions,
            meter=meter.frame,
            duplicates=meter.duplicates,
            rejections=in_row_order(opened.table.rejections, rejections),
            findings=(
                *file_findings(opened),
                *_day_findings(account),
                *_stamp_findings(layout, options, intervals=meter.frame.height),
                *meter.findings,
            ),
        )


def _opened(content: FileContent, options: ReadOptions) -> tuple[OpenTable, _Layout]:
    header = sample_of(content.head).header
    date, day = date_column(header), day_columns(header, stamps=options.stamps)
    assert date is not None, "the source recognised this file by its date"
    assert day is not None, "the source recognised this file by a day of columns"
    shape = TableShape(
        times=(date,),
        numbers=tuple(column.name for column in day.columns),
        date_order=usual_date_order(options.time_zone),
    )
    opened = open_table(content, options, shape=shape)
    names = {plain(name): name for name in reversed(opened.table.header)}
    unit_column = next((names[name] for name in UNIT_NAMES if name in names), None)
    unit = "" if unit_column else _unit(content, opened)
    layout = _Layout(
        date=date,
        day=day,
        unit=unit,
        unit_column=unit_column,
        meter=next((names[name] for name in METER_NAMES if name in names), None),
        time_zone=opened.reading.time_zone or zone("UTC"),
    )
    return opened, layout


def _unit(content: FileContent, opened: OpenTable) -> str:
    """Return the one unit that the header or the rows above it name.

    Raises
    ------
    MalformedFileError
        If there is none, or more than one.
    """
    first = opened.table.records[0].row - 1 if opened.table.records else 1
    above = "\n".join(content.text.splitlines()[:first]).lower()
    units = {word for word in _WORDS.findall(above) if is_unit(word)}
    if len(units) != 1:
        found = " and ".join(sorted(units)) or "no unit"
        raise MalformedFileError(
            f"the header names {found}, so the readings may be powers or energies",
            where=content.file,
            hint="write kW or kWh into the name of a column, or add a column 'unit'",
        )
    return units.pop()


def _day(
    reader: FieldReader, layout: _Layout, *, account: Counter[str], meter_id: str
) -> list[MeterRow]:
    """Return the intervals of a day; none where the row is rejected."""
    reader.needed_text(layout.date)
    midnight = reader.instant(layout.date)
    unit = reader.needed_text(layout.unit_column) if layout.unit_column else layout.unit
    if unit and not is_unit(unit):
        reader.reject("not_used", f"the unit is {unit!r}, neither active energy nor power")
    if midnight is None or reader.rejection is not None:
        return []
    named = reader.text(layout.meter) if layout.meter else None
    found: Counter[str] = Counter()
    rows = [
        MeterRow(named or meter_id, start, layout.day.interval_s, power_kw, reader.record.row)
        for start, power_kw in _intervals(reader, layout, midnight=midnight, unit=unit, found=found)
    ]
    if not rows and reader.rejection is None:
        reader.reject("no_readings", "every interval of the day is empty")
    if reader.rejection is None:
        account.update(found)
    return rows


def _intervals(
    reader: FieldReader, layout: _Layout, *, midnight: datetime, unit: str, found: Counter[str]
) -> Iterator[tuple[datetime, float]]:
    starts = _starts(midnight, layout, found=found)
    for column, start in zip(layout.day.columns, starts, strict=True):
        value = reader.number(column.name)
        if value is None:
            found["missing_value"] += start is not None
        elif start is None and value != 0:
            reader.reject("no_such_time", f"{column.name} is {value:g}, and that day has no such "
                          "time: clocks may not change in this file (name a zone that has no "
                          "summer time)")  # fmt: skip
        elif start is None:
            found["clock_gap"] += 1
        elif not is_plausible(value):
            reader.reject("implausible_reading", f"{column.name} is {value:g}")
        else:
            kilo, interval_s = in_kilo(value, unit=unit), layout.day.interval_s
            yield start, mean_power_kw(kilo, interval_s) if is_energy_unit(unit) else kilo


def _starts(midnight: datetime, layout: _Layout, *, found: Counter[str]) -> list[datetime | None]:
    """Return when each interval of a day begins, UTC; None where the day has no such interval."""
    date = midnight.astimezone(layout.time_zone).replace(tzinfo=None)
    if layout.day.is_by_clock:
        return [
            _by_clock(date, column, layout=layout, found=found) for column in layout.day.columns
        ]
    next_midnight = local_to_utc(date + timedelta(days=1), layout.time_zone)
    starts = [midnight + timedelta(seconds=column.offset_s) for column in layout.day.columns]
    return [start if start < next_midnight else None for start in starts]


def _by_clock(
    date: datetime, column: DayColumn, *, layout: _Layout, found: Counter[str]
) -> datetime | None:
    step = timedelta(seconds=layout.day.interval_s)
    shift = step if layout.day.stamps == "end" else timedelta()
    named = date + timedelta(seconds=column.offset_s)
    if column.is_repeated:
        if not is_repeated_hour(named, layout.time_zone):
            return None
        return second_of_repeat(local_to_utc(named, layout.time_zone), layout.time_zone) - shift
    start = named - shift
    if is_in_gap(start, layout.time_zone):
        return None
    instant = local_to_utc(start, layout.time_zone)
    if not is_repeated_hour(start, layout.time_zone):
        return instant
    found["clock_repeat"] += not layout.day.has_repeats
    is_second = layout.day.has_repeats and not is_repeated_hour(named, layout.time_zone)
    return second_of_repeat(instant, layout.time_zone) if is_second else instant


def _stamp_findings(layout: _Layout, options: ReadOptions, *, intervals: int) -> list[Finding]:
    is_judged = layout.day.is_by_clock and options.stamps is None
    text = (
        "readings that do not say which end of their interval is stamped; the "
        f"{layout.day.stamps} was taken"
    )
    return counted([("stamps_judged", intervals * is_judged, text)])


def _day_findings(account: Counter[str]) -> list[Finding]:
    return counted(
        [
            ("missing_value", account["missing_value"], "intervals without a reading"),
            ("clock_gap", account["clock_gap"], "columns of an hour that the day does not have, "
             "which hold 0 and are no interval"),
            ("clock_repeat", account["clock_repeat"], "readings of a time that happens twice when "
             "clocks go back, of which the file has one; the first was taken"),
        ]
    )  # fmt: skip
