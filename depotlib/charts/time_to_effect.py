"""How long a push takes: until stations answer, and until their meters show the new limit."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.charts.finish import finished

EDGES_S: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0)
"""A station answers within a second or two, a meter tells once a minute: finer where it matters."""


def time_to_effect(
    answered_s: Sequence[float], metered_s: Sequence[float], *, colours: Colours = LIGHT
) -> go.Figure:
    """Return how many connectors took how long, answered and seen in the meter side by side.

    Parameters
    ----------
    answered_s : sequence of float
        From sent to the station's answer [s].
    metered_s : sequence of float
        From sent to the meter that shows the new limit, of those that drew power then [s]; empty:
        nobody did, and nothing is said of them.
    colours : Colours, optional
    """
    names = [f"{low:g} to {high:g}" for low, high in pairwise(EDGES_S)]
    names.append(f"over {EDGES_S[-1]:g}")
    told = [("Answered", answered_s, colours.main)]
    if metered_s:
        told.append(("Seen in the meter", metered_s, colours.second))
    figure = go.Figure(
        data=[
            go.Bar(
                name=name,
                x=names,
                y=counts(values_s),
                marker_color=colour,
                hovertemplate="%{x} s: %{y}<extra></extra>",
            )
            for name, values_s, colour in told
        ]
    )
    figure.update_layout(barmode="group")
    return finished(
        figure,
        alt=" ".join(_sentence(name.lower(), values_s) for name, values_s, _ in told),
        y_title="Number of connectors",
        x_axis=go.layout.XAxis(
            title=go.layout.xaxis.Title(text="Time since the limit was sent (s)"), type="category"
        ),
        colours=colours,
        height=300,
    )


def counts(values_s: Sequence[float]) -> list[int]:
    """Return how many values lie in each class; its upper edge belongs to it."""
    found = [0] * len(EDGES_S)
    for value_s in values_s:
        found[sum(value_s > edge for edge in EDGES_S[1:])] += 1
    return found


def _sentence(what: str, values_s: Sequence[float]) -> str:
    if not values_s:
        return f"No connector {what} yet."
    ordered = sorted(values_s)
    middle_s = ordered[len(ordered) // 2]
    return f"{len(ordered)} {what}: half within {middle_s:.1f} s, all within {ordered[-1]:.1f} s."
