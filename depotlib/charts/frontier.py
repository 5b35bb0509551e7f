"""What readiness costs: the points of a study, and those that no other beats."""

import plotly.graph_objects as go
import polars as pl

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

ALL_PERCENT = 100.0
LEAST_PERCENT = 1.0
"""Of the axis, where all points are alike."""
ROOM_SHARE = 0.04
"""Less than from one tick to the next."""


def frontier(points: pl.DataFrame, *, currency: str, colours: Colours = LIGHT) -> go.Figure:
    """Return every point of a study by its bill and its readiness, those that nobody beats in front.

    Parameters
    ----------
    points : polars.DataFrame
        name (what the point is, in words), bill, bill_low, bill_high, ready_percent,
        ready_percent_low, ready_percent_high (bands null where there is one draw), is_best.
    currency : str
    colours : Colours, optional
    """
    figure = go.Figure()
    for is_best, title, colour, symbol in (
        (False, "beaten by another point", colours.faint, "circle-open"),
        (True, "beaten by none", colours.main, "diamond"),
    ):
        held = points.filter(pl.col("is_best") == is_best).sort("bill")
        if held.is_empty():
            continue
        figure.add_trace(
            go.Scatter(
                name=title,
                x=held["bill"].to_list(),
                y=held["ready_percent"].to_list(),
                text=held["name"].to_list(),
                mode="markers",
                marker=go.scatter.Marker(color=colour, size=10, symbol=symbol),
                error_x=_band(held, "bill", colour=colour),
                error_y=_band(held, "ready_percent", colour=colour),
                hovertemplate=f"%{{text}}<br>%{{x:,.0f}} {currency}, %{{y:.1f}} % ready"
                "<extra></extra>",
            )
        )
    figure.update_yaxes(range=_percent_range(points))
    return finished(
        figure,
        alt=_words(points, currency=currency),
        y_title="Vans that leave ready (%)",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text=f"Bill of the nights ({currency})")
        ),
        colours=colours,
    )


def _percent_range(points: pl.DataFrame) -> tuple[float, float]:
    """Return from where to where readiness is drawn: room for a mark at all, none for 101 %."""
    said = [points[f"ready_percent{end}"].min() for end in ("", "_low")]
    lowest_percent = min((float(str(one)) for one in said if one is not None), default=0.0)
    span_percent = max(ALL_PERCENT - lowest_percent, LEAST_PERCENT)
    room_percent = ROOM_SHARE * span_percent
    return ALL_PERCENT - span_percent - room_percent, ALL_PERCENT + room_percent


def _band(held: pl.DataFrame, middle: str, *, colour: str) -> dict[str, object]:
    return {
        "type": "data",
        "symmetric": False,
        "array": (held[f"{middle}_high"] - held[middle]).fill_null(0.0).to_list(),
        "arrayminus": (held[middle] - held[f"{middle}_low"]).fill_null(0.0).to_list(),
        "color": colour,
        "thickness": 1,
        "width": 3,
    }


def _words(points: pl.DataFrame, *, currency: str) -> str:
    best = points.filter("is_best").sort("ready_percent", descending=True)
    said = f"Bill and readiness of {points.height} points of a study"
    if best.is_empty():
        return f"{said}."
    top = best.row(0, named=True)
    cheapest = best.sort("bill").row(0, named=True)
    return (
        f"{said}, {best.height} of them beaten by none. Readiest: {top['name']}, "
        f"{top['ready_percent']:.1f} % for {top['bill']:,.0f} {currency}. Cheapest: "
        f"{cheapest['name']}, {cheapest['ready_percent']:.1f} % for "
        f"{cheapest['bill']:,.0f} {currency}."
    )
