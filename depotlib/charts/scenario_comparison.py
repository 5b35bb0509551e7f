"""What each scenario of a night costs, and out of which parts."""

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
BAR_PX = 56
FRAME_PX = 150
GAP_SHARE = 0.6


def scenario_comparison(
    costs: pl.DataFrame, *, currency: str, colours: Colours = LIGHT
) -> go.Figure:
    """Return a stacked bar for each scenario, the first being what the others are compared with.

    Parameters
    ----------
    costs : polars.DataFrame
        name, energy_amount, demand_amount, other_amount, note (how many leave ready).
    currency : str
    colours : Colours, optional
    """
    names: list[str] = costs["name"].to_list()
    totals: list[float] = [sum(row) for row in costs.select(*PARTS).iter_rows()]
    notes: list[str] = costs["note"].to_list()
    figure = go.Figure(_bars(costs, currency=currency, colours=colours))
    if totals:
        figure.add_vline(
            x=totals[0], line=go.layout.shape.Line(color=colours.text, width=1, dash="dot")
        )
    words = [f"{total:,.0f}, {note}" for total, note in zip(totals, notes, strict=True)]
    figure.update_layout(
        barmode="relative", annotations=words_above(totals, words=words, gap_share=GAP_SHARE)
    )
    figure.update_yaxes(type="category", autorange="reversed")
    said = ", ".join(
        f"{name} {total:,.0f} {currency} ({note})"
        for name, total, note in zip(names, totals, notes, strict=True)
    )
    figure = finished(
        figure,
        alt=f"Bill by scenario: {said}.",
        y_title="Scenario",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Monthly bill ({currency}); dotted: the first"),
            range=[min(0.0, *totals), max(1.0, *totals) * 1.05],
        ),
        colours=colours,
        height=FRAME_PX + BAR_PX * len(names),
    )
    return figure.update_layout(bargap=GAP_SHARE)


def _bars(costs: pl.DataFrame, *, currency: str, colours: Colours) -> list[go.Bar]:
    palette = (colours.main, colours.limit, colours.third)
    return [
        go.Bar(
            name=title,
            y=costs["name"].to_list(),
            x=costs[part].to_list(),
            orientation="h",
            marker_color=colour,
            hovertemplate=f"%{{y}}: %{{x:,.2f}} {currency}",
        )
        for (part, title), colour in zip(PARTS.items(), palette, strict=True)
    ]
