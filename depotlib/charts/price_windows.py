"""A tariff on a chart: spans of one energy price as shades, spans of a demand charge as bars."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import plotly.graph_objects as go

from depotlib.charts.colours import Colours
from depotlib.charts.time_axis import plotted
from depotlib.model.price_terms import PriceTerms
from depotlib.model.timegrid import TimeGrid

DEEPEST_SHADE: Final = 0.20
LABEL_WIDTH: Final = timedelta(minutes=90)
"""A narrower span has no room for its price on a chart of one night."""


@dataclass(frozen=True, slots=True)
class PriceWindow:
    """A span [start, end) in which energy has one price."""

    start: datetime
    end: datetime
    price_per_kwh: float


def price_windows(prices: PriceTerms, grid: TimeGrid) -> tuple[PriceWindow, ...]:
    """Return the spans of equal energy price, all energy terms of the tariff together."""
    if not prices.energy:
        return ()
    totals = [sum(term) for term in zip(*(one.price_per_kwh for one in prices.energy), strict=True)]
    return tuple(
        PriceWindow(
            start=grid.start + first * grid.step,
            end=grid.start + (last + 1) * grid.step,
            price_per_kwh=totals[first],
        )
        for first, last in runs([round(price, 9) for price in totals])
    )


def peak_spans(intervals: Sequence[int], grid: TimeGrid) -> tuple[tuple[datetime, datetime], ...]:
    """Return the spans [start, end) that a set of intervals covers."""
    member = set(intervals)
    return tuple(
        (grid.start + first * grid.step, grid.start + (last + 1) * grid.step)
        for first, last in runs([float(index in member) for index in range(grid.count)])
        if first in member
    )


def runs(values: Sequence[float]) -> list[tuple[int, int]]:
    """Return first and last position of each run of equal values."""
    found: list[tuple[int, int]] = []
    for index, value in enumerate(values):
        if found and values[index - 1] == value:
            found[-1] = (found[-1][0], index)
        else:
            found.append((index, index))
    return found


def draw_price_windows(
    figure: go.Figure, prices: PriceTerms, *, grid: TimeGrid, colours: Colours
) -> None:
    """Shade the spans of each energy price, dearer ones deeper, and write the price on top."""
    windows = price_windows(prices, grid)
    dearest = max((one.price_per_kwh for one in windows), default=0.0)
    cheapest = min((one.price_per_kwh for one in windows), default=0.0)
    for one in windows:
        depth_share = (one.price_per_kwh - cheapest) / (dearest - cheapest or 1.0)
        figure.add_shape(
            type="rect",
            xref="x",
            x0=plotted(one.start),
            x1=plotted(one.end),
            yref="y domain",
            y0=0,
            y1=1,
            fillcolor=colours.second,
            opacity=DEEPEST_SHADE * depth_share,
            line_width=0,
            layer="below",
        )
        if one.end - one.start >= LABEL_WIDTH:
            figure.add_annotation(
                x=plotted(one.start + (one.end - one.start) / 2),
                y=1.0,
                yref="paper",
                yanchor="top",
                text=f"{one.price_per_kwh:.3f} {prices.currency}/kWh",
                showarrow=False,
                font=go.layout.annotation.Font(color=colours.text, size=11),
                bgcolor=colours.background,
            )


def draw_peak_windows(
    figure: go.Figure, prices: PriceTerms, *, grid: TimeGrid, colours: Colours
) -> None:
    """Mark, on the floor of a chart, when a demand charge counts that does not always count."""
    for term in prices.peaks:
        if len(term.intervals) == grid.count:
            continue
        for start, end in peak_spans(term.intervals, grid):
            figure.add_shape(
                type="rect",
                x0=plotted(start),
                x1=plotted(end),
                y0=0.0,
                y1=0.018,
                yref="paper",
                fillcolor=colours.limit,
                line_width=0,
            )
            figure.add_annotation(
                x=plotted(start),
                y=0.02,
                yref="paper",
                xanchor="left",
                yanchor="bottom",
                text=f"{term.name}: {term.price_per_kw:g} {prices.currency}/kW counts",
                showarrow=False,
                font=go.layout.annotation.Font(color=colours.text, size=11),
                bgcolor=colours.background,
                opacity=0.85,
            )
