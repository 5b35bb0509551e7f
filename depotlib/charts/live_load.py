"""The site's power tonight as it was measured, beside what was asked for and what is allowed."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished, level_line
from depotlib.charts.time_axis import all_plotted, local_label, local_labels, plotted, time_axis
from depotlib.model.depot import Depot
from depotlib.model.timegrid import TimeGrid

HEADROOM_FACTOR = 1.12
LOOK_AHEAD = timedelta(hours=1)


def live_load(
    planned: pl.DataFrame,
    measured: pl.DataFrame,
    *,
    depot: Depot,
    now: datetime,
    grid: TimeGrid | None = None,
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return the sum of all setpoints through the night and the power metered up to now.

    Parameters
    ----------
    planned, measured : polars.DataFrame
        ``at`` and ``power_kw``, by rising instant: steps that hold until the next.
    depot : Depot
        For its limits and time zone.
    now : datetime
    grid : TimeGrid, optional
        The night as it was planned, all of which is shown.
    colours : Colours, optional
    """
    time_zone = ZoneInfo(depot.time_zone)
    figure = go.Figure()
    for name, frame, colour, width in (
        ("Asked for", planned, colours.second, 2),
        ("Measured", measured, colours.main, 2.5),
    ):
        if frame.height:
            figure.add_trace(
                go.Scatter(
                    name=name,
                    x=all_plotted(frame["at"].to_list()),
                    y=frame["power_kw"].to_list(),
                    customdata=local_labels(frame["at"].to_list(), time_zone),
                    mode="lines",
                    line=go.scatter.Line(shape="hv", width=width, color=colour),
                    hovertemplate="%{customdata}: %{y:.1f} kW",
                )
            )
    limit_kw, service_kw = depot.grid.operating_limit_kw, depot.grid.service_kw
    level_line(figure, limit_kw, label="Operating limit", colour=colours.limit)
    if service_kw > limit_kw:
        level_line(figure, service_kw, label="Service", colour=colours.text, dash="dot")
    figure.add_vline(x=plotted(now), line=go.layout.shape.Line(color=colours.faint, width=1))
    powers = [*planned["power_kw"].to_list(), *measured["power_kw"].to_list()]
    highest_kw = max([service_kw, *powers])
    figure.update_yaxes(range=[0, highest_kw * HEADROOM_FACTOR])
    instants = [
        *(() if grid is None else (grid.start, grid.end)),
        now,
        now + LOOK_AHEAD,
        *planned["at"].to_list(),
        *measured["at"].to_list(),
    ]
    last_kw = measured["power_kw"][-1] if measured.height else 0.0
    return finished(
        figure,
        alt=(
            f"Site power at {local_label(now, time_zone)}: {last_kw:.1f} kW measured, operating "
            f"limit {limit_kw:g} kW."
        ),
        y_title="Site power (kW)",
        x_axis=time_axis(min(instants), max(instants), time_zone=time_zone),
        colours=colours,
        height=360,
    )
