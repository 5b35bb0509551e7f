"""A report's chart as the spreadsheet's own: it draws the cells, and changes with them."""

from typing import Final

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from depotlib.charts.colours import LIGHT
from depotlib.reports.report import Chart, Table

CHART_COLUMN: Final = 4
"""Right of figures and units."""
ROWS_EACH: Final = 21
SIZE_PX: Final = {"width": 780, "height": 400}
KINDS: Final = {
    "bars": {"type": "column"},
    "stacked bars": {"type": "column", "subtype": "stacked"},
    "line": {"type": "scatter", "subtype": "straight"},
}
DATES: Final = "mm-dd hh:mm"


def add_chart(
    book: Workbook,
    sheet: Worksheet,
    *,
    chart: Chart,
    number: int,
    table: Table,
    sheet_name: str,
) -> None:
    """Put a chart on a sheet, below those before it.

    Parameters
    ----------
    book : Workbook
    sheet : Worksheet
        Where it stands.
    chart : Chart
    number : int
        How many stand above it.
    table : Table
        That it draws.
    sheet_name : str
        Of the table's sheet.
    """
    drawn = book.add_chart(KINDS[chart.kind])
    assert drawn is not None, "a kind of chart that there is"
    last, along = len(table.rows), table.headings.index(chart.along)
    for at, heading in enumerate(chart.values):
        place, colour = table.headings.index(heading), LIGHT.series[at % len(LIGHT.series)]
        drawn.add_series(
            {
                "name": [sheet_name, 0, place],
                "categories": [sheet_name, 1, along, last, along],
                "values": [sheet_name, 1, place, last, place],
                **(
                    {"line": {"color": colour, "width": 1.25}}
                    if chart.kind == "line"
                    else {"fill": {"color": colour}}
                ),
            }
        )
    drawn.set_title({"name": chart.name, "name_font": {"size": 12}})
    drawn.set_x_axis({"name": chart.along, **_instants(chart, table)})
    drawn.set_y_axis({"name": chart.unit})
    drawn.set_legend({"position": "bottom"} if len(chart.values) > 1 else {"none": True})
    drawn.set_size(SIZE_PX)
    sheet.insert_chart(number * ROWS_EACH + 1, CHART_COLUMN, drawn, {"description": chart.name})


def _instants(chart: Chart, table: Table) -> dict[str, object]:
    is_instant = table.columns[table.headings.index(chart.along)].kind == "instant"
    return {"num_format": DATES, "num_font": {"rotation": -45}} if is_instant else {}
