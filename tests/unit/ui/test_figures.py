"""A chart that is dear to draw is drawn once for what it shows."""

import plotly.graph_objects as go

from depotlib.charts.colours import LIGHT, Colours
from depotlib.ui.figures import kept_figure


def test_a_kept_figure_is_drawn_anew_for_other_facts_only():
    drawn: list[Colours] = []

    def draw(colours: Colours) -> go.Figure:
        drawn.append(colours)
        return go.Figure()

    first = kept_figure("one", of=("plan-1", "depot"), draw=draw)

    assert kept_figure("one", of=("plan-1", "depot"), draw=draw) is first
    assert len(drawn) == 1
    for name, of in (
        ("one", ("plan-2", "depot")),
        ("one", ("plan-1", "wider")),
        ("other", ("plan-1", "depot")),
    ):
        assert kept_figure(name, of=of, draw=draw) is not first
    assert drawn == [LIGHT] * 4
    # On the page's own background, in the format of numbers that nobody changed.
    assert first.layout.paper_bgcolor == "rgba(0,0,0,0)"
    assert first.layout.separators == ".,"
