"""Plan: the cheapest night that gets every van away, with its proof."""

import streamlit as st

from depotlib.ui.command import of_night, offer_command
from depotlib.ui.deeds import note_deed
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.kept_plan import show_kept_plan
from depotlib.ui.loaders import load_night
from depotlib.ui.login import may
from depotlib.ui.page import link_to, need_depot, open_page
from depotlib.ui.pickers import pick_night
from depotlib.ui.plan_job_parts import await_night, begin_night
from depotlib.ui.plan_loaders import ShownNight, was_just_made
from depotlib.ui.plan_parts import show_parts
from depotlib.ui.plan_tables import shortfalls_table
from depotlib.ui.plan_trial import show_trial
from depotlib.ui.report_parts import offer_report
from depotlib.ui.state import planned_night
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, money, plain, proof_sentence, result_words
from depotlib.workflows.open_notebook import plan_recipe
from depotlib.workflows.record_action import PLANNED
from depotlib.workflows.report_nights import plan_report

bench = open_page("Plan", question="What is the cheapest night that gets every van away in time?")
depot = need_depot(bench)
if not may(bench.person, "planner"):
    show_kept_plan(bench, depot)
    st.stop()
asked = pick_night(depot, now=bench.now, before=planned_night())
if asked is not None:
    begin_night(bench, asked[0], is_background=asked[1])
night = await_night(bench)
if night is None:
    st.markdown("Choose the limits of the night and press **Plan the night**.")
    st.stop()
with errors_shown():
    answer = load_night(bench.settings, night)
    plan_id = answer.plan.header.plan_id
    # The sliders below and a link ask for plans, too.
    if asked is not None or was_just_made(bench, plan_id):
        note_deed(bench, PLANNED, subject=plan_id)
plan, header = answer.plan, answer.plan.header

with st.container(horizontal=True):
    st.metric("Result", result_words(header), border=True)
    st.metric("Bill", f"{money(header.bill_amount, header.currency)}", border=True, help="A month.")
    st.metric("Demand charges", money(header.demand_amount, header.currency), border=True)
with st.container(horizontal=True):
    st.metric("Peak", kw(header.peak_kw), border=True, help="Highest 15-minute mean of the night.")
    st.metric("Vans ready", f"{header.ready} of {header.vehicles}", border=True)
    st.metric("Swaps in the yard", f"{header.swaps}", border=True)
st.markdown(plain(proof_sentence(header)))
if plan.audit.passed:
    st.success(
        f"Audit passed: {counted(len(plan.audit.checks), 'check')}, made without the solver."
    )
else:
    st.error(f"Audit failed: {counted(len(plan.audit.violations), 'violation')}. Do not push it.")
if plan.shortfalls:
    st.subheader("Vans that fall short", anchor=False)
    show_table(shortfalls_table(plan), key="shortfalls", alt="Vans that fall short, and why")
if header.pushable:
    link_to("Push", "Push this plan", query=night.query())
else:
    st.info(f"This plan cannot be pushed: {plain(header.pushable_reason)}.")

shown = ShownNight(bench=bench, night=night, answer=answer)
show_trial(shown)
show_parts(shown)
offer_report(
    lambda: plan_report(answer),
    name="night_plan",
    recipe=plan_recipe(
        bench.settings, at=night.at, choices=night.choices, occupancy=night.occupancy
    ),
)
offer_command(bench.settings, *(of_night(name, night) for name in ("night", "explain")))
