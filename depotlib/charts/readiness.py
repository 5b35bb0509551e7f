"""How far each vehicle gets: what it has or will have, what it must have, what one would like."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

TOLERANCE_KWH = 0.05
"""Meters and solvers round: less than this is not a shortfall."""


def readiness(
    energy: pl.DataFrame, *, short_name: str = "Falls short of its must", colours: Colours = LIGHT
) -> go.Figure:
    """Return a bar a vehicle with a mark where it must get to and one where it should.

    Parameters
    ----------
    energy : polars.DataFrame
        ``vehicle_id``, ``delivered_kwh``, ``must_kwh``, ``target_kwh``; at the wall.
    short_name : str, optional
        What to call a vehicle that has less than it must.
    colours : Colours, optional
    """
    is_short = pl.col("delivered_kwh") < pl.col("must_kwh") - TOLERANCE_KWH
    ready, short = energy.filter(~is_short), energy.filter(is_short)
    figure = go.Figure()
    for name, part, colour in (
        ("Has its must", ready, colours.main),
        (short_name, short, colours.limit),
    ):
        if part.height:
            figure.add_trace(
                go.Bar(
                    name=name,
                    x=part["vehicle_id"].to_list(),
                    y=part["delivered_kwh"].to_list(),
                    marker_color=colour,
                    hovertemplate="%{x}: %{y:.1f} kWh<extra></extra>",
                )
            )
    for name, column, symbol, colour in (
        ("Must", "must_kwh", "line-ew", colours.text),
        ("Target", "target_kwh", "diamond-open", colours.second),
    ):
        figure.add_trace(_marks(energy, column, name=name, symbol=symbol, colour=colour))
    return finished(
        figure,
        alt=f"Energy at the wall of {energy.height} vehicles: {short.height} have less than they must.",
        y_title="Energy at the wall (kWh)",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text="Van"),
            type="category",
            categoryorder="array",
            categoryarray=energy["vehicle_id"].to_list(),
            tickangle=-90,
        ),
        colours=colours,
        height=380,
    )


def _marks(energy: pl.DataFrame, column: str, *, name: str, symbol: str, colour: str) -> go.Scatter:
    return go.Scatter(
        name=name,
        mode="markers",
        x=energy["vehicle_id"].to_list(),
        y=energy[column].to_list(),
        marker=go.scatter.Marker(
            symbol=symbol, size=9, color=colour, line=go.scatter.marker.Line(color=colour, width=2)
        ),
        hovertemplate=f"%{{x}} {name.lower()}: %{{y:.1f}} kWh<extra></extra>",
    )
