"""Reports: the morning after, plan against actual; and where each other report is made."""

import streamlit as st

from depotlib.ui.command import Asked, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.journal_loaders import load_reconciliation
from depotlib.ui.morning_parts import pick_night, show_morning
from depotlib.ui.page import link_to, open_page

OTHERS = (
    ("Demand charges", "Demand-charge report"),
    ("Plan", "Plan sheet and yard sheet"),
    ("Live", "Shift papers"),
    ("Tariffs", "Tariff comparison"),
    ("Bill audit", "Bill audit pack"),
    ("Study grid", "Study"),
)

bench = open_page("Reports", question="What did each van get, and what took what it lacks?")

with st.container(horizontal=True):
    for title, report in OTHERS:
        link_to(title, report)
st.subheader("Morning report", anchor=False)
if not bench.settings.mailbox_path.exists():
    st.info("No process of this depot has run yet, so there is no night to look back on.")
    link_to("Home", "Back to Home")
    st.stop()
with errors_shown():
    night = pick_night(bench)
    found = load_reconciliation(bench.settings, night, now=bench.now)
show_morning(bench, found)
offer_command(
    bench.settings,
    Asked("reconcile", options={"night": night.isoformat()}, at=bench.settings.clock),
)
