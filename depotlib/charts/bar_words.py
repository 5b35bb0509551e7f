"""Words above the bars of a chart: beside them they would be cut on a phone."""

from collections.abc import Sequence

import plotly.graph_objects as go

WORDS_PX = 3
"""From the top of a bar to the foot of its words."""


def words_above(
    totals: Sequence[float], *, words: Sequence[str], gap_share: float
) -> list[go.layout.Annotation]:
    """Return what stands above horizontal bars of which the first is on top.

    Parameters
    ----------
    totals : sequence of float
        Where each bar ends.
    words : sequence of str
        Of each.
    gap_share : float
        Share of a bar's place that is left free: the chart's ``bargap``.
    """
    return [
        go.layout.Annotation(
            text=text,
            x=min(0.0, total),
            xanchor="left",
            align="left",
            # The top of the bar, by the bar's number from above, however high the bar is drawn.
            y=place - (1 - gap_share) / 2,
            yanchor="bottom",
            yshift=WORDS_PX,
            showarrow=False,
        )
        for place, (total, text) in enumerate(zip(totals, words, strict=True))
    ]
