"""What being done earlier, and sparing batteries, costs: plans of one night side by side."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

_DASHES = ("solid", "dash", "dot")
_SYMBOLS = ("circle", "diamond", "square")


def preference_costs(rows: pl.DataFrame, *, currency: str, colours: Colours = LIGHT) -> go.Figure:
    """Return a line for each slack: what a plan costs beyond the cheapest, and how long energy waits.

    Parameters
    ----------
    rows : polars.DataFrame
        ``slack_min``, ``extra_amount`` (a month), ``waiting_h``, ``care_per_kwh``, ``unmet_kwh``.
    currency : str
    colours : Colours, optional
    """
    slacks_min: list[int] = sorted(rows["slack_min"].unique().to_list())
    figure = go.Figure(
        data=[
            _line(
                rows.filter(pl.col("slack_min") == slack_min).sort("waiting_h"),
                slack_min=slack_min,
                place=place,
                colour=colours.series[place],
            )
            for place, slack_min in enumerate(slacks_min)
        ]
    )
    least = {
        slack_min: rows.filter(pl.col("slack_min") == slack_min)["extra_amount"].min()
        for slack_min in slacks_min
    }
    told = ", ".join(
        f"{_slack_words(slack_min)} from {amount:,.2f} {currency}"
        for slack_min, amount in least.items()
    )
    return finished(
        figure,
        alt=f"Extra cost a month of the cheapest plan for each slack: {told}.",
        y_title="A kWh waits before departure (h, mean)",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Dearer than the cheapest plan ({currency} a month)")
        ),
        colours=colours,
        height=340,
    )


def _line(rows: pl.DataFrame, *, slack_min: int, place: int, colour: str) -> go.Scatter:
    return go.Scatter(
        name=_slack_words(slack_min),
        x=rows["extra_amount"],
        y=rows["waiting_h"],
        customdata=rows.select("care_per_kwh", "unmet_kwh").to_numpy(),
        mode="lines+markers",
        line={"color": colour, "dash": _DASHES[place % len(_DASHES)]},
        marker={"color": colour, "size": 9, "symbol": _SYMBOLS[place % len(_SYMBOLS)]},
        hovertemplate="+%{x:,.2f} a month, waits %{y:.1f} h<br>"
        "care %{customdata[0]:.2f} a kWh and hour, missing %{customdata[1]:.1f} kWh",
    )


def _slack_words(slack_min: int) -> str:
    return f"done {slack_min} min before leaving" if slack_min else "done by the departure"
