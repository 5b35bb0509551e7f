"""Who stands where from when to when, how strongly each is charged, and who drives when."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours, scale
from depotlib.charts.finish import finished
from depotlib.charts.time_axis import all_plotted, local_label, local_labels, plotted, time_axis
from depotlib.model.depot import Depot
from depotlib.model.dwell import Dwell
from depotlib.model.plan import ConnectorWindow, Plan, YardMove
from depotlib.units import s_to_ms

ROW_PX = 19


@dataclass(frozen=True, slots=True)
class _Span:
    row: str
    vehicle_id: str
    window: ConnectorWindow | Dwell

    @property
    def length(self) -> timedelta:
        if isinstance(self.window, Dwell):
            return self.window.departure - self.window.arrival
        return self.window.end - self.window.start


def gantt(
    plan: Plan, *, depot: Depot, dwells: Sequence[Dwell], colours: Colours = LIGHT
) -> go.Figure:
    """Return a row a connector, or a row a vehicle where occupancy was relaxed.

    Parameters
    ----------
    plan : Plan
    depot : Depot
    dwells : sequence of Dwell
        The stays, for a plan without connector windows; none where they are not known any more.
    colours : Colours, optional
    """
    time_zone = ZoneInfo(depot.time_zone)
    is_by_connector = bool(plan.windows)
    full_kw = _full_powers(plan, depot, dwells=dwells)
    rows = list(full_kw)
    if is_by_connector:
        spans = [_Span(one.connector_id, one.vehicle_id, one) for one in plan.windows]
    else:
        spans = [_Span(one.vehicle_id, one.vehicle_id, one) for one in dwells]
    figure = go.Figure()
    figure.add_trace(_power(plan, full_kw, is_by_connector=is_by_connector, colours=colours))
    figure.add_trace(_spans(spans, time_zone=time_zone, colours=colours))
    if plan.moves:
        figure.add_trace(_moves(plan.moves, time_zone=time_zone, colours=colours))
    noun = "connector" if is_by_connector else "vehicle"
    figure.update_yaxes(
        type="category", categoryorder="array", categoryarray=rows[::-1], dtick=1, showgrid=False
    )
    return finished(
        figure,
        alt=(
            f"One row a {noun}: {len(spans)} stays and {len(plan.moves)} moves of vehicles between "
            f"{local_label(plan.grid.start, time_zone)} and "
            f"{local_label(plan.grid.end, time_zone)}; deeper colour is more power."
        ),
        y_title=f"{noun.capitalize()} (colour: share of full power in %)",
        x_axis=time_axis(plan.grid.start, plan.grid.end, time_zone=time_zone),
        colours=colours,
        height=150 + ROW_PX * len(rows),
    )


def _power(
    plan: Plan, full_kw: dict[str, float], *, is_by_connector: bool, colours: Colours
) -> go.Heatmap:
    grid = plan.grid
    place = {row: index for index, row in enumerate(full_kw)}
    share: list[list[float | None]] = [[None] * grid.count for _ in full_kw]
    power_kw: list[list[float | None]] = [[None] * grid.count for _ in full_kw]
    chosen = plan.setpoints.select(
        "connector_id" if is_by_connector else "vehicle_id", "interval_start", "power_kw"
    )
    for row, interval_start, one_kw in chosen.iter_rows():
        interval = grid.interval_of(interval_start)
        power_kw[place[row]][interval] = one_kw
        share[place[row]][interval] = one_kw / full_kw[row]
    return go.Heatmap(
        name="Power",
        # A cell is centred on its place.
        x=all_plotted([start + grid.step / 2 for start in grid.starts()]),
        y=list(full_kw),
        z=share,
        zmin=0,
        zmax=1,
        customdata=power_kw,
        colorscale=scale(colours),
        colorbar=go.heatmap.ColorBar(
            title="Power", thickness=12, tickvals=[0, 0.5, 1], ticktext=["0 %", "50 %", "full"]
        ),
        hoverongaps=False,
        hovertemplate="%{y}: %{customdata:.1f} kW<extra></extra>",
    )


def _full_powers(plan: Plan, depot: Depot, *, dwells: Sequence[Dwell]) -> dict[str, float]:
    """Return the rows with what counts as full power in each [kW].

    A plan may be older than the depot: whom it names beside them has a row, too, and its own
    highest power is full.
    """
    by = "connector_id" if plan.windows else "vehicle_id"
    highest = dict(plan.setpoints.group_by(by).agg(pl.col("power_kw").max()).sort(by).iter_rows())
    full_kw = {row: highest_kw or 1.0 for row, highest_kw in highest.items()}
    known = (
        {plug.connector_id: plug.max_kw for plug in depot.connectors()}
        if plan.windows
        else {dwell.vehicle_id: full_kw.get(dwell.vehicle_id, 1.0) for dwell in dwells}
    )
    return known | {row: one_kw for row, one_kw in full_kw.items() if row not in known}


def _spans(spans: list[_Span], *, time_zone: ZoneInfo, colours: Colours) -> go.Bar:
    starts = [
        one.window.arrival if isinstance(one.window, Dwell) else one.window.start for one in spans
    ]
    ends = [start + one.length for start, one in zip(starts, spans, strict=True)]
    return go.Bar(
        name="Stay",
        orientation="h",
        base=all_plotted(starts),
        x=[s_to_ms(one.length.total_seconds()) for one in spans],
        y=[one.row for one in spans],
        text=[one.vehicle_id for one in spans],
        textposition="inside",
        insidetextanchor="start",
        insidetextfont=go.bar.Insidetextfont(color=colours.text, size=11),
        constraintext="none",
        customdata=list(
            zip(local_labels(starts, time_zone), local_labels(ends, time_zone), strict=True)
        ),
        hovertemplate="%{text} on %{y}<br>%{customdata[0]} to %{customdata[1]}<extra></extra>",
        marker=go.bar.Marker(
            color="rgba(0,0,0,0)", line=go.bar.marker.Line(color=colours.faint, width=1)
        ),
        showlegend=False,
    )


def _moves(moves: tuple[YardMove, ...], *, time_zone: ZoneInfo, colours: Colours) -> go.Scatter:
    return go.Scatter(
        name="Move a vehicle",
        mode="markers",
        x=[plotted(one.at) for one in moves],
        y=[one.to_connector_id or one.from_connector_id for one in moves],
        marker=go.scatter.Marker(
            symbol=["triangle-right" if one.to_connector_id else "triangle-left" for one in moves],
            size=11,
            color=colours.limit,
            line=go.scatter.marker.Line(color=colours.background, width=1),
        ),
        text=[_move_words(one) for one in moves],
        customdata=local_labels([one.at for one in moves], time_zone),
        hovertemplate="%{customdata}: %{text}<extra></extra>",
    )


def _move_words(move: YardMove) -> str:
    return (
        f"{move.vehicle_id} from {move.from_connector_id or 'the waiting bays'} to "
        f"{move.to_connector_id or 'the waiting bays'}"
    )
