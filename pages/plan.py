"""Plan: the cheapest night that gets every van away, with its proof."""

import streamlit as st

from depotlib.charts.cost_comparison import cost_comparison
from depotlib.charts.gantt import gantt
from depotlib.charts.readiness import readiness
from depotlib.charts.site_load import site_load
from depotlib.ui.errors_shown import errors_shown
from depotlib.ui.figures import show_figure, theme_colours
from depotlib.ui.loaders import load_night
from depotlib.ui.page import link_to, need_depot, open_page
from depotlib.ui.pickers import pick_night
from depotlib.ui.plan_tables import (
    audit_table,
    bindings_table,
    comparison_table,
    energy_frame,
    load_frame,
    moves_table,
    needs_table,
    shortfalls_table,
)
from depotlib.ui.state import planned_night, set_planned_night
from depotlib.ui.tables import show_table
from depotlib.ui.wording import counted, kw, kwh, money, plain, proof_sentence, result_words

bench = open_page("Plan", question="What is the cheapest night that gets every van away in time?")
depot = need_depot(bench)
asked = pick_night(depot, now=bench.now, before=planned_night())
if asked is not None:
    set_planned_night(asked)
night = planned_night()
if night is None:
    st.markdown("Choose the limits of the night and press **Plan the night**.")
    st.stop()
with errors_shown():
    answer = load_night(bench.settings, night)
tonight, plan, header = answer.tonight, answer.plan, answer.plan.header
plans, colours, time_zone = (plan, *answer.baselines), theme_colours(), bench.time_zone

with st.container(horizontal=True):
    st.metric("Result", result_words(header), border=True)
    st.metric("Bill", f"{money(header.bill_amount, header.currency)}", border=True, help="A month.")
    st.metric("Demand charges", money(header.demand_amount, header.currency), border=True)
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

load, yard, cost, vans, proof = st.tabs(
    ["Site load", "Yard", "Cost against others", "What each van needs", "What binds, and the audit"]
)
with load:
    show_figure(
        site_load(
            plans,
            depot=tonight.depot,
            dwells=tonight.dwells,
            prices=tonight.prices,
            base_load_kw=tonight.base_load_kw,
            colours=colours,
        ),
        key="site_load",
        data=load_frame(plans),
    )
    st.caption(plain(f"Tariff: {tonight.tariff_name}. Deeper shade: dearer energy."))
with yard:
    st.subheader(f"Yard sheet: {counted(len(plan.moves), 'move')}", anchor=False)
    if plan.moves:
        show_table(moves_table(plan, time_zone=time_zone), key="yard_sheet", alt="Yard sheet")
    else:
        st.markdown("No van has to be moved.")
    show_figure(
        gantt(plan, depot=tonight.depot, dwells=tonight.dwells, colours=colours),
        key="gantt",
        data=plan.setpoints,
    )
with cost:
    show_figure(cost_comparison(plans, colours=colours), key="cost_comparison")
    show_table(comparison_table(plans), key="comparison", alt="The night under each policy")
with vans:
    show_figure(readiness(energy_frame(plan, tonight.needs), colours=colours), key="readiness")
    total_kwh = sum(dwell.energy_target_kwh for dwell in tonight.dwells)
    st.caption(plain(f"All targets together: {kwh(total_kwh)} at the wall."))
    show_table(
        needs_table(plan, tonight.needs, time_zone=time_zone),
        key="needs",
        alt="What each van needs, with the arithmetic",
        height=480,
    )
with proof:
    if plan.bindings:
        st.markdown("What one more kW of each limit would save, at the margin:")
        show_table(bindings_table(plan, time_zone=time_zone), key="bindings", alt="What binds")
    else:
        st.markdown("No limit binds: a larger one would save nothing.")
    show_table(audit_table(plan), key="audit", alt="Checks of the audit", is_offered=False)
