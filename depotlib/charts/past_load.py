"""A past night's load as it happened, beside the plan that delivers the same energy."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.charts.price_windows import draw_price_windows
from depotlib.charts.site_load import total_power
from depotlib.charts.time_axis import all_plotted, local_label, local_labels, time_axis
from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms


def past_load(
    plan: Plan,
    *,
    happened_kw: Sequence[float],
    unmoved_kw: Sequence[float],
    prices: PriceTerms,
    time_zone: ZoneInfo,
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return two loads over one night: what was drawn, and what the plan would have drawn.

    Parameters
    ----------
    plan : Plan
        Of the same night.
    happened_kw : sequence of float
        Load of all sessions, (intervals,) of the plan's grid.
    unmoved_kw : sequence of float
        Load that the plan leaves as it was, (intervals,).
    prices : PriceTerms
        On the plan's grid.
    time_zone : ZoneInfo
        Of the depot.
    colours : Colours, optional
    """
    grid = plan.grid
    planned = total_power(plan.setpoints, grid)
    planned_kw = [own + other for own, other in zip(planned, unmoved_kw, strict=True)]
    instants = [*grid.starts(), grid.end]
    figure = go.Figure()
    draw_price_windows(figure, prices, grid=grid, colours=colours)
    for name, power_kw, colour in (
        ("As it happened", list(happened_kw), colours.limit),
        ("Planned", planned_kw, colours.main),
    ):
        figure.add_trace(
            go.Scatter(
                name=name,
                x=all_plotted(instants),
                y=[*power_kw, power_kw[-1]],
                customdata=local_labels(instants, time_zone),
                mode="lines",
                line=go.scatter.Line(shape="hv", width=2, color=colour),
                hovertemplate="%{customdata}: %{y:.1f} kW",
            )
        )
    figure.update_yaxes(rangemode="tozero")
    return finished(
        figure,
        alt=(
            f"Load from {local_label(grid.start, time_zone)} to "
            f"{local_label(grid.end, time_zone)}: at most {max(happened_kw):.1f} kW as it "
            f"happened, {max(planned_kw):.1f} kW planned."
        ),
        y_title="Power, 15-minute mean (kW)",
        x_axis=time_axis(grid.start, grid.end, time_zone=time_zone),
        colours=colours,
        height=420,
    )
