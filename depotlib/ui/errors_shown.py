"""Errors of ours on a page: what, where and what to do; never a traceback."""

from collections.abc import Generator
from contextlib import contextmanager

import streamlit as st

from depotlib.errors import DepotError
from depotlib.ui.wording import plain, sentence_of


def show_error(error: DepotError) -> None:
    """Show an error's three parts."""
    where = f"\n\n**Where:** {plain(error.where)}" if error.where else ""
    hint = f"\n\n**What to do:** {plain(sentence_of(error.hint))}" if error.hint else ""
    st.error(f"{plain(sentence_of(error.what))}{where}{hint}")


@contextmanager
def errors_shown() -> Generator[None, None, None]:
    """Show an error of ours that is raised within, and end the page there."""
    try:
        yield
    except DepotError as error:
        show_error(error)
        st.stop()
