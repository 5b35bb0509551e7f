"""Live: the night as it happens."""

import streamlit as st

from depotlib.charts.live_load import live_load
from depotlib.charts.readiness import readiness
from depotlib.ui.board import show_stations, show_vehicles
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.live_tables import (
    energy_of_vehicles,
    journal_table,
    ledger_table,
    processes_table,
    stations_table,
    vehicles_table,
)
from depotlib.ui.night_now import metered_trace, planned_steps, show_night_numbers, watch
from depotlib.ui.page import Bench, link_to, open_page
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, local_time, plain
from depotlib.workflows.collect_journal import journal_tail
from depotlib.workflows.watch_night import NightNow, is_stale

REFRESH_S = 1.0
JOURNAL_LINES = 25

bench = open_page("Live", question="What is every van and every station doing now?")


@st.fragment(run_every=REFRESH_S)
def show_night(bench: Bench) -> None:
    """Show the night as it is, once a second."""
    with errors_shown():
        night = watch(bench.settings)
        if night is None:
            st.info(
                "No process of this depot has run yet. `make run` starts the demo with 48 virtual "
                "stations; `depot up` starts a real depot."
            )
            link_to("Home", "Back to Home")
            return
        _show_site(bench, night)
        _show_tables(bench, night)


def _show_site(bench: Bench, night: NightNow) -> None:
    trace = metered_trace(bench.settings, night)
    show_night_numbers(night, trace)
    stale = sum(is_stale(state, now=night.at) for state in night.stations)
    if stale:
        st.warning(f"{counted(stale, 'station')} not heard of: shown in grey, figures are old.")
    in_force = (
        night.release.release_id if night.release else "none, every station keeps its safe limit"
    )
    st.caption(plain(f"At {local_time(night.at, bench.time_zone)}. Release in force: {in_force}."))
    if night.brief is not None:
        show_figure(
            live_load(
                planned_steps(night),
                trace.load,
                depot=night.brief.depot,
                now=night.at,
                grid=night.brief.grid,
                colours=theme_colours(),
            ),
            key="live_load",
        )


def _show_tables(bench: Bench, night: NightNow) -> None:
    views = {
        "Vans": _show_vans,
        "Stations": _show_stations,
        "Safety ledger": _show_ledger,
        "Journal and exceptions": _show_journal,
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
    show_table(table, key="live_vehicles", alt="Every van of tonight", height=400)


def _show_stations(_: Bench, night: NightNow) -> None:
    if not night.stations:
        st.markdown("No station has connected yet.")
        return
    show_stations(night.stations, now=night.at)
    table = stations_table(night.stations, now=night.at)
    show_table(table, key="live_stations", alt="Every connector as the gateway sees it")


def _show_ledger(_: Bench, night: NightNow) -> None:
    if night.nodes:
        st.markdown("What each node of the circuit tree has given out at most, and what is left.")
        show_table(ledger_table(night.nodes), key="ledger", alt="The safety ledger")
    else:
        st.markdown("The gateway has not written its ledger yet.")
    table = processes_table(night.beats, now=night.at)
    show_table(table, key="live_processes", alt="Processes", is_offered=False)


def _show_journal(bench: Bench, night: NightNow) -> None:
    zone = bench.time_zone
    count = counted(len(night.exceptions), "exception")
    st.markdown(f"**{count}**: vans that nobody could name, and stations that disobeyed.")
    if night.exceptions:
        table = journal_table(night.exceptions, time_zone=zone)
        show_table(table, key="exceptions", alt="Exceptions of tonight")
    st.markdown("**Last lines of the journal**")
    records = journal_tail(bench.settings, count=JOURNAL_LINES)
    show_table(
        journal_table(records, time_zone=zone),
        key="journal",
        alt="Last lines of the journal",
        is_offered=False,
    )


show_night(bench)
