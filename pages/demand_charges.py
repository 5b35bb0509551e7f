"""Demand charges: what power cost, and which quarter-hours set the price."""

import streamlit as st

from depotlib.model.calendar import zone
from depotlib.ui.bill_tables import days_of
from depotlib.ui.bill_views import ShownBill, show_bill
from depotlib.ui.command import of_demand, of_shares, offer_command
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.loaders import BillQuestion, DemandQuestion, load_demand, load_peaks
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
from depotlib.ui.wording import (
    kw,
    local_time,
    money,
    percent,
    plain,
    sentence_of,
    with_depots_days,
)
from depotlib.workflows.open_notebook import demand_recipe
from depotlib.workflows.report_bills import demand_report

FULL_KW = 7.2
DAYS_BILLED = (
    "The first and the last month are billed from the log's first session to its last: what is "
    "charged by the day counts those days. Bill audit bills every day of its period, as the "
    "utility does, and so comes to more there."
)

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
time_zone = zone(zone_name)

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
st.caption(DAYS_BILLED)
bill = pick_bill(review.bills, time_zone=zone_name)
for warning in bill.warnings:
    st.warning(plain(with_depots_days(sentence_of(warning))))
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
show_bill(ShownBill(bench.settings, review, bill=bill, question=question))
offer_report(
    lambda: demand_report(review, peaks=load_peaks(bench.settings, question)),
    name="demand_charges",
    recipe=demand_recipe(question.case(bench.settings)),
)
offer_command(bench.settings, of_demand(asked), *of_shares(question))
