"""A tariff as a year's map: what a kWh costs in each hour of each month."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours, scale
from depotlib.charts.finish import finished

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
HOURS = tuple(f"{hour:02}:00" for hour in range(24))
DAYS = {False: "Working days", True: "Weekends"}
HEIGHT_PX = 600


def price_map(
    prices: pl.DataFrame, *, value: str, unit: str, colours: Colours = LIGHT
) -> go.Figure:
    """Return a field a month and hour, deeper where it is dearer; weekends below working days.

    All in one figure: a browser takes as long for the frame and colours of another one as for a
    year of prices.

    Parameters
    ----------
    prices : polars.DataFrame
        month_index (0 to 11), hour (0 to 23), is_weekend and the price, one row each.
    value : str
        Column of the price.
    unit : str
        Of the price, such as ``USD/kWh``.
    colours : Colours, optional
    """
    names, field, said = [], [], []
    for is_weekend, days in DAYS.items():
        of_days = prices.filter(pl.col("is_weekend") == is_weekend)
        names += [days, *(f"{month}, {days.lower()}" for month in MONTHS)]
        field += [[None] * len(HOURS), *_by_month(of_days, value=value)]
        known: list[float] = of_days[value].drop_nulls().to_list()
        low, high = min(known, default=0.0), max(known, default=0.0)
        said.append(f"{days}: from {low:.4f} to {high:.4f} {unit} by month and hour.")
    figure = go.Figure(
        go.Heatmap(
            x=list(HOURS),
            y=names,
            z=field,
            colorscale=scale(colours),
            colorbar=go.heatmap.ColorBar(title=unit, thickness=12),
            xgap=1,
            ygap=1,
            hoverongaps=False,
            hovertemplate=f"%{{y}}, hour from %{{x}}: %{{z:.4f}} {unit}<extra></extra>",
        )
    )
    figure.update_layout(annotations=[_heading(days) for days in DAYS.values()])
    figure.update_yaxes(
        type="category",
        autorange="reversed",
        tickmode="array",
        tickvals=names,
        ticktext=["", *MONTHS] * len(DAYS),
        showgrid=False,
    )
    return finished(
        figure,
        alt=" ".join(said),
        y_title=f"Month (colour: {unit})",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text="Local time"), type="category", dtick=6, showgrid=False
        ),
        colours=colours,
        height=HEIGHT_PX,
    )


def _by_month(prices: pl.DataFrame, *, value: str) -> list[list[float | None]]:
    field: list[list[float | None]] = [[None] * len(HOURS) for _ in MONTHS]
    for month_index, hour, price in prices.select("month_index", "hour", value).iter_rows():
        field[month_index][hour] = price
    return field


def _heading(days: str) -> go.layout.Annotation:
    """Return what stands in the empty row above some days."""
    return go.layout.Annotation(text=days, x=0, xanchor="left", y=days, showarrow=False)
