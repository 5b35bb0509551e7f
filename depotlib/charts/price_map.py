"""A tariff as a year's map: what a kWh costs in each hour of each month."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours, scale
from depotlib.charts.finish import finished

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS = tuple(f"{hour:02}:00" for hour in range(24))


def price_map(
    prices: pl.DataFrame,
    among: pl.DataFrame,
    *,
    value: str,
    unit: str,
    days: str,
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return a field a month and hour, deeper where it is dearer.

    Parameters
    ----------
    prices : polars.DataFrame
        month_index (0 to 11), hour (0 to 23) and the price, one row each.
    among : polars.DataFrame
        Prices of all days: maps of the same tariff share the colours that span them.
    value : str
        Column of the price.
    unit : str
        Of the price, such as ``USD/kWh``.
    days : str
        Which days these are, such as ``Working days``.
    colours : Colours, optional
    """
    field: list[list[float | None]] = [[None] * len(HOURS) for _ in MONTHS]
    for month_index, hour, price in prices.select("month_index", "hour", value).iter_rows():
        field[month_index][hour] = price
    known: list[float] = prices[value].drop_nulls().to_list()
    low, high = min(known, default=0.0), max(known, default=0.0)
    all_known: list[float] = among[value].drop_nulls().to_list()
    figure = go.Figure(
        go.Heatmap(
            name=days,
            x=list(HOURS),
            y=list(MONTHS),
            z=field,
            zmin=min(all_known, default=0.0),
            zmax=max(all_known, default=0.0),
            colorscale=scale(colours),
            colorbar=go.heatmap.ColorBar(title=unit, thickness=12),
            xgap=1,
            ygap=1,
            hovertemplate=f"%{{y}}, hour from %{{x}}: %{{z:.4f}} {unit}<extra></extra>",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed")
    return finished(
        figure,
        alt=f"{days}: from {low:.4f} to {high:.4f} {unit} by month and hour.",
        y_title=f"Month (colour: {unit})",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Local time, {days.lower()}"),
            type="category",
            dtick=6,
        ),
        colours=colours,
        height=340,
    )
