"""The load of one billing period, with the intervals that set each of its demand charges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished, in_bulk
from depotlib.charts.time_axis import (
    QUARTER,
    all_plotted,
    local_label,
    local_labels,
    plotted,
    time_axis,
)
from depotlib.model.bill import Bill, BillLine

WINDOW_OPACITY = 0.12
SYMBOLS = ("circle", "square", "diamond", "triangle-up", "cross", "star")


@dataclass(frozen=True, slots=True)
class ChargeWindows:
    """When a demand charge counts that does not always count.

    Parameters
    ----------
    name : str
        Of the charge.
    spans : tuple of (datetime, datetime)
        Half-open.
    """

    name: str
    spans: tuple[tuple[datetime, datetime], ...]


def demand_load(
    load: pl.DataFrame,
    *,
    bill: Bill,
    time_zone: ZoneInfo,
    windows: Sequence[ChargeWindows] = (),
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return a load within a bill's period, and a mark at each interval that set a charge.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`; a missing interval stays a gap.
    bill : Bill
        Whose demand lines name the intervals that set them.
    time_zone : ZoneInfo
        Of the meter.
    windows : sequence of ChargeWindows
        Shaded behind the load.
    colours : Colours, optional
    """
    start, end = bill.period.start, bill.period.end
    within = load.filter(pl.col("interval_start").is_between(start, end, closed="left"))
    # The last interval is drawn to its end, without which a single one is no line.
    last = within.tail(1).with_columns(pl.col("interval_start") + QUARTER)
    drawn = pl.concat([within, last])
    instants = drawn["interval_start"]
    figure = go.Figure(
        go.Scatter(
            name="Load",
            x=in_bulk(all_plotted(instants)),
            y=in_bulk(drawn["power_kw"].to_list()),
            customdata=in_bulk(local_labels(instants, time_zone)),
            mode="lines",
            connectgaps=False,
            line=go.scatter.Line(shape="hv", width=1, color=colours.main),
            hovertemplate="%{customdata}: %{y:.1f} kW<extra></extra>",
        )
    )
    shades = [
        (window, colours.series[(index + 1) % len(colours.series)])
        for index, window in enumerate(windows)
    ]
    figure.add_traces([_named_shade(window, colour) for window, colour in shades])
    # All at once: a figure copies and checks every shape it has whenever one is added.
    figure.update_layout(
        shapes=[shape for window, colour in shades for shape in _shade(window, colour)]
    )
    setters = [line for line in bill.lines if line.family == "demand" and line.set_by is not None]
    for index, line in enumerate(setters):
        figure.add_trace(_setter(line, index, bill=bill, time_zone=time_zone, colours=colours))
    named = "; ".join(
        f"{line.component} {line.quantity:.1f} {line.unit} on {local_label(line.set_by, time_zone)}"
        for line in setters
        if line.set_by is not None
    )
    figure.update_yaxes(rangemode="tozero")
    return finished(
        figure,
        alt=(
            f"Load from {local_label(start, time_zone)} to {local_label(end, time_zone)}. "
            f"Demand charges were set by: {named or 'nothing'}."
        ),
        y_title="Power, 15-minute mean (kW)",
        x_axis=time_axis(start, end, time_zone=time_zone),
        colours=colours,
        height=420,
    )


def _shade(window: ChargeWindows, colour: str) -> list[go.layout.Shape]:
    return [
        go.layout.Shape(
            type="rect",
            x0=plotted(start),
            x1=plotted(end),
            y0=0.0,
            y1=1.0,
            yref="paper",
            fillcolor=colour,
            opacity=WINDOW_OPACITY,
            line=go.layout.shape.Line(width=0),
            layer="below",
        )
        for start, end in window.spans
    ]


def _named_shade(window: ChargeWindows, colour: str) -> go.Scatter:
    """Return an empty square for the legend, where a shape has no place."""
    return go.Scatter(
        name=f"{window.name} counts",
        x=[None],
        y=[None],
        mode="markers",
        marker=go.scatter.Marker(symbol="square", size=13, color=colour, opacity=0.4),
    )


def _setter(
    line: BillLine, index: int, *, bill: Bill, time_zone: ZoneInfo, colours: Colours
) -> go.Scatter:
    assert line.set_by is not None
    return go.Scatter(
        name=f"{line.component}: {line.amount:,.2f} {bill.currency}",
        mode="markers",
        x=[plotted(line.set_by)],
        y=[float(line.quantity)],
        customdata=[local_label(line.set_by, time_zone)],
        marker=go.scatter.Marker(
            symbol=SYMBOLS[index % len(SYMBOLS)],
            size=13,
            color=colours.series[(index + 3) % len(colours.series)],
            line=go.scatter.marker.Line(color=colours.text, width=1),
        ),
        hovertemplate=(
            f"{line.component}<br>%{{customdata}}: %{{y:.1f}} {line.unit} × {line.unit_price} "
            f"{bill.currency}<extra></extra>"
        ),
    )
