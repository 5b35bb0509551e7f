"""Excel workbooks (XLSX) as tables in text: one a sheet, a line for each row of the sheet.

Real dates become ``2026-03-01 10:20:30``, durations ``30:05:00``, numbers carry up to nine decimals
and texts stand as they are; a line break within a cell becomes a space, so that line numbers are
those of the sheet.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import Final
from xml.etree.ElementTree import ParseError

import fastexcel
import polars as pl
from defusedxml import ElementTree
from defusedxml.common import DefusedXmlException

from depotlib.errors import ArchiveError, EmptyFileError
from depotlib.ingest.archive import members
from depotlib.ingest.content import FileContent
from depotlib.ingest.unpacked import Allowance, Sink
from depotlib.units import HOURS_PER_DAY

WORKBOOK_MEMBER: Final = "xl/workbook.xml"

_RELATIONS: Final = "xl/_rels/workbook.xml.rels"
_ID: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_FIRST_CELL: Final = re.compile(rb"<(?:\w+:)?(?:v|is)>")
_ROW: Final = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d{1,7})"')
_DAY_ZERO: Final = pl.date(1899, 12, 31)
"""Excel counts durations from here, and shows those that are no dates as such."""
_DURATION: Final = r"^(?:1899|1900)-\d\d-\d\d \d\d:\d\d:\d\d"


def sheets(content: FileContent, *, allowance: Allowance) -> Iterator[FileContent]:
    """Yield each sheet that holds something, as a table in text.

    Raises
    ------
    ArchiveError
        If the workbook is broken.
    EmptyFileError
        If no sheet holds anything.
    UnpackLimitError
        If more comes out than an export holds.
    """
    first_rows = _first_rows(content, allowance=allowance)
    try:
        book = fastexcel.read_excel(content.data)
        filled = [
            (name, frame) for name in book.sheet_names if (frame := _cells(book, name)).height
        ]
    except fastexcel.FastExcelError as error:
        raise _broken(content.file, str(error)) from error
    if not filled:
        raise EmptyFileError("no sheet holds anything", where=content.file, hint="export it again")
    for name, frame in filled:
        file = content.file if len(filled) == 1 else f"{content.file}/{name}"
        sink = Sink(file, allowance)
        sink.write(b"\n" * (first_rows.get(name, 1) - 1))
        sink.write(frame.write_csv(include_header=False).encode())
        identity = hashlib.sha256(f"{content.digest}/{name}".encode()).hexdigest()
        yield FileContent(file=file, held=sink.held(), identity=identity)


def _cells(book: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    frame = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string").to_polars()
    return frame.select(_plain(pl.col(column)) for column in frame.columns)


def _plain(cell: pl.Expr) -> pl.Expr:
    """Return a cell without line breaks, and a duration as hours."""
    at = cell.str.head(19).str.to_datetime("%Y-%m-%d %H:%M:%S", strict=False)
    days = (at.dt.date() - _DAY_ZERO).dt.total_days()
    hours = days * int(HOURS_PER_DAY) + at.dt.hour().cast(pl.Int64)
    duration = pl.format("{}:{}", hours, at.dt.strftime("%M:%S"))
    return (
        pl.when(cell.str.contains(_DURATION) & at.is_not_null())
        .then(duration)
        .otherwise(cell.str.replace_all(r"[\r\n]+", " "))
        .alias(cell.meta.output_name())
    )


def _first_rows(content: FileContent, *, allowance: Allowance) -> dict[str, int]:
    """Return on which row each sheet begins; all of the workbook is counted on the way.

    What reads the cells starts with the first that is filled and does not say where that is.
    """
    parts = {
        each.file.removeprefix(f"{content.file}/"): each
        for each in members(content, allowance=allowance)
    }
    try:
        targets = {
            each.get("Id", ""): each.get("Target", "")
            for each in ElementTree.fromstring(parts[_RELATIONS].data)
        }
        named = {
            each.get("name", ""): targets.get(each.get(_ID, ""), "")
            for each in ElementTree.fromstring(parts[WORKBOOK_MEMBER].data).iter()
            if each.tag.endswith("}sheet")
        }
    except (KeyError, ParseError, DefusedXmlException, ValueError) as error:
        raise _broken(content.file, f"{error}") from error
    places = {name: target.removeprefix("/").removeprefix("xl/") for name, target in named.items()}
    return {
        name: _first_row(parts[f"xl/{place}"].data)
        for name, place in places.items()
        if f"xl/{place}" in parts
    }


def _first_row(xml: bytes) -> int:
    cell = _FIRST_CELL.search(xml)
    rows = _ROW.findall(xml, 0, cell.start()) if cell else []
    return int(rows[-1]) if rows else 1


def _broken(where: str, why: str) -> ArchiveError:
    return ArchiveError(
        f"the workbook cannot be read: {why}", where=where, hint="save it again as XLSX"
    )
