"""Tariffs: what each charges, and which is cheapest for what was charged."""

import streamlit as st

from depotlib.ui.command import Asked, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.loaders import load_sites, load_tariff, load_tariffs
from depotlib.ui.page import link_to, offer_demo, open_page
from depotlib.ui.pickers import pick_max_kw, pick_site, pick_tariff, pick_tariffs, pick_time_zone
from depotlib.ui.tariff_editor import edit_tariff
from depotlib.ui.tariff_views import show_comparison, show_prices
from depotlib.ui.wording import plain
from depotlib.workflows.compare_tariffs import History

FULL_KW = 7.2

bench = open_page("Tariffs", question="What does each tariff charge, and which is the cheapest?")
with errors_shown():
    tariffs, sites = load_tariffs(bench.settings), load_sites(bench.settings)
if not tariffs:
    offer_demo(bench, "There is no tariff here yet. The demo depot brings a real one.")
    link_to("Import", "Import a tariff record")
    st.stop()

what, which = st.tabs(
    ["What it charges", "Which is cheapest"], key="tariff_part", bind="query-params"
)
# Fields are there in every run: one that is not forgets what was typed. Answers only where open.
with what:
    left, right = st.columns(2)
    with left:
        tariff_id = pick_tariff(tariffs)
    with right:
        zone_name = pick_time_zone(bench.time_zone.key)
    with errors_shown():
        shown, prices = load_tariff(
            bench.settings, tariff_id, year=bench.now.year, time_zone=zone_name
        )
    if what.open:
        show_prices(prices, currency=shown.currency)
    with st.expander("What the tariff left open, and its own words", expanded=False):
        for text in shown.assumptions:
            st.markdown(f"- {plain(text)}")
        for text in shown.comments:
            st.text(text)
    if what.open:
        offer_command(bench.settings, Asked("tariffs", ("show", tariff_id)))
    with st.expander("The tariff as a text: edit it, or make another of it"):
        edit_tariff(bench, tariff_id)
with which:
    if not sites:
        st.info("To compare tariffs, a charging log with a site is needed.")
        link_to("Import", "Import a charging log")
        st.stop()
    left, right = st.columns(2)
    with left:
        site = pick_site(sites)
    with right:
        max_kw = pick_max_kw(FULL_KW)
    chosen = pick_tariffs(tariffs)
    if not chosen:
        st.info("Choose at least one tariff.")
        st.stop()
    if which.open:
        history = History(site=site, time_zone=zone_name, max_kw=max_kw)
        show_comparison(bench.settings, history, tariff_ids=chosen)
        offer_command(
            bench.settings,
            Asked(
                "tariffs",
                ("compare", *chosen),
                options={"site": site, "time-zone": zone_name, "max-kw": max_kw},
            ),
        )
