"""What Live shows, as files: each is made when somebody asks for it.

They are offered beside the tables and not below them: in a part of a page that is drawn anew every
second a download is another one every second, and who clicks the one before gets nothing.
"""

from collections.abc import Callable
from functools import partial
from typing import Final

import polars as pl
import streamlit as st

from depotlib.settings import Settings
from depotlib.ui.alert_parts import SHOWN, alerts_table
from depotlib.ui.downloads import offer_csv, offer_file, offer_pdf
from depotlib.ui.live_tables import (
    history_table,
    journal_table,
    ledger_table,
    stations_table,
    vehicles_table,
)
from depotlib.ui.loaders import HISTORY
from depotlib.ui.night_now import planned_steps, watch
from depotlib.ui.page import Bench
from depotlib.ui.shift_parts import moves_frame, vans_frame
from depotlib.ui.state import display
from depotlib.workflows.alert_people import read_alerts
from depotlib.workflows.shift_papers import shift_papers
from depotlib.workflows.shift_sheet import shift_page
from depotlib.workflows.station_history import read_station_histories
from depotlib.workflows.trace_night import NightTrace, trace_night
from depotlib.workflows.watch_night import NightNow


def offer_live_files(bench: Bench) -> None:
    """Show a button for each table of the live views, and one for the shift papers."""
    with st.expander("Tables as files, as of the click"), st.container(horizontal=True):
        for name, (label, table) in TABLES.items():
            offer_csv(partial(_made, bench, table), name=name, label=f"{label} (CSV)")
        offer_file(
            partial(_shift_page, bench.settings),
            name="shift.html",
            label="Shift papers to print",
            mime="text/html",
        )
        offer_pdf(partial(_shift_text, bench.settings), name="shift", label="Shift papers")


Table = Callable[[Bench, NightNow], pl.DataFrame]


def _made(bench: Bench, table: Table) -> pl.DataFrame:
    night = watch(bench.settings)
    return pl.DataFrame() if night is None else table(bench, night)


def _vans(bench: Bench, night: NightNow) -> pl.DataFrame:
    return vehicles_table(night.vehicles, time_zone=bench.time_zone)


def _asked(_: Bench, night: NightNow) -> pl.DataFrame:
    return planned_steps(night)


def _measured(bench: Bench, night: NightNow) -> pl.DataFrame:
    return trace_night(bench.settings, before=NightTrace(since=night.begins_at)).load


def _stations(bench: Bench, night: NightNow) -> pl.DataFrame:
    return stations_table(night, time_zone=bench.time_zone)


def _histories(bench: Bench, night: NightNow) -> pl.DataFrame:
    histories = read_station_histories(bench.settings, start=night.at - HISTORY, end=night.at)
    return history_table(histories, time_zone=bench.time_zone)


def _ledger(_: Bench, night: NightNow) -> pl.DataFrame:
    return ledger_table(night.nodes)


def _exceptions(bench: Bench, night: NightNow) -> pl.DataFrame:
    return journal_table(night.exceptions, time_zone=bench.time_zone)


def _alerts(bench: Bench, _: NightNow) -> pl.DataFrame:
    return alerts_table(read_alerts(bench.settings)[:SHOWN], time_zone=bench.time_zone)


def _shift_vans(bench: Bench, night: NightNow) -> pl.DataFrame:
    return vans_frame(shift_papers(bench.settings, now=night.at), time_zone=bench.time_zone)


def _shift_moves(bench: Bench, night: NightNow) -> pl.DataFrame:
    return moves_frame(shift_papers(bench.settings, now=night.at), time_zone=bench.time_zone)


def _shift_page(settings: Settings) -> bytes:
    return _shift_text(settings).encode()


def _shift_text(settings: Settings) -> str:
    papers = shift_papers(settings, now=settings.depot_clock().now())
    return shift_page(papers, display=display())


TABLES: Final[dict[str, tuple[str, Table]]] = {
    "live_vehicles": ("Vans", _vans),
    "asked_for": ("Power asked for", _asked),
    "measured": ("Power measured", _measured),
    "live_stations": ("Stations", _stations),
    "reliability": ("Reliability", _histories),
    "ledger": ("Safety ledger", _ledger),
    "exceptions": ("Exceptions", _exceptions),
    "alerts": ("Alerts", _alerts),
    "shift_vans": ("Vans of the shift", _shift_vans),
    "shift_moves": ("Moves of the shift", _shift_moves),
}
