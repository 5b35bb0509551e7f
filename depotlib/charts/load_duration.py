"""How long a load was at least how high: what a lower limit would have cut off."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished, in_bulk

MOST_POINTS = 2000
TICKS = (0.0, 0.25, 0.5, 0.75, 1.0)


def load_duration(load: pl.DataFrame, *, colours: Colours = LIGHT) -> go.Figure:
    """Return the load sorted from its highest interval to its lowest.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`; missing intervals are left out.
    colours : Colours, optional
    """
    power_kw: list[float] = load["power_kw"].drop_nulls().sort(descending=True).to_list()
    count = len(power_kw)
    # The first of each stretch is its highest, so that thinning keeps every peak.
    every = max(1, -(-count // (MOST_POINTS - 1)))
    share = [index / count for index in range(0, count, every)]
    drawn_kw = power_kw[::every]
    if power_kw:  # the last one holds to the end, without which a single one is no line
        share.append(1.0)
        drawn_kw.append(drawn_kw[-1])
    figure = go.Figure(
        go.Scatter(
            name="Load",
            x=in_bulk(share),
            y=in_bulk(drawn_kw),
            mode="lines",
            fill="tozeroy",
            line=go.scatter.Line(shape="hv", width=2, color=colours.main),
            hovertemplate="at least %{y:.1f} kW in %{x:.1%} of the time<extra></extra>",
        )
    )
    highest_kw = power_kw[0] if power_kw else 0.0
    figure.update_yaxes(rangemode="tozero")
    return finished(
        figure,
        alt=f"Load duration curve of {count} intervals; the highest is {highest_kw:.1f} kW.",
        y_title="Power, 15-minute mean (kW)",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text="Share of the time at or above (%)"),
            tickformat=".0%",
            # Words that reach over the edge are left out: the last ones need a little room.
            tickvals=TICKS,
            range=[0, 1.06],
        ),
        colours=colours,
    )
