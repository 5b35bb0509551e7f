"""The views of Live: vans, stations and how reliable, ledger, journal, limits, alerts, shift."""

from typing import Final

import streamlit as st

from depotlib.charts.readiness import readiness
from depotlib.ui.alert_parts import show_alerts
from depotlib.ui.board import show_stations, show_vehicles
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.limit_parts import show_limits
from depotlib.ui.live_tables import (
    energy_of_vehicles,
    history_table,
    journal_table,
    ledger_table,
    processes_table,
    stations_table,
    vehicles_table,
)
from depotlib.ui.loaders import load_histories
from depotlib.ui.page import Bench, link_to
from depotlib.ui.shift_parts import show_shift
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted
from depotlib.workflows.collect_journal import journal_tail
from depotlib.workflows.watch_night import NightNow

JOURNAL_LINES: Final = 25
RELIABILITY: Final = (
    "The last 30 days, as the journal tells. **Connected**: share of the time the gateway ran in "
    "which the station had a connection. **Available**: connected, and none of its connectors "
    "faulted or unavailable. **Uptime**: available, with planned spans out of service left out of "
    "the reckoning, as grant reports for chargers ask for it."
)


def show_view(bench: Bench, night: NightNow) -> None:
    """Show the view that is open; the others are not computed."""
    views = {
        "Vans": _show_vans,
        "Stations": _show_stations,
        "Reliability": _show_reliability,
        "Safety ledger": _show_ledger,
        "Journal and exceptions": _show_journal,
        "Limits from outside": show_limits,
        "Alerts": _show_alerts,
        "Shift papers": _show_shift,
    }
    for tab, show in zip(
        st.tabs(list(views), key="view", bind="query-params"), views.values(), strict=True
    ):
        if tab.open:
            with tab:
                show(bench, night)


def _show_vans(bench: Bench, night: NightNow) -> None:
    if not night.vehicles:
        st.markdown("Nobody has told the live side which vans to expect. Push a plan.")
        link_to("Plan", "Plan the night")
        return
    show_vehicles(night.vehicles, time_zone=bench.time_zone)
    show_figure(
        readiness(
            energy_of_vehicles(night.vehicles), short_name="Not there yet", colours=theme_colours()
        ),
        key="live_readiness",
    )
    table = vehicles_table(night.vehicles, time_zone=bench.time_zone)
    show_table(table, key="live_vehicles", alt="Every van of tonight", height=400, is_offered=False)


def _show_stations(bench: Bench, night: NightNow) -> None:
    if not night.stations:
        st.markdown("No station has connected yet.")
        return
    show_stations(night.stations, now=night.at)
    table = stations_table(night, time_zone=bench.time_zone)
    show_table(
        table, key="live_stations", alt="Every connector as the gateway sees it", is_offered=False
    )


def _show_reliability(bench: Bench, night: NightNow) -> None:
    histories = load_histories(bench.settings, now=night.at)
    if not histories:
        st.markdown("The journal does not speak of any station yet.")
        return
    st.markdown(RELIABILITY)
    show_table(
        history_table(histories, time_zone=bench.time_zone),
        key="reliability",
        alt="How reliable each station was",
        is_offered=False,
    )


def _show_ledger(_: Bench, night: NightNow) -> None:
    if night.nodes:
        st.markdown("What each node of the circuit tree has given out at most, and what is left.")
        table = ledger_table(night.nodes)
        show_table(table, key="ledger", alt="The safety ledger", is_offered=False)
    else:
        st.markdown("The gateway has not written its ledger yet.")
    table = processes_table(night.beats, now=night.at)
    show_table(table, key="live_processes", alt="Processes", is_offered=False)


def _show_journal(bench: Bench, night: NightNow) -> None:
    zone = bench.time_zone
    count = counted(len(night.exceptions), "exception")
    st.markdown(
        f"**{count}**: unknown vans, stations that disobeyed, a site meter lost, and the like."
    )
    if night.exceptions:
        table = journal_table(night.exceptions, time_zone=zone)
        show_table(table, key="exceptions", alt="Exceptions of tonight", is_offered=False)
    st.markdown("**Last lines of the journal**")
    records = journal_tail(bench.settings, count=JOURNAL_LINES)
    show_table(
        journal_table(records, time_zone=zone),
        key="journal",
        alt="Last lines of the journal",
        is_offered=False,
    )


def _show_alerts(bench: Bench, _: NightNow) -> None:
    show_alerts(bench)


def _show_shift(bench: Bench, night: NightNow) -> None:
    if night.brief is None:
        st.markdown("Nobody has told the live side which vans to expect. Push a plan.")
        return
    show_shift(bench, night)
