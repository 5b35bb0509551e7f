"""Delimited text as records: delimiter, header row, blank rows, ragged rows, a cut last line."""

import csv
import io
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from depotlib.errors import MalformedFileError, TruncatedFileError
from depotlib.ingest.record import RAW_CHARACTERS, Record
from depotlib.model.import_report import Rejection

_DELIMITERS: Final = (",", ";", "\t", "|")
_LINES_JUDGED: Final = 50
_LONGEST_LINE: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class DelimitedTable:
    """A table read from text.

    Parameters
    ----------
    delimiter : str
    header : tuple of str
        Column names, trimmed; a nameless column is called by its place.
    records : tuple of Record
        Rows that have a field for each column, with their line numbers.
    rejections : tuple of Rejection
        Blank and ragged rows.
    ends_with_newline : bool
        False where the last value may have been cut.
    title_rows : int
        Rows above the header that are not blank.
    """

    delimiter: str
    header: tuple[str, ...]
    records: tuple[Record, ...]
    rejections: tuple[Rejection, ...]
    ends_with_newline: bool
    title_rows: int = 0

    @property
    def rows_in(self) -> int:
        """Return how many rows follow the header, blank ones included."""
        return len(self.records) + len(self.rejections)

    def column(self, name: str) -> list[str]:
        """Return the filled texts of a column, in row order; empty where there is no such one."""
        texts = (str(record.fields.get(name, "")).strip() for record in self.records)
        return [text for text in texts if text]


@dataclass(frozen=True, slots=True)
class _Line:
    number: int
    fields: list[str]
    raw: str


def header_of(text: str) -> tuple[str, ...]:
    """Return the column names of a table's start, trimmed; empty where there are none."""
    try:
        lines = list(islice(_lines(text, _delimiter_of(text)), _LINES_JUDGED))
    except csv.Error:
        return ()
    at = _header_index(lines)
    return () if at is None else _names(lines[at].fields)


def read_table(text: str, *, file: str) -> DelimitedTable:
    """Return the records of a delimited text.

    Parameters
    ----------
    text : str
    file : str
        For messages.

    Raises
    ------
    TruncatedFileError
        If the last line ends in the middle.
    MalformedFileError
        If no header is found or a field is absurdly long.
    """
    lines, at = _judged_lines(text, file=file)
    delimiter = _delimiter_of(text)
    header = _names(lines[at].fields)
    ends_with_newline = text.endswith(("\n", "\r"))
    body = lines[at + 1 :]
    if body:
        is_short = not ends_with_newline and 0 < len(body[-1].fields) < len(header)
        if is_short or _has_open_quote(body[-1], delimiter):
            _refuse_a_cut_line(body[-1].number, file=file)
    records, rejections = _split(body, header=header, width=len(lines[at].fields))
    return DelimitedTable(
        delimiter=delimiter,
        header=header,
        records=tuple(records),
        rejections=tuple(rejections),
        ends_with_newline=ends_with_newline,
        title_rows=sum(_filled_width(line) > 0 for line in lines[:at]),
    )


def table_lines(text: str, *, file: str) -> tuple[list[str], list[tuple[int, str]]]:
    """Return a table as it is written: all down to its header, and the rows with their lines.

    Raises
    ------
    MalformedFileError
        As `read_table`.
    """
    lines, at = _judged_lines(text, file=file)
    return [line.raw for line in lines[: at + 1]], [
        (each.number, each.raw) for each in lines[at + 1 :]
    ]


def rows_of(
    lines: Iterable[tuple[int, str]], *, delimiter: str, header: tuple[str, ...], width: int
) -> tuple[list[Record], list[Rejection]]:
    """Return the records of some lines of a table, and those that are none.

    Parameters
    ----------
    lines : iterable of (int, str)
        Number of each line, and its text without the line end.
    delimiter : str
    header : tuple of str
    width : int
        How many columns there are, nameless ones at the end included.
    """
    body = [
        _Line(number, next(csv.reader([raw], delimiter=delimiter), list[str]()), raw)
        for number, raw in lines
    ]
    return _split(body, header=header, width=width)


def _judged_lines(text: str, *, file: str) -> tuple[list[_Line], int]:
    """Return the rows of a table, and which of them is its header."""
    try:
        lines = list(_lines(text, _delimiter_of(text)))
    except csv.Error as error:
        raise MalformedFileError(
            f"the table cannot be read: {error}", where=file, hint="export it again"
        ) from error
    at = _header_index(lines[:_LINES_JUDGED])
    if at is None:
        raise MalformedFileError(
            "there is no header row", where=file, hint="export it with column names"
        )
    return lines, at


def _split(
    body: list[_Line], *, header: tuple[str, ...], width: int
) -> tuple[list[Record], list[Rejection]]:
    """Return the rows that fit the header; `width` counts its nameless columns at the end, too."""
    records: list[Record] = []
    rejections: list[Rejection] = []
    for line in body:
        fault = _shape_fault(line.fields, columns=len(header), width=width)
        if fault:
            rejections.append(Rejection(line.number, *fault, line.raw[:RAW_CHARACTERS]))
        else:
            fields = dict(zip(header, line.fields, strict=False))
            raw = line.raw[:RAW_CHARACTERS]
            records.append(Record(row=line.number, fields=fields, raw=raw))
    return records, rejections


def _shape_fault(fields: list[str], *, columns: int, width: int) -> tuple[str, str] | None:
    if not any(field.strip() for field in fields):
        return "blank", "the row is empty"
    if len(fields) < columns:
        return "too_few_fields", f"{len(fields)} fields for {columns} columns"
    if any(field.strip() for field in fields[width:]):
        return "too_many_fields", f"{len(fields)} fields for {columns} columns"
    return None


def _has_open_quote(line: _Line, delimiter: str) -> bool:
    try:
        list(csv.reader([line.raw], delimiter=delimiter, strict=True))
    except csv.Error as error:
        return "unexpected end" in str(error)
    return False


def _refuse_a_cut_line(number: int, *, file: str) -> None:
    raise TruncatedFileError(
        f"the file ends in the middle of the row that starts on line {number}",
        where=f"{file}, line {number}",
        hint="fetch the export again; nothing of it was imported",
    )


def _lines(text: str, delimiter: str) -> Iterator[_Line]:
    """Yield each row with the number of the line it starts on and its raw text."""
    taken: list[str] = []

    def physical() -> Iterator[str]:
        for line in io.StringIO(text, newline=""):
            if len(line) > _LONGEST_LINE:
                raise csv.Error(f"a line of {len(line):,} characters is no row of an export")
            taken.append(line)
            yield line

    reader = csv.reader(physical(), delimiter=delimiter)
    number = 1
    for fields in reader:
        raw = "".join(taken).rstrip("\r\n")
        taken.clear()
        yield _Line(number=number, fields=fields, raw=raw)
        number = reader.line_num + 1


def _delimiter_of(text: str) -> str:
    """Return the delimiter that cuts the first lines into the most columns most regularly."""
    head = list(islice(io.StringIO(text, newline=""), _LINES_JUDGED))

    def score(delimiter: str) -> float:
        counts = Counter(line.count(delimiter) for line in head if line.strip())
        if not counts:
            return 0.0
        cuts, lines = max(counts.items(), key=lambda item: (item[0] > 0, item[1]))
        return cuts * lines

    return max(_DELIMITERS, key=score)


def _header_index(lines: list[_Line]) -> int | None:
    """Return where the header is: the first row as wide as most rows, and filled for the most part.

    Title rows are narrower, or filled up with empty cells by what saved the table.
    """
    widths = Counter(width for line in lines if (width := _filled_width(line)))
    if not widths:
        return None
    width = widths.most_common(1)[0][0]  # of equals, the width that comes first
    wide = [
        at for at, line in enumerate(lines) if _filled_width(line) and len(line.fields) >= width
    ]
    return next((at for at in wide if 2 * _filled(lines[at]) > width), wide[0])


def _filled(line: _Line) -> int:
    return sum(bool(field.strip()) for field in line.fields)


def _filled_width(line: _Line) -> int:
    """Return how many fields there are up to the last that is filled."""
    return max((place for place, field in enumerate(line.fields, 1) if field.strip()), default=0)


def _names(fields: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    known: set[str] = set()
    for place, field in enumerate(fields, 1):
        name = field.strip() or f"column {place}"
        names.append(name if name not in known else f"{name} ({place})")
        known.add(names[-1])
    while names and names[-1] == f"column {len(names)}":
        names.pop()
    return tuple(names)
