"""A report as a workbook (Office Open XML): numbers as numbers, instants as dates, sums as formulas.

A sheet of figures and one a table. A text is written as a text whatever it begins with, so that no
spreadsheet runs what somebody named a van. The parts are written here because what is needed of the
format is small and runs wherever depotlib does.

References
----------
.. [1] ECMA-376, Office Open XML file formats, part 1, SpreadsheetML (§18).
"""

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from math import isfinite
from typing import Final
from xml.sax.saxutils import escape, quoteattr
from zoneinfo import ZoneInfo

from depotlib.reports.report import Column, ColumnKind, Report, Table, Value
from depotlib.units import SECONDS_PER_DAY

TOTAL: Final = "Total"
FIGURES: Final = "Figures"
EPOCH: Final = datetime(1899, 12, 30, tzinfo=UTC)
"""Day 0 of a spreadsheet's dates, right for all of them since March 1900."""
FORMATS: Final = {
    "money": "#,##0.00",
    "number": "#,##0.0##",
    "energy": "#,##0.000",
    "price": "#,##0.00######",
    "count": "#,##0",
    "instant": "yyyy\\-mm\\-dd\\ hh:mm",
    "day": "yyyy\\-mm\\-dd",
    "text": "General",
}
FIRST_FORMAT: Final = 164
"""Numbers of formats below are the format's own (§18.8.30)."""
LONGEST_TEXT: Final = 32_767
LONGEST_NAME: Final = 31
WIDTHS: Final = (9, 60)
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""What XML cannot hold."""
_MAIN: Final = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS: Final = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE: Final = "http://schemas.openxmlformats.org/package/2006"
_HEAD: Final = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_WRITTEN: Final = (1980, 1, 1, 0, 0, 0)
"""The same report is the same file."""


def workbook(report: Report) -> bytes:
    """Return a report as a file of XLSX.

    Raises
    ------
    ZoneInfoNotFoundError
        If the report's zone does not exist.
    """
    time_zone = ZoneInfo(report.time_zone)
    names = [FIGURES, *_sheet_names(report.tables)]
    sheets = [
        _figures_sheet(report, time_zone=time_zone),
        *(_table_sheet(one, time_zone=time_zone) for one in report.tables),
    ]
    parts = {
        "[Content_Types].xml": _content_types(len(sheets)),
        "_rels/.rels": _relations([("officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": _book(names),
        "xl/_rels/workbook.xml.rels": _relations(
            [
                *(("worksheet", f"worksheets/sheet{one}.xml") for one in range(1, len(sheets) + 1)),
                ("styles", "styles.xml"),
            ]
        ),
        "xl/styles.xml": _styles(),
        **{f"xl/worksheets/sheet{one}.xml": sheet for one, sheet in enumerate(sheets, 1)},
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", compression=zipfile.ZIP_DEFLATED) as packed:
        for path, text in parts.items():
            packed.writestr(
                zipfile.ZipInfo(path, date_time=_WRITTEN),
                _HEAD + text,
                compress_type=zipfile.ZIP_DEFLATED,
            )
    return file.getvalue()


def _figures_sheet(report: Report, *, time_zone: ZoneInfo) -> str:
    rows: list[list[str]] = [
        [_text_cell("A1", report.title, is_bold=True)],
        [_text_cell("A2", report.question)],
        [_text_cell("A3", f"Times are local ({report.time_zone}).")],
        [],
        [
            _text_cell(f"{letter}5", text, is_bold=True)
            for letter, text in zip("ABC", ("Figure", "Value", "Unit"), strict=True)
        ],
    ]
    for number, figure in enumerate(report.figures, len(rows) + 1):
        rows.append(
            [
                _text_cell(f"A{number}", figure.name),
                _cell(f"B{number}", figure.value, kind=figure.kind, time_zone=time_zone),
                _text_cell(f"C{number}", figure.unit),
            ]
        )
    notes: list[str] = ["", *report.notes] if report.notes else []
    rows += [[_text_cell(f"A{number}", one)] for number, one in enumerate(notes, len(rows) + 1)]
    return _sheet(rows, widths=[34, 24, 10], frozen=0)


def _table_sheet(table: Table, *, time_zone: ZoneInfo) -> str:
    columns = table.columns
    rows = [
        [
            _text_cell(f"{_letters(at)}1", one.heading, is_bold=True)
            for at, one in enumerate(columns)
        ]
    ]
    for number, row in enumerate(table.rows, 2):
        rows.append(
            [
                _cell(
                    f"{_letters(at)}{number}",
                    value,
                    kind=column.kind,
                    time_zone=time_zone,
                    formula=_difference(table, column, row=number),
                )
                for at, (column, value) in enumerate(zip(columns, row, strict=True))
            ]
        )
    if table.rows and any(one.is_summed for one in columns):
        rows.append(list(_sums(table, row=len(rows) + 1, time_zone=time_zone)))
    return _sheet(rows, widths=[_width(table, at) for at in range(len(columns))], frozen=1)


def _difference(table: Table, column: Column, *, row: int) -> str:
    if column.less is None:
        return ""
    first, second = (_letters(table.headings.index(one)) for one in column.less)
    return f"{first}{row}-{second}{row}"


def _sums(table: Table, *, row: int, time_zone: ZoneInfo) -> Iterator[str]:
    if not table.columns[0].is_summed:
        yield _text_cell(f"A{row}", TOTAL, is_bold=True)
    for at, column in enumerate(table.columns):
        if column.is_summed:
            letters = _letters(at)
            yield _cell(
                f"{letters}{row}",
                table.total(column.heading),
                kind=column.kind,
                time_zone=time_zone,
                formula=f"SUM({letters}2:{letters}{row - 1})",
                is_bold=True,
            )


def _cell(
    place: str,
    value: Value,
    *,
    kind: ColumnKind,
    time_zone: ZoneInfo,
    formula: str = "",
    is_bold: bool = False,
) -> str:
    if value is None or (isinstance(value, float) and not isfinite(value)):
        return ""  # the format has no word for what is no number
    if isinstance(value, str):
        return _text_cell(place, value, is_bold=is_bold)
    if isinstance(value, datetime):
        number, style = f"{_serial(value, time_zone)!r}", "instant"
    elif isinstance(value, date):
        number, style = f"{(value - EPOCH.date()).days}", "day"
    else:
        number, style = f"{value:f}" if isinstance(value, Decimal) else f"{value!r}", kind
    run = f"<f>{formula}</f>" if formula else ""
    return f'<c r="{place}" s="{_style(style, is_bold=is_bold)}">{run}<v>{number}</v></c>'


def _text_cell(place: str, text: str, *, is_bold: bool = False) -> str:
    said = escape(_CONTROL.sub("\ufffd", text)[:LONGEST_TEXT])
    style = _style("text", is_bold=is_bold)
    return (
        f'<c r="{place}" s="{style}" t="inlineStr"><is><t xml:space="preserve">{said}</t></is></c>'
    )


def _serial(instant: datetime, time_zone: ZoneInfo) -> float:
    """Return a local wall time as a spreadsheet counts: days since its epoch."""
    wall = instant.astimezone(time_zone).replace(tzinfo=UTC)
    return (wall - EPOCH).total_seconds() / SECONDS_PER_DAY


def _style(name: str, *, is_bold: bool) -> int:
    return 2 * list(FORMATS).index(name) + is_bold


def _letters(at: int) -> str:
    """Return the name of a column, counted from 0: A, B … Z, AA."""
    letters = ""
    number = at + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _width(table: Table, at: int) -> int:
    cells = [table.headings[at], *(f"{row[at]}" for row in table.rows if isinstance(row[at], str))]
    least, most = WIDTHS
    return min(max(least, *(len(one) + 2 for one in cells)), most)


def _sheet_names(tables: Sequence[Table]) -> list[str]:
    """Return names that a spreadsheet takes: each once, 31 letters at most, no signs of a path."""
    names: list[str] = [FIGURES.lower()]
    given: list[str] = []
    for table in tables:
        plain = re.sub(r"[\[\]:*?/\\]", " ", table.name).strip().strip("'") or "Table"
        name, number = plain[:LONGEST_NAME], 1
        while name.lower() in names:
            number += 1
            ending = f" {number}"
            name = plain[: LONGEST_NAME - len(ending)] + ending
        names.append(name.lower())
        given.append(name)
    return given


def _sheet(rows: Sequence[Sequence[str]], *, widths: Sequence[int], frozen: int) -> str:
    columns = "".join(
        f'<col min="{at}" max="{at}" width="{width}" customWidth="1"/>'
        for at, width in enumerate(widths, 1)
    )
    lines = "".join(f'<row r="{at}">{"".join(row)}</row>' for at, row in enumerate(rows, 1))
    pane = (
        f'<pane ySplit="{frozen}" topLeftCell="A{frozen + 1}" activePane="bottomLeft" '
        'state="frozen"/>'
        if frozen
        else ""
    )
    return (
        f'<worksheet xmlns="{_MAIN}"><sheetViews><sheetView workbookViewId="0">{pane}</sheetView>'
        f"</sheetViews><cols>{columns}</cols><sheetData>{lines}</sheetData></worksheet>"
    )


def _book(names: Sequence[str]) -> str:
    sheets = "".join(
        f'<sheet name={quoteattr(name)} sheetId="{at}" r:id="rId{at}"/>'
        for at, name in enumerate(names, 1)
    )
    return (
        f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>{sheets}</sheets>'
        '<calcPr fullCalcOnLoad="1"/></workbook>'
    )


def _relations(targets: Sequence[tuple[str, str]]) -> str:
    links = "".join(
        f'<Relationship Id="rId{at}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for at, (kind, target) in enumerate(targets, 1)
    )
    return f'<Relationships xmlns="{_PACKAGE}/relationships">{links}</Relationships>'


def _content_types(sheets: int) -> str:
    overrides = [
        ("/xl/workbook.xml", "sheet.main"),
        ("/xl/styles.xml", "styles"),
        *((f"/xl/worksheets/sheet{one}.xml", "worksheet") for one in range(1, sheets + 1)),
    ]
    return (
        f'<Types xmlns="{_PACKAGE}/content-types"><Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        + "".join(
            f'<Override PartName="{part}" ContentType="{_TYPE}.{kind}+xml"/>'
            for part, kind in overrides
        )
        + "</Types>"
    )


def _styles() -> str:
    """Return every format plain and bold, in the order of `_style`."""
    formats = "".join(
        f'<numFmt numFmtId="{FIRST_FORMAT + at}" formatCode={quoteattr(code)}/>'
        for at, code in enumerate(FORMATS.values())
    )
    cells = "".join(
        f'<xf numFmtId="{FIRST_FORMAT + at}" fontId="{bold}" fillId="0" borderId="0" xfId="0" '
        'applyNumberFormat="1" applyFont="1"/>'
        for at in range(len(FORMATS))
        for bold in (0, 1)
    )
    font = '<sz val="11"/><name val="Calibri"/>'
    return (
        f'<styleSheet xmlns="{_MAIN}"><numFmts count="{len(FORMATS)}">{formats}</numFmts>'
        f'<fonts count="2"><font>{font}</font><font><b/>{font}</font></fonts>'
        '<fills count="2"><fill><patternFill patternType="none"/></fill>'
        '<fill><patternFill patternType="gray125"/></fill></fills>'
        '<borders count="1"><border/></borders>'
        '<cellStyleXfs count="1"><xf numFmtId="0" fontId="0" fillId="0" borderId="0"/>'
        f'</cellStyleXfs><cellXfs count="{2 * len(FORMATS)}">{cells}</cellXfs></styleSheet>'
    )
