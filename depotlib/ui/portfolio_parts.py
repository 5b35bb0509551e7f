"""Several depots on a page: one line each, and a way to each."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.loaders import FileStamp, file_stamp, warehouse_stamp
from depotlib.ui.page import Bench, link_to
from depotlib.ui.tables import local_text, show_table, without_empty
from depotlib.ui.wording import counted, plain
from depotlib.workflows.watch_portfolio import DepotLine, ReadySource, watch_depot

FRESH_S = 60
BILL = "Bill this month"
FIGURES = ("Peak so far (kW)", "Limit (kW)", BILL)
READY_WORDS: dict[ReadySource, str] = {
    "live": "as metered",
    "plan": "as planned",
    "nothing": "no plan yet",
}


def load_lines(bench: Bench, homes: Mapping[str, Path]) -> dict[str, DepotLine]:
    """Return a line for each depot, by what an address calls it."""
    lines: dict[str, DepotLine] = {}
    for key, home in homes.items():
        settings = bench.settings.at(home)
        stamps = (warehouse_stamp(settings), file_stamp(settings.mailbox_path))
        lines[key] = _line(stamps, _settings=settings)
    return lines


def portfolio_table(lines: Sequence[DepotLine], *, time_zone: ZoneInfo) -> pl.DataFrame:
    """Return each depot's night, month and last sign of life as a row."""
    return without_empty(
        pl.DataFrame(
            [
                {
                    "Depot": one.name,
                    "Ready tonight": f"{one.ready} of {one.vehicles}" if one.vehicles else "",
                    "That is": READY_WORDS[one.ready_by],
                    "Peak so far (kW)": one.peak_kw,
                    "Limit (kW)": one.limit_kw,
                    BILL: one.bill_amount,
                    "Currency": one.currency,
                    "Stations silent": f"{one.silent} of {one.stations}" if one.stations else "",
                    "Last in the journal": local_text(one.last_at, time_zone),
                    "What": one.last_kind,
                    "Trouble": one.trouble,
                }
                for one in lines
            ],
            schema_overrides=dict.fromkeys(FIGURES, pl.Float64),
        )
    )


def show_portfolio(bench: Bench, lines: Mapping[str, DepotLine]) -> None:
    """Show all depots beneath each other: what they add up to, a line each, and links."""
    every = list(lines.values())
    with st.container(horizontal=True):
        ready = sum(one.ready for one in every)
        st.metric("Depots", f"{len(every)}", border=True)
        st.metric("Vans ready", f"{ready} of {sum(one.vehicles for one in every)}", border=True)
        st.metric("Stations silent", f"{sum(one.silent for one in every)}", border=True)
        st.metric("Depots in trouble", f"{sum(bool(one.trouble) for one in every)}", border=True)
    table = portfolio_table(every, time_zone=bench.time_zone)
    show_table(table, key="portfolio", alt="Every depot tonight, a row each", amounts=(BILL,))
    st.caption(
        "The bill is that of this calendar month's sessions so far, of all sites of a depot, each at "
        "its connectors' highest power, with the standing charges of the whole month. Demand charges "
        "bills one site at the power chosen there, and Bill audit a period chosen there. "
        f"Times are of {plain(bench.time_zone.key)}."
    )
    for one in every:
        if one.trouble:
            st.warning(plain(f"{one.name}: {one.trouble}."))
    for key, one in lines.items():
        link_to("Home", f"Open {one.name}", query={"depot": key} if len(lines) > 1 else None)
    if len(lines) == 1:
        st.info(
            f"This is the only depot. `DEPOT_HOMES` names the folders of others, with "
            f"`{os.pathsep}` between, and then they stand here."
        )
    elif any(one.ready_by == "nothing" for one in every):
        idle = sum(one.ready_by == "nothing" for one in every)
        st.caption(f"{counted(idle, 'depot')} without a plan for tonight.")


@st.cache_data(show_spinner="Looking at each depot …", ttl=FRESH_S, max_entries=200)
def _line(stamps: tuple[FileStamp, FileStamp], *, _settings: Settings) -> DepotLine:
    assert stamps[0][0]
    return watch_depot(_settings, now=_settings.depot_clock().now())
