"""Shift papers as files: one page to print, and two tables."""

import html
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import polars as pl

from depotlib.model.calendar import zone
from depotlib.model.display import Display
from depotlib.reports.cell_text import BY_ISO
from depotlib.reports.csv_rows import safe_csv
from depotlib.workflows.shift_papers import ShiftMove, ShiftPapers, ShiftRow
from depotlib.workflows.yard_moves import write_yard_page

_STYLE: Final = """
  body { font-family: sans-serif; color: #000; background: #fff; margin: 1.5cm; }
  table { border-collapse: collapse; width: 100%; font-size: 11pt; margin-bottom: 1cm; }
  th, td { border: 1px solid #444; padding: 3pt 5pt; text-align: left; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  .no-go { font-weight: bold; background: #ddd; }
  .done { width: 1.4cm; }
  @page { size: A4 landscape; margin: 1.5cm; }
  @media print { body { margin: 0; } .no-go { print-color-adjust: exact; } }
"""
_MARK: Final = ' class="no-go"'
VAN_HEADINGS: Final = (
    "Leaves", "Van", "Place", "Plugged in", "State of charge", "Said", "Go", "Why",
)  # fmt: skip
MOVE_HEADINGS: Final = ("When", "Van", "From", "To")


def van_cells(row: ShiftRow, time_zone: ZoneInfo) -> tuple[str, ...]:
    """Return one van in words, in the order of `VAN_HEADINGS`."""
    return (
        _local(row.departure, time_zone),
        row.vehicle_id,
        row.place,
        "yes" if row.is_plugged else "no",
        "" if row.soc is None else f"{row.soc:.0%}",
        f"{row.soc_source} {_local(row.soc_at, time_zone)}".strip() if row.soc is not None else "",
        row.verdict,
        row.reason,
    )


def move_cells(move: ShiftMove, time_zone: ZoneInfo) -> tuple[str, ...]:
    """Return one drive in words, in the order of `MOVE_HEADINGS`."""
    return (_local(move.at, time_zone), move.vehicle_id, move.from_place, move.to_place)


def shift_page(papers: ShiftPapers, *, display: Display = BY_ISO) -> str:
    """Return the papers as a page to print: vans, then moves, with boxes to tick."""
    time_zone = zone(papers.time_zone)
    begun = papers.start.astimezone(time_zone)
    title = (
        f"Shift {_local(papers.start, time_zone)} to {_local(papers.end, time_zone)}, "
        f"{display.dated(begun)}"
    )
    vans = _table(
        VAN_HEADINGS,
        [van_cells(one, time_zone) for one in papers.rows],
        marked=[one.verdict == "no-go" for one in papers.rows],
    )
    moves = _table(
        MOVE_HEADINGS,
        [move_cells(one, time_zone) for one in papers.moves],
        marked=[False] * len(papers.moves),
    )
    ready = sum(one.verdict == "go" for one in papers.rows)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n"
        f"<p>{html.escape(papers.depot_name)}. Times are local ({html.escape(time_zone.key)}). "
        f"As of {_local(papers.made_at, time_zone)}: {ready} of {len(papers.rows)} vans may go. "
        f"Release {html.escape(papers.release_id or 'none')}.</p>\n"
        f"<h2>Vans</h2>\n{vans if papers.rows else '<p>No van leaves in this shift.</p>'}\n"
        f"<h2>Moves to do</h2>\n{moves if papers.moves else '<p>No van has to be moved.</p>'}\n"
        f"{_closed(papers)}"
        "</body>\n</html>\n"
    )


def closed_lines(papers: ShiftPapers) -> tuple[str, ...]:
    """Return where nobody is to be plugged in, and why, a line each."""
    return tuple(f"{one.connector_id}: {one.why}" for one in papers.closed)


def vans_csv(papers: ShiftPapers) -> str:
    """Return the vans as CSV; a cell that a spreadsheet would run is led by an apostrophe."""
    time_zone = zone(papers.time_zone)
    return _csv(VAN_HEADINGS, [van_cells(one, time_zone) for one in papers.rows])


def moves_csv(papers: ShiftPapers) -> str:
    """Return the moves as CSV."""
    time_zone = zone(papers.time_zone)
    return _csv(MOVE_HEADINGS, [move_cells(one, time_zone) for one in papers.moves])


def write_sheet(path: Path, text: str) -> None:
    """Write a page or table, whole or not at all."""
    write_yard_page(path, text)


def _closed(papers: ShiftPapers) -> str:
    if not papers.closed:
        return ""
    lines = "".join(f"<li>{html.escape(line)}</li>\n" for line in closed_lines(papers))
    return f"<h2>Plug in nobody here</h2>\n<ul>\n{lines}</ul>\n"


def _local(instant: datetime | None, time_zone: ZoneInfo) -> str:
    return "" if instant is None else f"{instant.astimezone(time_zone):%a %H:%M}"


def _table(
    headings: Sequence[str], rows: Sequence[tuple[str, ...]], *, marked: Sequence[bool]
) -> str:
    head = "".join(f"<th>{html.escape(name)}</th>" for name in headings)
    lines = "\n".join(
        f"<tr{_MARK if is_marked else ''}>"
        + "".join(f"<td>{html.escape(text)}</td>" for text in row)
        + "<td>&#9744;</td></tr>"
        for row, is_marked in zip(rows, marked, strict=True)
    )
    return (
        f'<table>\n<thead><tr>{head}<th class="done">Done</th></tr></thead>\n'
        f"<tbody>\n{lines}\n</tbody>\n</table>"
    )


def _csv(headings: Sequence[str], rows: Sequence[tuple[str, ...]]) -> str:
    frame = pl.DataFrame(rows, schema=dict.fromkeys(headings, pl.String), orient="row")
    return safe_csv(frame).decode()
