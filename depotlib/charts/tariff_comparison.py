"""What the same charging costs under each of several tariffs."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.bar_words import words_above
from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

PARTS = {
    "energy_amount": "Energy",
    "demand_amount": "Demand charges",
    "other_amount": "Fixed charges and the rest",
}
LONGEST_NAME = 40
BAR_PX = 64
FRAME_PX = 150
GAP_SHARE = 0.7


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
    loads: list[str] = costs["load"].to_list()
    places = [f"{name}, {load}" for name, load in zip(names, loads, strict=True)]
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
    totals = [float(sum(row)) for row in costs.select(*PARTS).iter_rows()]
    words = [
        f"{_short(name)}<br>{load}: {total:,.0f}"
        for name, load, total in zip(names, loads, totals, strict=True)
    ]
    figure.update_layout(
        barmode="relative", annotations=words_above(totals, words=words, gap_share=GAP_SHARE)
    )
    # Range and not order: above the first bar there must be room for its words.
    figure.update_yaxes(type="category", range=[len(places) - 0.5, -0.8], showticklabels=False)
    said = ", ".join(
        f"{name} {load} {total:,.0f} {currency}"
        for name, load, total in zip(names, loads, totals, strict=True)
    )
    figure = finished(
        figure,
        alt=f"Bills by tariff: {said}.",
        y_title="Tariff",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"All bills together ({currency})"),
            range=[min(0.0, *totals) * 1.05, max(0.0, *totals) * 1.05 or 1.0],
        ),
        colours=colours,
        height=FRAME_PX + BAR_PX * len(totals),
    )
    return figure.update_layout(bargap=GAP_SHARE)


def _short(name: str) -> str:
    """Return a name that leaves room for the bars; the table beside has it whole."""
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"
