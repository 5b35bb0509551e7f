"""Demand charges: what power cost, and which quarter-hours set the price."""

import streamlit as st

from depotlib.charts.bill_lines import bill_lines
from depotlib.charts.demand_load import demand_load
from depotlib.charts.heat_map import heat_map
from depotlib.charts.load_duration import load_duration
from depotlib.model.calendar import zone
from depotlib.ui.bill_tables import days_of
from depotlib.ui.bill_views import show_contributors, show_split
from depotlib.ui.command import of_demand, of_shares, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.loaders import (
    BillQuestion,
    DemandQuestion,
    load_demand,
    load_peaks,
    load_windows,
)
from depotlib.ui.look_back_tables import bill_table
from depotlib.ui.page import need_log_and_tariff, open_page
from depotlib.ui.pickers import (
    pick_bill,
    pick_max_kw,
    pick_shape,
    pick_site,
    pick_tariff,
    pick_time_zone,
)
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, local_time, money, percent, plain, sentence_of
from depotlib.workflows.open_notebook import demand_recipe
from depotlib.workflows.report_bills import demand_report

FULL_KW = 7.2

bench = open_page(
    "Demand charges", question="What did power cost, and which moments set the price?"
)
sites, tariffs = need_log_and_tariff(bench)
first, second, third = st.columns([3, 2, 2])
with first:
    site, tariff_id = pick_site(sites), pick_tariff(tariffs)
with second:
    zone_name = pick_time_zone(bench.time_zone.key)
    max_kw = pick_max_kw(FULL_KW)
with third:
    shape = pick_shape()
asked = DemandQuestion(
    site=site, tariff_id=tariff_id, time_zone=zone_name, max_kw=max_kw, shape=shape
)
with errors_shown():
    review = load_demand(bench.settings, asked)
time_zone, colours = zone(zone_name), theme_colours()

share = review.demand_amount / review.total_amount if review.total_amount else 0
with st.container(horizontal=True):
    total = money(review.total_amount, review.currency)
    st.metric("All bills", total, border=True, height="stretch")
    st.metric(
        "Demand charges",
        money(review.demand_amount, review.currency),
        delta=f"{percent(float(share))} of the bills",
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
    st.metric("Energy", money(review.energy_amount, review.currency), border=True, height="stretch")
    st.metric(
        "Highest 15-minute mean",
        kw(review.peak_kw),
        delta=local_time(review.peak_at, time_zone) if review.peak_at is not None else None,
        delta_color="off",
        delta_arrow="off",
        border=True,
        height="stretch",
    )
st.caption(plain(f"Assumption: {review.assumption}. Tariff: {review.tariff_name}."))
bill = pick_bill(review.bills, time_zone=zone_name)
for warning in bill.warnings:
    st.warning(plain(sentence_of(warning)))
first_day, end_day = days_of(bill, time_zone)
question = BillQuestion(
    site=site,
    tariff_id=tariff_id,
    time_zone=zone_name,
    first_day=first_day,
    end_day=end_day,
    max_kw=max_kw,
    shape=shape,
)
month, causes, payers, months, words = st.tabs(
    ["The month", "Who caused the peak", "Who pays", "All months", "The tariff's own words"]
)
with month:
    with errors_shown():
        windows = load_windows(bench.settings, tariff_id, bill=bill, time_zone=zone_name)
    show_figure(
        demand_load(review.load, bill=bill, time_zone=time_zone, windows=windows, colours=colours),
        key="load_of_the_month",
        data=review.load,
    )
    show_table(
        bill_table([bill], time_zone=time_zone),
        key="bill_of_the_month",
        alt="Lines of the bill of the chosen month",
    )
    st.markdown(f"**Total {plain(money(bill.total, bill.currency))}**")
with causes:
    show_contributors(bench.settings, question, colours=colours)
with payers:
    show_split(bench.settings, question)
with months:
    show_figure(
        bill_lines(review.bills, time_zone=time_zone, colours=colours),
        key="bills",
        data=bill_table(review.bills, time_zone=time_zone),
    )
    left, right = st.columns(2)
    with left:
        st.subheader("How long, how high", anchor=False)
        show_figure(
            load_duration(review.load, colours=colours), key="load_duration", data=review.load
        )
    with right:
        st.subheader("When", anchor=False)
        show_figure(
            heat_map(review.load, time_zone=time_zone, colours=colours),
            key="heat_map",
            data=review.load,
        )
    with st.expander(f"All lines of {counted(len(review.bills), 'bill')}"):
        show_table(
            bill_table(review.bills, time_zone=time_zone), key="all_bills", alt="Lines of all bills"
        )
with words:
    for assumption in sorted({text for one in review.bills for text in one.assumptions}):
        st.markdown(f"- {plain(assumption)}")
    for comment in review.comments:
        st.text(comment)
offer_report(
    lambda: demand_report(review, peaks=load_peaks(bench.settings, question)),
    name="demand_charges",
    recipe=demand_recipe(question.case(bench.settings)),
)
offer_command(bench.settings, of_demand(asked), *of_shares(question))
