"""A delimited file opened for a source: its records, and its conventions judged over columns."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from depotlib.ingest.content import FileContent
from depotlib.ingest.delimited import DelimitedTable, read_table
from depotlib.ingest.findings import counted
from depotlib.ingest.normalise.quantities import judge_decimal_mark
from depotlib.ingest.normalise.times import (
    DateOrder,
    DateOrderVerdict,
    have_offsets,
    judge_date_order,
)
from depotlib.ingest.normalise.zone_words import zone_offset
from depotlib.ingest.record import FieldReader, Reading, Record
from depotlib.ingest.source import Conventions, ReadOptions, ZoneChoice, choose_zone
from depotlib.model.import_report import Finding


@dataclass(frozen=True, slots=True)
class TableShape:
    """Which columns of a table hold what, and what this kind of export is known to use.

    Parameters
    ----------
    times, numbers : sequence of str
        Names of columns.
    time_zone : str or None
        Zone of its local times, if the kind of export has one.
    date_order : DateOrder
    zone_columns : mapping of str to str
        For a column of times, the one that holds the abbreviation of its zone.
    """

    times: Sequence[str]
    numbers: Sequence[str]
    time_zone: str | None = None
    date_order: DateOrder = "day_month_year"
    zone_columns: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class OpenTable:
    """A table ready to be mapped.

    Parameters
    ----------
    table : DelimitedTable
    reading : Reading
    zone : ZoneChoice
    order : DateOrderVerdict
    """

    content: FileContent
    table: DelimitedTable
    reading: Reading
    zone: ZoneChoice
    order: DateOrderVerdict

    @property
    def conventions(self) -> Conventions:
        """Return how the file is read."""
        return Conventions(
            time_zone=self.zone.name,
            zone_origin=self.zone.origin,
            date_order=self.order.order,
            columns=self.table.header,
        )

    def readers(self) -> list[FieldReader]:
        """Return a reader for each record, in the order of the file."""
        return [FieldReader(record, self.reading) for record in self.table.records]


def open_table(
    content: FileContent,
    options: ReadOptions,
    *,
    shape: TableShape,
    prepared: Callable[[Record], Record] | None = None,
) -> OpenTable:
    """Return a file's table with its zone, order of dates and decimal mark.

    Parameters
    ----------
    content : FileContent
    options : ReadOptions
    shape : TableShape
    prepared : callable, optional
        What is done to each record before anything is judged: a vendor's word for nothing, say.

    Raises
    ------
    TruncatedFileError, MalformedFileError
        If the table cannot be read whole.
    TimeZoneNeededError
        If its times are local and nobody says where.
    """
    table = _prepared(read_table(content.text, file=content.file), prepared)
    table = _prepared(table, partial(_placed, zone_columns=shape.zone_columns))
    times = [text for name in shape.times for text in table.column(name)]
    order = judge_date_order(times, assumed=shape.date_order)
    zone = choose_zone(
        options, has_offsets=have_offsets(times), assumed=shape.time_zone, file=content.file
    )
    numbers = [text for name in shape.numbers for text in table.column(name)]
    reading = Reading(
        time_zone=zone.time_zone,
        date_order=order.order,
        decimal_mark=judge_decimal_mark(numbers, delimiter=table.delimiter),
    )
    return OpenTable(content=content, table=table, reading=reading, zone=zone, order=order)


def _prepared(table: DelimitedTable, change: Callable[[Record], Record] | None) -> DelimitedTable:
    if change is None:
        return table
    return replace(table, records=tuple(map(change, table.records)))


def _placed(record: Record, *, zone_columns: Mapping[str, str]) -> Record:
    """Return a record whose times carry the offset that the column beside them stands for."""
    if not zone_columns:
        return record
    fields = dict(record.fields)
    for time, zone in zone_columns.items():
        offset = zone_offset(str(fields.get(zone) or ""))
        text = str(fields.get(time) or "").strip()
        if offset and text:
            fields[time] = f"{text} {offset}"
    return replace(record, fields=fields)


def file_findings(opened: OpenTable) -> list[Finding]:
    """Return what had to be assumed about a file as a whole."""
    records = len(opened.table.records)
    order = opened.order.order.replace("_", ", ")
    return counted(
        [
            ("assumed_time_zone", records * (opened.zone.origin == "assumed"),
             f"records whose times name no zone; {opened.zone.name} was assumed, as this kind of "
             "export uses it"),
            ("assumed_date_order", records * opened.order.is_assumed,
             f"records in which no date shows which number is the day; {order} was assumed"),
            ("title_rows", opened.table.title_rows,
             "rows above the header, which are no records"),
            ("guessed_encoding", int(not opened.content.is_utf8),
             "the text is not UTF-8 and was read as Windows-1252; files"),
            ("no_final_newline", int(not opened.table.ends_with_newline),
             "the last line has no line end, so if the file was cut there, its last value is "
             "short; lines"),
        ]
    )  # fmt: skip


def clock_findings(readers: Iterable[FieldReader]) -> list[Finding]:
    """Return how many records hold a local time that a clock change makes doubtful."""
    kept = [reader for reader in readers if reader.rejection is None]
    return counted(
        [
            ("clock_gap", sum("gap" in reader.clock_changes for reader in kept),
             "records with a local time that the spring change skips, moved forward by the gap"),
            ("clock_repeat", sum("repeat" in reader.clock_changes for reader in kept),
             "records with a local time that happens twice when clocks go back"),
        ]
    )  # fmt: skip
