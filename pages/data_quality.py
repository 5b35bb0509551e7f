"""Data quality: how far what each source told can be trusted, and what is worst about it."""

import streamlit as st

from depotlib.ui.command import of_now, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.loaders import load_quality
from depotlib.ui.page import link_to, offer_demo, open_page
from depotlib.ui.quality_views import quality_table, show_source
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.workflows.notebook_now import quality_recipe
from depotlib.workflows.report_now import quality_report

bench = open_page("Data quality", question="How far can what was imported be trusted?")

if bench.store is None:
    offer_demo(bench, "There is no data here yet.")
    link_to("Import", "Import your exports")
    st.stop()

with errors_shown():
    sources = load_quality(bench.settings, now=bench.now)
if not sources:
    st.info("Nothing has been imported yet, so there is nothing to judge.")
    link_to("Import", "Import your exports")
    st.stop()

st.caption(
    "Each source begins with 100 points and loses some for what is refused, contradicts itself, "
    "is missing or is old. The arithmetic stands with each."
)
show_table(
    quality_table(sources, time_zone=bench.time_zone),
    key="quality",
    alt="How good each source is, the worst first",
)
for source in sources:
    show_source(source)
link_to("Import", "Import the newest exports")
offer_report(
    lambda: quality_report(sources, time_zone=bench.time_zone.key),
    name="data_quality",
    recipe=quality_recipe(bench.settings, now=bench.now, time_zone=bench.time_zone.key),
)
offer_command(bench.settings, of_now("quality", bench.settings))
