"""A table opened by a column mapping: records prepared, conventions judged over the file."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from depotlib.errors import MappingError
from depotlib.ingest.content import FileContent
from depotlib.ingest.delimited import DelimitedTable, read_table
from depotlib.ingest.findings import counted
from depotlib.ingest.mapping.judged_units import JudgedUnits, judged_units
from depotlib.ingest.mapping.prepared import Preparation, label
from depotlib.ingest.mapping.swapped_days import SwappedDays, with_right_days
from depotlib.ingest.normalise.quantities import judge_decimal_mark
from depotlib.ingest.normalise.times import (
    DateOrderVerdict,
    have_offsets,
    judge_date_order,
)
from depotlib.ingest.open_table import OpenTable, file_findings
from depotlib.ingest.record import FieldReader, Reading, Record, in_row_order
from depotlib.ingest.source import ReadOptions, choose_zone
from depotlib.model.column_mapping import (
    FLAG_COLUMNS,
    TEXT_COLUMNS,
    TIME_COLUMNS,
    ColumnMapping,
)
from depotlib.model.import_report import Finding, Rejection
from depotlib.model.unit import NUMERIC_UNITS, TEXT_UNITS
from depotlib.units import ac_power_kw

_STAYS: Final = (("plug_start", "plug_end"), ("charge_start", "charge_end"),
                 ("start", "end"), ("departure", "return_at"))  # fmt: skip
MAINS_V: Final = 230.0
"""Where a mapping gives a current and no voltage."""


@dataclass(frozen=True, slots=True)
class MappedTable:
    """A file as its mapping sees it: reads canonical columns of its records.

    Parameters
    ----------
    mapping : ColumnMapping
    opened : OpenTable
        Its table holds prepared records only.
    readers : tuple of FieldReader
        One a record.
    units : JudgedUnits
    findings : tuple of Finding
        About the file as a whole.
    """

    mapping: ColumnMapping
    opened: OpenTable
    readers: tuple[FieldReader, ...]
    units: JudgedUnits
    findings: tuple[Finding, ...]

    def has(self, name: str) -> bool:
        """Return whether the mapping fills a canonical column."""
        return name in self.mapping.fields

    def label(self, name: str) -> str:
        """Return what a canonical column is called in a prepared record."""
        filled = self.mapping.fields.get(name)
        return name if filled is None else label(name, filled)

    def text(self, reader: FieldReader, name: str) -> str | None:
        """Return a text, None where it is empty or not mapped."""
        return reader.text(self.label(name)) if self.has(name) else None

    def needed_text(self, reader: FieldReader, name: str) -> str:
        """Return a text; a missing one is a fault."""
        return reader.needed_text(self.label(name))

    def instant(self, reader: FieldReader, name: str) -> datetime | None:
        """Return an instant, UTC, None where it is empty or not mapped; else a fault."""
        return reader.instant(self.label(name)) if self.has(name) else None

    def needed_instant(self, reader: FieldReader, name: str) -> datetime | None:
        """Return an instant; a missing one is a fault."""
        reader.needed_text(self.label(name))
        return self.instant(reader, name)

    def soc(self, reader: FieldReader, name: str) -> float | None:
        """Return a state of charge, None where it is empty or not mapped; else a fault."""
        return self.units.socs[name].soc(reader, self.label(name)) if self.has(name) else None

    def number(self, reader: FieldReader, name: str) -> float | None:
        """Return a quantity in the canonical unit, None where empty or not mapped; else a fault."""
        if not self.has(name):
            return None
        filled, value = self.mapping.fields[name], reader.number(self.label(name))
        if value is None:
            return None
        unit = NUMERIC_UNITS[self.units.units[name]]
        canonical = unit.to_canonical(-value if filled.is_negated else value)
        if unit.dimension == "current":
            return ac_power_kw(canonical, filled.voltage_v or MAINS_V, phases=filled.phases)
        return canonical

    def amount(self, reader: FieldReader, name: str, *, reason: str) -> float | None:
        """Return a quantity of 0 or more; a negative one is a fault with this reason."""
        value = self.number(reader, name)
        if value is not None and value < 0:
            reader.reject(reason, f"{self.label(name)} is {value:g}")
        return value

    def duration_s(self, reader: FieldReader, name: str = "duration_s") -> float | None:
        """Return a duration [s], None where it is empty or not mapped; else a fault."""
        text = self.text(reader, name)
        if text is None:
            return None
        if ":" in text or self.units.units[name] in TEXT_UNITS:
            return reader.duration_s(self.label(name))
        return self.amount(reader, name, reason="negative_duration")

    def flag(self, reader: FieldReader, name: str) -> bool | None:
        """Return a yes or no, None where it is empty or not mapped; else a fault."""
        if not self.has(name):
            return None
        true_texts = self.mapping.fields[name].true_texts
        text = self.text(reader, name)
        if text is not None and true_texts:
            return text in true_texts
        return reader.claim(self.label(name))


def open_mapped(
    content: FileContent, options: ReadOptions, *, mapping: ColumnMapping
) -> MappedTable:
    """Return a file opened by a mapping.

    Raises
    ------
    TruncatedFileError, MalformedFileError
        If the table cannot be read whole.
    MappingError
        If a column that the mapping reads is not there.
    TimeZoneNeededError
        If its times are local and nobody says where.
    """
    table = read_table(content.text, file=content.file)
    _check_columns(table, mapping, file=content.file)
    preparation = Preparation(mapping)
    unknown = sum(map(preparation.has_unknown, table.records))
    swapped, blank = _prepared(table, mapping)
    table = replace(
        table, records=swapped.records, rejections=in_row_order(table.rejections, blank)
    )
    opened = _judged(content, options, table=table, mapping=mapping)
    readers = tuple(opened.readers())
    units = judged_units(readers, mapping)
    claims = [
        ("unknown_value", unknown, "records with a value that this kind of export writes where "
         "nobody knows it"),
        ("ignored_offset", len(table.records) * mapping.ignore_offset,
         "records whose times name an offset that is wrong in this kind of export: they are local"),
    ]  # fmt: skip
    findings = (*file_findings(opened), *counted(claims), *swapped.findings, *units.findings)
    return MappedTable(mapping, opened, readers, units, findings)


def _prepared(table: DelimitedTable, mapping: ColumnMapping) -> tuple[SwappedDays, list[Rejection]]:
    preparation = Preparation(mapping)
    blank = [record for record in table.records if preparation.is_blank(record)]
    rows = {record.row for record in blank}
    prepared: list[Record] = [
        preparation.prepared(record) for record in table.records if record.row not in rows
    ]
    fields = mapping.fields
    stays = [
        (label(start, fields[start]), label(end, fields[end]))
        for start, end in _STAYS
        if start in fields and end in fields
    ]
    swapped = with_right_days(prepared, stays=stays, may_repair=mapping.may_swap_days)
    return swapped, [
        Rejection(record.row, "blank", "the row says nothing", record.raw) for record in blank
    ]


def _judged(
    content: FileContent, options: ReadOptions, *, table: DelimitedTable, mapping: ColumnMapping
) -> OpenTable:
    fields = mapping.fields
    times = [
        text
        for name in fields
        if name in TIME_COLUMNS
        for text in table.column(label(name, fields[name]))
    ]
    numbers = [
        text
        for name in fields
        if name not in TIME_COLUMNS | TEXT_COLUMNS | FLAG_COLUMNS
        for text in table.column(label(name, fields[name]))
    ]
    order = (
        DateOrderVerdict(mapping.date_order)
        if mapping.date_order
        else judge_date_order(times, assumed=mapping.assumed_date_order)
    )
    zone = choose_zone(
        options,
        has_offsets=not times or have_offsets(times),
        assumed=mapping.time_zone,
        file=content.file,
    )
    mark = mapping.decimal_mark or judge_decimal_mark(numbers, delimiter=table.delimiter)
    reading = Reading(time_zone=zone.time_zone, date_order=order.order, decimal_mark=mark)
    return OpenTable(content=content, table=table, reading=reading, zone=zone, order=order)


def _check_columns(table: DelimitedTable, mapping: ColumnMapping, *, file: str) -> None:
    missing = [name for name in mapping.header if name not in table.header]
    if missing:
        raise MappingError(
            f"the file has no column {missing[0]!r}, by which {mapping.name!r} knows its files",
            where=file,
            hint=f"it has {', '.join(table.header)}",
        )
