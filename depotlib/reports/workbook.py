"""A report as a workbook: numbers as numbers, instants as dates, sums as formulas, charts to edit.

A sheet of figures with the charts, and one a table. A text is written as a text whatever it begins
with, so that no spreadsheet runs what somebody named a van.
"""

import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from math import isfinite
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_col_to_name
from xlsxwriter.worksheet import Worksheet

from depotlib.model.display import DateForm
from depotlib.reports.cell_text import BY_ISO
from depotlib.reports.csv_rows import FORMULA_STARTS
from depotlib.reports.report import CURRENCY, Column, ColumnKind, Figure, Report, Table, Value
from depotlib.reports.workbook_chart import add_chart

CellKind = ColumnKind | Literal["day"]
TOTAL: Final = "Total"
FIGURES: Final = "Figures"
FORMATS: Final[dict[CellKind, str]] = {
    "money": "#,##0.00",
    "number": "#,##0.0##",
    "energy": "#,##0.000",
    "price": "#,##0.00######",
    "count": "#,##0",
    "instant": "{day} hh:mm",
    "day": "{day}",
    "text": "General",
}
DAYS: Final[dict[DateForm, str]] = {
    "day_first": "d mmm yyyy",
    "month_first": "mmm d, yyyy",
    "iso": "yyyy-mm-dd",
}
LONGEST_TEXT: Final = 32_767
LONGEST_NAME: Final = 31
WIDEST_PX: Final = 420
HEADINGS: Final = ("Figure", "Value", "Unit")
FIRST_FIGURE: Final = 5
"""Its row, counted from 0: title, question and zone stand above, then a gap and the headings."""
WRITTEN: Final = datetime(1980, 1, 1, tzinfo=UTC)
"""The same report is the same file."""
NOTHING_RUNS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
}
_NO_XML: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")


def workbook(report: Report) -> bytes:
    """Return a report as a file of XLSX.

    Raises
    ------
    ZoneInfoNotFoundError
        If the report's zone does not exist.
    """
    file = io.BytesIO()
    with Workbook(file, NOTHING_RUNS) as book:
        book.set_properties({"title": report.title, "created": WRITTEN.replace(tzinfo=None)})
        formats = _Formats(book, (report.display or BY_ISO).dates)
        time_zone = ZoneInfo(report.time_zone)
        first = _Sheet(book.add_worksheet(FIGURES), formats, time_zone)
        _write_figures(first, report)
        sheets = dict(zip(_sheet_names(report.tables), report.tables, strict=True))
        for name, table in sheets.items():
            _write_table(_Sheet(book.add_worksheet(name), formats, time_zone), table)
        names = {id(table): name for name, table in sheets.items()}
        for number, (chart, table) in enumerate(report.pictures):
            add_chart(
                book,
                first.sheet,
                chart=chart,
                number=number,
                table=table,
                sheet_name=names[id(table)],
            )
    return file.getvalue()


class _Formats:
    """The formats of a workbook, each made once.

    Parameters
    ----------
    book : Workbook
    dates : {'day_first', 'month_first', 'iso'}
        How a day is written; numbers are written as the reader's own spreadsheet does.
    """

    def __init__(self, book: Workbook, dates: DateForm) -> None:
        self._book = book
        self._day = DAYS[dates]
        self._made: dict[tuple[str, bool, bool], Format] = {}

    def of(
        self, kind: CellKind, *, unit: str = "", is_bold: bool = False, is_disarmed: bool = False
    ) -> Format:
        """Return a format; an amount names its currency, a disarmed text stays one if retyped."""
        code = FORMATS[kind].replace("{day}", self._day)
        if kind == "money" and CURRENCY.fullmatch(unit):
            code = f'{code}\\ "{unit}"'
        key = (code, is_bold, is_disarmed)
        if key not in self._made:
            self._made[key] = self._book.add_format(
                {"num_format": code, "bold": is_bold, "quote_prefix": is_disarmed}
            )
        return self._made[key]


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet that takes a report's values.

    Parameters
    ----------
    sheet : Worksheet
    formats : _Formats
    time_zone : ZoneInfo
        In which instants are written.
    """

    sheet: Worksheet
    formats: _Formats
    time_zone: ZoneInfo

    def text(self, row: int, at: int, *, words: str, is_bold: bool = False) -> None:
        """Write a text, whatever it begins with."""
        said = _NO_XML.sub("\ufffd", words)[:LONGEST_TEXT]
        is_disarmed = re.match(FORMULA_STARTS, said) is not None
        self.sheet.write_string(
            row, at, said, self.formats.of("text", is_bold=is_bold, is_disarmed=is_disarmed)
        )

    def value(self, row: int, at: int, *, value: Value, kind: ColumnKind, unit: str = "") -> None:
        """Write a value as what it is; what is no number at all stays empty."""
        if value is None or (isinstance(value, float) and not isfinite(value)):
            return
        if isinstance(value, str):
            self.text(row, at, words=value)
        elif isinstance(value, datetime):
            # A spreadsheet knows no zones: the wall's time, and the zone in the heading.
            wall = value.astimezone(self.time_zone).replace(tzinfo=None)
            self.sheet.write_datetime(row, at, wall, self.formats.of("instant"))
        elif isinstance(value, date):
            self.sheet.write_datetime(
                row, at, datetime.combine(value, time()), self.formats.of("day")
            )
        else:
            # As in text: a whole number under a heading of no kind of its own has no decimals.
            is_whole = kind == "price" and isinstance(value, int)
            style = self.formats.of("count" if is_whole else kind, unit=unit)
            self.sheet.write_number(row, at, float(value), style)

    def formula(
        self, row: int, at: int, *, formula: str, value: Decimal | float, column: Column
    ) -> None:
        """Write a formula of the report's own with the value it has."""
        is_total = column.less is None or formula.startswith("=SUM")
        style = self.formats.of(column.kind, is_bold=is_total)
        self.sheet.write_formula(
            row,
            at,
            formula,
            style,
            cast("int", value),  # takes any number, and says it takes whole ones
        )


def _write_figures(sheet: _Sheet, report: Report) -> None:
    display = report.display or BY_ISO
    sheet.text(0, 0, words=display.redated(report.title), is_bold=True)
    sheet.text(1, 0, words=report.question)
    sheet.text(2, 0, words=f"Times are local ({report.time_zone}).")
    for at, heading in enumerate(HEADINGS):
        sheet.text(FIRST_FIGURE - 1, at, words=heading, is_bold=True)
    for row, figure in enumerate(report.figures, FIRST_FIGURE):
        _write_figure(sheet, row, figure=figure)
    for row, note in enumerate(report.notes, FIRST_FIGURE + len(report.figures) + 1):
        sheet.text(row, 0, words=display.redated(note))
    for at, width in enumerate((34, 24, 10)):
        sheet.sheet.set_column(at, at, width)


def _write_figure(sheet: _Sheet, row: int, *, figure: Figure) -> None:
    sheet.text(row, 0, words=figure.name)
    sheet.value(row, 1, value=figure.value, kind=figure.kind, unit=figure.unit)
    sheet.text(row, 2, words=figure.unit)


def _write_table(sheet: _Sheet, table: Table) -> None:
    for at, column in enumerate(table.columns):
        zone = f" ({sheet.time_zone.key})" if column.kind == "instant" else ""
        sheet.text(0, at, words=f"{column.heading}{zone}", is_bold=True)
    for row, values in enumerate(table.rows, 1):
        for at, (column, value) in enumerate(zip(table.columns, values, strict=True)):
            if column.less is not None and isinstance(value, Decimal | float | int):
                formula = _difference(table, column.less, row=row)
                sheet.formula(row, at, formula=formula, value=value, column=column)
            else:
                sheet.value(row, at, value=value, kind=column.kind)
    if table.rows:
        # Over the rows alone: a sum stays at the foot, however they are ordered.
        sheet.sheet.autofilter(0, 0, len(table.rows), len(table.columns) - 1)
        _write_sums(sheet, table)
    sheet.sheet.freeze_panes(1, 0)
    sheet.sheet.autofit(WIDEST_PX)


def _write_sums(sheet: _Sheet, table: Table) -> None:
    row = len(table.rows) + 1
    summed = [(at, one) for at, one in enumerate(table.columns) if one.is_summed]
    if summed and not table.columns[0].is_summed:
        sheet.text(row, 0, words=TOTAL, is_bold=True)
    for at, column in summed:
        letters = xl_col_to_name(at)
        formula = f"=SUM({letters}2:{letters}{row})"
        sheet.formula(row, at, formula=formula, value=table.total(column.heading), column=column)


def _difference(table: Table, less: tuple[str, str], *, row: int) -> str:
    first, second = (xl_col_to_name(table.headings.index(one)) for one in less)
    return f"={first}{row + 1}-{second}{row + 1}"


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
