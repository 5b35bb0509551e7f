"""A load by hour of the day and date: where its peaks live."""

from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours, scale
from depotlib.charts.finish import finished, in_bulk
from depotlib.units import HOURS_PER_DAY


def heat_map(load: pl.DataFrame, *, time_zone: ZoneInfo, colours: Colours = LIGHT) -> go.Figure:
    """Return the highest interval of each local hour, one column a date.

    An hour that happens twice (clocks going back) shows the higher of its two.

    Parameters
    ----------
    load : polars.DataFrame
        `LoadFrame`.
    time_zone : ZoneInfo
        Of the meter.
    colours : Colours, optional
    """
    local = pl.col("interval_start").dt.convert_time_zone(time_zone.key)
    by_hour = (
        load.with_columns(local.dt.date().alias("date"), local.dt.hour().alias("hour"))
        .group_by("date", "hour")
        .agg(pl.col("power_kw").max())
    )
    dates = by_hour["date"].unique().sort().to_list()
    place = {date: index for index, date in enumerate(dates)}
    power_kw: list[list[float | None]] = [[None] * len(dates) for _ in range(HOURS_PER_DAY)]
    for date, hour, highest_kw in by_hour.iter_rows():
        power_kw[hour][place[date]] = highest_kw
    figure = go.Figure(
        go.Heatmap(
            name="Highest 15-minute mean",
            x=[date.isoformat() for date in dates],
            y=[f"{hour:02}:00" for hour in range(HOURS_PER_DAY)],
            z=in_bulk(power_kw),
            colorscale=scale(colours),
            colorbar=go.heatmap.ColorBar(title="kW", thickness=12),
            hoverongaps=False,
            hovertemplate="%{x|%-d %b %Y}, hour from %{y}: up to %{z:.1f} kW<extra></extra>",
        )
    )
    figure.update_yaxes(type="category", autorange="reversed", dtick=3)
    return finished(
        figure,
        alt=(
            f"Highest 15-minute mean power of each hour on {len(dates)} dates, from 0 to "
            f"{load['power_kw'].max() or 0.0:.1f} kW."
        ),
        y_title="Local hour (colour: highest power in kW)",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Local date ({time_zone.key})"),
            type="date",
            tickformat="%-d %b<br>%Y",
            nticks=8,
            tickangle=0,
        ),
        colours=colours,
        height=420,
    )
