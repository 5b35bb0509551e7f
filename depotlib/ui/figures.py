"""Charts on a page: in the colours of the theme, with their words and their data to take away."""

import polars as pl
import streamlit as st

from depotlib.charts.colours import DARK, LIGHT, Colours
from depotlib.charts.finish import Figure, alt_text
from depotlib.ui.downloads import offer_csv
from depotlib.ui.state import display


def theme_colours() -> Colours:
    """Return the colours of the theme the reader sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def show_figure(figure: Figure, *, key: str, data: pl.DataFrame | None = None) -> None:
    """Show a figure, and under it a download of what it draws.

    Parameters
    ----------
    figure : plotly.graph_objects.Figure
        With its words in ``layout.meta["alt"]``.
    key : str
        Unique on the page; also the name of the file.
    data : polars.DataFrame, optional
    """
    # The background is the page's own, so that light and dark need no second figure.
    figure.plotly_relayout(
        {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "separators": display().separators,
        }
    )
    st.plotly_chart(
        figure,
        key=key,
        alt=alt_text(figure),
        config={"displaylogo": False, "displayModeBar": "hover"},
    )
    if data is not None:
        offer_csv(data, name=key, label="Data of this chart (CSV)")
