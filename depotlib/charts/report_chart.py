"""A table as a picture on paper: bars by name, or lines over time; no page around it is needed."""

import html
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import plotly.io

from depotlib.charts.colours import LIGHT
from depotlib.charts.finish import finished
from depotlib.charts.time_axis import all_plotted, local_labels, time_axis

Numbers = Mapping[str, Sequence[float | None]]
WIDTH_PX: Final = 940
"""Of a sheet of A4 laid on its side, between its margins."""
MOST_NAMES: Final = 16
"""More names than these stand upright."""


def named_bars(
    names: Sequence[str], values: Numbers, *, alt: str, unit: str, is_stacked: bool = False
) -> go.Figure:
    """Return a bar for each name and series; equal names stay bars of their own.

    Parameters
    ----------
    names : sequence of str
    values : mapping of str to sequence of float or None
        One value a name; None: no bar.
    alt, unit : str
    is_stacked : bool, optional
        Whether a name's values stand on each other.
    """
    # Plotly reads marks in a text: a name is shown as it is written.
    places, plain = list(range(len(names))), [html.escape(name, quote=False) for name in names]
    bars = [
        go.Bar(
            name=name,
            x=places,
            y=list(numbers),
            marker_color=LIGHT.series[at % len(LIGHT.series)],
            customdata=plain,
            hovertemplate=f"%{{customdata}}: %{{y:,.2f}} {unit}",
        )
        for at, (name, numbers) in enumerate(values.items())
    ]
    axis = go.layout.XAxis(
        tickmode="array",
        tickvals=places,
        ticktext=plain,
        tickangle=-90 if len(names) > MOST_NAMES else None,
    )
    figure = _on_paper(bars, alt=alt, unit=unit, x_axis=axis)
    figure.update_layout(barmode="relative" if is_stacked else "group")
    return figure


def lines_over_time(
    instants: Sequence[datetime], values: Numbers, *, alt: str, unit: str, time_zone: ZoneInfo
) -> go.Figure:
    """Return a line for each series; a missing value is a gap.

    Parameters
    ----------
    instants : sequence of datetime
        In order; each value holds until the next one.
    values : mapping of str to sequence of float or None
    alt, unit : str
    time_zone : ZoneInfo
    """
    lines = [
        go.Scatter(
            name=name,
            x=all_plotted(instants),
            y=list(numbers),
            mode="lines",
            connectgaps=False,
            line=go.scatter.Line(shape="hv", width=1.5, color=LIGHT.series[at % len(LIGHT.series)]),
            customdata=local_labels(instants, time_zone),
            hovertemplate=f"%{{customdata}}: %{{y:,.1f}} {unit}<extra></extra>",
        )
        for at, (name, numbers) in enumerate(values.items())
    ]
    axis = (
        time_axis(instants[0], instants[-1], time_zone=time_zone)
        if instants
        else go.layout.XAxis(type="date")
    )
    return _on_paper(lines, alt=alt, unit=unit, x_axis=axis)


def page_parts(figures: Sequence[go.Figure]) -> list[str]:
    """Return figures as parts of one page; the first brings what draws them all.

    Nothing is fetched: what draws is written into the page.
    """
    return [
        plotly.io.to_html(
            figure,
            config={"displayModeBar": False, "displaylogo": False},
            include_plotlyjs=number == 0,
            include_mathjax=False,
            full_html=False,
            div_id=f"chart-{number}",
        )
        for number, figure in enumerate(figures)
    ]


def _on_paper(
    traces: Sequence[go.Bar | go.Scatter], *, alt: str, unit: str, x_axis: go.layout.XAxis
) -> go.Figure:
    figure = go.Figure(list(traces))
    figure.update_layout(width=WIDTH_PX, autosize=False, showlegend=len(traces) > 1)
    figure.update_yaxes(rangemode="tozero")
    return finished(figure, alt=alt, y_title=unit, x_axis=x_axis, colours=LIGHT)
