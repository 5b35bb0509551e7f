"""Portfolio: every depot at one look."""

import streamlit as st

from depotlib.ui.command import of_now, offer_command
from depotlib.ui.depot_switch import seen_depots
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.page import offer_demo, open_page
from depotlib.ui.portfolio_parts import load_lines, show_portfolio

bench = open_page("Portfolio", question="Which of the depots needs somebody tonight?")
if bench.depot is None and len(bench.settings.depot_homes()) == 1:
    offer_demo(bench, "There is no depot here yet.")
    st.stop()
with errors_shown():
    lines = load_lines(bench, seen_depots(bench.settings))
show_portfolio(bench, lines)
offer_command(bench.settings, of_now("portfolio", bench.settings))
