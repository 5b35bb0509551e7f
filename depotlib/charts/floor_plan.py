"""The yard from above: each bay where it is, north up, a metre as long up as across."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished
from depotlib.model.depot import CurrentType
from depotlib.model.display import Measure
from depotlib.model.yard import Bay, Place, Yard

HALF_BAY_M: Final = 1.2
"""A bay is drawn 2.4 m wide, true to scale: those that lie over each other are seen to."""
OUTLINES: Final[dict[CurrentType, tuple[Place, ...]]] = {
    # A square for AC; one without corners for DC: whoever sees no colour sees the shape.
    "AC": ((-1, -1), (1, -1), (1, 1), (-1, 1)),
    "DC": (
        *((-0.5, -1), (0.5, -1), (1, -0.5), (1, 0.5)),
        *((0.5, 1), (-0.5, 1), (-1, 0.5), (-1, -0.5)),
    ),
}
MOST_NAMES: Final = 150
"""More names than these nobody reads at once; the pointer still tells each."""
NAME_PX: Final = 10
LETTER_PX: Final = 6.0
"""Mean width of a letter of that size."""
UPRIGHT_DEGREES: Final = -90
WIDTH_PX: Final = 480.0
"""What a page beside a sheet leaves for the yard."""
FRAME_PX: Final = 170.0
LEAST_PX: Final = 340.0
MOST_PX: Final = 680.0
AROUND_M: Final = 3.0


@dataclass(frozen=True, slots=True)
class _Scale:
    """Metres in the unit that people read."""

    measure: Measure | None

    @property
    def unit(self) -> str:
        return "m" if self.measure is None else self.measure.unit

    def shown(self, length_m: float) -> float:
        return length_m if self.measure is None else self.measure.shown(length_m)

    def all_shown(self, lengths_m: Sequence[float | None]) -> list[float | None]:
        return [None if one is None else self.shown(one) for one in lengths_m]


def floor_plan(
    yard: Yard,
    *,
    noted: Collection[str] = (),
    measure: Measure | None = None,
    colours: Colours = LIGHT,
) -> go.Figure:
    """Return the bays of a yard from above, coloured by pool, AC and DC in shapes of their own.

    A bay is called by its station where that has no other, else by its connector.

    Parameters
    ----------
    yard : Yard
        Bays without a place are not drawn.
    noted : collection of str, optional
        Connectors whose places look wrong: ringed in the colour of limits.
    measure : Measure, optional
        What metres are shown in; default: metres.
    colours : Colours, optional
    """
    scale, places = _Scale(measure), yard.places_m()
    drawn = [bay for bay in yard.bays if bay.connector_id in places]
    groups = sorted({(bay.pool, bay.current_type) for bay in yard.bays})
    pools = sorted({pool for pool, _ in groups})
    figure = go.Figure()
    _draw_ground(figure, yard, scale=scale, colours=colours)
    for pool, current_type in groups:
        of_group = [bay for bay in drawn if (bay.pool, bay.current_type) == (pool, current_type)]
        colour = colours.series[pools.index(pool) % len(colours.series)]
        figure.add_trace(_shapes(of_group, places, scale=scale, colour=colour))
    figure.add_trace(_middles(drawn, places, scale=scale, colours=colours))
    _write_names(figure, drawn, yard=yard, scale=scale)
    ringed = [places[bay.connector_id] for bay in drawn if bay.connector_id in noted]
    if ringed:
        figure.add_trace(_rings(ringed, scale=scale, colours=colours))
    (west_m, east_m), (south_m, north_m) = _extent_m(yard)
    figure.update_yaxes(
        scaleanchor="x",
        scaleratio=1,
        zeroline=False,
        range=scale.all_shown([south_m, north_m]),
    )
    figure.add_annotation(
        text="<b>N ↑</b>", x=1, y=1, xref="paper", yref="paper", xanchor="right", yanchor="bottom",
        showarrow=False,
    )  # fmt: skip
    return finished(
        figure,
        alt=_alt(yard, drawn, noted=noted),
        y_title=f"North of the corner ({scale.unit})",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"East of the corner ({scale.unit})"),
            zeroline=False,
            range=scale.all_shown([west_m, east_m]),
        ),
        colours=colours,
        height=_height_px(depth_share=(north_m - south_m) / (east_m - west_m)),
    )


def bay_places(yard: Yard) -> pl.DataFrame:
    """Return what `floor_plan` draws: bay, pool, current, metres and degrees; null: no place."""
    places = yard.places_m()
    rows = [(bay, places.get(bay.connector_id, (None, None))) for bay in yard.bays]
    return pl.DataFrame(
        {
            "Connector": [bay.connector_id for bay, _ in rows],
            "Pool": [bay.pool for bay, _ in rows],
            "Current": [bay.current_type for bay, _ in rows],
            "East (m)": [east_m for _, (east_m, _) in rows],
            "North (m)": [north_m for _, (_, north_m) in rows],
            "Latitude": [one.position and one.position.latitude_degrees for one, _ in rows],
            "Longitude": [one.position and one.position.longitude_degrees for one, _ in rows],
        },
        schema_overrides=dict.fromkeys(
            ("East (m)", "North (m)", "Latitude", "Longitude"), pl.Float64
        ),
    )


def _shapes(
    bays: Sequence[Bay], places: Mapping[str, Place], *, scale: _Scale, colour: str
) -> go.Scatter:
    """Return the outlines of like bays as one line with gaps, filled."""
    east_m: list[float | None] = []
    north_m: list[float | None] = []
    for bay in bays:
        x_m, y_m = places[bay.connector_id]
        outline = OUTLINES[bay.current_type]
        for right, up in (*outline, outline[0]):
            east_m.append(x_m + HALF_BAY_M * right)
            north_m.append(y_m + HALF_BAY_M * up)
        east_m.append(None)
        north_m.append(None)
    return go.Scatter(
        name=f"{bays[0].pool} ({bays[0].current_type})" if bays else "",
        x=scale.all_shown(east_m),
        y=scale.all_shown(north_m),
        mode="lines",
        fill="toself",
        line=go.scatter.Line(color=colour, width=1.5),
        hoverinfo="skip",
        showlegend=bool(bays),
    )


def _middles(
    bays: Sequence[Bay], places: Mapping[str, Place], *, scale: _Scale, colours: Colours
) -> go.Scatter:
    """Return what the pointer finds of each bay; nothing of it is seen."""
    at = [places[bay.connector_id] for bay in bays]
    return go.Scatter(
        name="Bays",
        x=scale.all_shown([east_m for east_m, _ in at]),
        y=scale.all_shown([north_m for _, north_m in at]),
        customdata=[[bay.connector_id, bay.pool, bay.current_type] for bay in bays],
        mode="markers",
        marker=go.scatter.Marker(size=12, opacity=0.0, color=colours.text),
        hovertemplate=(
            "%{customdata[0]}: pool %{customdata[1]}, %{customdata[2]}<br>"
            f"%{{x:.1f}} {scale.unit} east, %{{y:.1f}} {scale.unit} north<extra></extra>"
        ),
        showlegend=False,
    )


def _write_names(figure: go.Figure, bays: Sequence[Bay], *, yard: Yard, scale: _Scale) -> None:
    """Write each bay's name into it: upright where the next one to the east leaves no room."""
    places = yard.places_m()
    stations = [bay.station_id for bay in bays]
    alone = {one for one in stations if stations.count(one) == 1}
    names = [bay.station_id if bay.station_id in alone else bay.connector_id for bay in bays]
    west_m, east_m = _extent_m(yard)[0]
    room_px = (
        _least_aside_m([places[bay.connector_id] for bay in bays]) * WIDTH_PX / (east_m - west_m)
    )
    if len(bays) > MOST_NAMES or room_px < NAME_PX:
        return
    is_wide = room_px < LETTER_PX * max(map(len, names), default=0)
    for bay, name in zip(bays, names, strict=True):
        x_m, y_m = places[bay.connector_id]
        figure.add_annotation(
            text=name,
            x=scale.shown(x_m),
            y=scale.shown(y_m),
            showarrow=False,
            textangle=UPRIGHT_DEGREES if is_wide else 0,
            font=go.layout.annotation.Font(size=NAME_PX),
        )


def _least_aside_m(places: Sequence[Place]) -> float:
    """Return how far the nearest neighbours in one row from west to east are apart."""
    in_order = sorted((north_m, east_m) for east_m, north_m in places)
    gaps_m = [
        east_m - before_m
        for (row_m, before_m), (north_m, east_m) in pairwise(in_order)
        if abs(north_m - row_m) < HALF_BAY_M and east_m > before_m
    ]
    return min(gaps_m, default=2 * AROUND_M)


def _rings(places: Sequence[Place], *, scale: _Scale, colours: Colours) -> go.Scatter:
    return go.Scatter(
        name="Look again",
        x=scale.all_shown([east_m for east_m, _ in places]),
        y=scale.all_shown([north_m for _, north_m in places]),
        mode="markers",
        marker=go.scatter.Marker(symbol="circle-open", size=30, color=colours.limit, line_width=3),
        hoverinfo="skip",
    )


def _draw_ground(figure: go.Figure, yard: Yard, *, scale: _Scale, colours: Colours) -> None:
    """Draw the corner that metres count from, and the yard's edge where it is known."""
    if yard.corner is None:
        return
    figure.add_trace(
        go.Scatter(
            name="Corner",
            x=[0.0],
            y=[0.0],
            mode="markers",
            marker=go.scatter.Marker(symbol="cross", size=10, color=colours.text),
            hovertemplate=(
                f"corner: {yard.corner.latitude_degrees:.6f}, "
                f"{yard.corner.longitude_degrees:.6f}<extra></extra>"
            ),
        )
    )
    if yard.width_m is not None and yard.depth_m is not None:
        width, depth = scale.shown(yard.width_m), scale.shown(yard.depth_m)
        figure.add_trace(
            go.Scatter(
                name="Edge of the yard",
                x=[0.0, width, width, 0.0, 0.0],
                y=[0.0, 0.0, depth, depth, 0.0],
                mode="lines",
                line=go.scatter.Line(color=colours.faint, width=1.5, dash="dash"),
                hoverinfo="skip",
            )
        )


def _extent_m(yard: Yard) -> tuple[Place, Place]:
    """Return from where to where a picture shows all bays, the corner and the edge."""
    reach = (yard.width_m or 0.0, yard.depth_m or 0.0)
    corners: list[Place] = [*yard.places_m().values(), (0.0, 0.0), reach]
    east_m, north_m = [x for x, _ in corners], [y for _, y in corners]
    return (
        (min(east_m) - AROUND_M, max(east_m) + AROUND_M),
        (min(north_m) - AROUND_M, max(north_m) + AROUND_M),
    )


def _height_px(depth_share: float) -> int:
    """Return a height in which a yard so deep for its width fills both, as far as a page bears it."""
    return round(min(MOST_PX, max(LEAST_PX, FRAME_PX + WIDTH_PX * depth_share)))


def _alt(yard: Yard, drawn: Sequence[Bay], *, noted: Collection[str]) -> str:
    pools = ", ".join(
        f"{sum(bay.pool == pool for bay in drawn)} of pool {pool}"
        for pool in sorted({bay.pool for bay in drawn})
    )
    where = f" ({pools})" if pools else ""
    return (
        f"The yard from above with {len(drawn)} of its {len(yard.bays)} bays{where}; "
        f"places that look wrong: {', '.join(sorted(noted)) or 'none'}."
    )
