"""Tariffs: what each charges, and which is cheapest for what was charged."""

import polars as pl
import streamlit as st

from depotlib.charts.price_map import price_map
from depotlib.charts.tariff_comparison import tariff_comparison
from depotlib.ui.bill_tables import comparison_costs, comparison_rows
from depotlib.ui.command import Asked, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.loaders import load_comparison, load_sites, load_tariff, load_tariffs
from depotlib.ui.page import link_to, offer_demo, open_page
from depotlib.ui.pickers import pick_max_kw, pick_site, pick_tariff, pick_tariffs, pick_time_zone
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.ui.tariff_editor import edit_tariff
from depotlib.ui.wording import plain, sentence_of
from depotlib.workflows.compare_tariffs import History
from depotlib.workflows.open_notebook import comparison_recipe
from depotlib.workflows.report_bills import comparison_report

FULL_KW = 7.2
DAYS = {False: "Working days", True: "Weekends"}

bench = open_page("Tariffs", question="What does each tariff charge, and which is the cheapest?")
with errors_shown():
    tariffs, sites = load_tariffs(bench.settings), load_sites(bench.settings)
if not tariffs:
    offer_demo(bench, "There is no tariff here yet. The demo depot brings a real one.")
    link_to("Import", "Import a tariff record")
    st.stop()

colours = theme_colours()
what, which = st.tabs(["What it charges", "Which is cheapest"])
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
    if prices.refusal:
        st.info(plain(f"No prices by hour: {prices.refusal}."))
    else:
        for value, unit, title in (
            ("price_per_kwh", f"{shown.currency}/kWh", "Energy, first tier"),
            ("price_per_kw", f"{shown.currency}/kW", "Demand: what a kW of the peak costs here"),
        ):
            st.subheader(title, anchor=False)
            for column, (is_weekend, days) in zip(st.columns(2), DAYS.items(), strict=True):
                of_days = prices.prices.filter(pl.col("is_weekend") == is_weekend)
                with column:
                    show_figure(
                        price_map(
                            *(of_days, prices.prices),
                            value=value,
                            unit=unit,
                            days=days,
                            colours=colours,
                        ),
                        key=f"{value}_{'weekend' if is_weekend else 'working'}",
                        data=of_days,
                    )
    with st.expander("What the tariff left open, and its own words", expanded=False):
        for text in shown.assumptions:
            st.markdown(f"- {plain(text)}")
        for text in shown.comments:
            st.text(text)
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
    history = History(site=site, time_zone=zone_name, max_kw=max_kw)
    with errors_shown():
        comparison = load_comparison(bench.settings, history, tariff_ids=chosen)
    for currency in dict.fromkeys(one.currency for one in comparison.tariffs):
        costs = comparison_costs(comparison, currency=currency)
        if costs.height:
            show_figure(
                tariff_comparison(costs, currency=currency, colours=colours),
                key=f"comparison_{currency}",
                data=costs,
            )
    show_table(comparison_rows(comparison), key="compared", alt="Tariffs, the cheapest first")
    for note in comparison.notes:
        st.caption(plain(sentence_of(note)))
    offer_report(
        lambda: comparison_report(comparison, time_zone=zone_name),
        name="tariff_comparison",
        recipe=comparison_recipe(bench.settings, history, tariff_ids=chosen),
    )
    offer_command(
        bench.settings,
        Asked(
            "tariffs",
            ("compare", *chosen),
            options={"site": site, "time-zone": zone_name, "max-kw": max_kw},
        ),
    )
