"""What the same charging costs under each of several tariffs."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

PARTS = {
    "energy_amount": "Energy",
    "demand_amount": "Demand charges",
    "other_amount": "Fixed charges and the rest",
}
LONGEST_NAME = 36
BAR_PX = 34
FRAME_PX = 150


def tariff_comparison(costs: pl.DataFrame, *, currency: str, colours: Colours = LIGHT) -> go.Figure:
    """Return a stacked bar for each tariff and load.

    Parameters
    ----------
    costs : polars.DataFrame
        name, load (``as it was`` or ``planned anew``), energy_amount, demand_amount, other_amount;
        in the order from top to bottom, all in one currency.
    currency : str
    colours : Colours, optional
    """
    names: list[str] = costs["name"].to_list()
    places = [[_short(name) for name in names], costs["load"].to_list()]
    palette = (colours.main, colours.limit, colours.third)
    figure = go.Figure(
        [
            go.Bar(
                name=title,
                y=places,
                x=costs[part].to_list(),
                orientation="h",
                marker_color=colour,
                hovertemplate=f"%{{y}}: %{{x:,.2f}} {currency}",
            )
            for (part, title), colour in zip(PARTS.items(), palette, strict=True)
        ]
    )
    totals = [sum(row) for row in costs.select(*PARTS).iter_rows()]
    figure.add_trace(
        go.Scatter(
            name="Total",
            y=places,
            x=totals,
            text=[f"  {total:,.0f}" for total in totals],
            mode="text",
            textposition="middle right",
            showlegend=False,
            hoverinfo="skip",
        )
    )
    figure.update_layout(barmode="relative")
    figure.update_yaxes(autorange="reversed")
    said = ", ".join(
        f"{name} {load} {total:,.0f} {currency}"
        for name, load, total in zip(names, places[1], totals, strict=True)
    )
    return finished(
        figure,
        alt=f"Bills by tariff: {said}.",
        y_title="Tariff",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"All bills together ({currency})"),
            range=[min(0.0, *totals) * 1.15, max(0.0, *totals) * 1.15 or 1.0],
        ),
        colours=colours,
        height=FRAME_PX + BAR_PX * len(totals),
    )


def _short(name: str) -> str:
    """Return a name that leaves room for the bars; the table beside has it whole."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
