"""Margins of a chart that hold its labels and titles at once.

Where they do not, Plotly widens the margins and lays everything out once more: a third of the time
that a chart takes. All figures are of 12 px labels in the workbench, read off what Plotly widened
its margins to; where a text needs more nevertheless, it still does.
"""

from math import ceil
from typing import Any, Final, cast

import plotly.graph_objects as go

BESIDE_PX: Final = 55.0
"""What a margin holds beside the names of categories: an axis's title, and air."""
BESIDE_SCALED_PX: Final = 63.0
"""The same where a colour scale stands on the other side."""
LINE_PX: Final = 17.0
"""Another line of a title."""
LEGEND_PX: Final = 41.0
"""A legend of one line ..."""
LEGEND_SHARE: Final = 0.02
"""... and how far above the lines it begins, of their height."""
UPRIGHT_DEG: Final = -90
NARROW: Final = frozenset("ijlrtf,.;:'|!()[]/- ")
WIDE: Final = frozenset("mwMW%@")
NARROW_PX, WIDE_PX, CAPITAL_PX, OTHER_PX = 3.6, 10.0, 7.3, 6.1


def room_for(figure: go.Figure, x_axis: go.layout.XAxis, *, height_px: float) -> go.layout.Margin:
    """Return margins in which labels and titles find room.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
    x_axis : plotly.graph_objects.layout.XAxis
        As it is going to be.
    height_px : float
        Of the whole figure.
    """
    if x_axis["visible"] is False:
        return go.layout.Margin(l=8, r=8, t=48, b=8)
    # Plotly's stubs tell nothing of what a figure or an axis holds.
    traces, title = cast("Any", figure["data"]), cast("Any", x_axis["title"])
    has_scale = any(
        isinstance(trace, go.Heatmap) and trace["showscale"] is not False for trace in traces
    )
    y_axis = cast("go.layout.YAxis", figure["layout"]["yaxis"])
    beside_px = BESIDE_SCALED_PX if has_scale else BESIDE_PX
    left_px = max(92 if has_scale else 80, beside_px + widest_px(figure, y_axis, of="y"))
    below_px = 84 if x_axis["type"] == "date" else 70
    if x_axis["tickangle"] == UPRIGHT_DEG:
        below_px = max(below_px, BESIDE_PX + widest_px(figure, x_axis, of="x"))
    below_px += LINE_PX * str(title["text"]).count("<br>") + (8 if has_scale else 0)
    above_px = 48.0
    if len(traces) > 1:
        above_px = max(above_px, LEGEND_PX + LEGEND_SHARE * (height_px - above_px - below_px))
    # Plotly rounds what it needs.
    return go.layout.Margin(
        l=ceil(left_px), r=96 if has_scale else 28, t=ceil(above_px), b=ceil(below_px)
    )


def widest_px(figure: go.Figure, axis: go.layout.XAxis | go.layout.YAxis, *, of: str) -> float:
    """Return how wide the widest name of a category is, about; 0: the axis has none to show."""
    if axis["type"] != "category" or axis["showticklabels"] is False:
        return 0.0
    said = axis["ticktext"]
    traces = cast("Any", figure["data"])
    given = [said] if said is not None else [trace[of] for trace in traces]
    names = {str(name) for values in given if values is not None for name in values}
    return max(map(width_px, names), default=0.0)


def width_px(text: str) -> float:
    """Return how wide a label is, about, rather too wide than too narrow."""
    return sum(map(_letter_px, text))


def _letter_px(letter: str) -> float:
    if letter in NARROW:
        return NARROW_PX
    if letter in WIDE:
        return WIDE_PX
    return CAPITAL_PX if letter.isupper() else OTHER_PX
