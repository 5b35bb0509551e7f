"""Live: the night as it happens."""

import streamlit as st

from depotlib.charts.live_load import live_load
from depotlib.ui.alert_parts import show_acknowledge
from depotlib.ui.command import of_now, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.limit_parts import limit_sentence
from depotlib.ui.live_files import offer_live_files
from depotlib.ui.live_report import offer_live_report
from depotlib.ui.live_views import show_view
from depotlib.ui.night_now import (
    has_run,
    meter_sentence,
    metered_trace,
    planned_steps,
    show_night_numbers,
    stations_sentence,
    watch,
)
from depotlib.ui.operate_parts import show_act, show_orders
from depotlib.ui.page import Bench, link_to, open_page
from depotlib.ui.push_receipt_parts import show_without_live
from depotlib.ui.wording import local_time, plain

REFRESH_S = 1.0
CHART_REFRESH_S = 3.0

bench = open_page("Live", question="What is every van and every station doing now?")


@st.fragment(run_every=REFRESH_S)
def show_numbers(bench: Bench) -> None:
    """Show how the night stands, once a second."""
    with errors_shown():
        night = watch(bench.settings)
    if night is None:
        return
    show_night_numbers(night, metered_trace(bench.settings, night))
    in_force = night.release.release_id if night.release else "none, stations keep safe limits"
    # One element whatever it says: what comes and goes would make the page jump every second.
    st.caption(
        plain(
            f"{local_time(night.at, bench.time_zone)}. {stations_sentence(night)} "
            f"{meter_sentence(night)} "
            f"{limit_sentence(night, time_zone=bench.time_zone)} "
            f"Release in force: {in_force}."
        )
    )


@st.fragment(run_every=CHART_REFRESH_S)
def show_load(bench: Bench) -> None:
    """Show the site's power through the night."""
    with errors_shown():
        night = watch(bench.settings)
    if night is None or night.brief is None:
        return
    show_figure(
        live_load(
            planned_steps(night),
            metered_trace(bench.settings, night).load,
            depot=night.brief.depot,
            now=night.at,
            grid=night.brief.grid,
            colours=theme_colours(),
        ),
        key="live_load",
    )


@st.fragment(run_every=REFRESH_S)
def show_views(bench: Bench) -> None:
    """Show the vans, stations, ledger or journal, once a second."""
    with errors_shown():
        night = watch(bench.settings)
        if night is not None:
            show_view(bench, night)


if not has_run(bench.settings):
    st.info(
        "No process of this depot has run yet. `make run` starts the demo with 48 virtual "
        "stations; `depot up` starts a real depot."
    )
    link_to("Home", "Back to Home")
    st.stop()
if bench.depot is not None:
    show_without_live(bench.depot)
show_numbers(bench)
show_load(bench)
show_views(bench)
offer_live_files(bench)
offer_live_report(bench)
offer_command(
    bench.settings,
    *(of_now(name, bench.settings) for name in ("live", "stations", "alerts", "shift")),
    of_now("journal", bench.settings, "tail"),
)
show_acknowledge(bench)
st.subheader("Actions of operators", anchor=False)
show_orders(bench)
with errors_shown():
    now_night = watch(bench.settings)
if now_night is not None and now_night.stations:
    show_act(bench, now_night)
