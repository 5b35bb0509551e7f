"""Excel workbooks (XLSX) as tables in text: one a sheet, a line for each row of the sheet.

Real dates become ``2026-03-01 10:20:30``, durations ``30:05:00``, numbers carry up to nine decimals
and texts stand as they are; a line break within a cell becomes a space, so that line numbers are
those of the sheet.
"""

import hashlib
from collections.abc import Iterator
from typing import Final

import fastexcel
import polars as pl

from depotlib.errors import ArchiveError, EmptyFileError
from depotlib.ingest.archive import members
from depotlib.ingest.content import FileContent
from depotlib.ingest.unpacked import Allowance, Sink
from depotlib.units import HOURS_PER_DAY

WORKBOOK_MEMBER: Final = "xl/workbook.xml"

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
    _count(content, allowance=allowance)
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
        sink.write(frame.write_csv(include_header=False).encode())
        identity = hashlib.sha256(f"{content.digest}/{name}".encode()).hexdigest()
        yield FileContent(file=file, held=sink.held(), identity=identity)


def _cells(book: fastexcel.ExcelReader, name: str) -> pl.DataFrame:
    # Rows above the first filled one are kept, so that line numbers stay those of the sheet.
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


def _count(content: FileContent, *, allowance: Allowance) -> None:
    """Count all that comes out of a workbook before a library opens it, which counts nothing."""
    for member in members(content, allowance=allowance):
        if member.path is not None:
            member.path.unlink()


def _broken(where: str, why: str) -> ArchiveError:
    return ArchiveError(
        f"the workbook cannot be read: {why}", where=where, hint="save it again as XLSX"
    )
