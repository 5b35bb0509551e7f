"""What every chart ends with: units on its axes, a place for its legend, words for who cannot see."""

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from depotlib.charts.colours import Colours
from depotlib.charts.room import room_for

Figure = go.Figure
"""What every chart returns; the workbench names it from here."""


def finished(
    figure: go.Figure,
    *,
    alt: str,
    y_title: str,
    x_axis: go.layout.XAxis,
    colours: Colours,
    height: int = 380,
) -> go.Figure:
    """Return a figure ready to be shown.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        Changed in place.
    alt : str
        What the chart says, in words; kept in ``layout.meta["alt"]``.
    y_title : str
        With its unit.
    x_axis : plotly.graph_objects.layout.XAxis
        With its title and unit.
    colours : Colours
    height : int, optional
        [px].
    """
    layout, x_said = figure["layout"], x_axis.to_plotly_json()
    # All at once: Plotly tells a figure of every change, which takes longer than the change itself.
    figure.plotly_relayout(
        {
            "meta": {"alt": alt},
            "height": height,
            "margin": room_for(figure, x_axis, height_px=height),
            "hovermode": "closest",
            "font": go.layout.Font(color=colours.text),
            "paper_bgcolor": colours.background,
            "plot_bgcolor": colours.background,
            "legend": go.layout.Legend(
                orientation="h", x=0, y=1.02, xanchor="left", yanchor="bottom", traceorder="normal"
            ),
            "bargap": 0.15,
            "xaxis": {
                **layout["xaxis"].to_plotly_json(),
                **x_said,
                **_said(x_said.get("title", {}), colours),
            },
            "yaxis": {
                **layout["yaxis"].to_plotly_json(),
                **_said({"text": y_title}, colours),
            },
        }
    )
    return figure


def in_bulk(values: Sequence[object]) -> NDArray[np.object_]:
    """Return many values as Plotly takes them at once: at those of a list it looks one by one."""
    return np.array(values, dtype=np.object_)


def alt_text(figure: go.Figure) -> str:
    """Return what a finished figure says, in words."""
    return str(figure["layout"]["meta"]["alt"])


def level_line(
    figure: go.Figure, power_kw: float, *, label: str, colour: str, dash: str = "dash"
) -> None:
    """Draw a horizontal line across a figure, with its label and figure above its right end."""
    # As Plotly's own line across, which first looks through all that the figure has.
    figure.add_shape(
        type="line",
        xref="x domain",
        x0=0,
        x1=1,
        yref="y",
        y0=power_kw,
        y1=power_kw,
        line=go.layout.shape.Line(color=colour, width=2, dash=dash),
    )
    figure.add_annotation(
        text=f"{label} {power_kw:,.0f} kW",
        font=go.layout.annotation.Font(size=12),
        xref="x domain",
        x=1,
        xanchor="right",
        yref="y",
        y=power_kw,
        yanchor="bottom",
        showarrow=False,
    )


def _said(title: dict[str, object], colours: Colours) -> dict[str, object]:
    """Return what an axis says, and in which colours: a theme around it would make it paler."""
    return {
        "title": {**title, "font": {"color": colours.text}},
        "tickfont": {"color": colours.text},
        "automargin": True,
        "gridcolor": _faded(colours),
    }


def _faded(colours: Colours) -> str:
    red, green, blue = (int(colours.faint[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.25)"
