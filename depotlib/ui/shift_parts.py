"""Shift papers on a page: the vans of the next hours, their moves, and both to take away."""

from typing import Final

import polars as pl
import streamlit as st

from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.tables import show_table
from depotlib.ui.wording import local_time, plain
from depotlib.workflows.shift_papers import Verdict, shift_papers
from depotlib.workflows.shift_sheet import (
    MOVE_HEADINGS,
    VAN_HEADINGS,
    move_cells,
    shift_page,
    van_cells,
)
from depotlib.workflows.watch_night import NightNow

VERDICTS: Final[tuple[Verdict, ...]] = ("go", "will be ready", "at risk", "no-go")


def show_shift(bench: Bench, night: NightNow) -> None:
    """Show the papers of the next 16 hours."""
    with errors_shown():
        papers = shift_papers(bench.settings, now=night.at)
    counts = ", ".join(
        f"{sum(one.verdict == verdict for one in papers.rows)} {verdict}" for verdict in VERDICTS
    )
    st.markdown(
        f"**{counts}** of {len(papers.rows)} vans that leave before "
        f"{plain(local_time(papers.end, bench.time_zone))}."
    )
    if papers.rows:
        vans = [van_cells(one, bench.time_zone) for one in papers.rows]
        table = pl.DataFrame(vans, schema=list(VAN_HEADINGS), orient="row")
        show_table(table, key="shift_vans", alt="Vans of the shift")
    if papers.moves:
        moves = [move_cells(one, bench.time_zone) for one in papers.moves]
        table = pl.DataFrame(moves, schema=list(MOVE_HEADINGS), orient="row")
        show_table(table, key="shift_moves", alt="Moves to do in the shift")
    else:
        st.markdown("No van has to be moved.")
    offer_file(
        lambda: shift_page(papers).encode(),
        name="shift.html",
        label="Shift papers to print",
        mime="text/html",
    )
