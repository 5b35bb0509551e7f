"""The depot's power through a night: the plan by pool, its limits, what others would have drawn."""

from collections.abc import Sequence
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished, level_line
from depotlib.charts.policy_names import policy_name
from depotlib.charts.price_windows import draw_peak_windows, draw_price_windows
from depotlib.charts.time_axis import all_plotted, local_label, local_labels, time_axis
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import Plan
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid

HEADROOM_FACTOR = 1.12
OTHERS = (
    (5, "solid"),
    (6, "dash"),
    (9, "dot"),
    (8, "dashdot"),
    (7, "longdash"),
    (4, "longdashdot"),
)
"""Series colour and dash of what a plan is compared with: apart from each other and the layers."""


def site_load(
    plans: Sequence[Plan],
    *,
    depot: Depot,
    dwells: Sequence[Dwell],
    prices: PriceTerms,
    base_load_kw: Sequence[float] = (),
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return the first plan's power stacked by pool, the other plans' totals as lines.

    Parameters
    ----------
    plans : sequence of Plan
        On one grid: the plan, then what it is compared with.
    depot : Depot
        For its limits and time zone.
    dwells : sequence of Dwell
        For the pool of a vehicle that has no connector in the plan.
    prices : PriceTerms
        On the plans' grid.
    base_load_kw : sequence of float, optional
        Everything but charging, (intervals,).
    colours : Colours, optional
    """
    plan, grid, time_zone = plans[0], plans[0].grid, ZoneInfo(depot.time_zone)
    base = list(base_load_kw) or [0.0] * grid.count
    figure = go.Figure()
    draw_price_windows(figure, prices, grid=grid, colours=colours)
    draw_peak_windows(figure, prices, grid=grid, colours=colours)
    layers = power_by_pool(plan, depot, dwells=dwells)
    if any(base):
        layers = {"Building": base} | layers
    for index, (pool, power_kw) in enumerate(layers.items()):
        figure.add_trace(
            _layer(pool, power_kw, grid=grid, time_zone=time_zone, colour=colours.series[index])
        )
    for index, other in enumerate(plans[1:]):
        total = [a + b for a, b in zip(total_power(other.setpoints, grid), base, strict=True)]
        series, dash = OTHERS[index % len(OTHERS)]
        line = go.scatter.Line(shape="hv", width=2, color=colours.series[series], dash=dash)
        figure.add_trace(_line(other, total, time_zone=time_zone, line=line))
    limit_kw, service_kw = depot.grid.operating_limit_kw, depot.grid.service_kw
    level_line(figure, limit_kw, label="Operating limit", colour=colours.limit)
    if service_kw > limit_kw:
        level_line(figure, service_kw, label="Service", colour=colours.text, dash="dot")
    highest_kw = max(service_kw, *(one.header.peak_kw for one in plans))
    figure.update_yaxes(range=[0, highest_kw * HEADROOM_FACTOR])
    return finished(
        figure,
        alt=_words(plan, grid=grid, time_zone=time_zone, limit_kw=limit_kw),
        y_title="Site power, 15-minute mean (kW)",
        x_axis=time_axis(grid.start, grid.end, time_zone=time_zone),
        colours=colours,
        height=460,
    )


def power_by_pool(plan: Plan, depot: Depot, *, dwells: Sequence[Dwell]) -> dict[str, list[float]]:
    """Return the power of each pool in each interval of a plan [kW], (intervals,) each."""
    pool_of_plug = {
        plug.connector_id: station.pool
        for station in depot.stations
        for plug in station.connectors()
    }
    pool_of_vehicle = {dwell.vehicle_id: dwell.pool or "any" for dwell in dwells}
    pools = plan.setpoints.with_columns(
        pl.coalesce(
            pl.col("connector_id").replace_strict(
                pool_of_plug, default=None, return_dtype=pl.String
            ),
            pl.col("vehicle_id").replace_strict(
                pool_of_vehicle, default="any", return_dtype=pl.String
            ),
        ).alias("pool")
    )
    names: list[str] = sorted(pools["pool"].unique().to_list())
    return {
        f"{name.upper()} stations": total_power(pools.filter(pl.col("pool") == name), plan.grid)
        for name in names
    }


def total_power(setpoints: pl.DataFrame, grid: TimeGrid) -> list[float]:
    """Return the sum of setpoints in each interval of a grid [kW], (intervals,)."""
    total = [0.0] * grid.count
    summed = setpoints.group_by("interval_start").agg(pl.col("power_kw").sum())
    for interval_start, power_kw in summed.iter_rows():
        total[grid.interval_of(interval_start)] += power_kw
    return total


def _layer(
    name: str, power_kw: list[float], *, grid: TimeGrid, time_zone: ZoneInfo, colour: str
) -> go.Scatter:
    return go.Scatter(
        name=name,
        x=all_plotted([*grid.starts(), grid.end]),
        y=[*power_kw, power_kw[-1]],
        customdata=local_labels([*grid.starts(), grid.end], time_zone),
        stackgroup="plan",
        line=go.scatter.Line(shape="hv", width=1, color=colour),
        hovertemplate="%{customdata}: %{y:.1f} kW",
    )


def _line(
    plan: Plan, total: list[float], *, time_zone: ZoneInfo, line: go.scatter.Line
) -> go.Scatter:
    grid = plan.grid
    return go.Scatter(
        name=policy_name(plan.header.policy),
        x=all_plotted([*grid.starts(), grid.end]),
        y=[*total, total[-1]],
        customdata=local_labels([*grid.starts(), grid.end], time_zone),
        mode="lines",
        line=line,
        hovertemplate="%{customdata}: %{y:.1f} kW",
    )


def _words(plan: Plan, *, grid: TimeGrid, time_zone: ZoneInfo, limit_kw: float) -> str:
    return (
        f"Site power from {local_label(grid.start, time_zone)} to "
        f"{local_label(grid.end, time_zone)}, stacked by pool of stations. Highest "
        f"{plan.header.peak_kw:.1f} kW, operating limit {limit_kw:g} kW."
    )
