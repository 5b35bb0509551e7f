"""A report as a page to print: one file, with nothing fetched from anywhere.

Nothing runs in it but what draws its charts, which is written into it.
"""

import html
from collections.abc import Callable, Sequence
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.charts.report_chart import page_parts
from depotlib.reports.cell_text import BY_ISO, cell_text, figure_text
from depotlib.reports.drawn_chart import drawn_chart
from depotlib.reports.report import Column, ColumnKind, Report, Table, Value

CellText = Callable[[Value, ColumnKind], str]
"""Writes a cell of a kind."""
TOTAL: Final = "Total"
_STYLE: Final = """
  body { font-family: sans-serif; color: #000; background: #fff; margin: 1.5cm; }
  dl { display: flex; flex-wrap: wrap; gap: 0.6cm; margin: 0.6cm 0; }
  dl div { border: 1px solid #444; border-radius: 4px; padding: 6pt 12pt; }
  dt { font-size: 10pt; }
  dd { margin: 2pt 0 0; font-size: 15pt; }
  table { border-collapse: collapse; width: 100%; font-size: 10pt; margin-bottom: 0.8cm; }
  th, td { border: 1px solid #444; padding: 3pt 5pt; text-align: left; vertical-align: top; }
  .number { text-align: right; white-space: nowrap; }
  thead { display: table-header-group; }
  tfoot td { font-weight: bold; border-top: 2px solid #000; }
  tr, figure { break-inside: avoid; }
  figure { margin: 0 0 0.8cm; }
  figcaption { font-weight: bold; }
  @page { size: A4 landscape; margin: 1.5cm; }
"""


def html_page(report: Report) -> str:
    """Return a report as a whole HTML document.

    Raises
    ------
    ZoneInfoNotFoundError
        If the report's zone does not exist.
    """
    time_zone, display = ZoneInfo(report.time_zone), report.display or BY_ISO
    title = html.escape(display.redated(report.title))
    figures = "".join(
        f"<div><dt>{html.escape(one.name)}</dt>"
        f"<dd>{html.escape(figure_text(one, time_zone=time_zone, display=display))}</dd></div>"
        for one in report.figures
    )
    told = partial(cell_text, time_zone=time_zone, display=display)
    tables = "\n".join(_section(one, told=told) for one in report.tables if one.is_printed)
    notes = "".join(f"<li>{html.escape(display.redated(one))}</li>" for one in report.notes)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{title}</h1>\n<p>{html.escape(report.question)} "
        f"Times are local ({html.escape(report.time_zone)}).</p>\n<dl>{figures}</dl>\n{_charts(report)}{tables}\n"
        + (f"<h2>What it rests on</h2>\n<ul>{notes}</ul>\n" if notes else "")
        + "</body>\n</html>\n"
    )


def _charts(report: Report) -> str:
    time_zone = ZoneInfo(report.time_zone)
    parts = page_parts(
        [
            drawn_chart(chart, table, time_zone=time_zone, display=report.display)
            for chart, table in report.pictures
        ]
    )
    return "".join(
        f"<figure><figcaption>{html.escape(chart.name)}</figcaption>{part}</figure>\n"
        for (chart, _), part in zip(report.pictures, parts, strict=True)
    )


def _section(table: Table, *, told: CellText) -> str:
    heading = f"<h2>{html.escape(table.name)}</h2>\n"
    if not table.rows:
        return f"{heading}<p>Nothing.</p>"
    columns = table.columns
    head = "".join(
        f'<th scope="col"{_mark(one)}>{html.escape(one.heading)}</th>' for one in columns
    )
    body = "\n".join(_row(columns, row, told=told) for row in table.rows)
    foot = ""
    if any(one.is_summed for one in columns):
        sums = [table.total(one.heading) if one.is_summed else None for one in columns]
        named: list[Value] = [TOTAL if sums[0] is None else sums[0], *sums[1:]]
        foot = f"<tfoot>{_row(columns, named, told=told)}</tfoot>\n"
    return (
        f"{heading}<table>\n<thead><tr>{head}</tr></thead>\n"
        f"<tbody>\n{body}\n</tbody>\n{foot}</table>"
    )


def _row(columns: Sequence[Column], row: Sequence[Value], *, told: CellText) -> str:
    cells = "".join(
        f"<td{_mark(column)}>{html.escape(told(value, column.kind))}</td>"
        for column, value in zip(columns, row, strict=True)
    )
    return f"<tr>{cells}</tr>"


def _mark(column: Column) -> str:
    return "" if column.kind in {"text", "instant"} else ' class="number"'
