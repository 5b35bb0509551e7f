"""The yard sheet for people: when which van goes from where to where, as rows and on paper."""

import html
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from depotlib.model.calendar import zone
from depotlib.model.depot import Depot
from depotlib.model.display import Display
from depotlib.model.plan import Plan
from depotlib.reports.cell_text import BY_ISO
from depotlib.workflows.tonight import Tonight

WAITING_BAY: Final = "waiting bay"
_STYLE: Final = """
  body { font-family: sans-serif; color: #000; background: #fff; margin: 1.5cm; }
  table { border-collapse: collapse; width: 100%; font-size: 12pt; }
  th, td { border: 1px solid #444; padding: 4pt 6pt; text-align: left; }
  thead { display: table-header-group; }
  tr { break-inside: avoid; }
  .done { width: 1.6cm; }
  @page { size: A4; margin: 1.5cm; }
  @media print { body { margin: 0; } }
"""


@dataclass(frozen=True, slots=True)
class YardRow:
    """One drive as the yard reads it.

    Parameters
    ----------
    at : datetime
    vehicle_id : str
    from_place, to_place : str
        A connector with its bay, or the waiting bay.
    """

    at: datetime
    vehicle_id: str
    from_place: str
    to_place: str


def yard_rows(depot: Depot, plan: Plan) -> tuple[YardRow, ...]:
    """Return the moves of a plan in the order in which people make them."""
    bay_of = {
        plug.connector_id: station.bay
        for station in depot.stations
        for plug in station.connectors()
    }

    def place(connector_id: str | None) -> str:
        if connector_id is None:
            return WAITING_BAY
        bay = bay_of.get(connector_id, "")
        return f"{connector_id} (bay {bay})" if bay else connector_id

    return tuple(
        YardRow(
            at=move.at,
            vehicle_id=move.vehicle_id,
            from_place=place(move.from_connector_id),
            to_place=place(move.to_connector_id),
        )
        # Whoever makes room goes first.
        for move in sorted(
            plan.moves, key=lambda one: (one.at, one.to_connector_id is not None, one.vehicle_id)
        )
    )


def yard_page(tonight: Tonight, plan: Plan, *, display: Display = BY_ISO) -> str:
    """Return the moves of a plan as a page to print: one row a drive, with a box to tick."""
    time_zone = zone(tonight.depot.time_zone)
    title = f"Yard sheet, night of {tonight.evening:%A}, {display.dated(tonight.evening)}"
    rows = yard_rows(tonight.depot, plan)
    body = _table(rows, time_zone) if rows else "<p>No van has to be moved.</p>"
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>{html.escape(title)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
        f"<h1>{html.escape(title)}</h1>\n"
        f"<p>{html.escape(tonight.depot.name)}. Times are local ({html.escape(time_zone.key)}). "
        f"Plan {html.escape(plan.header.plan_id[:8])}, {len(rows)} moves.</p>\n"
        f"{body}\n</body>\n</html>\n"
    )


def write_yard_page(path: Path, page: str) -> None:
    """Write a page, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_suffix(".part")
    unfinished.write_text(page, encoding="utf-8")
    unfinished.replace(path)


def _table(rows: Sequence[YardRow], time_zone: ZoneInfo) -> str:
    lines = "\n".join(
        "<tr>"
        + "".join(
            f"<td>{html.escape(text)}</td>"
            for text in (
                f"{row.at.astimezone(time_zone):%a %H:%M}",
                row.vehicle_id,
                row.from_place,
                row.to_place,
            )
        )
        + "<td>&#9744;</td></tr>"
        for row in rows
    )
    return (
        "<table>\n<thead><tr><th>When</th><th>Van</th><th>From</th><th>To</th>"
        f'<th class="done">Done</th></tr></thead>\n<tbody>\n{lines}\n</tbody>\n</table>'
    )
