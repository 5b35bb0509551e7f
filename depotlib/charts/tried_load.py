"""A night's load as it is planned, and as it would be with a change that is tried."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished, level_line
from depotlib.charts.price_windows import draw_price_windows
from depotlib.charts.site_load import total_power
from depotlib.charts.time_axis import all_plotted, local_label, local_labels, time_axis
from depotlib.model.depot import Depot
from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms

HEADROOM_FACTOR = 1.3
"""Above the limit its words stand, and above them the prices."""


def tried_load(
    plan: Plan,
    tried: Plan,
    *,
    depot: Depot,
    prices: PriceTerms,
    base_load_kw: Sequence[float] = (),
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return two loads over one night, under the limit that is tried.

    Parameters
    ----------
    plan : Plan
        As it was planned.
    tried : Plan
        On the same grid, or a longer one with the same start.
    depot : Depot
        With the limit that is tried.
    prices : PriceTerms
        On the tried plan's grid.
    base_load_kw : sequence of float, optional
        Everything but charging, (intervals,) of the tried plan's grid.
    colours : Colours, optional
    """
    grid, time_zone = tried.grid, ZoneInfo(depot.time_zone)
    figure = go.Figure()
    draw_price_windows(figure, prices, grid=grid, colours=colours)
    for name, one, line in (
        ("As tried", tried, go.scatter.Line(color=colours.main, dash="solid")),
        ("As planned", plan, go.scatter.Line(color=colours.text, dash="dot")),
    ):
        figure.add_trace(
            _steps(name, one, line=line, base_load_kw=base_load_kw, time_zone=time_zone)
        )
    limit_kw = depot.grid.operating_limit_kw
    level_line(figure, limit_kw, label="Limit as tried", colour=colours.limit)
    peaks_kw = (plan.header.peak_kw, tried.header.peak_kw)
    figure.update_yaxes(range=[0, max(limit_kw, *peaks_kw) * HEADROOM_FACTOR])
    return finished(
        figure,
        alt=(
            f"Site power from {local_label(grid.start, time_zone)} to "
            f"{local_label(grid.end, time_zone)}: at most {peaks_kw[0]:.1f} kW as planned, "
            f"{peaks_kw[1]:.1f} kW as tried, under a limit of {limit_kw:g} kW."
        ),
        y_title="Site power (kW)",
        x_axis=time_axis(grid.start, grid.end, time_zone=time_zone),
        colours=colours,
        height=300,
    )


def _steps(
    name: str,
    plan: Plan,
    *,
    line: go.scatter.Line,
    base_load_kw: Sequence[float],
    time_zone: ZoneInfo,
) -> go.Scatter:
    grid = plan.grid
    base = list(base_load_kw)[: grid.count] or [0.0] * grid.count
    power_kw = [a + b for a, b in zip(total_power(plan.setpoints, grid), base, strict=True)]
    instants = [*grid.starts(), grid.end]
    return go.Scatter(
        name=name,
        x=all_plotted(instants),
        y=[*power_kw, power_kw[-1]],
        customdata=local_labels(instants, time_zone),
        mode="lines",
        line=line.update(shape="hv", width=2),
        hovertemplate="%{customdata}: %{y:.1f} kW",
    )
