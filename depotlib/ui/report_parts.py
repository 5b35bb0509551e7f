"""A page's answer to take away: as a page, PDF, workbook, and as a notebook that asks again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from depotlib.reports.html_page import html_page
from depotlib.reports.notebook import NotebookRecipe, notebook
from depotlib.reports.report import Report
from depotlib.reports.workbook import workbook
from depotlib.ui.downloads import offer_file, offer_pdf
from depotlib.ui.state import display

WORKBOOK_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def offer_report(make: Callable[[], Report], *, name: str, recipe: NotebookRecipe) -> None:
    """Show buttons that download the page's answer; each file is made once somebody asks for it.

    Parameters
    ----------
    make : callable
        Makes the report.
    name : str
        Of the files, without an ending; unique on the page.
    recipe : NotebookRecipe
    """
    shown_in = display()

    def made() -> Report:
        return replace(make(), display=shown_in)

    st.subheader("Take it away", anchor=False)
    with st.container(horizontal=True):
        offer_file(
            lambda: html_page(made()).encode(),
            name=f"{name}.html",
            label="Report to print",
            mime="text/html",
        )
        offer_pdf(lambda: html_page(made()), name=name, label="Report")
        offer_file(
            lambda: workbook(made()),
            name=f"{name}.xlsx",
            label="Workbook (XLSX)",
            mime=WORKBOOK_TYPE,
        )
        offer_file(
            lambda: notebook(make(), recipe),
            name=f"{name}.ipynb",
            label="Open as notebook",
            mime="application/x-ipynb+json",
        )
