"""Files to take away: rows, pages, reports and notebooks, made once somebody asks for them."""

from collections.abc import Callable

import polars as pl
import streamlit as st

from depotlib.reports.csv_rows import safe_csv
from depotlib.workflows.print_pdf import INSTALL, pdf_browser, pdf_of


def offer_csv(
    frame: pl.DataFrame | Callable[[], pl.DataFrame],
    *,
    name: str,
    label: str = "Download (CSV)",
) -> None:
    """Show a button that downloads a frame.

    Not in a part of a page that is drawn anew by itself: there it is another button each time, and
    who clicks the one before gets nothing.

    Parameters
    ----------
    frame : polars.DataFrame or callable
        The frame, or what makes it once somebody asks.
    name : str
        Of the file, without its ending; unique on the page.
    label : str, optional
    """
    st.download_button(
        f"↓ {label}",
        data=lambda: safe_csv(frame() if callable(frame) else frame),
        file_name=f"{name}.csv",
        mime="text/csv",
        key=f"download_{name}",
        on_click="ignore",
        type="tertiary",
    )


def offer_file(content: bytes | Callable[[], bytes], *, name: str, label: str, mime: str) -> None:
    """Show a button that downloads a file.

    Parameters
    ----------
    content : bytes or callable
        The file, or what makes it once somebody asks.
    name : str
        Of the file; unique on the page.
    label, mime : str
    """
    st.download_button(
        f"↓ {label}",
        data=content,
        file_name=name,
        mime=mime,
        key=f"file_{name}",
        on_click="ignore",
        type="tertiary",
    )


def offer_pdf(page: Callable[[], str], *, name: str, label: str) -> None:
    """Show a button that downloads a page as PDF; without a browser to print it, what to install.

    Parameters
    ----------
    page : callable
        Makes a whole HTML document once somebody asks.
    name : str
        Of the file, without its ending; unique on the page.
    label : str
    """
    if pdf_browser() is None:
        st.caption(f"{label} (PDF): no browser is installed here that could print it; {INSTALL}.")
        return
    offer_file(
        lambda: pdf_of(page()), name=f"{name}.pdf", label=f"{label} (PDF)", mime="application/pdf"
    )


def offer_page(text: str, *, name: str, label: str) -> None:
    """Show a button that downloads a page to print.

    Parameters
    ----------
    text : str
        A whole HTML document.
    name : str
        Of the file, without its ending; unique on the page.
    label : str
    """
    st.download_button(
        f"↓ {label}",
        data=text.encode(),
        file_name=f"{name}.html",
        mime="text/html",
        key=f"page_{name}",
        on_click="ignore",
        type="tertiary",
    )
