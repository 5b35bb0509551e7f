"""Bill audit: a utility's bill beside ours, and what its errors cost."""

from dataclasses import replace
from pathlib import Path

import streamlit as st

from depotlib.model.calendar import zone
from depotlib.ui.bill_tables import audit_lines, bill_lines_table, days_of
from depotlib.ui.command import of_bill, offer_command
from depotlib.ui.downloads import offer_file
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.loaders import BillQuestion, load_audit, load_bill
from depotlib.ui.page import need_log_and_tariff, open_page
from depotlib.ui.pickers import (
    enter_bill,
    pick_holidays,
    pick_max_kw,
    pick_period,
    pick_site,
    pick_tariff,
    pick_time_zone,
    receive_bill,
)
from depotlib.ui.report_parts import offer_report
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, money, plain, with_depots_days
from depotlib.workflows.audit_bill import GivenBill
from depotlib.workflows.open_notebook import audit_recipe
from depotlib.workflows.report_bills import audit_report

FULL_KW = 7.2
ENTERED = "entered.csv"
DAYS_BILLED = (
    "Ours bills every day of the period, as the utility does. Demand charges bills the log's first "
    "and last month from its first session to its last, and so comes to less there."
)

bench = open_page("Bill audit", question="Is the utility's bill right, and if not, why?")
sites, tariffs = need_log_and_tariff(bench)
first, second, third = st.columns([3, 2, 2])
with first:
    site, tariff_id = pick_site(sites), pick_tariff(tariffs)
with second:
    zone_name = pick_time_zone(bench.time_zone.key)
    max_kw = pick_max_kw(FULL_KW)
with third:
    region = pick_holidays()
time_zone = zone(zone_name)
question = BillQuestion(site=site, tariff_id=tariff_id, time_zone=zone_name, max_kw=max_kw)
with errors_shown():
    latest = load_bill(bench.settings, question)
latest_days = days_of(latest, time_zone)
first_day, end_day = pick_period(*latest_days)
question = replace(question, first_day=first_day, end_day=end_day)
with errors_shown():
    is_latest = (first_day, end_day) == latest_days
    ours = latest if is_latest else load_bill(bench.settings, question)

from_file, by_hand = st.tabs(["The bill as a file", "Enter it"])
with from_file:
    st.markdown(
        "TOML, or the lines as CSV: `kind, name, quantity, unit, price, amount`. "
        "Copy what is printed, with its decimals; a TOML file holds its own days."
    )
    received = receive_bill()
with by_hand:
    st.markdown("These are our own lines of the period: write the utility's over them.")
    entered = enter_bill(bill_lines_table(ours))
    offer_file(entered.encode(), name=ENTERED, label="These lines (CSV)", mime="text/csv")
name, text = received or (ENTERED, entered)
with errors_shown():
    given = GivenBill(
        bill_path=Path(name), text=text, first_day=first_day, end_day=end_day, region=region
    )
    audited = load_audit(bench.settings, question, given=given)
audit = audited.audit
currency = audit.ours.currency

with st.container(horizontal=True):
    st.metric("The utility's bill", money(audit.theirs.line_sum, currency), border=True)
    st.metric("Ours", money(audit.ours.total, currency), border=True)
    st.metric("Too much, where above 0", money(audit.variance, currency), border=True)
st.caption(DAYS_BILLED)
if received is None and audit.is_clean and not audit.variance:
    st.info(
        "So far both sides are our own lines. Upload the utility's bill, or write its lines over "
        "ours under **Enter it**."
    )
elif audit.is_clean:
    st.success("The bills agree: nothing but rounding tells them apart.")
for finding in audit.findings:
    st.warning(plain(with_depots_days(finding)))
for cause in audit.causes:
    likely = with_depots_days(cause.sentence)
    st.error(plain(f"Likely cause: {likely} It costs {money(cause.amount, currency)}."))
if not audit.is_clean and not audit.causes:
    st.warning(
        plain(
            f"{money(audit.unexplained, currency)} cannot be explained by any one cause that was "
            "tried: ask the utility for its interval data."
        )
    )
show_table(audit_lines(audit), key="audit_lines", alt="The utility's bill beside ours")
if audit.not_compared:
    st.caption(
        plain(
            f"{money(audit.not_compared, currency)} of taxes and riders are not in the tariff and "
            "are not compared."
        )
    )
with st.expander(counted(len(audited.assumptions), "assumption")):
    for assumption in audited.assumptions:
        st.markdown(f"- {plain(with_depots_days(assumption))}")
offer_report(
    lambda: audit_report(audited),
    name="bill_audit",
    recipe=audit_recipe(question.case(bench.settings), given),
)
offer_command(bench.settings, of_bill("audit-bill", question, bill=name, region=region))
