"""Sessions: what was charged."""

import polars as pl
import streamlit as st

from depotlib.model.calendar import zone
from depotlib.ui.command import Asked, offer_command
from depotlib.ui.downloads import offer_csv
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.journal_loaders import collect_news
from depotlib.ui.loaders import load_sessions, load_sites
from depotlib.ui.look_back_tables import sessions_table
from depotlib.ui.page import link_to, offer_demo, open_page
from depotlib.ui.pickers import pick_site_or_all, pick_time_zone
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, full_time, kwh, number, plain
from depotlib.workflows.open_notebook import sessions_recipe
from depotlib.workflows.report_nights import sessions_report

# More rows than anybody reads: a year of a large fleet would be some 20 MB to every browser.
MOST_SHOWN = 2000

bench = open_page("Sessions", question="What was charged, where, and for how long?")

if bench.settings.mailbox_path.exists():
    with errors_shown():
        collect_news(bench.settings, now=bench.now)
if bench.store is None:
    offer_demo(bench, "There are no sessions here yet.")
    link_to("Import", "Import a charging log")
    st.stop()

with errors_shown():
    left, right = st.columns(2)
    with left:
        site = pick_site_or_all(load_sites(bench.settings))
    with right:
        time_zone = zone(pick_time_zone(bench.time_zone.key))
    review = load_sessions(bench.settings, site)
if review.first is None or review.last is None:
    st.info("No session has been stored yet. Import a charging log, or let the stations charge.")
    link_to("Import", "Import a charging log")
    st.stop()

with st.container(horizontal=True):
    st.metric("Sessions", number(review.count), border=True)
    st.metric("Energy", kwh(review.energy_kwh), border=True, help="At the wall.")
    st.metric("Plugged in", f"{number(review.plugged_h)} h", border=True)
    st.metric("Without energy", number(review.without_energy), border=True)
    st.metric("Still open", number(review.without_end), border=True)
st.caption(
    plain(
        f"{counted(review.count, 'session')} plugged in between "
        f"{full_time(review.first, time_zone)} and {full_time(review.last, time_zone)}, "
        f"in {time_zone.key} time."
    )
)
latest = review.sessions.sort("plug_start").tail(MOST_SHOWN)
table: pl.DataFrame = sessions_table(latest, time_zone=time_zone)
show_table(
    table,
    key="sessions_shown",
    alt="Charging sessions, the latest first",
    height=520,
    is_offered=False,
)
if latest.height < review.count:
    st.caption(
        f"The latest {number(latest.height)} are shown; the file holds all {number(review.count)}."
    )
offer_csv(review.sessions, name="sessions", label="Download all columns (CSV)")
link_to("Demand charges", "See what these sessions cost")
offer_report(
    lambda: sessions_report(review, time_zone=time_zone.key),
    name="sessions",
    recipe=sessions_recipe(bench.settings, site=site, time_zone=time_zone.key),
)
offer_command(bench.settings, Asked("sessions", options={"site": site}))
