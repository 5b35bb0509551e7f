"""Charts on a page: in the colours of the theme, with their words and their data to take away."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from depotlib.charts.colours import DARK, LIGHT, Colours
from depotlib.charts.figure_words import label_in, write_for
from depotlib.charts.finish import Figure, alt_text
from depotlib.model.display import Display
from depotlib.ui.downloads import offer_csv
from depotlib.ui.language import CATALOGUES, in_language
from depotlib.ui.state import display


def theme_colours() -> Colours:
    """Return the colours of the theme the reader sees."""
    return DARK if st.context.theme.type == "dark" else LIGHT


def kept_figure(name: str, *, of: tuple[str, ...], draw: Callable[[Colours], Figure]) -> Figure:
    """Return a figure that is drawn once for what it shows, in each theme and way of writing.

    Parameters
    ----------
    name : str
        Which figure it is.
    of : tuple of str
        What it shows: ids that change with every fact that it draws.
    draw : callable
    """
    return _kept(name, of=of, colours=theme_colours(), shown_in=display(), _draw=draw)


@st.cache_resource(show_spinner=False, max_entries=64)
def _kept(
    name: str,
    *,
    of: tuple[str, ...],
    colours: Colours,
    shown_in: Display,
    _draw: Callable[[Colours], Figure],
) -> Figure:
    assert name
    assert of
    # Finished here: sessions share it, and one with other numbers must not change it for all.
    return _on_page(_draw(colours), shown_in=shown_in)


def _on_page(figure: Figure, *, shown_in: Display) -> Figure:
    """Return a figure on the page's own background: light and dark need no second one."""
    figure.plotly_relayout(
        {
            "paper_bgcolor": "rgba(0,0,0,0)",
            "plot_bgcolor": "rgba(0,0,0,0)",
            "separators": shown_in.separators,
        }
    )
    write_for(figure, shown_in)
    if catalogue := CATALOGUES[shown_in.language]:
        label_in(figure, lambda label: in_language(label, catalogue))
    return figure


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
    st.plotly_chart(
        _on_page(figure, shown_in=display()),
        key=key,
        alt=alt_text(figure),
        config={"displaylogo": False, "displayModeBar": "hover"},
    )
    if data is not None:
        offer_csv(data, name=key, label="Data of this chart (CSV)")
