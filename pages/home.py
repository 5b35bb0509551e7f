"""Home: tonight in one look."""

import streamlit as st

from depotlib.ui.ahead import fetch_charts_ahead
from depotlib.ui.board import show_vehicles
from depotlib.ui.command import of_now, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.live_report import offer_live_report
from depotlib.ui.live_tables import processes_table, vehicles_table
from depotlib.ui.loaders import load_tonight
from depotlib.ui.night_now import metered_trace, show_night_numbers, watch
from depotlib.ui.page import Bench, link_to, need_depot, open_page
from depotlib.ui.plan_tables import departures_table
from depotlib.ui.state import PlannedNight
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, kwh, money, plain, plan_name
from depotlib.workflows.tonight import NightChoices, Tonight
from depotlib.workflows.watch_night import NightNow

REFRESH_S = 3.0
NEXT_DEPARTURES = 8
QUESTIONS = (
    ("Plan", "Is tonight feasible?"),
    ("Live", "What happens now?"),
    ("Demand charges", "Who caused the peak?"),
    ("Tariffs", "Which tariff is the cheapest?"),
    ("Scenarios", "What if there were 20 more vans?"),
    ("Reports", "Who was not ready, and why?"),
)

bench = open_page("Home", question="Is tonight all right?")
depot = need_depot(bench)


@st.fragment(run_every=REFRESH_S)
def show_tonight(bench: Bench) -> None:
    """Show the night as it runs, or, before anything runs, what it asks for."""
    with errors_shown():
        night = watch(bench.settings)
        if night is not None and night.brief is not None and night.vehicles:
            _show_running(bench, night)
        else:
            _show_expected(bench)
        st.subheader("Health", anchor=False)
        beats = night.beats if night is not None else ()
        show_table(
            processes_table(beats, now=bench.settings.depot_clock().now()),
            key="processes",
            alt="Processes of the live side with their last sign of life",
            is_offered=False,
        )
        if night is None:
            st.info(
                "No process of this depot has run yet. `make run` starts the demo with 48 virtual "
                "stations; `depot up` starts a real depot."
            )


def _show_running(bench: Bench, night: NightNow) -> None:
    show_night_numbers(night, metered_trace(bench.settings, night))
    st.subheader("Every van", anchor=False)
    show_vehicles(night.vehicles, time_zone=bench.time_zone)
    st.subheader("Next to leave", anchor=False)
    coming = [one for one in night.vehicles if one.departure > night.at]
    if not coming:
        st.info("Every van has left.")
        return
    show_table(
        vehicles_table(coming, time_zone=bench.time_zone)
        .head(NEXT_DEPARTURES)
        .drop("Draws (kW)", "May draw (kW)"),
        key="next_departures",
        alt="The vans that leave next",
        is_offered=False,
    )


def _show_expected(bench: Bench) -> None:
    tonight: Tonight = load_tonight(
        bench.settings, PlannedNight(at=bench.now, choices=NightChoices(), occupancy="assigned")
    )
    must_kwh = sum(dwell.energy_must_kwh for dwell in tonight.dwells)
    first = min(dwell.departure for dwell in tonight.dwells)
    with st.container(horizontal=True):
        st.metric("Vans tonight", f"{len(tonight.dwells)}", border=True)
        st.metric("Energy they must have", kwh(must_kwh), border=True)
        st.metric("First departure", f"{first.astimezone(bench.time_zone):%H:%M}", border=True)
        st.metric("Operating limit", kw(tonight.depot.grid.operating_limit_kw), border=True)
        plugs = len(list(tonight.depot.connectors()))
        st.metric("Connectors", f"{plugs}", border=True)
    st.subheader("First to leave", anchor=False)
    show_table(
        departures_table(tonight.needs, time_zone=bench.time_zone).head(NEXT_DEPARTURES),
        key="first_departures",
        alt="The vans that leave first",
        is_offered=False,
    )


show_tonight(bench)

st.subheader("Plan", anchor=False)
plans = bench.store.plans if bench.store is not None else ()
if plans:
    newest = plans[0]
    st.markdown(
        f"Latest plan: {plain(plan_name(newest, bench.time_zone))}, "
        f"**{newest.ready} of {counted(newest.vehicles, 'van')}** ready, "
        f"peak **{plain(kw(newest.peak_kw))}**, "
        f"bill **{plain(money(newest.bill_amount, newest.currency))}** a month."
    )
else:
    st.markdown("No night has been planned yet.")
st.subheader("Ask", anchor=False)
with st.container(horizontal=True):
    for title, question in QUESTIONS:
        link_to(title, question)
offer_live_report(bench)
offer_command(bench.settings, of_now("live", bench.settings), of_now("needs", bench.settings))
fetch_charts_ahead()
