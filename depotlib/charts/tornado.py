"""Which assumption matters most: each axis alone, by how far it swings a measure."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

BAR_PX = 30
FRAME_PX = 150


def tornado(effects: pl.DataFrame, *, title: str, unit: str, colours: Colours = LIGHT) -> go.Figure:
    """Return a bar for each other value of each axis: the change against the base, with its band.

    Parameters
    ----------
    effects : polars.DataFrame
        axis, step (from one value to another, in words), mean, low, high (the band of the
        change); the strongest axis first.
    title : str
        What is measured.
    unit : str
        Of the measure.
    colours : Colours, optional
    """
    means: list[float] = effects["mean"].to_list()
    figure = go.Figure(
        go.Bar(
            y=[effects["axis"].to_list(), effects["step"].to_list()],
            x=means,
            orientation="h",
            marker_color=[colours.limit if mean > 0 else colours.main for mean in means],
            error_x={
                "type": "data",
                "symmetric": False,
                "array": (effects["high"] - effects["mean"]).to_list(),
                "arrayminus": (effects["mean"] - effects["low"]).to_list(),
                "color": colours.text,
                "thickness": 1,
                "width": 3,
            },
            hovertemplate=f"%{{y}}: %{{x:+,.2f}} {unit}<extra></extra>",
            showlegend=False,
        )
    )
    figure.add_vline(x=0, line=go.layout.shape.Line(color=colours.text, width=1))
    figure.update_yaxes(autorange="reversed")
    said = "; ".join(
        f"{row['axis']} {row['step']} {row['mean']:+,.2f} {unit}"
        for row in effects.iter_rows(named=True)
    )
    return finished(
        figure,
        alt=f"Change of {title} against the base, one assumption at a time: {said}.",
        y_title="Assumption",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Change of {title} against the base ({unit})")
        ),
        colours=colours,
        height=FRAME_PX + BAR_PX * len(means),
    )
