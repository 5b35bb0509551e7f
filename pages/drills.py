"""Drills: what goes wrong at a depot, played before it does."""

import streamlit as st

from depotlib.ui.command import Asked, of_now, offer_command
from depotlib.ui.drill_parts import (
    ask_drill,
    ended_at,
    reports_of,
    show_drills,
    show_progress,
    show_report,
)
from depotlib.ui.page import open_page

bench = open_page("Drills", question="When something goes wrong at night, does this depot hold?")

st.markdown(
    "A drill plays a bad night in real processes of its own, on virtual stations, and judges it by "
    "their meters: this depot is not touched. In shadow mode nothing is played and nothing is sent: "
    "what the connected stations did of themselves is judged."
)
reports = reports_of(bench)
show_drills(reports, time_zone=bench.time_zone)
st.subheader("Run", anchor=False)
ask_drill(bench)
show_progress(bench, shown=ended_at(bench))
st.subheader("Reports", anchor=False)
show_report(reports, time_zone=bench.time_zone)
offer_command(
    bench.settings,
    Asked("drill", ("all",)),
    of_now("drill", bench.settings, "all", "--shadow"),
    Asked("drill", options={"list": True}),
)
