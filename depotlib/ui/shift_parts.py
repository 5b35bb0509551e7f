"""Shift papers on a page: the vans of the next hours, and their moves."""

from typing import Final
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import Bench
from depotlib.ui.tables import show_table
from depotlib.ui.wording import local_time, plain
from depotlib.workflows.shift_papers import ShiftPapers, Verdict, shift_papers
from depotlib.workflows.shift_sheet import (
    MOVE_HEADINGS,
    VAN_HEADINGS,
    closed_lines,
    move_cells,
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
        table = vans_frame(papers, time_zone=bench.time_zone)
        show_table(table, key="shift_vans", alt="Vans of the shift", is_offered=False)
    if papers.moves:
        st.markdown("**Moves to do**, in the order of their time")
        table = moves_frame(papers, time_zone=bench.time_zone)
        show_table(table, key="shift_moves", alt="Moves to do in the shift", is_offered=False)
    else:
        st.markdown("No van has to be moved.")
    if papers.closed:
        lines = "\n".join(f"- {plain(line)}" for line in closed_lines(papers))
        st.markdown(f"**Plug in nobody here**\n\n{lines}")


def vans_frame(papers: ShiftPapers, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the vans of a shift as they are shown."""
    vans = [van_cells(one, time_zone) for one in papers.rows]
    return pl.DataFrame(vans, schema=dict.fromkeys(VAN_HEADINGS, pl.String), orient="row")


def moves_frame(papers: ShiftPapers, *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return the moves of a shift as they are shown."""
    moves = [move_cells(one, time_zone) for one in papers.moves]
    return pl.DataFrame(moves, schema=dict.fromkeys(MOVE_HEADINGS, pl.String), orient="row")
