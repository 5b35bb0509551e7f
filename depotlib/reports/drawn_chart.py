"""A report's chart as a figure: what its table holds, drawn."""

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from depotlib.charts.figure_words import write_for
from depotlib.charts.finish import Figure
from depotlib.charts.report_chart import lines_over_time, named_bars
from depotlib.model.display import Display
from depotlib.reports.cell_text import cell_text
from depotlib.reports.report import Chart, Table, Value


def drawn_chart(
    chart: Chart, table: Table, *, time_zone: ZoneInfo, display: Display | None = None
) -> Figure:
    """Return a chart of a table as a figure.

    Parameters
    ----------
    chart : Chart
    table : Table
        That it draws.
    time_zone : ZoneInfo
        Of the writing on it.
    display : Display, optional
        How days and numbers are written on it; default: as charts write them.
    """
    figure = _figure(chart, table, time_zone=time_zone)
    if display is not None:
        write_for(figure, display)
    return figure


def _figure(chart: Chart, table: Table, *, time_zone: ZoneInfo) -> Figure:
    values = {heading: _numbers(table.column(heading)) for heading in chart.values}
    along = table.column(chart.along)
    if chart.kind == "line":
        instants = [one for one in along if isinstance(one, datetime)]
        return lines_over_time(
            instants, values, alt=chart.name, unit=chart.unit, time_zone=time_zone
        )
    names = [cell_text(one, "text", time_zone=time_zone) for one in along]
    return named_bars(
        names,
        values,
        alt=chart.name,
        unit=chart.unit,
        is_stacked=chart.kind == "stacked bars",
    )


def _numbers(values: Sequence[Value]) -> list[float | None]:
    return [float(one) if isinstance(one, int | float | Decimal) else None for one in values]
